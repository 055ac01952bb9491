"""Folded text with exact offsets: one spelling in a glossary covers many in a text.

Folding removes differences that never distinguish two terms: case, NFC/NFD, Vietnamese tone
placement, đ/d, dashes and hyphens (= space), runs of spaces and single line breaks (= one space),
quotation marks and possessive 's (= nothing), -ize/-ise. A blank line folds to ``"\\n"``, which no
pattern contains, so no hit crosses a paragraph.

Most steps keep the length. The few that do not are recorded as events, so that offsets stay exact
at a cost proportional to the events, not to the text.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from itertools import product

_HYPHENS = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d\u00ad"
_APOSTROPHES = "\u2019\u2018\u02bc\u00b4\u2032\uff07`"
_DOUBLE_QUOTES = '"\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a\uff02\u300c\u300d'
_SPACES = "\u00a0\u1680\u202f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f"

# Combining marks: a base letter followed by these is one cluster in NFC.
_DECOMPOSED = re.compile(r"[^\W\d_][\u0300-\u036f]+")

# Placeholders for a blank line and a dash until lone line breaks and dashes have become spaces.
_BREAK = "\x1f"
_DASH = "\x1e"
_WHITE = f" \n{_DASH}"
_BLANK_LINE = re.compile(r"\n *\n")

_ASCII = (
    *((space, " ") for space in ("\t", "\r", "\v", "\f", _BREAK, _DASH)),
    ("-", _DASH),
    ("_", " "),
    ("`", "'"),
    # -ize and -ise spellings; both sides are folded the same way, so "size" does no harm.
    ("iza", "isa"),
    ("ize", "ise"),
    ("izi", "isi"),
    ("yze", "yse"),
    ("yzi", "ysi"),
)

# Anything that changes the length. A lone space, hyphen or newline is handled one to one. The
# leading character class lets the search skip everything else, and most spaces at once.
_REMOVED = _DOUBLE_QUOTES + _INVISIBLE
_EVENTS = re.compile(
    rf"[{_WHITE}{_REMOVED}'](?:"
    rf"(?=[{_WHITE}{_REMOVED}])(?<=[{_WHITE}])[{_WHITE}{_REMOVED}]*[{_WHITE}]"
    rf"|(?<![{_WHITE}])(?:(?<=[{_REMOVED}])"
    r"|(?<=')(?:(?<=\w')s(?!\w)|(?!\w)|(?<!\w'))))"
)


def _tone_pairs() -> tuple[tuple[str, str], ...]:
    """Newer tone placement (oà, uỷ) to the older (òa, ủy); two characters in both."""
    tones = "\u0300\u0301\u0309\u0303\u0323"
    pairs = []
    for vowels, tone in product(("oa", "oe", "uy"), tones):
        newer = unicodedata.normalize("NFC", vowels[0] + vowels[1] + tone)
        older = unicodedata.normalize("NFC", vowels[0] + tone + vowels[1])
        pairs.append((newer, older))
    return tuple(pairs)


_TONES = _tone_pairs()


class Folded:
    """A folded text and the way back to the original.

    Attributes:
        text: The folded text.
        source: The text it was made from.
    """

    __slots__ = ("_maps", "source", "text")

    def __init__(self, source: str, text: str, maps: tuple[_Map, ...]) -> None:
        self.source = source
        self.text = text
        self._maps = maps

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The source span of a non-empty folded span.

        Removed characters (quotes, possessive 's) count only inside the span.

        >>> folded = fold("the Party’s  “cells”")
        >>> folded.text
        'the party cells'
        >>> folded.span(4, 15)
        (4, 19)
        """
        if not self._maps:
            return start, end
        last = end - 1
        for mapping in reversed(self._maps):
            start = mapping.start_of(start)
            last = mapping.end_of(last) - 1
        return start, last + 1

    def start(self, index: int) -> int:
        """Where the source of a folded character begins."""
        for mapping in reversed(self._maps):
            index = mapping.start_of(index)
        return index

    def position(self, index: int) -> int:
        """The folded position of a source offset (the next kept one, if it was removed)."""
        for mapping in self._maps:
            index = mapping.position(index)
        return index


