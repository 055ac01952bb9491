"""Quotation marks round hits: taken along, left alone, or part of the name itself."""

from __future__ import annotations

import re

_DOUBLE = '"\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a'
_MARKS = _DOUBLE + "'\u2018\u2019"
# A single mark counts only at the edge of a word; inside it is an apostrophe.
_EDGE = re.compile(f"[{_DOUBLE}]|(?<!\\w)['\u2018\u2019]|['\u2018\u2019](?!\\w)")
_ANY_DOUBLE = re.compile(f"[{_DOUBLE}]")


def is_quoted(source: str, start: int, end: int) -> bool:
    """Whether quotation marks stand directly round a span.

    >>> is_quoted("the “4 good” cells", 5, 11)
    True
    """
    before, after = source[start - 1 : start], source[end : end + 1]
    return bool(before and after) and before in _MARKS and after in _MARKS


def cover(source: str, start: int, end: int, *, drop: bool) -> tuple[int, int]:
    """A hit's span with the mark whose partner lies inside it, or with both if they are dropped.

    >>> cover('"4 good" party cells', 1, 20, drop=False)
    (0, 20)
    """
    if drop and is_quoted(source, start, end):
        return start - 1, end + 1
    if len(_EDGE.findall(source, start, end)) % 2:
        before, after = source[start - 1 : start], source[end : end + 1]
        if before and before in _MARKS:
            return start - 1, end
        if after and after in _MARKS:
            return start, end + 1
    return start, end


def has_own_marks(name: str) -> bool:
    """Whether a name is written in quotation marks, as ``"self-evolution"`` is."""
    return len(name) > 2 and name[0] in _DOUBLE and name[-1] in _DOUBLE


def fit_own_marks(name: str, surface: str, quoted: bool) -> str:
    """A name with marks of its own, for a hit that may stand in marks already.

    >>> fit_own_marks('"self-evolution"', "self evolution", True)
    'self-evolution'
    """
    fitted = name[1:-1] if quoted else name
    return surface if _ANY_DOUBLE.sub('"', surface) == fitted else fitted
