"""Figures on both sides of a translation: read by each language's rules, compared, rewritten.

``1 000``, ``1.000`` and ``1,000`` are one number, ``2,5`` in Norwegian is ``2.5`` in English; the
day of a date, a year and the digits of a document number are figures like any other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from normalise.language.dates import ENGLISH_MONTHS, MONTH_NAMES, MONTHS
from normalise.language.numbers import CARDINALS, ORDINALS

DECIMAL_COMMA = frozenset(
    "bg ca cs da de el es et eu fi fr gl hr hu id is it lt lv nb nl nn no pl pb pt ro ru sk sl sq "
    "sr sv tr uk vi".split()
)
"""Languages that write 2,5 and 1.000 or 1 000."""

_FIGURE = re.compile(r"\d+(?:[.,\u00a0\u202f\u2009' ]\d+)*")
_COMMA_DECIMAL = re.compile(r"(\d{1,3}(?:[.\u00a0\u202f\u2009 ]\d{3})+|\d+),(\d+)")
_DOT_GROUPS = re.compile(r"\d{1,3}(?:\.\d{3})+")
_SPACE_GROUPS = re.compile(r"\d{1,3}(?:[\u00a0\u202f\u2009 ]\d{3})+")
_DIGITS = re.compile(r"\d+")
_DECIMAL = re.compile(r"\d+(?:\.\d+)?(?![.\d])")
_CLOCK = re.compile(r"\d{1,2}\.\d{2}(?:\s*[ap]\.?m\b|\s*hours)", re.IGNORECASE)
_COMMA_GROUPS = re.compile(r"\d{1,3}(?:,\d{3})+(\.\d+)?")

# Words in a translation that count as a figure in its source.
_WORDS = {
    word: str(value)
    for word, value in {
        **CARDINALS, **ORDINALS, "zero": 0, "none": 0, "once": 1, "single": 1, "twice": 2,
        "both": 2, "dozen": 12, "half": 50, "hundreds": 100, "thousands": 1000,
    }.items()
}  # fmt: skip
_FULL_MONTHS = frozenset(month.lower() for month in MONTHS)
_DAY_MONTH = re.compile(rf"\b\d{{1,2}}\.?\s+({'|'.join(MONTH_NAMES)})\b\.?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in a text; ``value`` is its canonical spelling (``2.5``, ``1000``)."""

    start: int
    end: int
    text: str
    value: str


def find_figures(text: str, language: str) -> list[Figure]:
    """All numbers in a text, read as its language writes them.

    >>> [f.value for f in find_figures("1.250 lag, 2,5 % og 1 000 kr den 13.03.2024", "nb")]
    ['1250', '2.5', '1000', '13', '3', '2024']
    >>> [f.value for f in find_figures("1,250 cells, 2.5% and 30 June 2024", "en")]
    ['1250', '2.5', '30', '2024']
    """
    figures: list[Figure] = []
    comma = language in DECIMAL_COMMA
    for run in _FIGURE.finditer(text):
        figures += _read_run(text, run.start(), run.end(), comma)
    return figures


def _read_run(text: str, start: int, end: int, comma: bool) -> list[Figure]:
    """Split a run of digits and separators into numbers, preferring the longest reading."""
    groups = (_COMMA_DECIMAL, _DOT_GROUPS, _SPACE_GROUPS) if comma else (
        _COMMA_GROUPS, _SPACE_GROUPS
    )  # fmt: skip
    clock = _CLOCK.match(text, start)
    single = _DIGITS if comma or clock else _DECIMAL
    out = []
    while start < end:
        match = None
        for pattern in groups:
            match = pattern.match(text, start, end)
            if match and not text[match.end() : match.end() + 1].isdigit():
                break
            match = None
        match = match or single.match(text, start, end) or _DIGITS.match(text, start, end)
        assert match is not None  # a run begins with a digit
        out.append(Figure(match.start(), match.end(), match[0], _value(match[0], comma)))
        start = match.end()
        while start < end and not text[start].isdigit():
            start += 1
    return out


