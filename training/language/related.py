"""Nynorsk, Danish or Swedish made from Bokmål by Apertium's rules: ``Bokmål TAB the other``.

    python training/language/related.py --corpus ../shared/corpus --mode nob-swe \
        --out build/language/made/sv.apertium.tsv

Needs Debian's apertium with apertium-nno-nob, apertium-swe-nor or apertium-dan-nor. Words that the
rules don't know are dropped, because they would stand there in Bokmål.
"""

from __future__ import annotations

import argparse
import lzma
import random
import re
import subprocess
from pathlib import Path

FILES = (
    ("written/*", 400), ("real/giellalt_parallel_docs", 6000),
    ("real/tatoeba_manythings_nob", 1500),
    ("real/lovdata_bilingual_conventions", 500), ("real/navikt_*", 300), ("real/decidim", 500),
    ("real/openehr_ckm", 1500), ("real/debian-handbook", 1500), ("real/gdpr_nb_en", 300),
    ("real/openstreetmap-website", 300), ("real/digdir_designsystemet", 500),
)  # fmt: skip
LINES = 100
_UNKNOWN = re.compile(r"\*[^\t .,;:!?]*")


def choose(corpus: Path) -> list[str]:
    """Bokmål sentences of 3 to 30 words, mixed."""
    chance = random.Random(5)
    chosen: dict[str, None] = {}
    for pattern, most in FILES:
        for path in sorted(corpus.glob(pattern + ".tsv.xz")):
            with lzma.open(path, "rt", encoding="utf-8") as lines:
                rows = [line.rstrip("\n").split("\t") for line in lines]
            texts = [row[1] for row in rows if len(row) > 1 and 3 <= len(row[1].split()) <= 30]
            chance.shuffle(texts)
            chosen.update(dict.fromkeys(texts[:most]))
    mixed = [text for text in chosen if not re.search(r"[{}<>|\\]", text)]
    chance.shuffle(mixed)
    return mixed


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--mode", required=True, choices=("nob-nno", "nob-swe", "nob-dan"))
    parser.add_argument("--lines", type=int, default=25_000)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    sentences = choose(options.corpus)[: options.lines]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with options.out.open("w", encoding="utf-8") as file:
        for start in range(0, len(sentences), LINES):
            part = sentences[start : start + LINES]
            result = subprocess.run(
                ["apertium", "-f", "line", options.mode], input="".join(f"{s}\n" for s in part),
                capture_output=True, check=True, encoding="utf-8",
            )  # fmt: skip
            made = result.stdout.removesuffix("\n").split("\n")
            if len(made) == len(part):  # else the lines came out of step
                for source, target in zip(part, made, strict=True):
                    file.write(f"{source}\t{_UNKNOWN.sub('', target)}\n")


if __name__ == "__main__":
    main()
