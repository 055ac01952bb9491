"""How many terms come out as the house names them, with and without each way of mending.

    python benchmarks/terms.py [--package FOLDER] [--beam N]

Needs sacrebleu besides normalise itself. The sentences, their references and the names expected
are in data/terms_nb_en.tsv; what a sentence demands is found by the glossary, what counts as
success is the list in the file, so a wrong entry of the glossary costs and never helps.

The control follows WMT 2023: the same machinery with random terms (every term is given the names
of another) must not raise success, or the measure would reward any interference.
"""

from __future__ import annotations

import argparse
import csv
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from normalise.data import Request
from normalise.glossary import Glossary
from normalise.glossary.compiled.inflection import pluralise
from normalise.translate.terms import Demand, TermSource, locate
from normalise.translate.translator import Translator

DATA = Path(__file__).parent / "data" / "terms_nb_en.tsv"


@dataclass(frozen=True)
class Sentence:
    source: str
    reference: str
    expected: tuple[str, ...]


def read_sentences(path: Path) -> list[Sentence]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return [
            Sentence(row["nb"], row["en"], tuple(row["expected"].split("|"))) for row in rows
        ]


class RandomTerms:
    """A glossary whose terms have each other's names."""

    def __init__(self, glossary: Glossary, seed: int) -> None:
        self._glossary = glossary
        ids = [term.id for term in glossary.terms if term.sources.get("nb")]
        others = ids[:]
        random.Random(seed).shuffle(others)
        self._other = dict(zip(ids, others, strict=True))
        self.digest = f"random-{seed}"
        self.source_hits = glossary.source_hits
        self.apply = glossary.apply

    place_names: frozenset[str] = frozenset()

    def names(self, term_id: str, *, plural: bool = False) -> tuple[str, ...]:
        return self._glossary.names(self._other[term_id], plural=plural)


@dataclass(frozen=True)
class Row:
    name: str
    success: float
    finished: float
    consistency: float
    bleu: float
    chrf: float
    seconds: float


def count_found(expected: Sequence[str], output: str) -> int:
    """How many of the names stand in the output, singular or plural, each place once."""
    demands = [
        Demand(0, 0, name, tuple(n for n in (name, pluralise(name)) if n), name)
        for name in expected
    ]
    return sum(place is not None for place in locate(output, demands))


def measure(
    name: str, sentences: Sequence[Sentence], translator: Translator, glossary: Glossary
) -> tuple[Row, list[str]]:
    import sacrebleu

    requests = [Request(sentence.source, "nb") for sentence in sentences]
    start = time.perf_counter()
    translations = translator.translate(requests)
    seconds = time.perf_counter() - start
    outputs = [translation.text for translation in translations]
    finished = [glossary.apply(output).text for output in outputs]
    wanted = sum(len(sentence.expected) for sentence in sentences)
    references = [[sentence.reference for sentence in sentences]]
    row = Row(
        name,
        sum(count_found(s.expected, o) for s, o in zip(sentences, outputs, strict=True)) / wanted,
        sum(count_found(s.expected, o) for s, o in zip(sentences, finished, strict=True)) / wanted,
        translator.terms.consistency,
        sacrebleu.corpus_bleu(outputs, references).score,
        sacrebleu.corpus_chrf(outputs, references).score,
        seconds,
    )
    return row, outputs


def signatures() -> str:
    from sacrebleu.metrics import BLEU, CHRF

    bleu, chrf = BLEU(), CHRF()
    bleu.corpus_score(["a"], [["a"]])
    chrf.corpus_score(["a"], [["a"]])
    return f"BLEU {bleu.get_signature()}\nchrF {chrf.get_signature()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--package", type=Path, help="package to use before those installed")
    parser.add_argument("--beam", type=int, help="beam size (default: the translator's)")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--show", action="store_true", help="print what is still missing")
    arguments = parser.parse_args()

    sentences = read_sentences(arguments.data)
    glossary = Glossary.load()
    packages = [arguments.package] if arguments.package else None
    options = {"beam": arguments.beam} if arguments.beam else {}
    runs: list[tuple[str, TermSource, frozenset[str]]] = [
        ("as decoded", glossary, frozenset()),
        ("n-best list", glossary, frozenset({"n-best"})),
        ("attention", glossary, frozenset({"attention"})),
        ("n-best list, then attention", glossary, frozenset({"n-best", "attention"})),
        ("control: random terms", RandomTerms(glossary, 1), frozenset({"n-best", "attention"})),
    ]
    print(f"{len(sentences)} sentences, {sum(len(s.expected) for s in sentences)} terms, "
          f"glossary {glossary.version} ({glossary.digest[:12]})")  # fmt: skip
    print("| way | success | after the glossary | consistency | BLEU | chrF | seconds |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    outputs: list[str] = []
    for name, source, steps in runs:
        translator = Translator(packages=packages, glossary=source, term_steps=steps, **options)
        translator.translate([Request("Partiet.", "nb")])  # loads the model
        row, found = measure(name, sentences, translator, glossary)
        print(
            f"| {row.name} | {row.success:.1%} | {row.finished:.1%} | {row.consistency:.1%} "
            f"| {row.bleu:.1f} | {row.chrf:.1f} | {row.seconds:.1f} |"
        )
        if source is glossary:
            outputs = found
    print(signatures())
    if arguments.show:
        for sentence, output in zip(sentences, outputs, strict=True):
            finished = glossary.apply(output).text
            if count_found(sentence.expected, finished) < len(sentence.expected):
                print(f"\n{sentence.source}\n  {finished}\n  {' | '.join(sentence.expected)}")


if __name__ == "__main__":
    main()
