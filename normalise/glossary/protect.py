"""Spans that no term may touch: addresses, code, and what the caller protects."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable

_ADDRESS = re.compile(
    r"https?://[^\s<>\"')\]]+|www\.[^\s<>\"')\]]+|[\w.+-]+@[\w-]+\.[\w.-]+\w"
    r"|(?<![\w@.])(?:[\w-]{2,}\.)+(?:com|vn|org|net|gov|edu|info|no)(?:/[^\s<>\"')\]]*)?(?!\w)"
)
_CODE = re.compile(r"`[^`\n]+`")
_MARKS = ("http", "www.", "@", "`", ".vn", ".com", ".org", ".net", ".no", ".gov", ".edu", ".info")


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
    if any(mark in text for mark in _MARKS):
        spans += (match.span() for match in _ADDRESS.finditer(text))
        if "`" in text:
            spans += (match.span() for match in _CODE.finditer(text))
    return spans
