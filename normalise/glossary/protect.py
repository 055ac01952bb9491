"""Spans that no term may touch: addresses, code, and what the caller protects."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable

# One expression a shape, each tried only where its mark occurs: together they are slow.
_SHAPES = (
    ("://", re.compile(r"https?://[^\s<>\"')\]]+")),
    ("www.", re.compile(r"www\.[^\s<>\"')\]]+")),
    ("@", re.compile(r"[\w.+-]{1,64}@[\w-]+\.[\w.-]+\w")),
    ("`", re.compile(r"`[^`\n]+`")),
)
# A bare host name is found by its end, since a literal dot is what the engine finds fastest.
_DOMAIN_END = re.compile(r"\.(?:com|vn|org|net|gov|edu|info|no)(?!\w)(?:/[^\s<>\"')\]]*)?")
_DOMAIN_START = re.compile(r"(?<![\w@.])[\w-][\w.-]{0,100}$")


class Spans:
    """A set of spans that answers quickly whether another span touches one of them."""

    __slots__ = ("_ends", "_starts")

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        merged: list[list[int]] = []
        for start, end in sorted(spans):
            if merged and start <= merged[-1][1]:
                merged[-1][1] = max(end, merged[-1][1])
            else:
                merged.append([start, end])
        self._starts = [start for start, _ in merged]
        self._ends = [end for _, end in merged]

    def __bool__(self) -> bool:
        return bool(self._starts)

    def touches(self, start: int, end: int) -> bool:
        """Whether ``start:end`` overlaps one of the spans."""
        index = bisect_right(self._starts, end - 1) - 1
        return index >= 0 and self._ends[index] > start

    def crosses(self, start: int, end: int) -> bool:
        """Whether one of the spans overlaps ``start:end`` and does not lie wholly within it."""
        first = bisect_right(self._ends, start)
        last = bisect_right(self._starts, end - 1) - 1
        return first <= last and (self._starts[first] < start or self._ends[last] > end)

    def contains(self, start: int, end: int) -> bool:
        """Whether ``start:end`` lies wholly inside one of the spans."""
        index = bisect_right(self._starts, start) - 1
        return index >= 0 and self._ends[index] >= end


def addresses(text: str) -> list[tuple[int, int]]:
    """URLs, e-mail addresses and inline code.

    >>> addresses("see https://example.org/party-cell now")
    [(4, 34)]
    """
    spans: list[tuple[int, int]] = []
    for mark, shape in _SHAPES:
        if mark in text:
            spans += (match.span() for match in shape.finditer(text))
    for tail in _DOMAIN_END.finditer(text):
        head = _DOMAIN_START.search(text, max(0, tail.start() - 100), tail.start())
        if head is not None:
            spans.append((head.start(), tail.end()))
    return spans