def _value(text: str, comma: bool) -> str:
    if comma:
        text = re.sub(r"\.(?=\d{3}(?!\d))", "", text) if _DOT_GROUPS.match(text) else text
        text = text.replace(",", ".")
    else:
        text = text.replace(",", "")
    text = re.sub(r"[\u00a0\u202f\u2009' ]", "", text)
    whole, _, fraction = text.partition(".")
    whole = whole.lstrip("0") or "0"
    fraction = fraction.rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def compare_figures(source: str, output: str, language: str) -> tuple[list[Figure], list[Figure]]:
    """Numbers in the source that the output lacks, and numbers that only the output has.

    English number words count as small figures, month names as the month of a date.

    >>> lost, new = compare_figures("3 av 61 lag 01.07.2025", "Three of 16 on 1 July 2025", "nb")
    >>> [f.text for f in lost], [f.text for f in new]
    (['61'], ['16'])
    """
    wanted = find_figures(source, language)
    given = find_figures(output, "en")
    if not wanted and not given:
        return [], []
    left = Counter(figure.value for figure in given)
    spelt = Counter(
        _WORDS.get(word) or str(ENGLISH_MONTHS[word])
        for word in re.findall(r"[a-z]+", output.lower())
        if word in _WORDS or word in _FULL_MONTHS
    )
    lost = []
    for figure in wanted:
        for value in _readings(figure, source):
            pool = left if left[value] else spelt
            if value == "" or pool[value]:
                pool[value] -= 1
                break
        else:
            lost.append(figure)
    new = []
    for figure in reversed(given):
        if left[figure.value] > 0:
            left[figure.value] -= 1
            new.append(figure)
    lost, new = _match_decimals(lost, new[::-1])
    # A number word in the source may have become a figure; each accounts for one.
    return lost, new[_count_words(source) :] if new else new


