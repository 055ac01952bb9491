"""How often the detector names the right language, how sure it is, how fast, and what it costs.

    python benchmarks/detect.py ../shared/eval/flores [--split dev|test] [--before TREE] > table.md

For each language, in per cent of the FLORES sentences: single lines as documents; the first four
and nine words as documents; blocks (a line inside a page of the same language, and its first four
words); foreign blocks (a line inside an English page, and its first eight words). Then 90 short
English headings of the domain as documents and as blocks of an English page, a reliability table
(how often an answer of such confidence was right), speeds in processor time, the model's load, and
the share of ``Pipeline.run`` that detection takes on the English samples and on plain English.

``--before`` is the folder of another checkout: it is measured in the same run, in turn, and its
figures stand before the arrow. A split that lacks Nynorsk takes half of the other split's lines.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from operator import getitem
from pathlib import Path

HERE = Path(__file__).resolve().parent
HEADINGS = HERE / "data/headings.txt"
COLUMNS = ("line", "4 words", "9 words", "block", "4-word block", "foreign block",
           "8-word foreign block")  # fmt: skip
BANDS = (0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.01)
ROUNDS = 5


def read_split(folder: Path, split: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted(folder.glob(f"{split}.*")):
        lines = path.read_text(encoding="utf-8").splitlines()
        found[path.suffix[1:]] = [line.strip() for line in lines]
    other = folder / ("test.nn" if split == "dev" else "dev.nn")
    if "nn" not in found and other.exists():
        found["nn"] = [line.strip() for line in other.read_text("utf-8").splitlines()[::2]]
    return found


def percent(found: list[str], wanted: str) -> float:
    return round(100 * sum(code == wanted for code in found) / len(found), 1)


def head_of(line: str, words: int) -> str:
    return " ".join(line.split()[:words])


def spend(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


class Watched:
    """A detector that adds up the processor time of its calls."""

    def __init__(self, detector: object) -> None:
        self.detector, self.seconds = detector, 0.0

    def __getattr__(self, name: str) -> Callable[..., object]:
        method = getattr(self.detector, name)

        def timed(*arguments: object) -> object:
            started = time.process_time()
            try:
                return method(*arguments)
            finally:
                self.seconds += time.process_time() - started

        return timed


def measure_share(texts: list[str]) -> tuple[float, float]:
    """Detection's share of ``Pipeline.run`` in per cent, and its seconds a megabyte."""
    from normalise import Pipeline
    from normalise.stages.detect import Detector

    watched = Watched(Detector())
    pipeline = Pipeline(detector=watched)  # type: ignore[arg-type]
    pipeline.run(texts[0])
    shares, rates = [], []
    size = sum(len(text.encode()) for text in texts) / 1e6
    for _ in range(ROUNDS):
        watched.seconds = 0.0
        whole = spend(lambda: [pipeline.run(text) for text in texts])
        shares.append(100 * watched.seconds / whole)
        rates.append(watched.seconds / size)
    return statistics.median(shares), statistics.median(rates)


