"""Sentence boundaries in running prose."""

from __future__ import annotations

import re

from normalise.data import Segment

from .layout import find_paragraphs
from .lists import Lists, load_lists

_WIDE = "。！？｡"
_MARKS = ".!?…‼⁇⁈⁉:;؟۔։।॥။៕។፧" + _WIDE
_CLOSERS = "\"'”’»)\\]}›*_“」』）】》〉\u200b\u200e\u200f\ufeff"
_OPENERS = "\"'“‘„«»‹(\\[{¿¡*_”"
# A run of marks that may end a sentence, closing marks after it (bracketed reference numbers belong
# to the sentence), the white space, and what opens the next. The leading character class lets the
# search skip ahead.
_STOP = re.compile(
    rf"(?P<mark>[{_MARKS}]+)(?P<close>[{_CLOSERS}]*(?:[ ]?\[[0-9]{{1,3}}\])*)"
    rf"(?P<gap>[ \t\u00a0\u202f\u3000\n\r]*)(?P<open>(?:[–—-][ \u00a0]|[{_OPENERS}])*)(?=\S)"
)
_WORD_BACKWARDS = re.compile(r"[^\s\"“”«»()\[\]{}<>|,;:!?…–—/]*")
_NEXT = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_LOOK_BACK = 40
_DOTTED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")
_ROMAN = re.compile(r"[IVXL]{1,6}")
# Devanagari, Arabic and other full stops that are never used for anything else.
_FINAL = frozenset("؟۔։।॥။។៕።፧")
_COLON_ENDS = frozenset(("nb", "nn", "no", "da", "sv"))
_SHORTEST_BEFORE_COLON = 15


def split(text: str, language: str) -> list[Segment]:
    """Split a text into sentences.

    Args:
        text: Prose of any length; line breaks inside a paragraph count as spaces, while headings,
            list items, table cells and blank lines separate.
        language: Code of the language (``nb``, ``en``, ``zh``); for an unknown one the rules that
            languages have in common are used.

    Returns:
        Segments in order, not overlapping, ``text[s.start:s.end] == s.text``, with only spaces and
        layout marks between them.

    >>> [s.text for s in split("Møtet er kl. 9 den 1. juli. Alle, f.eks. du, kan komme.", "nb")]
    ['Møtet er kl. 9 den 1. juli.', 'Alle, f.eks. du, kan komme.']
    """
    lists = load_lists(language)
    segments: list[Segment] = []
    for start, end in find_paragraphs(text, lists.months if lists.ordinal_stop else frozenset()):
        cursor = start
        for match in _STOP.finditer(text, start, end):
            cut, following = match.span("gap")
            if match["mark"][-1] in _WIDE:
                # 「…。」と言った continues after the quotation.
                if match["close"] and _is_hiragana(text[following]):
                    continue
            elif cut == following or not _ends_sentence(text, cursor, match, lists, language):
                continue
            segments.append(Segment(cursor, cut, text[cursor:cut]))
            cursor = following
        if cursor < end:
            segments.append(Segment(cursor, end, text[cursor:end]))
    return segments


def _ends_sentence(
    text: str, start: int, match: re.Match[str], lists: Lists, language: str
) -> bool:
    mark, following = match["mark"], match.end()
    letter = text[following]
    if mark[-1] in _FINAL:
        return True
    if letter.islower() or letter in ",;:.!?…)]}%":
        return False
    if mark == ";":  # the Greek question mark
        return language == "el" and letter.isupper()
    if mark == ":":
        return _colon_ends(text, start, match, letter, language)
    if mark != ".":
        # "!" and "?" end a sentence before a capital; so does an ellipsis.
        return letter.isupper() or not letter.isalpha() or bool(match["open"])
    if language == "th":
        return False
    if match["close"].strip("'’*_"):
        return True
    backwards = text[max(start, match.start() - _LOOK_BACK) : match.start()][::-1]
    before = _WORD_BACKWARDS.match(backwards)
    word = before[0][::-1].strip("'’‘*_") if before else ""
    after = _NEXT.match(text, following)
    return _stop_ends(word, after[0] if after else letter, lists, bool(match["open"]))


def _stop_ends(word: str, following: str, lists: Lists, opened: bool) -> bool:
    """Whether a full stop between two words ends a sentence."""
    lowered, next_word = word.lower(), following.lower()
    starter = next_word in lists.starters
    if lowered in lists.never:
        return False
    if lowered in lists.number:
        return not (following[0].isdigit() or _ROMAN.fullmatch(following) or len(following) == 1)
    if lowered in lists.rarely:
        return starter or opened
    if word.isdigit() and lists.ordinal_stop and len(word) <= 3:
        return next_word not in lists.months and (starter or len(word) == 3 or opened)
    if len(word) == 1 and word.isalpha():
        return starter if word.isupper() else not following[0].isdigit()
    if _DOTTED.fullmatch(word):
        return starter
    return True


def _colon_ends(text: str, start: int, match: re.Match[str], letter: str, language: str) -> bool:
    """A colon ends a sentence in Norwegian, Danish and Swedish if a complete one follows."""
    if language not in _COLON_ENDS or not (letter.isupper() or match["open"]):
        return False
    before = text[start : match.start()]
    in_title = before.count("«") > before.count("»") or before.count("“") > before.count("”")
    return len(before) >= _SHORTEST_BEFORE_COLON and not in_title


def _is_hiragana(character: str) -> bool:
    return "\u3040" <= character <= "\u309f"
