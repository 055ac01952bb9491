"""Lines in capitals: put into lower case before translation, since models read them badly."""

from __future__ import annotations

import re
from collections.abc import Container

from normalise.language.vietnamese import NOT_FIRST, SURNAMES, fold_name, is_marked, is_syllable

_MARKS = ".,;:!?()\"«»“”"
_ROMAN = re.compile(r"(?=.*X|III|IV|VII|IX)(?:X{0,3}(?:IX|IV|V?I{0,3}))")
_KNOWN = {"vietnam": "Vietnam", "vietnams": "Vietnams", "hanoi": "Hanoi"}


def is_capitals(text: str) -> bool:
    """Whether a line is all in capitals (and more than an abbreviation).

    >>> is_capitals("PROVINSEN STYRKER PARTIET"), is_capitals("NATO"), is_capitals("EU og FN")
    (True, False, False)
    """
    letters = [c for c in text if c.isalpha() and c.lower() != c.upper()]
    if not letters or not all(c.isupper() for c in letters):
        return False
    words = [word for word in re.findall(r"[^\W\d_]+", text) if len(word) > 1]
    return len(letters) >= 8 or (len(words) >= 2 and any(len(word) >= 5 for word in words))


def lower_capitals(text: str, places: Container[str] = ()) -> str:
    """A line of capitals in sentence case: names and abbreviations keep theirs, as does the length.

    Args:
        text: The line.
        places: Names of places in lower case, with and without diacritics.

    >>> line = "NGUYỄN VĂN TOÀN LEDER MØTET I TUYEN QUANG OM VEDTAK 04-NQ/TU"
    >>> lower_capitals(line, {"tuyen quang"})
    'Nguyễn Văn Toàn leder møtet i Tuyen Quang om vedtak 04-NQ/TU'
    """
    matches = list(re.finditer(r"[^\s]+", text))
    words = [match[0] for match in matches]
    kinds = _name_words(words, places)
    out = list(text)
    for index, match in enumerate(matches):
        word = _lower_word(match[0], kinds[index])
        if len(word) == len(match[0]):
            out[match.start() : match.end()] = word
    joined = "".join(out)
    for index, character in enumerate(joined):
        if character.isalpha():
            return joined[:index] + character.upper() + joined[index + 1 :]
    return joined


def _name_words(words: list[str], places: Container[str]) -> list[bool]:
    folded = [fold_name(word.strip(_MARKS)) for word in words]
    named = [False] * len(words)
    index = 0
    while index < len(words):
        for size in (3, 2):
            if " ".join(folded[index : index + size]) in places:
                named[index : index + size] = [True] * size
                break
        if not named[index] and is_marked(words[index].strip(_MARKS)):
            named[index] = True
        if not named[index] and folded[index] in SURNAMES:
            size = 1
            while (
                size < 4
                and index + size < len(words)
                and words[index + size - 1][-1].isalpha()
                and is_syllable(folded[index + size])
                and folded[index + size] not in NOT_FIRST
            ):
                size += 1
            # Short ones are also words in other languages.
            if size > (2 if folded[index] in NOT_FIRST or len(folded[index]) < 3 else 1):
                named[index : index + size] = [True] * size
        index += 1
    return named


def _lower_word(word: str, named: bool) -> str:
    bare = word.strip(".,;:!?()\"«»“”'’")
    if named:
        return "-".join(part[:1] + part[1:].lower() for part in word.split("-"))
    if any(c.isdigit() for c in bare) or _ROMAN.fullmatch(bare):
        return word
    if len(bare) > 1 and not re.search(r"[AEIOUYÆØÅÄÖÜÉ]", bare):
        return word
    lowered = word.lower()
    return lowered.replace(bare.lower(), _KNOWN.get(bare.lower(), bare.lower()), 1)
