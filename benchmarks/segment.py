"""Sentence segmentation against other splitters: F1 of the boundaries, and MB/s.

    python benchmarks/segment.py ../shared/eval/sentences [--split dev|test] [--errors N]

The measure: a file's sentences (one a line) are taken in texts of ten, joined by single spaces. A
boundary is the position, not counting white space, at which a sentence ends; the end of each text
is left out. Precision and recall are taken over the boundaries of all texts; F1 is their harmonic
mean. So headings without a stop, which the joining hides, count against everyone. Texts of ten, as
an unmatched quotation mark makes some splitters give up on all that follows it. Peers that are not
installed are left out. MB/s count processor time. Bars: 0.955 on Norwegian-Bokmål test, 0.93 on
English GUM test.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from normalise.segment import split

FILES = {"nb": "nb-ud-{}.txt", "en": "en-gum-{}.txt"}
TEXT_SIZE = 10
Splitter = Callable[[str], Iterable[str]]


def boundaries(pieces: Iterable[str]) -> set[int]:
    """Positions, in characters other than white space, at which the pieces end."""
    position = 0
    found: set[int] = set()
    for piece in pieces:
        position += len(re.sub(r"\s", "", piece))
        found.add(position)
    return found - {position}


def cut_at(text: str, ends: list[int]) -> list[str]:
    """The text cut at offsets, so that what lies between segments is counted too."""
    starts = [0, *ends[:-1]]
    return [text[start:end] for start, end in zip(starts, [*ends[:-1], len(text)], strict=True)]


def list_splitters(language: str) -> dict[str, Splitter]:
    splitters: dict[str, Splitter] = {
        "normalise": lambda text: cut_at(text, [segment.end for segment in split(text, language)])
    }
    if importlib.util.find_spec("sentencex"):
        import sentencex

        code = {"nb": "no"}.get(language, language)
        splitters["sentencex"] = lambda text: sentencex.segment(code, text)
    if importlib.util.find_spec("blingfire"):
        import blingfire

        splitters["blingfire"] = lambda text: blingfire.text_to_sentences(text).split("\n")
    if importlib.util.find_spec("pysbd"):
        import pysbd

        segmenter = pysbd.Segmenter(language={"nb": "da"}.get(language, language), clean=False)
        splitters["pysbd"] = segmenter.segment
    return splitters


def show_errors(texts: list[list[str]], language: str, count: int) -> None:
    """Print boundaries set wrongly (+) and missed (-), with their surroundings."""
    run = list_splitters(language)["normalise"]
    for sentences in texts:
        text = " ".join(sentences)
        places = [index for index, character in enumerate(text) if not character.isspace()]
        wanted, found = boundaries(sentences), boundaries(run(text))
        for position in sorted(wanted ^ found):
            index = places[position]
            sign = "-" if position in wanted else "+"
            print(f"{sign} {text[max(0, index - 45) : index]}‖{text[index : index + 30]}")
            count -= 1
            if not count:
                return


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--split", default="test")
    arguments.add_argument("--errors", type=int, default=0)
    options = arguments.parse_args()
    print("| text | splitter | precision | recall | F1 | MB/s |\n|---|---|---|---|---|---|")
    for language, name in FILES.items():
        path = options.folder / name.format(options.split)
        sentences = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
        texts = [
            sentences[index : index + TEXT_SIZE] for index in range(0, len(sentences), TEXT_SIZE)
        ]
        for splitter, run in list_splitters(language).items():
            list(run(" ".join(texts[0])))
            joined = [" ".join(group) for group in texts]
            started = time.process_time()
            pieces = [list(run(text)) for text in joined]
            speed = path.stat().st_size / (time.process_time() - started) / 1e6
            right = set_by_splitter = set_by_people = 0
            for group, cut in zip(texts, pieces, strict=True):
                wanted, found = boundaries(group), boundaries(cut)
                right += len(wanted & found)
                set_by_splitter += len(found)
                set_by_people += len(wanted)
            precision, recall = right / set_by_splitter, right / set_by_people
            score = 2 * precision * recall / (precision + recall)
            print(
                f"| {path.stem} | {splitter} | {precision:.4f} | {recall:.4f} | {score:.4f} |"
                f" {speed:.2f} |",
                flush=True,
            )
        if options.errors:
            show_errors(texts, language, options.errors)


if __name__ == "__main__":
    main()
