"""Reproduce every score of the model card.

    python training/evaluate.py --package normalise/bundled/nb_en \
        --flores ../shared/eval/flores --terms benchmarks/data/terms_nb_en.tsv

FLORES-200 devtest with beam 4 and beam 1 (BLEU and chrF with their sacrebleu signatures), term
success on the domain sentences, size and load time. `--split dev` for steering.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import time
from pathlib import Path
from typing import Any

import ctranslate2
import sacrebleu
import sentencepiece as spm


class Package:
    """An unpacked package in Argos's format."""

    def __init__(self, folder: Path, threads: int) -> None:
        started = time.perf_counter()
        self.processor = spm.SentencePieceProcessor(model_file=str(folder / "sentencepiece.model"))
        self.engine = ctranslate2.Translator(
            str(folder / "model"), device="cpu", compute_type="int8", intra_threads=threads
        )
        self.load_seconds = time.perf_counter() - started
        self.bytes = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())

    def translate(self, lines: list[str], beam: int) -> list[str]:
        """Sentence by sentence translation, batched by length."""
        results = self.engine.translate_batch(
            self.processor.encode(lines, out_type=str),
            beam_size=beam,
            max_batch_size=2048,
            batch_type="tokens",
            max_decoding_length=256,
        )
        return [self.processor.decode(result.hypotheses[0]) for result in results]


def quality(
    package: Package, flores: Path, split: str, beam: int, limit: int | None, source: str = "nb"
) -> dict[str, Any]:
    """BLEU and chrF on FLORES-200, with signatures."""
    sources = (flores / f"{split}.{source}").read_text(encoding="utf-8").splitlines()[:limit]
    references = (flores / f"{split}.en").read_text(encoding="utf-8").splitlines()[:limit]
    started = time.perf_counter()
    outputs = package.translate(sources, beam)
    seconds = time.perf_counter() - started
    bleu, chrf = sacrebleu.BLEU(), sacrebleu.CHRF()
    bleu_score = bleu.corpus_score(outputs, [references])
    chrf_score = chrf.corpus_score(outputs, [references])
    return {
        "source": source,
        "split": split,
        "beam": beam,
        "sentences": len(sources),
        "bleu": round(bleu_score.score, 2),
        "bleu_signature": str(bleu.get_signature()),
        "chrf": round(chrf_score.score, 2),
        "chrf_signature": str(chrf.get_signature()),
        "seconds": round(seconds, 1),
    }


_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


def fold(text: str) -> str:
    """Case and typographic apostrophes make no difference for a term."""
    return text.casefold().replace("’", "'")


def term_success(package: Package, path: Path, beam: int) -> dict[str, Any]:
    """Share of the expected English names that stand in the translations."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    outputs = package.translate([row["nb"] for row in rows], beam)
    found, wanted = 0, 0
    missed: dict[str, int] = {}
    for row, output in zip(rows, outputs, strict=True):
        names = row["expected"].split("|")
        for identifier, name in zip(row["term_ids"].split("|"), names, strict=True):
            wanted += 1
            if fold(name) in fold(output):
                found += 1
            else:
                missed[identifier] = missed.get(identifier, 0) + 1
    bleu, chrf = sacrebleu.BLEU(), sacrebleu.CHRF()
    references = [[row["en"] for row in rows]]
    return {
        "sentences": len(rows),
        "terms": wanted,
        "success": round(100 * found / wanted, 1),
        "bleu": round(bleu.corpus_score(outputs, references).score, 2),
        "chrf": round(chrf.corpus_score(outputs, references).score, 2),
        "missed": dict(sorted(missed.items(), key=lambda item: -item[1])),
    }


def half_words(
    package: Package, lines: list[str], lists: list[Path], beam: int
) -> dict[str, list[str]]:
    """Words of the translations that no word list knows and the source does not have.

    Names, words with a capital, are left out; of compounds with a hyphen each part counts.
    """
    known = {
        word.strip().casefold().replace("’", "'")
        for path in lists
        for word in path.read_text(encoding="utf-8").splitlines()
    }
    found: dict[str, list[str]] = {}
    for line, output in zip(lines, package.translate(lines, beam), strict=True):
        source = set(_WORD.findall(line.casefold()))
        for word in _WORD.findall(output.replace("’", "'")):
            bare = word.removesuffix("'s")
            if bare.islower() and bare not in known and bare not in source:
                found.setdefault(bare, []).append(output)
    return found


def main() -> None:
    """Command line."""
    here = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--package", type=Path, default=here / "normalise/bundled/nb_en")
    parser.add_argument("--flores", type=Path, default=Path("../shared/eval/flores"))
    parser.add_argument("--terms", type=Path, default=here / "benchmarks/data/terms_nb_en.tsv")
    parser.add_argument("--split", choices=("dev", "test"), default="test")
    parser.add_argument("--beams", type=int, nargs="+", default=[4, 1])
    parser.add_argument("--limit", type=int, help="only the first sentences")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, help="write the scores as JSON")
    parser.add_argument(
        "--words", type=Path, nargs="+", default=[],
        help="word lists (Debian: wamerican-huge, wbritish-huge): count half-words "
        "on 200 lines of FLORES-200 dev",
    )  # fmt: skip
    a = parser.parse_args()
    package = Package(a.package, a.threads)
    scores: dict[str, Any] = {
        "package_mb": round(package.bytes / 1e6, 1),
        "load_seconds": round(package.load_seconds, 2),
        "flores": [quality(package, a.flores, a.split, beam, a.limit) for beam in a.beams],
        "terms": {f"beam {beam}": term_success(package, a.terms, beam) for beam in a.beams},
    }
    if (a.flores / f"{a.split}.nn").exists():
        # Nynorsk, for which the toolkit uses the package too.
        scores["flores"].append(quality(package, a.flores, a.split, a.beams[0], a.limit, "nn"))
    if (a.flores / f"{a.split}.da").exists():
        scores["flores"].append(quality(package, a.flores, a.split, a.beams[0], a.limit, "da"))
    if a.words:
        lines = (a.flores / "dev.nb").read_text(encoding="utf-8").splitlines()[:200]
        scores["half_words"] = sorted(half_words(package, lines, a.words, a.beams[0]))
    text = json.dumps(scores, ensure_ascii=False, indent=2)
    print(text)
    if a.out:
        a.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
