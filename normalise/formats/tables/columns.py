"""Which columns of a table, or members of JSON lines, hold prose."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from normalise.language.addresses import find_addresses

_LETTERS = re.compile(r"[^\W\d_]{2,}")
_CODE = re.compile(r"[\d_/\\@#=:.<>{}\[\]|]")
_SHARE = 0.5
_SHOWN = 20


def is_prose(text: str) -> bool:
    """Whether a cell has words to convert: it is no number, date, code, file name or address.

    >>> [is_prose(cell) for cell in ("Møtet i går", "Styret", "2025-01-02", "18-NQ/TW", "a@b.vn")]
    [True, True, False, False, False]
    """
    stripped = text.strip()
    if not _LETTERS.search(stripped):
        return False
    if any(map(str.isspace, stripped)):
        return True
    return not _CODE.search(stripped) and not any(find_addresses(stripped))


def find_prose(cells: Iterable[tuple[str, str]]) -> set[str]:
    """The columns where at least half of the cells with anything in them are of several words.

    ``cells`` are pairs of a column and a text.
    """
    filled: dict[str, int] = defaultdict(int)
    worded: dict[str, int] = defaultdict(int)
    for column, text in cells:
        if text.strip():
            filled[column] += 1
            worded[column] += is_prose(text) and len(_LETTERS.findall(text)) > 1
    return {
        column for column, count in filled.items() if worded[column] >= max(1, _SHARE * count)
    }


def name_some(names: Iterable[str]) -> str:
    """Names for a message, not too many of them.

    >>> name_some(["title", "body"])
    'title, body'
    """
    listed = [*names]
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return ", ".join(listed[:_SHOWN]) + more