def _readings(figure: Figure, source: str) -> Iterator[str]:
    """The values that match a figure; one of them is empty if it may be left out.

    1800-tallet is the 19th century, 60-tallet the 1960s, kl. 21.30 half past nine, and nobody says
    the zeros in kl. 14.00.
    """
    yield figure.value
    number = int(figure.value) if figure.value.isdigit() else -1
    after = source[figure.end : figure.end + 12]
    if re.match(r"\s?[-‐‑]?\s?(?:tal|og \d{4}-tal)", after):
        if number >= 1000 and number % 100 == 0:
            yield str(number // 100 + 1)
        elif number < 100:
            yield f"19{number:02}"
            yield f"20{number:02}"
    if len(figure.text) == 2 and re.match(r"[.:]\d{2}(?!\d)", after) and 12 < number < 24:
        yield str(number - 12)
    if figure.text == "00" and re.search(r"\d[.:]$", source[: figure.start]):
        yield ""


def _match_decimals(
    lost: list[Figure], new: list[Figure]
) -> tuple[list[Figure], list[Figure]]:
    """A figure copied as the source wrote it (``2,5``) is the same figure."""
    still = []
    new = list(new)
    for figure in lost:
        twin = next((n for n in new if n.text == figure.text), None)
        if twin is None:
            still.append(figure)
        else:
            new.remove(twin)
    return still, new


_SOURCE_WORD = re.compile(
    r"\b(?:to|tre|fire|fem|seks|sju|syv|åtte|ni|ti|elleve|tolv|dusin|\w*(?:hundre|tusen|tjue|"
    r"tretti|førti|femti|seksti|sytti|åtti|nitti|tallet|million|milliard)\w*|"
    r"første|andre|tredje|fjerde|femte|sjette|\w*(?:tende|uende|iende)|halv\w*|I{1,3}|I?[VX]+I{0,3}|"
    r"zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|hundert|tausend|"
    r"deux|trois|quatre|cinq|sept|huit|neuf|dix|cent|mille|"
    r"dos|tres|cuatro|cinco|siete|ocho|nueve|diez|cien|mil|"
    r"två|fyra|sju|nio|tio|hundra|tjugo)\b"
)


def _count_words(source: str) -> int:
    """The number of number words in a source; in other scripts unknown, and assumed sufficient."""
    if not source.isascii() and not _latin(source):
        return len(source)
    return sum(1 for _ in _SOURCE_WORD.finditer(source))


def _latin(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return sum(character < "\u0250" for character in letters) * 2 >= len(letters)


def lost_months(source: str, output: str) -> list[tuple[int, int]]:
    """Spans of "1. juli" in the source whose month the output does not name."""
    lower = output.lower()
    lost: list[tuple[int, int]] = []
    if not _DIGITS.search(source):
        return lost
    for match in _DAY_MONTH.finditer(source):
        number = MONTH_NAMES[match[1].lower()]
        name = MONTHS[number - 1][:3].lower()
        if not re.search(rf"\b{name}|\b0?{number}[./-]|[./-]0?{number}\b", lower):
            lost.append(match.span())
    return lost


def write_figures(source: str, output: str, language: str) -> str:
    """Rewrite figures that were copied in the source's notation (``2,5``) the English way.

    Only a figure that occurs in exactly this form in the source is rewritten.

    >>> write_figures("om lag 2,5 % av 1.250", "some 2,5% of 1.250", "nb")
    'some 2.5% of 1,250'
    """
    if language not in DECIMAL_COMMA or not _DIGITS.search(source):
        return output
    rewritten = output
    for figure in sorted(find_figures(source, language), key=lambda f: -len(f.text)):
        grouped = _DOT_GROUPS.fullmatch(figure.text) or _SPACE_GROUPS.fullmatch(figure.text)
        if not (grouped or _COMMA_DECIMAL.fullmatch(figure.text)):
            continue
        whole, _, fraction = figure.value.partition(".")
        # The canonical value has lost significant zeros ("2,50").
        fraction = figure.text.partition(",")[2] if "," in figure.text else fraction
        written = f"{int(whole):,}" if grouped or len(whole) > 4 else whole
        written += f".{fraction}" if fraction else ""
        rewritten = re.sub(
            rf"(?<![\d.,]){re.escape(figure.text)}(?![.,]?\d)", written, rewritten
        )
    return rewritten


_JOINED_GOOD = re.compile(r"(?<![\w-])(\d+|[a-z]+)[-‐‑](?=good\b)", re.IGNORECASE)
_GOOD = r"(?:gode?n?|goda|guten?|tốt)\b"
_PLAIN_GOOD = re.compile(rf"(?<!\w)\w+ +{_GOOD}", re.IGNORECASE)
# A name is quoted or hyphenated, or has a count before it: "3 gode" lag, 61 3 gode lag.
_NAMED_GOOD = re.compile(
    rf"(?:[\"'«“‘„]\w+ +|(?<!\d)\d{{1,3}} +\w+ +|\w+[-‐‑]){_GOOD}", re.IGNORECASE
)
_JOINED_FIGURES = re.compile(r"(?<![\d.,])(\d+),(\d{1,2}|\d{4,})(?![\d,])")


def part_figures(source: str, output: str, names: Iterable[str] = ()) -> str:
    """Separate what the model joined: a count and "good" (61-good cells), two figures (61,4).

    "4-good" is a name if the source has the term, one of ``names``; any other number before "good"
    is a count, unless the source writes it as a name.

    >>> part_figures("Byen har 61 gode lag.", "The city has 61-good teams.")
    'The city has 61 good teams.'
    >>> part_figures("61 4 gode lag", "61,4-good teams", ["4-good team"])
    '61 4-good teams'
    """

    def part_good(match: re.Match[str]) -> str:
        number = match[1].lower()
        value = number if number.isdigit() else _WORDS.get(number)
        named = value is None or any(name.startswith(f"{value}-good") for name in names)
        return match[0] if named else f"{match[1]} "

    def part_pair(match: re.Match[str]) -> str:
        apart, joined = f"{match[1]} {match[2]}", match[0]
        return apart if apart in source and joined not in source else joined

    output = _JOINED_FIGURES.sub(part_pair, output)
    if _PLAIN_GOOD.search(source) and not _NAMED_GOOD.search(source):
        output = _JOINED_GOOD.sub(part_good, output)
    return output
