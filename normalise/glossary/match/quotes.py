"""Quotation marks around hits: included, left alone, or part of the name itself."""

from __future__ import annotations

import re

_DOUBLE = '"\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a'
_MARKS = _DOUBLE + "'\u2018\u2019"
_SPACES = (" ", "\u00a0", "\u202f")
# A single mark counts only at the edge of a word; inside a word it is an apostrophe.
_EDGE = re.compile(f"[{_DOUBLE}]|(?<!\\w)['\u2018\u2019]|['\u2018\u2019](?!\\w)")
_ANY_DOUBLE = re.compile(f"[{_DOUBLE}]")


def _mark_before(source: str, start: int) -> int | None:
    """Where the mark before a span is; French marks are separated by a space."""
    if source[start - 1 : start] in _SPACES and source[start - 2 : start - 1] == "\u00ab":
        return start - 2
    mark = source[start - 1 : start]
    return start - 1 if mark and mark in _MARKS else None


def _mark_after(source: str, end: int) -> int | None:
    """Where the mark after a span ends."""
    if source[end : end + 1] in _SPACES and source[end + 1 : end + 2] == "\u00bb":
        return end + 2
    mark = source[end : end + 1]
    return end + 1 if mark and mark in _MARKS else None


def is_quoted(source: str, start: int, end: int) -> bool:
    """Whether quotation marks directly surround a span.

    >>> is_quoted("the “4 good” cells", 5, 11), is_quoted("the « 4 good » cells", 6, 12)
    (True, True)
    """
    return _mark_before(source, start) is not None and _mark_after(source, end) is not None


def cover(source: str, start: int, end: int, *, drop: bool) -> tuple[int, int]:
    """A hit's span with the mark whose partner is inside it, or with both if they are dropped.

    >>> cover('"4 good" party cells', 1, 20, drop=False)
    (0, 20)
    """
    before, after = _mark_before(source, start), _mark_after(source, end)
    if drop and before is not None and after is not None:
        return before, after
    if len(_EDGE.findall(source, start, end)) % 2:
        if before is not None:
            return before, end
        if after is not None:
            return start, after
    return start, end


def has_own_marks(name: str) -> bool:
    """Whether a name is written in quotation marks, like ``"self-evolution"``."""
    return len(name) > 2 and name[0] in _DOUBLE and name[-1] in _DOUBLE


def fit_own_marks(name: str, surface: str, quoted: bool) -> str:
    """A name with marks of its own, for a hit that may already be in quotation marks.

    >>> fit_own_marks('"self-evolution"', "self evolution", True)
    'self-evolution'
    """
    fitted = name[1:-1] if quoted else name
    return surface if _ANY_DOUBLE.sub('"', surface) == fitted else fitted
