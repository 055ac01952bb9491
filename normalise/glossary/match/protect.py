"""Where terms are not allowed: in addresses and code, across blocks, in part of a citation."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from normalise.glossary.match.fold import Folded
from normalise.language.addresses import find_addresses

_CODE = re.compile(r"`[^`\n]+`")


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

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self._starts, self._ends, strict=True)

    def touches(self, start: int, end: int) -> bool:
        """Whether ``start:end`` overlaps one of the spans."""
        index = bisect_right(self._starts, end - 1) - 1
        return index >= 0 and self._ends[index] > start

    def crosses(self, start: int, end: int) -> bool:
        """Whether one of the spans overlaps ``start:end`` but is not wholly inside it."""
        first = bisect_right(self._ends, start)
        last = bisect_right(self._starts, end - 1) - 1
        return first <= last and (self._starts[first] < start or self._ends[last] > end)

    def contains(self, start: int, end: int) -> bool:
        """Whether ``start:end`` is wholly inside one of the spans."""
        index = bisect_right(self._starts, start) - 1
        return index >= 0 and self._ends[index] >= end


class Fences:
    """Limits for hits: outside ``closed`` spans, no part of ``cited`` ones, within one block.

    All three are source spans. Most hits are well clear of them, which can be seen from folded
    positions (widened by one for what folding removes at the edges) without mapping back to the
    source.
    """

    __slots__ = ("_blocks", "_cited", "_clear", "_closed", "_deep", "_folded")

    def __init__(self, folded: Folded, closed: Spans, cited: Spans, blocks: Spans | None) -> None:
        self._folded, self._closed, self._cited, self._blocks = folded, closed, cited, blocks
        at = folded.position
        self._clear = Spans((at(start) - 1, at(end) + 1) for start, end in (*closed, *cited))
        self._deep = blocks and Spans((at(start) + 1, at(end) - 1) for start, end in blocks)

    def admit(self, start: int, end: int) -> bool:
        """Whether a hit is allowed at a folded span."""
        if not self._clear.touches(start, end) and (
            self._blocks is None or (self._deep and self._deep.contains(start, end))
        ):
            return True
        span = self._folded.span(start, end)
        if self._closed.touches(*span) or self._cited.crosses(*span):
            return False
        return self._blocks is None or self._blocks.contains(*span)


def closed_spans(text: str) -> list[tuple[int, int]]:
    """Addresses and inline code.

    >>> closed_spans("see https://example.org/party-cell now")
    [(4, 34)]
    """
    code = _CODE.finditer(text) if "`" in text else ()
    return [*find_addresses(text), *(match.span() for match in code)]
