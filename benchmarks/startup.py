"""How long commands take before they do anything: `python benchmarks/startup.py`.

Each command is started in a fresh process, in turn, so that all meet the same noise; the table
shows the best and the median of the repetitions, and what an empty Python costs.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PAGE = "The district has 61 party cells and 4 grassroots party organizations.\n"
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "normalise --help": ["-m", "normalise", "--help"],
    "normalise convert --help": ["-m", "normalise", "convert", "--help"],
    "normalise detect (one page)": ["-m", "normalise", "detect", "{page}"],
    "normalise text (one page)": ["-m", "normalise", "text", "{page}", "--no-memory"],
}


def measure(repetitions: int) -> dict[str, list[float]]:
    """Wall times in seconds for each command."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.txt")
        page.write_text(PAGE, encoding="utf-8")
        for _ in range(repetitions):
            for name, command in COMMANDS.items():
                arguments = [part.format(page=page) for part in command]
                began = time.perf_counter()
                subprocess.run(
                    [sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL
                )
                times[name].append(time.perf_counter() - began)
    return times


def main() -> None:
    """Print the table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=9)
    times = measure(parser.parse_args().repetitions)
    print("| command | best, ms | median, ms |\n|---|---:|---:|")
    for name, values in times.items():
        best, median = min(values) * 1000, statistics.median(values) * 1000
        print(f"| `{name}` | {best:.0f} | {median:.0f} |")


if __name__ == "__main__":
    main()
