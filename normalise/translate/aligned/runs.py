"""Which words of a translation say what some words of the sentence say, as attention shows it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from normalise.translate.spans import Span

_WORD = re.compile(r"\S+")
_EVEN = 0.5


@dataclass(frozen=True, slots=True)
class Attention:
    """What the pieces of a translation were made from.

    ``rows`` has a row for each target piece with a weight for each source piece; the spans are the
    characters that pieces cover.
    """

    source: tuple[Span, ...]
    target: tuple[Span, ...]
    rows: tuple[tuple[float, ...], ...]


def find_run(attention: Attention, run: Span, translation: str) -> Span | None:
    """The words of a translation that come from ``run``, characters of the sentence.

    They are the stretch of words that give it the most of their attention over half; None if there
    are no such words.

    >>> attention = Attention(((0, 5), (5, 11)), ((0, 3), (3, 8)), ((0.9, 0.1), (0.2, 0.8)))
    >>> find_run(attention, (6, 11), "red house")
    (4, 9)
    """
    inside = [start < run[1] and run[0] < end for start, end in attention.source]
    words = [match.span() for match in _WORD.finditer(translation)]
    gains = [_share(attention, inside, word) - _EVEN for word in words]
    best, found = 0.0, None
    total, first = 0.0, 0
    for index, gain in enumerate(gains):
        if total <= 0:
            total, first = 0.0, index
        total += gain
        if total > best:
            best, found = total, (words[first][0], words[index][1])
    return found


def _share(attention: Attention, inside: Sequence[bool], word: Span) -> float:
    """The share of a word's attention that goes to some source pieces."""
    some = whole = 0.0
    for (start, end), row in zip(attention.target, attention.rows, strict=True):
        if start < word[1] and word[0] < end:
            whole += sum(row[: len(inside)])
            some += sum(weight for weight, take in zip(row, inside, strict=False) if take)
    return some / whole if whole else 0.0
