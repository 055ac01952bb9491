"""The date after the number of a cited document: read, and written uniformly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from normalise.language.dates import ENGLISH_MONTHS, MONTHS

_S = r"[ \t\u00a0\u202f]{0,3}\n?[ \t\u00a0\u202f]{0,3}"
_MONTH = "(?:" + "|".join(sorted({*ENGLISH_MONTHS}, key=len, reverse=True)) + r")(?![^\W\d_])\.?"
_DAY = r"[0-3]?[0-9]"
_YEAR = r"(?:19|20)[0-9]{2}(?![0-9])"
_ENDING = r"(?:st|nd|rd|th)?"
_DATE = (
    rf"(?:(?P<m1>{_MONTH}){_S}(?:the )?(?P<d1>{_DAY}){_ENDING}{_S},?{_S}(?P<y1>{_YEAR})"
    rf"|(?:the )?(?P<d2>{_DAY}){_ENDING}{_S}(?:of )?(?P<m2>{_MONTH}),?{_S}(?P<y2>{_YEAR})"
    rf"|(?P<d3>{_DAY})(?P<sep>[-/.])(?P<n3>[01]?[0-9])(?P=sep)(?P<y3>{_YEAR}))"
)
_INTRODUCED = re.compile(
    rf"(?:{_S},)?{_S}(?<![^\W_])(?P<word>dated|issued|promulgated|signed|of)(?![^\W_])"
    rf"{_S}(?:on{_S}|date{_S}|from{_S})?{_DATE}(?![\w/-])",
    re.IGNORECASE,
)
_BRACKETED = re.compile(
    rf"{_S}\({_S}(?:(?:dated|issued|signed|of){_S}(?:on{_S})?)?{_DATE}{_S}\)", re.IGNORECASE
)
_ISSUING = frozenset(("issued", "promulgated", "signed"))
_BY = re.compile(rf"{_S},?{_S}by(?![^\W_])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DocumentDate:
    """A date after a number: where it ends, and whether it may be rewritten."""

    end: int
    value: date
    rewritable: bool


def read_document_date(text: str, position: int) -> DocumentDate | None:
    """The date that directly follows ``position``: "dated …", "issued on …", "of …" or "(…)".

    Plain figures are read day first, as in Vietnam; an impossible date is ignored. "Issued on … by
    the Politburo" is read but must stay as it is, or "by" would be left dangling.

    >>> read_document_date("No. 28-NQ/TW dated 12-12-2013.", 12).value.isoformat()
    '2013-12-12'
    """
    match = _INTRODUCED.match(text, position) or _BRACKETED.match(text, position)
    if match is None:
        return None
    month = match["m1"] or match["m2"]
    number = ENGLISH_MONTHS[month.rstrip(".").lower()] if month else int(match["n3"])
    day = match["d1"] or match["d2"] or match["d3"]
    year = match["y1"] or match["y2"] or match["y3"]
    try:
        value = date(int(year), number, int(day))
    except ValueError:
        return None
    word = (match.groupdict().get("word") or "").lower()
    rewritable = not (word in _ISSUING and _BY.match(text, match.end()))
    return DocumentDate(match.end(), value, rewritable)


def write_document_date(value: date) -> str:
    """The form of a date after a number.

    >>> write_document_date(date(2024, 6, 14))
    ', dated June 14, 2024'
    """
    return f", dated {MONTHS[value.month - 1]} {value.day}, {value.year}"
