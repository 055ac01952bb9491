"""Cutting an overlong sentence where it does the least harm."""

from __future__ import annotations

import re
import unicodedata

from normalise.data import Segment

# Marks at which a sentence may be cut, best first: the cut is after the match.
_CLASSES = tuple(
    re.compile(pattern)
    for pattern in (
        r"[;؛；][\"”’»)\]]*(?:\s+|(?<=；))",
        r"(?:[:：][\"”’»)\]]*(?:\s+|(?<=：)))|\s(?=[–—][ ])|(?<=[^\W\d_])—(?=[^\W\d_])",
        r"[,،，]\s*(?=(?:and|but|or|while|which|who|where|og|men|samt|eller|mens|som|hvor|"
        r"und|aber|oder|et|mais|ou|y|pero|e|ma|và|nhưng|и|но|а)\s)",
        r"(?:[,،][\"”’»)\]]*\s+)|[，、]",
        r"\s(?=(?:and|but|or|while|which|because|og|men|samt|eller|mens|fordi|und|aber|oder|"
        r"et|mais|ou|y|pero|và|nhưng|и|но)\s)",
        r"\s+",
    )
)
_PAIRS = {"(": ")", "[": "]", "{": "}", "«": "»", "“": "”", "„": "“", "「": "」", "『": "』"}
_NUMBER = re.compile(
    r"\w{0,8}\d[\w.,]{0,12}(?:[ ]?[-/][ ]?\w{1,12}){1,3}"
    r"|\d(?:[\d.,\u00a0 ]{0,20}\d)?(?:[\u00a0 ]%)?"
)
_EARLIEST = 0.35


def split_clauses(text: str, limit: int) -> list[Segment]:
    """Cut a sentence into pieces of at most ``limit`` characters, if possible between clauses.

    Semicolons are preferred to colons and dashes, these to commas before a conjunction, to other
    commas, to conjunctions, to spaces. A cut within quotation marks, brackets or numbers is made
    only if nothing else keeps to the limit; text without spaces is cut at the limit.

    Returns:
        Segments in order, with only white space between them. A text within the limit is one
        segment.

    Raises:
        ValueError: The limit is below 1.

    >>> [s.text for s in split_clauses("The list is long; it goes on, and on.", 25)]
    ['The list is long;', 'it goes on, and on.']
    """
    if limit < 1:
        raise ValueError(f"the limit must be at least 1, not {limit}")
    end = len(text.rstrip())
    start = len(text) - len(text.lstrip())
    segments: list[Segment] = []
    depths = _depths(text)
    while end - start > limit:
        cut = _best_cut(text, depths, start, start + limit)
        piece = text[start:cut].rstrip()
        segments.append(Segment(start, start + len(piece), piece))
        start = cut + len(text[cut:end]) - len(text[cut:end].lstrip())
    if start < end:
        segments.append(Segment(start, end, text[start:end]))
    return segments


def _best_cut(text: str, depths: bytearray, start: int, latest: int) -> int:
    """The place after which the next piece begins: after ``start``, at most ``latest``.

    White space after a mark may exceed the limit, as it belongs to neither piece.
    """
    earliest = start + max(1, int((latest - start) * _EARLIEST))
    for outside in (True, False):
        for marks in _CLASSES:
            best = 0
            for match in marks.finditer(text, earliest - 1, min(len(text), latest + 2)):
                mark_end = match.start() + len(match[0].rstrip())
                if earliest <= mark_end <= latest and not (outside and depths[mark_end]):
                    best = mark_end
            if best > start:
                return best
    return _hard_cut(text, start, latest)


def _hard_cut(text: str, start: int, latest: int) -> int:
    """A cut in text without spaces that keeps combining marks with their letters."""
    cut = latest
    while cut > start + 1 and (
        unicodedata.category(text[cut])[0] == "M" or text[cut - 1] in "\u200d\u2060เแโใไ"
    ):
        cut -= 1
    return cut if cut > start + 1 else latest


def _depths(text: str) -> bytearray:
    """For each position, whether a cut there would fall inside quotes, brackets or a number."""
    inside = bytearray(len(text) + 1)
    stack: list[tuple[str, int]] = []
    straight = -1
    spans: list[tuple[int, int]] = []
    for index, character in enumerate(text):
        if stack and character == stack[-1][0]:
            spans.append((stack.pop()[1], index + 1))
        elif character in _PAIRS:
            stack.append((_PAIRS[character], index))
        elif character == '"':
            if straight < 0:
                straight = index
            else:
                spans.append((straight, index + 1))
                straight = -1
    spans += [match.span() for match in _NUMBER.finditer(text)]
    for first, last in spans:
        inside[first + 1 : last] = b"\x01" * max(0, last - first - 1)
    return inside


def continue_sentence(source: str, output: str) -> str:
    """Lower-case the first letter if the source part continues a sentence.

    >>> continue_sentence("og styrke partiet", "And strengthen the Party")
    'and strengthen the Party'
    """
    first = re.match(r"[^\W\d_]+", output)
    if not first or not source[:1].islower() or first[0].lower() not in _SMALL:
        return output
    return output[0].lower() + output[1:]


# Only words that are never part of a name.
_SMALL = frozenset(
    "the a an and or but to of in on at by for from with as that which who where when while if "
    "this these those it its they their he she his her has have had is are was were be been will "
    "would shall should can could may must not also then than so such both all some many more "
    "because since during after before between through under over about into within".split()
)