def measure(folder: Path, split: str) -> dict[str, object]:
    """All figures of the tree that stands first on the path."""
    from normalise.data import Language
    from normalise.stages.detect import Detector

    english = Language("en", 1.0)
    loads = [spend(lambda: Detector().detect_document("Ein kort tekst")) for _ in range(ROUNDS)]
    detector = Detector()
    rows: dict[str, list[float]] = {}
    answers: list[tuple[float, bool]] = []
    speeds: dict[str, float] = {}
    texts = read_split(folder, split)
    for code, lines in texts.items():
        home = Language(code, 1.0)
        cases: tuple[tuple[list[str], Language | None], ...] = (
            (lines, None),
            ([head_of(line, 4) for line in lines], None),
            ([head_of(line, 9) for line in lines], None),
            (lines, home),
            ([head_of(line, 4) for line in lines], home),
            (lines, english),
            ([head_of(line, 8) for line in lines], english),
        )
        rows[code] = []
        for number, (items, page) in enumerate(cases):
            started = time.process_time()
            found = [
                detector.detect_block(item, page) if page else detector.detect_document(item)
                for item in items
            ]
            if number == 0:
                speeds[code] = len(items) / (time.process_time() - started)
            rows[code].append(percent([language.code for language in found], code))
            if page is None:
                answers += [(language.confidence, language.code == code) for language in found]
    headings = HEADINGS.read_text("utf-8").splitlines()
    alone = [detector.detect_document(heading).code for heading in headings]
    inside = [detector.detect_block(heading, english).code for heading in headings]
    reliability = []
    for low, high in pairwise(BANDS):
        band = [right for confidence, right in answers if low <= confidence < high]
        sure = [confidence for confidence, _ in answers if low <= confidence < high]
        if band:
            reliability.append([low, len(band), 100 * sum(sure) / len(band),
                                100 * sum(band) / len(band)])  # fmt: skip
    plain = [" ".join(texts["en"][i : i + 4]) for i in range(0, len(texts["en"]), 4)]
    pages = ["\n\n".join(plain[i : i + 5]) for i in range(0, len(plain), 5)]
    samples = HERE.parent / "samples/english"
    own = [path for path in sorted(samples.glob("*.*")) if path.suffix in (".txt", ".md")]
    domain = [path.read_text("utf-8") for path in own]
    return {
        "rows": rows,
        "headings": [alone.count("en"), inside.count("en"), len(headings)],
        "wrong": [f"{h} ({c})" for h, c in zip(headings, alone, strict=True) if c != "en"],
        "reliability": reliability,
        "load": 1000 * statistics.median(loads),
        "speeds": speeds,
        "domain": measure_share(domain),
        "plain": measure_share(pages),
    }


def run_in(tree: Path, options: argparse.Namespace) -> dict[str, object]:
    command = [sys.executable, __file__, str(options.folder), "--split", options.split, "--json"]
    environment = {**os.environ, "PYTHONPATH": str(tree.resolve())}
    run = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return json.loads(run.stdout)  # type: ignore[no-any-return]


def show(found: list[dict]) -> None:
    """The tables; two measurements stand with an arrow between them."""

    def pair(*keys: str | int, form: str = ".1f") -> str:
        return " → ".join(format(functools.reduce(getitem, keys, each), form) for each in found)

    print(f"| language | {' | '.join(COLUMNS)} | lines a second |")
    print("|---|" + "---|" * (len(COLUMNS) + 1))
    for code in found[-1]["rows"]:
        cells = [pair("rows", code, number) for number in range(len(COLUMNS))]
        print(f"| {code} | {' | '.join(cells)} | {pair('speeds', code, form='.0f')} |")
    print("\n| | |\n|---|---|")
    count = found[-1]["headings"][2]
    print(f"| {count} English headings as documents | {pair('headings', 0, form='d')} |")
    print(f"| the same on an English page | {pair('headings', 1, form='d')} |")
    print(f"| load and first answer, ms | {pair('load', form='.0f')} |")
    for name in ("domain", "plain"):
        print(f"| share of `Pipeline.run`, {name}, % | {pair(name, 0)} |")
        print(f"| detection, {name}, s/MB | {pair(name, 1, form='.3f')} |")
    print(f"\nHeadings taken for another language: {', '.join(found[-1]['wrong']) or 'none'}.\n")
    print("| confidence from | answers | mean confidence, % | right, % |\n|---|---|---|---|")
    for low, size, sure, right in found[-1]["reliability"]:
        print(f"| {low:.2f} | {size} | {sure:.1f} | {right:.1f} |")


def main() -> None:
    """Command line."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--split", default="dev", choices=("dev", "test"))
    arguments.add_argument("--before", type=Path, help="Another checkout, measured first.")
    arguments.add_argument("--json", action="store_true", help="The figures of this tree as JSON.")
    options = arguments.parse_args()
    if options.json:
        print(json.dumps(measure(options.folder, options.split)))
        return
    trees = [tree for tree in (options.before, HERE.parent) if tree]
    show([run_in(tree, options) for tree in trees])


if __name__ == "__main__":
    main()
