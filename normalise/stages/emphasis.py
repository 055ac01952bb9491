"""Markdown emphasis in translated sentences: kept wherever its place is certain.

The translator sees words without marks. Marks around a whole sentence or a label in front of it
stay where they are, because the segment is inside them; marks around a name, a figure or a glossary
term go around its translation. Any other emphasis is dropped rather than put around a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from normalise.formats.dividing import find_counterpart

if TYPE_CHECKING:
    from normalise.data import Translation

Span = tuple[int, int]

_MARKS = r"\*{1,3}|_{1,3}|~~"
_MARK = re.compile(
    r"(?<!\\)(?:\*{1,3}|~~)(?=\S)|(?<=\S)(?<!\\)(?:\*{1,3}|~~)"
    r"|(?<![\w\\])_{1,3}(?=\S)|(?<=[^\s\\])_{1,3}(?!\w)"
)
# Marks inside a word are ignored: they are rare, and what they enclose is not a word to look for.
_RUN = re.compile(
    rf"(?<![\\\w*_~])(?P<marks>{_MARKS})(?=[^\s*_~])(?P<words>.*?[^\s\\*_~])(?P=marks)(?![\w*_~])",
    re.DOTALL,
)
_OPENING = re.compile(rf"(?:{_MARKS})(?=[^\s*_~])")
_CLOSING = re.compile(rf"(?<=[^\s\\*_~])(?:{_MARKS})$")
# A colon, or one dash; two dashes are a parenthesis inside the sentence.
_AFTER_LABEL = re.compile(r"\s*:\s+(?=\S)|\s+[-–—]\s+(?=\S)(?!.*\s[-–—]\s)", re.DOTALL)
_SPACE = re.compile(r"\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class Run:
    """Emphasised words in a sentence: their place in its text without marks, and the marks."""

    start: int
    end: int
    marks: str


def strip_marks(text: str) -> str:
    """Only the words.

    >>> strip_marks("Komiteen **vedtok** planen *i dag*.")
    'Komiteen vedtok planen i dag.'
    """
    return _MARK.sub("", text)


def split_labels(text: str, start: int, end: int) -> Iterator[Span]:
    """The parts of a sentence to translate: marks at its edges left out, a label on its own.

    >>> text = "**Mål:** Styrke *cellene* her."
    >>> [text[left:right] for left, right in split_labels(text, 0, len(text))]
    ['Mål:', 'Styrke *cellene* her.']
    >>> text = "**Cellen møttes.**"
    >>> [text[left:right] for left, right in split_labels(text, 0, len(text))]
    ['Cellen møttes.']
    """
    run = _RUN.match(text, start, end)
    if run and run.end() == end:
        yield run.span("words")
        return
    if run:
        follows = _SPACE if run["words"].endswith(":") else _AFTER_LABEL
        if rest := follows.match(text, run.end(), end):
            yield run.span("words")
            yield from split_labels(text, rest.end(), end)
            return
    # A mark without its partner belongs to a run that continues in the neighbouring sentences.
    elif (opening := _OPENING.match(text, start, end)) and opening.end() < end:
        start = opening.end()
    closing = _CLOSING.search(text[start:end])
    if closing and all(found.end() < end for found in _RUN.finditer(text, start, end)):
        end = start + closing.start()
    yield start, end


def find_runs(original: str, flatten: Callable[[str], str]) -> list[Run]:
    """The emphasis inside a sentence.

    Args:
        original: The sentence as it is in the document.
        flatten: Turns it into the text that the translator reads.
    """
    words = flatten(original)
    runs = []
    for found in _RUN.finditer(original):
        start, inside = len(flatten(original[: found.start()])), flatten(found["words"])
        if words.startswith(inside, start):
            runs.append(Run(start, start + len(inside), found["marks"]))
    return runs


def put_back(words: str, runs: Sequence[Run], translation: Translation) -> str:
    """The translation with marks around the counterpart of each run, if that is certain.

    Args:
        words: The sentence without marks, which the runs' places refer to.
        runs: Its emphasis.
        translation: Its translation.
    """
    renderings = {(term.start, term.end): term.rendering for term in translation.terms}
    marked: list[tuple[int, int, str]] = []
    for run in runs:
        inside = words[run.start : run.end]
        rendering = renderings.get((run.start, run.end), "")
        found = find_counterpart(inside, rendering, translation.text)
        if found and not any(found[0] < end and start < found[1] for start, end, _ in marked):
            marked.append((*found, run.marks))
    text = translation.text
    for start, end, marks in sorted(marked, reverse=True):
        text = f"{text[:start]}{marks}{text[start:end]}{marks}{text[end:]}"
    return text
