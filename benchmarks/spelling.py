"""What the spelling stage costs, and what it changes in a corpus.

    python benchmarks/spelling.py                                the cost, on the samples
    python benchmarks/spelling.py ../shared/corpus/real/* ../shared/corpus/bt/* [--read 300]

Cost: processor seconds a megabyte, the median of nine rounds, on the English samples repeated to
one megabyte: in American spelling (for American: in British), and
once they are spelt (nothing to do); and making the speller, which a process does once.

With files (``.tsv.xz``, English first): lines without repeats, at most so many of each file, as
documents; how many changes, by rule; and with ``--read`` a random sample of them in context, for a
person to judge. ``--capitals`` reads only words with a capital, ``--senses`` only look-alikes.
"""

from __future__ import annotations

import argparse
import lzma
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from normalise.data import Change, Document
from normalise.formats import read_text
from normalise.language.spelling.variants import SPELLINGS, respell
from normalise.stages.spelling import Speller

SAMPLES = Path(__file__).resolve().parent.parent / "samples" / "english"
ROUNDS = 9
MEGABYTE = 1_000_000
MOST_OF_A_FILE = 14_000


def spend(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        seconds.append(time.process_time() - started)
    return statistics.median(seconds)


def measure(spelling: str) -> None:
    text = "\n\n".join(path.read_text("utf-8") for path in sorted(SAMPLES.glob("*.*")))
    text = respell(text, "en-US" if spelling != "en-US" else "en-GB")
    page = read_text("\n\n".join([text] * (MEGABYTE // len(text) + 1)))
    size = len(page.text.encode()) / MEGABYTE
    speller = Speller(spelling)
    stage = speller.unify(page, page.blocks)
    spelt = read_text(stage.text)
    assert not speller.unify(spelt, spelt.blocks).changes
    dense = spend(lambda: speller.unify(page, page.blocks)) / size
    plain = spend(lambda: speller.unify(spelt, spelt.blocks)) / size
    made = spend(lambda: Speller(spelling)) * 1000
    changes = len(stage.changes) / size
    print(f"| {spelling} | {changes:,.0f} | {dense:.3f} | {plain:.3f} | {made:.0f} |")


def read_lines(files: Sequence[Path], most: int) -> list[str]:
    chosen: list[str] = []
    seen: set[str] = set()
    shuffle = random.Random(7).shuffle
    for path in files:
        fresh = []
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                english = line.split("\t")[0].strip()
                if len(english) > 20 and english not in seen:
                    seen.add(english)
                    fresh.append(english)
        shuffle(fresh)
        chosen += fresh[:MOST_OF_A_FILE]
    shuffle(chosen)
    return chosen[:most]


def find_changes(lines: Sequence[str], spelling: str) -> Iterator[tuple[Document, Change]]:
    speller = Speller(spelling)
    for line in lines:
        page = read_text(line)
        for change in speller.unify(page, page.blocks).changes:
            yield page, change


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--lines", type=int, default=200_000)
    parser.add_argument("--spelling", choices=SPELLINGS, default="en-GB")
    parser.add_argument("--read", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--capitals", action="store_true")
    parser.add_argument("--senses", action="store_true")
    options = parser.parse_args()
    if not options.files:
        print("| spelling | changes a MB | s/MB with them | s/MB without | making, ms |")
        print("|---|---:|---:|---:|---:|")
        for spelling in SPELLINGS:
            measure(spelling)
        return
    lines = read_lines(options.files, options.lines)
    found = list(find_changes(lines, options.spelling))
    rules = Counter(change.rule for _, change in found)
    capitals = sum(not change.before.islower() for _, change in found)
    print(f"{len(lines):,} lines, {sum(map(len, lines)) / MEGABYTE:.1f} MB")
    print(f"{len(found):,} changes, {capitals:,} of them with capitals; {dict(rules)}")
    wanted = [
        (page, change)
        for page, change in found
        if (not options.capitals or not change.before.islower())
        and (not options.senses or change.rule == "sense")
    ]
    if options.read:
        sample = random.Random(options.seed).sample(wanted, min(options.read, len(wanted)))
        for page, change in sample:
            before = page.text[max(0, change.start - 50) : change.start]
            after = page.text[change.end : change.end + 40]
            print(f"{before}[{change.before} → {change.after}]{after}".replace("\n", " "))


if __name__ == "__main__":
    main()
