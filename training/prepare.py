"""From the corpus (xz TSV, English first) to packed, tokenised training batches.

    python training/prepare.py --corpus ../shared/corpus --flores ../shared/eval/flores \
        --synthetic build/synthetic.tsv --out build/data

Steps: read the sources named in `sources.yaml`, clean and filter, drop duplicates on either side,
drop everything that overlaps with FLORES-200, hold whole files out for validation, draw from each
group up to its budget of English words, train SentencePiece, encode, sort into length buckets.
Writes `train.npz`, `last.npz` (a cleaner mixture for the last phase), `validation.npz`,
`sentencepiece.model` and `summary.json`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import random
import re
import string
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece as spm
import yaml

BT_TAG = "<bt>"
BUCKETS = (16, 24, 32, 44, 60, 88, 160)
VIETNAMESE = (
    "".join(
        unicodedata.normalize("NFC", base + mark)
        for base in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
        for mark in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    )
    + "đĐ"
)
LETTERS = (
    string.ascii_letters
    + string.digits
    + "-.,?!"
    + "æøåÆØÅéèêóòôäöüÄÖÜçñ«»“”‘’–—…%&/()[]:;\"'+*=<>{}@#_§°²№€£$"
)

_DANISH = (
    (re.compile(r", (at|som|hvor|hvis|fordi)\b"), r" \1"),
    (re.compile(r"\b([Hh]ar|[Hh]adde|[Bb]le|[Bb]lir|er) siket\b"), r"\1 sagt"),
    (re.compile(r"\bsiket\b"), "sagt"),
    (re.compile(r"\b(å|vil|kan|skal|må) sike\b"), r"\1 si"),
    (re.compile(r"\b([Ff])rue ([A-ZÆØÅ])"), r"\1ru \2"),
)
_OLD_SPELLING = {
    "blev": "ble", "eder": "dere", "dig": "deg", "mig": "meg", "sig": "seg", "nu": "nå",
    "efter": "etter", "derefter": "deretter", "op": "opp", "hustru": "kone", "sønner": "sønner",
    "hvad": "hva", "sprog": "språk", "farve": "farge", "tolv": "tolv", "mand": "mann",
    "eders": "deres", "dere": "dere", "ti": "for", "efterat": "etter at", "sne": "snø",
    "kjød": "kjøtt", "gudfryktig": "gudfryktig", "ennu": "ennå", "hverken": "verken",
    "sten": "stein", "ben": "bein", "hjem": "hjem", "syv": "sju", "tyve": "tjue",
}  # fmt: skip
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"\w+")
_DIGITS = re.compile(r"\d+")
_LATIN = re.compile(r"[A-Za-zÆØÅæøå]")


def clean(text: str) -> str:
    """NFC, single spaces, no zero-width characters."""
    text = unicodedata.normalize("NFC", text).replace("\u200b", "").replace("\ufeff", "")
    return _SPACE.sub(" ", text).strip()


def repair(source: str, kind: str) -> str:
    """Undo the regular faults of one kind of source."""
    if kind == "europarl":
        for pattern, replacement in _DANISH:
            source = pattern.sub(replacement, source)
    elif kind == "bible":
        source = _WORD.sub(lambda m: _OLD_SPELLING.get(m.group(), m.group()), source)
    elif kind == "bt":
        source = source.replace("*", "")
    return source


def acceptable(english: str, norwegian: str, rules: dict[str, Any]) -> bool:
    """Length, ratio, digits and letters agree well enough to learn from the pair."""
    if rules["kind"] == "bt" and norwegian.count("*") > rules.get("marks", 1):
        return False
    words_en, words_nb = len(english.split()), len(norwegian.split())
    if not rules.get("min_words", 1) <= words_en <= rules.get("max_words", 70):
        return False
    if words_nb < 1 or words_nb > 90:
        return False
    long_side, short_side = max(words_en, words_nb), min(words_en, words_nb)
    if long_side > 2.0 * short_side + 3:
        return False
    letters_en, letters_nb = len(english), len(norwegian)
    if max(letters_en, letters_nb) > 1.8 * min(letters_en, letters_nb) + 12:
        return False
    if any(len(w) > 40 for w in english.split()):
        return False
    if len(_LATIN.findall(english)) < 0.6 * len(english.replace(" ", "")):
        return False
    if words_en > 4 and english.lower() == norwegian.lower():
        return False
    digits_en = sorted("".join(_DIGITS.findall(english)))
    digits_nb = sorted("".join(_DIGITS.findall(norwegian)))
    if abs(len(digits_en) - len(digits_nb)) > 2:
        return False
    # Placeholders, mark-up and paths teach nothing that this package is for.
    return not re.search(r"[{}<>|\\]|https?:|\$\(|%[sd]|\w_\w", english + norwegian)


def read_pairs(path: Path, column: int = 1) -> Iterator[tuple[str, str]]:
    """The pairs of one file: English, which stands first, and the column with this number."""
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            columns = line.rstrip("\n").split("\t")
            if len(columns) > column:
                yield columns[0], columns[column]


def key(text: str) -> bytes:
    """Hash of the letters of a sentence, for finding duplicates."""
    return hashlib.blake2b("".join(_WORD.findall(text.lower())).encode(), digest_size=8).digest()


class Overlap:
    """Recognises sentences that share a run of nine words with the evaluation text."""

    def __init__(self, folder: Path, size: int = 9) -> None:
        self.size = size
        self.runs: set[tuple[str, ...]] = set()
        self.exact: set[bytes] = set()
        for name in ("dev.en", "test.en", "dev.nb", "test.nb", "dev.da", "test.da"):
            for line in (folder / name).read_text(encoding="utf-8").splitlines():
                self.exact.add(key(line))
                self.runs.update(self._runs(line))

    def _runs(self, text: str) -> Iterator[tuple[str, ...]]:
        words = _WORD.findall(text.lower())
        for start in range(len(words) - self.size + 1):
            yield tuple(words[start : start + self.size])

    def __contains__(self, text: str) -> bool:
        return key(text) in self.exact or any(run in self.runs for run in self._runs(text))


def expand(folders: list[Path], spec: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Path]]:
    """Every file of every group with the rules that hold for it."""
    for group in spec["groups"]:
        for entry in group["files"]:
            rules = {**{k: v for k, v in group.items() if k != "files"}, **entry}
            for folder in folders:
                for path in sorted(folder.glob(entry["path"])):
                    yield rules, path


def collect(folders: list[Path], flores: Path, spec: dict[str, Any], seed: int) -> dict[str, Any]:
    """Filtered pairs by group, and the validation pairs."""
    overlap = Overlap(flores)
    held_out = set(spec["validation"])
    seen: set[bytes] = set()
    groups: dict[str, list[tuple[str, str]]] = {}
    last: list[tuple[str, str]] = []
    validation: list[tuple[str, str]] = []
    report: list[dict[str, Any]] = []
    for rules, path in expand(folders, spec):
        name = path.name.removesuffix(".xz").removesuffix(".tsv")
        randomness = random.Random(f"{seed}-{name}")
        kept: list[tuple[str, str]] = []
        pairs = list(read_pairs(path, rules.get("column", 1)))
        randomness.shuffle(pairs)
        # What is made of sentences that stand in the corpus already repeats their English.
        again = rules.get("again", False)
        words = 0
        for english, norwegian in pairs:
            if words >= rules.get("max_total_words", 10**9):
                break
            english, norwegian = clean(english), clean(norwegian)
            if not acceptable(english, norwegian, rules):
                continue
            norwegian = repair(norwegian, rules["kind"])
            mark_en, mark_nb = key(english), key(norwegian)
            if english in overlap or norwegian in overlap:
                continue
            if not again:
                if mark_en in seen or mark_nb in seen:
                    continue
                seen.update((mark_en, mark_nb))
            kept.append((norwegian, english))
            words += len(english.split())
        if name in held_out:
            validation += kept[:300]
        else:
            if rules["kind"] == "bt":
                kept = [(f"{BT_TAG} {source}", target) for source, target in kept]
            groups.setdefault(rules["name"], []).extend(kept * rules.get("repeat", 1))
            # A share above 1 repeats: 2.5 is everything twice and a half of it once more.
            whole, part = divmod(rules.get("last", 0), 1)
            last += kept * int(whole) + kept[: round(len(kept) * part)]
        report.append({"file": name, "read": len(pairs), "kept": len(kept), "words": words})
        print(json.dumps(report[-1]), flush=True)
    return {"groups": groups, "last": last, "validation": validation, "report": report}


def joined(pairs: list[tuple[str, str]], share: float, seed: int) -> list[tuple[str, str]]:
    """Join some neighbouring short pairs, so that the model also meets long inputs."""
    randomness = random.Random(seed)
    result, waiting = [], None
    for source, target in pairs:
        fits = 4 <= len(target.split()) <= 28 and target[-1] in ".!?" and source[-1] in ".!?"
        if fits and not source.startswith(BT_TAG) and waiting is not None:
            result.append((f"{waiting[0]} {source}", f"{waiting[1]} {target}"))
            waiting = None
        elif fits and not source.startswith(BT_TAG) and randomness.random() < share:
            waiting = (source, target)
        else:
            result.append((source, target))
    return result + ([waiting] if waiting else [])


def term_lines(path: Path) -> list[str]:
    """The names in the house-terms file: the tokeniser should know their words."""
    lines: list[str] = []
    for section in yaml.safe_load(path.read_text(encoding="utf-8")).values():
        for entry in section if isinstance(section, list) else []:
            if isinstance(entry, dict) and "preferred" in entry:
                lines += [entry["preferred"], *entry.get("nb", [])]
    return lines


def train_tokeniser(
    pairs: list[tuple[str, str]], terms: list[str], out: Path, size: int, seed: int
) -> None:
    """One SentencePiece model for both languages."""
    sample = random.Random(seed).sample(pairs, min(len(pairs), 250_000))
    text = out / "tokeniser.txt"
    with text.open("w", encoding="utf-8") as lines:
        for source, target in sample:
            lines.write(f"{source.removeprefix(BT_TAG).strip()}\n{target}\n")
        for line in terms:
            lines.write(f"{line}\n" * 40)
    spm.SentencePieceTrainer.train(
        input=str(text), model_prefix=str(out / "sentencepiece"), vocab_size=size,
        model_type="unigram", byte_fallback=True, split_digits=True, character_coverage=0.9995,
        required_chars=VIETNAMESE + LETTERS, user_defined_symbols=[BT_TAG],
        normalization_rule_name="nmt_nfkc", pad_id=0, unk_id=1, bos_id=2, eos_id=3,
        num_threads=2, input_sentence_size=200_000, shuffle_input_sentence=True,
        max_sentence_length=2000, seed_sentencepiece_size=200_000,
        minloglevel=1,
    )  # fmt: skip
    text.unlink()


def pack(
    pairs: list[tuple[str, str]], processor: spm.SentencePieceProcessor, path: Path
) -> dict[int, int]:
    """Encode and write one padded array of token ids per length bucket."""
    buckets: dict[int, list[tuple[list[int], list[int]]]] = {size: [] for size in BUCKETS}
    sources = processor.encode([s for s, _ in pairs], num_threads=2)
    targets = processor.encode([t for _, t in pairs], num_threads=2)
    for source, target in zip(sources, targets, strict=True):
        source, target = [*source, 3], [2, *target, 3]
        longest = max(len(source), len(target) - 1)
        for size in BUCKETS:
            if longest <= size:
                buckets[size].append((source, target))
                break
    arrays: dict[str, np.ndarray] = {}
    for size, items in buckets.items():
        source_ids = np.zeros((len(items), size), dtype=np.uint16)
        target_ids = np.zeros((len(items), size + 1), dtype=np.uint16)
        for row, (source, target) in enumerate(items):
            source_ids[row, : len(source)] = source
            target_ids[row, : len(target)] = target
        arrays[f"source{size}"], arrays[f"target{size}"] = source_ids, target_ids
    np.savez(path, **arrays)
    return {size: len(items) for size, items in buckets.items()}


def main() -> None:
    """Command line."""
    here = Path(__file__).parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, default=Path("../shared/corpus"))
    parser.add_argument("--made", type=Path, help="more pairs, such as nynorsk.py's")
    parser.add_argument("--flores", type=Path, default=Path("../shared/eval/flores"))
    parser.add_argument("--sources", type=Path, default=here / "sources.yaml")
    parser.add_argument("--synthetic", type=Path, help="TSV of made pairs, English first")
    parser.add_argument("--synthetic-last", type=float, default=0.6, help="share in last.npz")
    parser.add_argument("--terms", type=Path, help="house-terms.yaml, for the tokeniser")
    parser.add_argument("--tokeniser", type=Path, help="existing sentencepiece.model")
    parser.add_argument("--vocabulary", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=2025)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    spec = yaml.safe_load(arguments.sources.read_text(encoding="utf-8"))
    folders = [folder for folder in (arguments.corpus, arguments.made) if folder]
    data = collect(folders, arguments.flores, spec, arguments.seed)
    pairs = [pair for group in data["groups"].values() for pair in group]
    last = data["last"]
    if arguments.synthetic:
        made = [(clean(nb), clean(en)) for en, nb in read_pairs(arguments.synthetic)]
        pairs += made
        last += made[: round(len(made) * arguments.synthetic_last)]
    random.Random(arguments.seed).shuffle(pairs)
    random.Random(arguments.seed).shuffle(last)
    pairs = joined(pairs, share=0.08, seed=arguments.seed)
    last = joined(last, share=0.08, seed=arguments.seed)
    if arguments.tokeniser:
        model = arguments.tokeniser
    else:
        terms = term_lines(arguments.terms) if arguments.terms else []
        train_tokeniser(pairs, terms, arguments.out, arguments.vocabulary, arguments.seed)
        model = arguments.out / "sentencepiece.model"
    processor = spm.SentencePieceProcessor(model_file=str(model))
    counts = pack(pairs, processor, arguments.out / "train.npz")
    last_counts = pack(last, processor, arguments.out / "last.npz")
    pack(data["validation"], processor, arguments.out / "validation.npz")
    summary = {
        "pairs": len(pairs),
        "english_words": {
            name: sum(len(t.split()) for _, t in group) for name, group in data["groups"].items()
        },
        "buckets": counts,
        "last_buckets": last_counts,
        "files": data["report"],
    }
    (arguments.out / "summary.json").write_text(json.dumps(summary, indent=1), encoding="utf-8")
    print(json.dumps({k: summary[k] for k in ("pairs", "english_words", "buckets")}))


if __name__ == "__main__":
    main()
