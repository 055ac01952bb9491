"""How often the detector names the right language, and how fast, on the FLORES sentences.

    python benchmarks/detect.py ../shared/eval/flores [--split dev|test] > table.md

The measures for each language, in per cent: single lines as documents; documents of five lines;
blocks (a line inside a page of the same language, and the first four words of it); foreign blocks
(a line inside an English page, and the first eight words of it); the first four and the first nine
words as documents. Peers on single lines: py3langid
alone with all its languages, and langdetect with a seed. Speeds are per second of processor time.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from langdetect import DetectorFactory, detect
from py3langid.langid import LanguageIdentifier

from normalise.data import Language
from normalise.stages.detect import Detector

ENGLISH = Language("en", 1.0)
LANGDETECT_CODES = {"no": "nb", "zh-cn": "zh", "zh-tw": "zh"}


def percent(found: list[str], wanted: str) -> float:
    return 100 * sum(code == wanted for code in found) / len(found)


def heads_of(lines: list[str], words: int) -> list[str]:
    return [" ".join(line.split()[:words]) for line in lines]


def ask_langdetect(line: str) -> str:
    code = str(detect(line))
    return LANGDETECT_CODES.get(code, code)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--split", default="test")
    arguments.add_argument("--peer-lines", type=int, default=200)
    options = arguments.parse_args()
    detector = Detector()
    alone = LanguageIdentifier.from_model_file("data/model.npz.xz", norm_probs=True)
    DetectorFactory.seed = 0
    heads = ("language", "line", "5 lines", "block", "4-word block", "foreign block",
             "8-word foreign block", "4 words", "9 words", "py3langid line",
             "langdetect line")  # fmt: skip
    print(f"| {' | '.join(heads)} |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    seconds = size = 0.0
    for path in sorted(options.folder.glob(f"{options.split}.*")):
        code = path.suffix[1:]
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
        home = Language(code, 1.0)
        started = time.process_time()
        single = [detector.detect_document(line).code for line in lines]
        seconds += time.process_time() - started
        size += path.stat().st_size
        groups = ["\n".join(lines[i : i + 5]) for i in range(0, len(lines), 5)]
        row = [
            percent(single, code),
            percent([detector.detect_document(group).code for group in groups], code),
            percent([detector.detect_block(line, home).code for line in lines], code),
            percent(
                [detector.detect_block(" ".join(x.split()[:4]), home).code for x in lines], code
            ),
            percent([detector.detect_block(x, ENGLISH).code for x in lines], code),
            percent(
                [detector.detect_block(" ".join(x.split()[:8]), ENGLISH).code for x in lines], code
            ),
            *(
                percent([detector.detect_document(head).code for head in heads_of(lines, n)], code)
                for n in (4, 9)
            ),
            percent([alone.classify(x)[0].replace("no", "nb") for x in lines], code),
            percent([ask_langdetect(x) for x in lines[: options.peer_lines]], code),
        ]
        print(f"| {code} | " + " | ".join(f"{value:.1f}" for value in row) + " |", flush=True)
    print(f"\nLines as documents: {size / seconds / 1e6:.2f} MB/s.")
    long_text = "\n".join(lines) * 150
    detector.detect_document(long_text)
    started = time.process_time()
    detector.detect_document(long_text)
    milliseconds = 1000 * (time.process_time() - started)
    for code in ("en", "nb"):
        path = options.folder / f"{options.split}.{code}"
        lines = path.read_text(encoding="utf-8").splitlines()
        paragraphs = [" ".join(lines[i : i + 4]) for i in range(0, len(lines), 4)]
        started = time.process_time()
        for paragraph in paragraphs:
            detector.detect_block(paragraph, Language(code, 1.0))
        speed = path.stat().st_size / (time.process_time() - started) / 1e6
        print(f"Blocks of four {code} lines on a page of their language: {speed:.1f} MB/s.")
    print(f"One document of {len(long_text) / 1e6:.0f} million characters: {milliseconds:.0f} ms.")


if __name__ == "__main__":
    main()
