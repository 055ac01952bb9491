"""Plain text: paragraphs, hard-wrapped or one per line; lists; headings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from normalise.data import Block, Document
from normalise.language.addresses import find_addresses
from normalise.language.dates import MONTH_NAMES

NAME = "txt"

# What precedes the prose of a line: indentation, then a bullet, a number or a letter.
_BULLET = re.compile(
    r"(?:[-*+•–—·▪▫◦●○■□►➢✓]+[ \t]+"
    rf"|\(?\d{{1,3}}[.)][ \t]+(?!(?:{'|'.join(MONTH_NAMES)})\b)"
    r"|\(?[a-zA-ZđĐ]\)[ \t]+)",
    re.IGNORECASE,
)
_EDGE = " \t|\u00a0\u3000\ufeff\u200b"
_ENDED = re.compile(r"[.!?:;…][\"'”’»)\]]*$")
_ENDS_IN_ADDRESS = re.compile(r"(?:://|www\.)\S+$")
# A line longer than this is a paragraph of its own, not a wrapped line.
_WIDEST_COLUMN = 120
_NARROWEST_COLUMN = 40
_LONGEST_HEADING = 120


def parse(text: str, name: str = "") -> Document:
    """Find the paragraphs, headings and list items of a plain text.

    Lines that were wrapped at a column make one block; lines that are paragraphs of their own,
    as on most pages saved from the web, make one block each.

    >>> page = parse("TITLE\\n\\n- one item\\n  of two lines\\n- two")
    >>> [(block.kind, page.text[block.start:block.end]) for block in page.blocks]
    [('heading', 'TITLE'), ('list-item', 'one item\\n  of two lines'), ('list-item', 'two')]
    """
    blocks = tuple(block for run in _line_runs(text) for block in _blocks_of(text, run))
    return Document(text, blocks, name, NAME, tuple(find_addresses(text)))


def find_protected(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The addresses in part of the text."""
    for left, right in find_addresses(text[start:end]):
        yield start + left, start + right


def escape(text: str, kind: str, *, at_start: bool) -> str:
    """The sentence as it is: plain text has no marks to mistake it for."""
    return text


def _line_runs(text: str) -> Iterator[list[tuple[int, int]]]:
    """Runs of lines between blank lines; each line as the span of its prose."""
    run: list[tuple[int, int]] = []
    position = 0
    while position <= len(text):
        newline = text.find("\n", position)
        stop = len(text) if newline < 0 else newline
        start, end = position, stop
        while start < end and text[start] in _EDGE:
            start += 1
        while end > start and text[end - 1] in _EDGE:
            end -= 1
        # A page break, or any other Unicode white space, is not a line of prose.
        if start < end and not text[start:end].isspace():
            run.append((start, end))
        elif run:
            yield run
            run = []
        if newline < 0:
            break
        position = newline + 1
    if run:
        yield run


def _blocks_of(text: str, run: list[tuple[int, int]]) -> Iterator[Block]:
    width = max(end - start for start, end in run)
    wrapped = len(run) > 1 and _NARROWEST_COLUMN <= width <= _WIDEST_COLUMN
    start, last = run[0]
    for line in run[1:]:
        if _continues(text, (start, last), line, width if wrapped else 0):
            last = line[1]
            continue
        yield _block(text, start, last, alone=False)
        start, last = line
    yield _block(text, start, last, alone=len(run) == 1)


def _continues(text: str, block: tuple[int, int], line: tuple[int, int], width: int) -> bool:
    """Whether ``line`` continues the sentence or paragraph of the block so far."""
    start, end = line
    previous_start = max(text.rfind("\n", 0, block[1]) + 1, block[0])
    previous = text[previous_start : block[1]]
    unfinished = not _ENDED.search(previous)
    if unfinished and _is_indented_item(text, block[0], start):
        return True
    if _BULLET.match(text, start, end) and not (unfinished and text[start].isdigit() and width):
        return False
    first = text[start:end].split(None, 1)[0]
    if _ENDS_IN_ADDRESS.search(previous) and not first[0].islower():
        return False  # a source line; what follows it is another line of the page
    if width and len(previous) + 1 + len(first) > width:
        return True  # the next word had no room on the previous line
    return unfinished and len(previous) >= _NARROWEST_COLUMN and first[0].islower()


def _is_indented_item(text: str, block_start: int, start: int) -> bool:
    """Whether a line hangs under a bullet (its own indentation equals the item's text)."""
    line = text.rfind("\n", 0, start) + 1
    item = text.rfind("\n", 0, block_start) + 1
    mark = _BULLET.match(text, block_start)
    return mark is not None and start - line >= 2 and start - line == mark.end() - item


def _block(text: str, start: int, end: int, *, alone: bool) -> Block:
    mark = _BULLET.match(text, start, end)
    if mark and mark.end() < end:
        return Block(mark.end(), end, "list-item")
    prose = text[start:end]
    short = end - start <= _LONGEST_HEADING and "\n" not in prose
    if short and not _ENDED.search(prose) and (alone or prose.isupper()):
        return Block(start, end, "heading")
    return Block(start, end)
