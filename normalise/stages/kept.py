"""Words inside a sentence that must stay: code, formulas and fields of files without marks.

In Markdown a sentence shows what is code; in a text document or on a web page nothing does, and
yet a page's number must remain in its field. A figure is shown to the translator as it is, anything
else as Markdown would show code. The translation is then put around them, part by part.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

from normalise.data import Document
from normalise.language.addresses import find_addresses

Span = tuple[int, int]


def find_kept(document: Document) -> list[Span]:
    """The protected spans that the words themselves do not show to be such, in order."""
    return sorted({*document.protected} - {*find_addresses(document.text)})


def between(spans: Sequence[Span], start: int, end: int) -> Sequence[Span]:
    """Those of some spans, in order, that begin between two places."""
    return spans[bisect_left(spans, (start, 0)) : bisect_left(spans, (end, 0))]


def can_show(text: str, span: Span) -> bool:
    """Whether the translator can be shown a span inside a sentence."""
    words = text[slice(*span)]
    return bool(words.strip()) and "`" not in words and "\n" not in words


def has_words(text: str, start: int, end: int, kept: Sequence[Span]) -> bool:
    """Whether a sentence has any words besides those that stay.

    >>> has_words("1 av 3", 0, 6, [(0, 1), (5, 6)]), has_words("1.", 0, 2, [(0, 1)])
    (True, False)
    """
    edges = [start, *(place for span in between(kept, start, end) for place in span), end]
    parts = zip(edges[::2], edges[1::2], strict=True)
    return any(any(map(str.isalnum, text[a:b])) for a, b in parts)


def show(text: str, start: int, end: int, kept: Sequence[Span]) -> str:
    """A sentence as the translator reads it.

    >>> show("Kjør x = 1 på side 3", 0, 20, [(5, 10), (19, 20)])
    'Kjør `x = 1` på side 3'
    """
    shown, cursor = "", start
    for left, right in between(kept, start, end):
        words = text[left:right]
        shown += text[cursor:left] + (words if words.isdecimal() else f"`{words}`")
        cursor = right
    return shown + text[cursor:end]


def part_around(
    text: str, start: int, end: int, kept: Sequence[Span], translation: str
) -> list[tuple[Span, str]] | None:
    """What comes before, between and after the words that stay: places, and their translations.

    None if the translation has lost some of these words, changed their order, or has words where
    the sentence has none.

    >>> part_around("Side 1 av 1", 0, 11, [(5, 6), (10, 11)], "Page 1 of 1")
    [((0, 5), 'Page '), ((6, 10), ' of '), ((11, 11), '')]
    """
    inside = between(kept, start, end)
    places = [place for span in inside for place in span]
    found: list[int] = []
    cursor = 0
    for left, right in inside:
        words = re.escape(text[left:right])
        place = re.compile(rf"`{words}`|(?<!\w){words}(?!\w)").search(translation, cursor)
        if place is None:
            return None
        found += place.span()
        cursor = place.end()
    parts = list(_parts([start, *places, end], [0, *found, len(translation)], translation))
    return parts if all(text[a:b].strip() or not new.strip() for (a, b), new in parts) else None


def _parts(
    old: Sequence[int], new: Sequence[int], translation: str
) -> Iterator[tuple[Span, str]]:
    for index, (span, (left, right)) in enumerate(zip(pairwise(old), pairwise(new), strict=True)):
        if index % 2 == 0:
            yield span, translation[left:right]
