"""How fast a glossary is applied, beside spaCy's PhraseMatcher and flashtext, in one run.

    pip install spacy flashtext
    python benchmarks/glossary.py > benchmarks/results/glossary.md

All three do the same work end to end: find names in pages of text, leftmost and longest, replace
them, and record each change with its offsets. The glossary is made up: 10,000 terms with 50,000
variants of two to four words. Ours matches more than was listed (plurals, preferred names,
hyphens, spellings, possessives); the others are given just the 50,000 variants, without regard to
case. The turns alternate and the figures are of processor time, because the machine is shared.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

from normalise.glossary import Glossary

Change = tuple[int, int, int, int, str, str, str]
Terms = dict[str, tuple[str, list[str]]]

SIZES = (100, 1_000, 10_000, 50_000)
VARIANTS_A_TERM = 5
PAGE_WORDS = 700
# Words between two variants: as on the pages this was made for, and as in a newspaper.
DENSITIES = {"a variant every 25 words": 25, "a variant every 250 words": 250}
VOCABULARY = 20_000
SYLLABLES = "ba co du fe gi ho ka lu me ni po ra se ti vo wa xe yu zo tra pli sko dre fla".split()
HEADS = "committee commission board department office cell union council branch unit".split()
FILLERS = (
    "the a of to in and for on with by at from this that these new many local work people year "
    "report meeting plan said made held during after before which were was has been also more"
).split()


def make_terms(count: int) -> Terms:
    """So many made-up terms: id to preferred name and variants, no form twice."""
    chance = random.Random(7)
    seen: set[str] = set()

    def name() -> str:
        while True:
            words = [
                "".join(chance.choices(SYLLABLES, k=chance.randint(2, 3))).capitalize()
                for _ in range(chance.randint(1, 3))
            ]
            made = " ".join((*words, chance.choice(HEADS).capitalize()))
            if made.lower() not in seen:
                seen.add(made.lower())
                return made

    return {
        f"t{number}": (name(), [name() for _ in range(VARIANTS_A_TERM)]) for number in range(count)
    }


def make_pages(terms: Terms, size: int, every: int) -> list[str]:
    """Pages of some ``size`` characters in all, with a variant about ``every`` so many words.

    The other words are function words and, as rare as in prose, made-up ones; there are figures
    and punctuation marks between them.
    """
    chance = random.Random(11)
    rare = ["".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) for _ in range(VOCABULARY)]
    ranks = [1 / rank for rank in range(10, VOCABULARY + 10)]
    variants = [variant for _, some in terms.values() for variant in some]
    pages = []
    total = 0
    while total < size:
        words: list[str] = []
        left = chance.randint(1, 2 * every)
        while len(words) < PAGE_WORDS:
            some = chance.choices(FILLERS, k=5) + chance.choices(rare, ranks, k=4)
            some.append(chance.choice((str(chance.randint(1, 2030)), "and")))
            chance.shuffle(some)
            words += some
            left -= 10
            if left <= 0:
                words.append(chance.choice(variants))
                left += chance.randint(every // 2, every + every // 2)
            words[-1] += chance.choice(("", ",", ".", ";", ".\n\nThe"))
        pages.append(" ".join(words))
        total += len(pages[-1])
    return pages


def load_ours(terms: Terms) -> Glossary:
    """The terms as a glossary file, loaded."""
    with tempfile.TemporaryDirectory() as folder:
        lines = ["schema: 1", "topic: Made up", "terms:"]
        for term, (preferred, variants) in terms.items():
            lines += [f"- id: {term}", f"  preferred: {preferred}", "  variants:"]
            lines += [f"  - {variant}" for variant in variants]
        Path(folder, "terms.yaml").write_text("\n".join(lines) + "\n", "utf-8")
        return Glossary.load([folder], cache=False)


def ours(glossary: Glossary) -> Callable[[str], tuple[str, int]]:
    """Apply our glossary: text and number of changes."""

    def run(text: str) -> tuple[str, int]:
        result = glossary.apply(text)
        return result.text, len(result.changes)

    return run


def rewrite(text: str, hits: Iterator[tuple[int, int, str]], terms: Terms) -> tuple[str, int]:
    """What the peers leave to their users: the new text, and the changes with their offsets."""
    pieces: list[str] = []
    changes: list[Change] = []
    cursor = out = 0
    for start, end, term in hits:
        after = terms[term][0]
        pieces += (text[cursor:start], after)
        out_start = out + start - cursor
        out = out_start + len(after)
        changes.append((start, end, out_start, out, text[start:end], after, term))
        cursor = end
    pieces.append(text[cursor:])
    return "".join(pieces), len(changes)


def spacy_matcher(terms: Terms) -> Callable[[str], tuple[str, int]]:
    """spaCy's tokenizer and PhraseMatcher, overlaps resolved by its own filter_spans."""
    import spacy
    from spacy.matcher import PhraseMatcher
    from spacy.util import filter_spans

    language = spacy.blank("en")
    matcher = PhraseMatcher(language.vocab, attr="LOWER")
    for term, (_, variants) in terms.items():
        matcher.add(term, [language.make_doc(variant) for variant in variants])

    def run(text: str) -> tuple[str, int]:
        spans = filter_spans(matcher(language.make_doc(text), as_spans=True))
        hits = ((span.start_char, span.end_char, span.label_) for span in spans)
        return rewrite(text, hits, terms)

    return run


