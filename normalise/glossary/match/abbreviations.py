"""Abbreviations that a document defines itself.

Two sources: brackets right after (or before) a glossary hit, "grassroots Party organisations
(GPUs)", and, for anything else, the algorithm of Schwartz and Hearst ("A simple algorithm for
identifying abbreviation definitions in biomedical text", PSB 2003), which finds a long form whose
letters spell the abbreviation. What a document defines overrides the global table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from normalise.glossary.compiled.tables import abbreviation_key

_QUOTE = "\"'\u201c\u201d\u2018\u2019\u00ab\u00bb"
_SHORT = r"[^\W\d_a-z][\w\-]{0,9}"
_INTRODUCED = (
    r"(?:(?:hereinafter|hereafter|abbreviated|called|referred to|forkortet"
    r"|viết tắt|gọi tắt|sau đây)[^()]{0,30}? )?"
)
# "(GPUs)", "(hereinafter "GPO")", "(GPUs, ...": what follows a long form.
_BRACKET_AFTER = re.compile(
    rf"['’s]{{0,2}}\s{{0,2}}(?P<all>[(\[]\s?{_INTRODUCED}[{_QUOTE}]?(?P<short>{_SHORT})[{_QUOTE}]?\s?[)\]])"
)
_SLASH_AFTER = re.compile(rf"\s?/\s?(?P<short>{_SHORT})(?!\w)")
# "TCCSĐ (grassroots Party organisations)": what precedes a long form in brackets.
_BRACKET_BEFORE = re.compile(rf"(?P<short>{_SHORT})\s?[(\[]\s?[{_QUOTE}]?$")
_ANY_BRACKET = re.compile(
    rf"[(\[]\s?{_INTRODUCED}[{_QUOTE}]?(?P<short>{_SHORT})[{_QUOTE}]?\s?[)\]]"
)
_WORDS = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Definition:
    """One definition: lookup key, the term's id (empty if not a glossary term), the gloss.

    ``gloss_start``/``gloss_end`` span what may be dropped when the abbreviation is expanded
    everywhere: the bracket with the space before it. Empty for definitions in other shapes.
    """

    key: str
    term: str
    gloss_start: int
    gloss_end: int


def find_definitions(text: str, spans: Iterable[tuple[int, int, str]]) -> tuple[Definition, ...]:
    """The abbreviations a text defines.

    Args:
        text: The document.
        spans: Source spans of glossary hits with their term ids; of hits that end at the same place
            the longest counts.

    >>> text = "grassroots party organizations (GPUs) and party members (GPUs)"
    >>> found = find_definitions(text, [(0, 30, "org"), (42, 55, "member")])
    >>> [(d.key, d.term, text[d.gloss_start:d.gloss_end]) for d in found]
    [('GPU', 'org', ' (GPUs)'), ('GPU', 'member', ' (GPUs)')]
    """
    by_end: dict[int, tuple[int, int, str]] = {}
    for span in spans:
        known = by_end.get(span[1])
        if known is None or span[0] < known[0]:
            by_end[span[1]] = span
    found: list[Definition] = []
    taken: set[int] = set()
    for start, end, term in by_end.values():
        match = _BRACKET_AFTER.match(text, end)
        if match is not None and _is_short(match["short"]):
            gloss = match.start("all")
            taken.add(gloss)
            while gloss and text[gloss - 1] in " \u00a0":
                gloss -= 1
            found.append(Definition(short_key(match["short"]), term, gloss, match.end()))
            continue
        match = _SLASH_AFTER.match(text, end)
        if match is None and text[end : end + 2].lstrip('"”»')[:1] in (")", "]"):
            match = _BRACKET_BEFORE.search(text, max(0, start - 20), start)
        if match is not None and _is_short(match["short"]):
            found.append(Definition(short_key(match["short"]), term, 0, 0))
    for match in _ANY_BRACKET.finditer(text):
        if match.start() not in taken and _is_short(match["short"]):
            key = short_key(match["short"])
            if long_form(match["short"], text[max(0, match.start() - 120) : match.start()]):
                found.append(Definition(key, "", 0, 0))
    return tuple(found)


def short_key(short: str) -> str:
    """The lookup key of an abbreviation as written, without its plural s.

    >>> short_key("GPUs"), short_key("TCCSĐ")
    ('GPU', 'TCCSD')
    """
    return abbreviation_key(short[:-1] if short.endswith("s") else short)


def _is_short(short: str) -> bool:
    return len(short) >= 2 and sum(char.isupper() for char in short) >= 2


def long_form(short: str, before: str) -> str | None:
    """Schwartz–Hearst: the shortest run of words before a bracket that spells ``short``.

    >>> long_form("CIC", "data of the Credit Information Centre ")
    'Credit Information Centre'
    >>> long_form("GPU", "grassroots party organizations ") is None
    True
    """
    letters = [char.lower() for char in short.rstrip("s") if char.isalnum()]
    words = list(_WORDS.finditer(before))
    limit = min(len(letters) + 5, len(letters) * 2)
    words = words[-limit:]
    if not words or not letters:
        return None
    floor = words[0].start()
    text = before.lower()
    position = words[-1].end() - 1
    for index in range(len(letters) - 1, -1, -1):
        while position >= floor and not (
            text[position] == letters[index]
            and (index > 0 or position == 0 or not text[position - 1].isalnum())
        ):
            position -= 1
        if position < floor:
            return None
        position -= 1
    return before[position + 1 : words[-1].end()]
