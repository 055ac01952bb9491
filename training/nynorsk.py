"""Pairs with a Nynorsk source, made from pairs with a Bokmål source by Apertium's rules.

    python training/nynorsk.py --out build/made/nynorsk/composed.tsv FILE.tsv.xz ... --pairs 12000

Needs Debian's packages apertium and apertium-nno-nob; about 50 sentences a second on one core.
"""

from __future__ import annotations

import argparse
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

if __package__:
    from .prepare import clean, read_pairs
else:
    from prepare import clean, read_pairs

LINES = 100


def translate(sentences: list[str]) -> list[str]:
    """Bokmål to Nynorsk, a line a sentence; fewer or more lines where Apertium moved a line end."""
    result = subprocess.run(
        ["apertium", "-f", "line", "-u", "nob-nno"],
        input="".join(f"{sentence}\n" for sentence in sentences),
        capture_output=True, check=True, encoding="utf-8",
    )  # fmt: skip
    return [clean(line) for line in result.stdout.removesuffix("\n").split("\n")]


def make(pairs: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The pairs with Nynorsk for Bokmål; hundreds whose lines came out of step are left out."""
    for start in range(0, len(pairs), LINES):
        part = pairs[start : start + LINES]
        sources = translate([source for _, source in part])
        if len(sources) == len(part):
            yield from zip((english for english, _ in part), sources, strict=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--pairs", type=int, default=12_000)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    pairs = [pair for path in arguments.files for pair in read_pairs(path)]
    random.Random(arguments.seed).shuffle(pairs)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    with arguments.out.open("w", encoding="utf-8") as lines:
        for english, norwegian in make(pairs[: arguments.pairs]):
            lines.write(f"{english}\t{norwegian}\n")


if __name__ == "__main__":
    main()
