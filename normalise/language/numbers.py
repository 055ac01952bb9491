"""English number words, and ordinals and years of office in a uniform spelling."""

from __future__ import annotations

import re

CARDINALS = {
    word: value
    for value, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen twenty".split(), 1
    )
}  # fmt: skip
CARDINALS |= {
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "hundred": 100, "thousand": 1000, "million": 1_000_000,
}  # fmt: skip
"""English number words to their values."""

_UNITS = (
    "", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
    "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth",
    "seventeenth", "eighteenth", "nineteenth",
)  # fmt: skip
_TENS = {word: value for word, value in CARDINALS.items() if 20 <= value < 100}
ORDINALS = {word: value for value, word in enumerate(_UNITS) if word}
ORDINALS |= {tens[:-1] + "ieth": value for tens, value in _TENS.items()}
ORDINALS |= {
    f"{tens} {unit}": value + number
    for tens, value in _TENS.items()
    for number, unit in enumerate(_UNITS[:10])
    if unit
}
_DIGITS = re.compile(r"([1-9][0-9]{0,2})[ \u00a0]?(?:st|nd|rd|th)", re.ASCII | re.IGNORECASE)
# Only well-formed numerals: "IIII", "VX" and "IC" are somebody's initials or a code. Up to 89,
# since no congress is the ninetieth, and C, D and M would let in words such as "MIX" and "CD".
_ROMAN = re.compile(r"(X{0,3}|XL|LX{0,3})(IX|IV|V?I{0,3})")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50}
_YEARS = re.compile(
    r"((?:19|20)[0-9]{2})[ \t\u00a0\u202f]*\n?[ \t\u00a0\u202f]*[-\u2010-\u2015\u2212]"
    r"[ \t\u00a0\u202f]*\n?[ \t\u00a0\u202f]*((?:19|20)[0-9]{2})"
)
_LONGEST_TERM = 15


def parse_ordinal(text: str) -> str | None:
    """Write an ordinal in figures: Roman numeral, English word, or figures with any ending.

    Roman numerals must be in capitals, as lower-case ones are words (``mix``) or list marks. Plain
    figures without an ending are numbers, not ordinals.

    >>> [parse_ordinal(s) for s in ("XIV", "fourteenth", "14th", "3th", "Twenty-first", "14")]
    ['14th', '14th', '14th', '3rd', '21st', None]
    """
    value = _ordinal_value(text)
    return None if value is None else f"{value}{_ending(value)}"


def parse_years(text: str) -> str | None:
    """Write the years of a term of office as ``2020-2025``, whatever the dash and spacing.

    None unless the text is two years in order, at most fifteen years apart.

    >>> [parse_years(s) for s in ("2020 - 2025", "2020–2025", "2025-2020", "1920-1080")]
    ['2020-2025', '2020-2025', None, None]
    """
    match = _YEARS.fullmatch(text)
    if match is None:
        return None
    first, last = int(match[1]), int(match[2])
    return f"{first}-{last}" if first < last <= first + _LONGEST_TERM else None


def _ordinal_value(text: str) -> int | None:
    if match := _DIGITS.fullmatch(text):
        return int(match[1])
    if text and _ROMAN.fullmatch(text):
        return _roman_value(text)
    if len(text) > 24:
        return None
    return ORDINALS.get(" ".join(re.split(r"[\s\u2010-\u2015-]+", text.lower())))


def _roman_value(numeral: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in numeral]
    following = [*values[1:], 0]
    return sum(-v if v < after else v for v, after in zip(values, following, strict=True))


def _ending(value: int) -> str:
    if value % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