def flashtext_processor(terms: Terms) -> Callable[[str], tuple[str, int]]:
    """flashtext's trie of characters."""
    from flashtext import KeywordProcessor

    processor = KeywordProcessor()
    for term, (_, variants) in terms.items():
        for variant in variants:
            processor.add_keyword(variant, term)

    def run(text: str) -> tuple[str, int]:
        found = processor.extract_keywords(text, span_info=True)
        return rewrite(text, ((start, end, term) for term, start, end in found), terms)

    return run


def time_in_turn(
    runs: dict[str, Callable[[str], tuple[str, int]]], pages: list[str], repetitions: int
) -> tuple[dict[str, float], dict[str, int]]:
    """Median processor seconds a MB, and changes made, of each; every round runs all of them."""
    megabytes = sum(map(len, pages)) / 1e6
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    changes: dict[str, int] = {}
    for run in runs.values():
        run(pages[0])
    for _ in range(repetitions):
        for name, run in runs.items():
            began = time.process_time()
            changes[name] = sum(run(page)[1] for page in pages)
            seconds[name].append((time.process_time() - began) / megabytes)
    return {name: statistics.median(some) for name, some in seconds.items()}, changes


def main() -> None:
    """Print the tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--terms", type=int, default=10_000)
    parser.add_argument("--megabytes", type=float, default=1.0)
    parser.add_argument("--repetitions", type=int, default=5)
    options = parser.parse_args()
    size = int(options.megabytes * 1e6)

    terms = make_terms(options.terms)
    began = time.process_time()
    glossary = load_ours(terms)
    compiled = time.process_time() - began
    runs = {
        "normalise": ours(glossary),
        "spaCy PhraseMatcher": spacy_matcher(terms),
        "flashtext": flashtext_processor(terms),
    }
    count = options.terms * VARIANTS_A_TERM
    print("# Applying a glossary\n")
    print("`python benchmarks/glossary.py`; what is measured stands at its top. Processor time,")
    print(f"median of {options.repetitions} turns over {options.megabytes:g} MB of made-up pages;")
    print(f"spaCy {version('spacy')}, flashtext {version('flashtext')}.")
    for label, every in DENSITIES.items():
        pages = make_pages(terms, size, every)
        seconds, changes = time_in_turn(runs, pages, options.repetitions)
        print(f"\n## {options.terms:,} terms, {count:,} variants, {label}\n")
        print("| | s/MB | MB/s | time against ours | changes |\n|---|---:|---:|---:|---:|")
        for name, value in seconds.items():
            ratio = value / seconds["normalise"]
            print(f"| {name} | {value:.3f} | {1 / value:.2f} | {ratio:.1f} | {changes[name]:,} |")
    print(f"\nCompiling our glossary without its cache: {compiled:.1f} s.")

    print("\n## Cost by size of glossary\n")
    print("The same text for all, with hits for the first 100 variants only.\n")
    sizes = [some for some in SIZES if some <= count]
    few = dict(list(terms.items())[: SIZES[0] // VARIANTS_A_TERM])
    by_size = {
        f"{some:,}": ours(load_ours(dict(list(terms.items())[: some // VARIANTS_A_TERM])))
        for some in sizes
    }
    pages = make_pages(few, size, min(DENSITIES.values()))
    seconds, changes = time_in_turn(by_size, pages, options.repetitions)
    least = seconds[f"{sizes[0]:,}"]
    print("| variants | s/MB | against 100 | changes |\n|---:|---:|---:|---:|")
    for name, value in seconds.items():
        print(f"| {name} | {value:.3f} | {value / least:.2f} | {changes[name]:,} |")


if __name__ == "__main__":
    main()
