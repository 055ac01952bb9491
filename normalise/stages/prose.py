"""Where a word of a block may be respelt: in prose, where it is surely no part of a name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from normalise.language.addresses import find_addresses
from normalise.language.spelling.names import is_in_name

Span = tuple[int, int]

# What makes the run of characters around a word something other than prose: an identifier, a path,
# an option, a placeholder, a formula.
_NOT_PROSE = re.compile(
    r"[@\\=<>{}$#|~^+]|[^\W_]_+[^\W_]|[^\W\d][.:]\w|\w[.:][^\W\d]|//|\w/\w+/|^/|^--?\w"
    r"|\w\((?!e?s\))|%[\w(]|\d[A-Za-z]|[A-Za-z]\d|[a-z][A-Z]|::|&\w+;"
)
_LONGEST_TOKEN = 100
_CODE = re.compile(r"`[^`\n]+`")
_QUOTED = re.compile(
    r'"([^"\n]{2,160})"|“([^”\n]{2,160})”|«([^»\n]{2,160})»'
    r"|(?<!\w)['‘]([^'’\n]{2,160})['’](?!\w)"
    r"|(?<![\w*])\*(?!\*)([^*\n]{2,160})\*(?![\w*])|(?<!\w)_([^_\n]{2,160})_(?!\w)"
)
_ENDS = re.compile(r"[.!?](?:\s|$)|,$")
_MOST_TITLE_WORDS = 14
# Before the first word of a sentence.
_LONGEST_OPENING = 12
_OPENING = re.compile(r"(?:^|[.!?:;]|\n)[\s\"'“‘«(\[*_>#-]*$")
_NEXT = re.compile(r"[ \n]+([^\W\d_][\w'’-]*)")
_LINKS = frozenset(
    "a an and as at but by for from in into its of on or over per s the to via with".split()
)
# Forms of verbs, which begin sentences and headings but no names.
_VERB = re.compile(r"(?!counsel|model)[a-z]{3,}(?:[iy][sz](?:e|es|ing)|ring|lling|ling|cing)")
_NOUN = re.compile(r"(?!organi)[a-z]{3,}i[sz]ations?")
# Words that are so common in names that a capital alone says "name".
_PROPER = re.compile(r"(?:cent(?:er|re)|labou?r|harbou?r|gr[ae]y|theat(?:er|re)|saviou?r)s?")
# "Labor" alone may be a party; beside one of these it is work.
_WORK = re.compile(
    r"labou?r (?:contracts?|costs?|discipline|disputes?|exports?|force|heroes|laws?|markets?"
    r"|productivity|relations|resources|safety|shortages?|standards|supply|unions?)\b"
)
# Headings with one of these may be the name of a law or a body.
_OFFICIAL = re.compile(
    r"\b(?:Act|Administration|Agency|Agreement|Association|Authority|Bank|Bill|Bureau|Cent(?:er|re)"
    r"|Code|Company|Convention|Corporation|Council|Department|Foundation|Fund|Institute"
    r"|Institution|Law|Ministry|Office|Protocol|Request|Service|Society|Treaty|University)\b"
)
# A word beside one of these is Spanish, French, German or Norwegian ("por favor", "color de rosa").
_FOREIGN_BEFORE = re.compile(
    r"\b(?:el|la|los|las|del|de|por|al|un|una|su|sin|con|du|le|les|et|pour|og|und|der|av|som) $"
)
_FOREIGN_AFTER = re.compile(r" (?:de|del|y|du|des|et|le|la|les|el|los|pour|og|und|av|som)\b")
_LETTERS = re.compile(r"[^\W\d_]+")


class Prose:
    """One block of prose; says where a word may be respelt.

    Args:
        text: The text of the block.
        closed: Spans in it that are no prose, besides addresses and inline code.
    """

    def __init__(self, text: str, closed: Iterable[Span] = ()) -> None:
        code = _CODE.finditer(text) if "`" in text else ()
        self._text = _blank(text, (*closed, *find_addresses(text), *(m.span() for m in code)))
        self.lowered = lower(self._text)

    def admits(self, start: int, end: int) -> bool:
        """Whether the word at ``start:end`` is prose and surely no name."""
        word = self._text[start:end]
        return (
            word.isalpha()
            and (word.islower() or self._is_no_name(word, start, end))
            and self._is_prose(start, end)
            and not _FOREIGN_BEFORE.search(self.lowered, max(0, start - 8), start)
            and not _FOREIGN_AFTER.match(self.lowered, end)
            and not any(low <= start < high for low, high in self._titles)
        )

    def _is_no_name(self, word: str, start: int, end: int) -> bool:
        if is_in_name(self.lowered, start, end):
            return False
        if word.isupper():
            return self._is_among_capitals(start)
        if not word[1:].islower() or self._text[start - 1 : start] == "-":
            return False
        word = word.lower()
        opens = _OPENING.search(self._text, max(0, start - _LONGEST_OPENING), start) is not None
        if _VERB.fullmatch(word):
            return opens or self._is_headline
        if _NOUN.fullmatch(word) and self._is_headline:
            return True
        if not opens or (_PROPER.fullmatch(word) and not _WORK.match(self.lowered, start)):
            return False
        follows = _NEXT.match(self._text, end)
        while follows is not None and follows[1] in _LINKS:
            follows = _NEXT.match(self._text, follows.end())
        return follows is None or follows[1].islower()

    def _is_prose(self, start: int, end: int) -> bool:
        text = self._text
        left, right = start, end
        while left and not text[left - 1].isspace() and start - left < _LONGEST_TOKEN:
            left -= 1
        while right < len(text) and not text[right].isspace() and right - end < _LONGEST_TOKEN:
            right += 1
        return right - left < _LONGEST_TOKEN and _NOT_PROSE.search(text[left:right]) is None

    @cached_property
    def _titles(self) -> list[Span]:
        """What may be a title: in quotation marks or italics, with a capital first, few words.

        A quoted sentence ends with its own full stop, or with a comma.
        """
        titles = []
        for match in _QUOTED.finditer(self._text):
            inner = next(filter(None, match.groups()))
            if (
                not inner[:1].islower()
                and len(inner.split()) <= _MOST_TITLE_WORDS
                and not _ENDS.search(inner)
            ):
                titles.append(match.span())
        return titles

    def _is_among_capitals(self, start: int) -> bool:
        """Whether a word stands in a line of capitals."""
        line = self._text[self._text.rfind("\n", 0, start) + 1 :].split("\n", 1)[0]
        words = _LETTERS.findall(line)
        return sum(map(str.isupper, words)) * 4 >= len(words) * 3

    @cached_property
    def _is_headline(self) -> bool:
        """Whether all words of the block but the small ones have capitals, and it names no body."""
        words = [word for word in _LETTERS.findall(self._text) if word not in _LINKS]
        return (
            len(words) > 1
            and all(word[0].isupper() for word in words)
            and not _OFFICIAL.search(self._text)
        )


def _blank(text: str, closed: Iterable[Span]) -> str:
    """The text with spaces for closed spans, as long as before."""
    pieces: list[str] = []
    cursor = 0
    for start, end in sorted(closed):
        start, end = max(start, cursor), min(end, len(text))
        if start < end:
            pieces += (text[cursor:start], " " * (end - start))
            cursor = end
    return "".join((*pieces, text[cursor:]))


def lower(text: str) -> str:
    """The text in lower case, character by character, so that offsets stay."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(c if len(c.lower()) > 1 else c.lower() for c in text)
