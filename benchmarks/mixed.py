"""A folder of mixed formats: `python benchmarks/mixed.py [--documents 1000] [--jobs 1 2]`.

The documents are copies of the English samples, one of each format in turn, in folders of 500.
Each run is a process of its own: into an empty folder, and again with nothing to do.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

SAMPLES = Path(__file__).resolve().parent.parent / "samples" / "english"


def make_documents(folder: Path, count: int) -> tuple[int, Counter[str]]:
    """Write the documents; returns their bytes, and how many there are of each format."""
    samples = sorted(path for path in SAMPLES.iterdir() if path.is_file())
    size, formats = 0, Counter[str]()
    for number in range(count):
        sample = samples[number % len(samples)]
        path = folder / f"{number // 500:03}" / f"{number:06}{sample.suffix}"
        path.parent.mkdir(exist_ok=True)
        shutil.copyfile(sample, path)
        size += sample.stat().st_size
        formats[sample.suffix] += 1
    return size, formats


def convert(pages: Path, out: Path, jobs: int) -> dict[str, float]:
    """Run the command; wall and processor seconds, peak memory of its largest process in MB."""
    command = [sys.executable, "-m", "normalise", "convert", str(pages), str(out), "--json",
               "--no-memory", "--jobs", str(jobs)]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    said, error = process.communicate()
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise SystemExit(error)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    summary = json.loads(said)
    return {
        "wall": wall, "cpu": cpu, "peak": after.ru_maxrss / 1024,
        "converted": summary["converted"], "unchanged": summary["unchanged"],
    }  # fmt: skip


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    a = parser.parse_args()
    print(f"cores: {len(os.sched_getaffinity(0))}, load: {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        pages = Path(folder, "pages")
        pages.mkdir()
        size, formats = make_documents(pages, a.documents)
        print(f"{a.documents:,} documents, {size / 1e6:.1f} MB: {dict(sorted(formats.items()))}")
        print("| jobs | run | wall s | processor s | documents/s | peak MB | unchanged |")
        print("|---:|---|---:|---:|---:|---:|---:|")
        for jobs in a.jobs:
            out = Path(folder, f"out-{jobs}")
            for name in ("first", "again"):
                r = convert(pages, out, jobs)
                print(
                    f"| {jobs} | {name} | {r['wall']:.1f} | {r['cpu']:.1f} "
                    f"| {a.documents / r['wall']:.0f} | {r['peak']:.0f} | {r['unchanged']} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
