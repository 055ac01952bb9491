"""The lines of a text: which of them belong together, and what is layout rather than prose."""

from __future__ import annotations

import re
from collections.abc import Iterator

# What may precede the prose of a line: quote marks, headings, bullets, numbering, table bars, and
# images without a description. Every branch takes at least one character, so that time stays
# linear.
_NUMBERING = r"(?:\(?\d{1,3}\)|\d{1,3}\.|\d{1,2}(?:\.\d{1,2}){1,3}\.?|\(?[a-zđ]\)|\([ivx]{1,4}\))"
_LEAD = re.compile(
    r"(?:[ \t\u00a0\u3000]+|>+|#{1,6}(?=[ \t])|[*+\-–—•·▪◦‣○●■□✓➢★](?=[ \t\u00a0])|\||"
    r"!\[\]\([^()\n]{0,500}\)|" + _NUMBERING + r"(?=[ \t\u00a0]+\S))*"
)
_BLANK = " \t\u00a0\u3000"
_RULE = re.compile(r"[\s*_=~|:+#>\-–—•·]*")
_ORDINAL_LEAD = re.compile(r"\d{1,3}\.[ \t\u00a0]+([^\W\d_]+)")
_LINE = re.compile(r"[^\n\r\u2028\u2029\v\f\x1c-\x1e\x85]+")


def find_paragraphs(text: str, months: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Spans of running prose: wrapped lines form one span, all others are separate.

    A span starts and ends with prose; it may contain line breaks.
    """
    pending: tuple[int, int] | None = None
    lines = [match.span() for match in _LINE.finditer(text)]
    width = max((end - start for start, end in lines), default=0)
    previous_end = -1
    for start, end in lines:
        for cell_start, cell_end, marked in _prose(text, start, end, months):
            adjoining = (
                pending is not None
                and not marked
                and text.count("\n", pending[1], cell_start) == 1
                and previous_end <= pending[1]
            )
            if adjoining and pending and _is_wrapped(text, pending, cell_start, cell_end, width):
                pending = (pending[0], cell_end)
            else:
                if pending:
                    yield pending
                pending = (cell_start, cell_end)
            previous_end = cell_end
    if pending:
        yield pending


def _prose(
    text: str, start: int, end: int, months: frozenset[str]
) -> Iterator[tuple[int, int, bool]]:
    """The cells of a line without their layout, and whether a mark came before the cell."""
    if _RULE.fullmatch(text, start, end):
        return
    marked = False
    for cell_start, cell_end in _cells(text, start, end):
        lead = _LEAD.match(text, cell_start, cell_end)
        begin = _restore_ordinal(text, cell_start, lead.end() if lead else cell_start, months)
        finish = begin + len(text[begin:cell_end].rstrip(_BLANK))
        skipped = text[cell_start:begin].strip(_BLANK)
        if finish > begin:
            yield begin, finish, marked or bool(skipped)
        elif skipped and skipped[0].isalnum():  # a number alone on its line is not a list mark
            begin = text.index(skipped, cell_start)
            yield begin, begin + len(skipped), True
        marked = True


def _cells(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The cells of a table row; a bar between two words without spaces is not a divider."""
    cursor = start
    for index in range(start, end) if text.find("|", start, end) >= 0 else ():
        if text[index] == "|" and (
            index in (start, end - 1)
            or text[index + 1] in _BLANK
            or text[index - 1] in _BLANK + "|"
        ):
            yield cursor, index
            cursor = index + 1
    yield cursor, end


def _restore_ordinal(text: str, start: int, begin: int, months: frozenset[str]) -> int:
    """The start of prose, with "1. juli" at the start of a line read as a date, not a list."""
    match = _ORDINAL_LEAD.match(text, start + _spaces(text, start, begin))
    if match and match.start() < begin and match[1].lower() in months:
        return match.start()
    return begin


def _spaces(text: str, start: int, end: int) -> int:
    return end - start - len(text[start:end].lstrip())


def _is_wrapped(text: str, before: tuple[int, int], start: int, end: int, width: int) -> bool:
    """Whether a line continues the one before it rather than beginning something new.

    It does if its first word would not have fitted there, or if it starts in lower case.
    """
    if text[start].islower():
        return True
    last_line = text.rfind("\n", before[0], before[1]) + 1 or before[0]
    word = text[start:end].split(None, 1)[0]
    return width >= 40 and before[1] - last_line + 1 + len(word) > width
