"""Names that keep their own spelling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from normalise.language.spelling.variants import certain_words

_FILE = Path(__file__).with_name("names.txt")
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class _Sides:
    """What stands before and after a word in the names that contain it."""

    pairs: tuple[tuple[str, str], ...]
    # Quick answers for most words: they end none of the names' beginnings, or begin no rest.
    befores: tuple[str, ...]
    afters: tuple[str, ...]


@cache
def _names() -> Mapping[str, _Sides]:
    """The names by each word in them that has another spelling."""
    spelt = {*certain_words("en-GB"), *certain_words("en-US")}
    by_word: dict[str, list[tuple[str, str]]] = {}
    for name in _FILE.read_text(encoding="utf-8").splitlines():
        if not name.startswith("#"):
            for word in name.split():
                if word in spelt:
                    before, _, after = name.partition(word)
                    by_word.setdefault(word, []).append((before, after))
    return {
        word: _Sides(
            tuple(pairs),
            tuple(before for before, _ in pairs if before),
            tuple(after for before, after in pairs if not before),
        )
        for word, pairs in by_word.items()
    }


def is_in_name(text: str, start: int, end: int) -> bool:
    """Whether a word, in a text in lower case, belongs to a name that keeps its spelling.

    >>> is_in_name("the world health organization said", 17, 29)
    True
    >>> is_in_name("world health: organization of care", 14, 26)
    False
    """
    sides = _names().get(text[start:end])
    if sides is None:
        return False
    left = text[max(0, start - _LONGEST) : start].replace("\n", " ")
    right = text[end : end + _LONGEST].replace("\n", " ")
    return (left.endswith(sides.befores) or right.startswith(sides.afters)) and any(
        left.endswith(before) and right.startswith(after) for before, after in sides.pairs
    )
