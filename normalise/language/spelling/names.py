"""Names that keep their own spelling."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from normalise.language.spelling.variants import certain_words

_FILE = Path(__file__).with_name("names.txt")
_LONGEST = 80


@cache
def _names() -> Mapping[str, tuple[str, ...]]:
    """The names by each word in them that has another spelling."""
    spelt = {*certain_words("en-GB"), *certain_words("en-US")}
    by_word: dict[str, list[str]] = {}
    for name in _FILE.read_text(encoding="utf-8").splitlines():
        if not name.startswith("#"):
            for word in name.split():
                if word in spelt:
                    by_word.setdefault(word, []).append(name)
    return {word: tuple(names) for word, names in by_word.items()}


def is_in_name(text: str, start: int, end: int) -> bool:
    """Whether a word, in a text in lower case, belongs to a name that keeps its spelling.

    >>> is_in_name("the world health organization said", 17, 29)
    True
    >>> is_in_name("world health: organization of care", 14, 26)
    False
    """
    names = _names().get(text[start:end])
    if not names:
        return False
    left = text[max(0, start - _LONGEST) : start].replace("\n", " ")
    right = text[end : end + _LONGEST].replace("\n", " ")
    word = text[start:end]
    for name in names:
        before, _, after = name.partition(word)
        if left.endswith(before) and right.startswith(after):
            return True
    return False
