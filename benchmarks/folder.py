"""Converting a folder, and converting it again: `python benchmarks/folder.py [--documents 1000]`.

The documents are English, made of the glossaries' own examples in a seeded random order, so that
nearly every sentence holds something to change. Each run is a process of its own: the first one
into an empty folder, the second one after a tenth of the documents was edited, the third with
nothing edited, and one that converts everything anew.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from normalise.glossary.source.load import read_files
from normalise.glossary.source.schema import TermFile


def make_documents(folder: Path, count: int, sentences: int) -> int:
    """Write the documents; returns their bytes."""
    examples = [
        example.text
        for file in read_files()
        if isinstance(file.value, TermFile)
        for term in file.value.terms
        for example in term.examples
    ]
    chance = random.Random(7)
    size = 0
    for number in range(count):
        text = "\n\n".join(
            " ".join(chance.choices(examples, k=4)) for _ in range(max(1, sentences // 4))
        )
        path = folder / f"{number % 20:02}" / f"{number:06}.txt"
        path.parent.mkdir(exist_ok=True)
        size += path.write_text(text + "\n", encoding="utf-8")
    return size


def convert(pages: Path, out: Path, workers: int, *options: str) -> dict[str, float]:
    """Run the command; wall and processor seconds, and what it says of itself."""
    command = [sys.executable, "-m", "normalise", "convert", str(pages), str(out), "--json",
               "--no-memory", "--workers", str(workers), *options]  # fmt: skip
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    said = json.loads(done.stdout)
    return {"wall": wall, "cpu": cpu, "unchanged": said["unchanged"], "peak": after.ru_maxrss}


def main() -> None:
    """Print the table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--sentences", type=int, default=20, help="in each document")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pages, out = Path(folder, "in"), Path(folder, "out")
        pages.mkdir()
        size = make_documents(pages, options.documents, options.sentences)
        print(f"{options.documents:,} documents, {size / 1e6:.2f} MB, {options.workers} workers\n")
        print("| run | seconds | CPU seconds | documents/s | peak MB so far |")
        print("|---|---:|---:|---:|---:|")

        def report(name: str, *more: str) -> None:
            run = convert(pages, out, options.workers, *more)
            rate = options.documents / run["wall"]
            print(
                f"| {name} | {run['wall']:.1f} | {run['cpu']:.1f} | {rate:.0f} "
                f"| {run['peak'] / 1024:.0f} |",
                flush=True,
            )

        report("first")
        for path in sorted(pages.rglob("*.txt"))[::10]:
            path.write_text(path.read_text("utf-8") + "The Party cell met again.\n", "utf-8")
        report("a tenth edited")
        report("nothing edited")
        report("all anew", "--anew")


if __name__ == "__main__":
    main()