class _Map:
    """Offsets across one list of length-changing events, found by bisection."""

    __slots__ = ("_folded", "_source", "_widths")

    def __init__(self) -> None:
        # Runs: from folded position f on, source = s + (i - f); width>1 marks a composed event.
        self._folded: list[int] = [0]
        self._source: list[int] = [0]
        self._widths: list[int] = [0]

    def add(self, folded: int, source_start: int, source_end: int, width: int) -> None:
        """Record an event whose ``width`` folded characters represent a source span."""
        if width:
            self._folded.append(folded)
            self._source.append(source_start)
            self._widths.append(source_end - source_start)
        self._folded.append(folded + width)
        self._source.append(source_end)
        self._widths.append(0)

    def position(self, index: int) -> int:
        run = bisect_right(self._source, index) - 1
        if self._widths[run]:
            return self._folded[run]
        position = self._folded[run] + index - self._source[run]
        if run + 1 < len(self._folded):
            return min(position, self._folded[run + 1])
        return position

    def start_of(self, index: int) -> int:
        run = bisect_right(self._folded, index) - 1
        if self._widths[run]:
            return self._source[run]
        return self._source[run] + index - self._folded[run]

    def end_of(self, index: int) -> int:
        run = bisect_right(self._folded, index) - 1
        if self._widths[run]:
            return self._source[run] + self._widths[run]
        return self._source[run] + index - self._folded[run] + 1


def in_word(character: str) -> bool:
    """Whether a character is part of a word: a letter, a digit, or a mark on the letter before it.

    Without the marks a hit could end on a letter and leave its mark behind.

    >>> in_word("a"), in_word("\\u0301"), in_word("-")
    (True, True, False)
    """
    return character.isalnum() or unicodedata.combining(character) > 0


def fold(source: str) -> Folded:
    """Fold a text (see the module's docstring).

    >>> fold("Ban Thường-vụ Tỉnh uỷ").text
    'ban thường vụ tỉnh ủy'
    >>> fold('the "4 good"  party cells').text
    'the 4 good party cells'
    """
    maps: tuple[_Map, ...] = ()
    text = source
    if not text.isascii():
        if not unicodedata.is_normalized("NFC", text):
            text, composed = _compose(text)
            maps += (composed,)
        text = _fold_characters(text.replace("\u0130", "I").lower())
    else:
        text = text.lower()
    for old, new in _ASCII:
        text = text.replace(old, new)
    pieces: list[str] = []
    mapping = _Map()
    cursor = out = 0
    for event in _EVENTS.finditer(text):
        start, end = event.span()
        run = event.group()
        # White space becomes one space or a break; quotes and possessive 's become nothing.
        replacement = "" if run[0] not in _WHITE else _BREAK if _BLANK_LINE.search(run) else " "
        pieces += (text[cursor:start], replacement)
        out += start - cursor
        mapping.add(out, start, end, len(replacement))
        out += len(replacement)
        cursor = end
    if cursor:
        pieces.append(text[cursor:])
        text = "".join(pieces)
        maps += (mapping,)
    text = text.replace("\n", " ").replace(_DASH, " ").replace(_BREAK, "\n")
    return Folded(source, text, maps)


def _fold_characters(text: str) -> str:
    for old, new in _CHARACTERS:
        if old in text:
            text = text.replace(old, new)
    return text


_CHARACTERS: tuple[tuple[str, str], ...] = (
    *((hyphen, "-") for hyphen in _HYPHENS if hyphen != "-"),
    *((apostrophe, "'") for apostrophe in _APOSTROPHES if apostrophe != "`"),
    *((space, " ") for space in _SPACES),
    ("\u2028", "\n"),
    ("\u2029", "\n"),
    ("đ", "d"),
    ("ð", "d"),
    *_TONES,
)


def _compose(text: str) -> tuple[str, _Map]:
    """NFC, cluster by cluster, so that every offset is known."""
    pieces: list[str] = []
    mapping = _Map()
    cursor = out = 0
    for cluster in _DECOMPOSED.finditer(text):
        start, end = cluster.span()
        composed = unicodedata.normalize("NFC", cluster.group())
        pieces += (text[cursor:start], composed)
        out += start - cursor
        mapping.add(out, start, end, len(composed))
        out += len(composed)
        cursor = end
    pieces.append(text[cursor:])
    return "".join(pieces), mapping
