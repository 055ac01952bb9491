"""What a converted document looks like: its headings, lists, tables and paragraphs, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from normalise.data import Result
from normalise.edits import Alignment
from normalise.formats.pieces import Part

_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Look:
    """A paragraph or the like (see ``Part``), or a table with its ``rows``.

    ``number`` is that of an item in a numbered list, 0 in another. ``language`` is the code of the
    language it was in.
    """

    text: str
    kind: str
    level: int = 0
    number: int = 0
    language: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


def find_looks(result: Result, parts: Sequence[Part]) -> list[Look]:
    """What a result looks like; ``parts`` are those of the original, if its format knows them."""
    parts = _move(result, parts) if parts else list(_parse_parts(result))
    languages = {b.start: b.language.code for b in result.blocks if b.language}
    looks: list[Look] = []
    numbers: list[int] = []
    for table, group in groupby(parts, key=lambda part: part.cell[0] if part.cell else -1):
        if table >= 0:
            looks.append(_make_table(result, list(group), languages))
            numbers = []
            continue
        for part in group:
            level = part.level or 1
            if part.kind != "list-item":
                numbers = []
            else:
                numbers = [*numbers[:level], *[0] * (level - len(numbers))]
                numbers[-1] += 1
            looks.append(
                Look(
                    _read(result, part),
                    part.kind,
                    min(level, _DEEPEST),
                    numbers[-1] if part.ordered and numbers else 0,
                    languages.get(part.start, ""),
                )
            )
    return looks


def _make_table(result: Result, cells: Sequence[Part], languages: dict[int, str]) -> Look:
    """A table of cells; what is empty in the original is empty, what has two paragraphs one."""
    places: dict[tuple[int, int], list[str]] = {}
    for part in cells:
        assert part.cell
        places.setdefault(part.cell[1:], []).append(_read(result, part))
    columns = sorted({column for _, column in places})
    rows = tuple(
        tuple("\n".join(places.get((row, column), ())) for column in columns)
        for row in sorted({row for row, _ in places})
    )
    return Look("", "table", language=languages.get(cells[0].start, ""), rows=rows)


def _read(result: Result, part: Part) -> str:
    """A part's words, on one line if it was wrapped, without the marks of Markdown."""
    text = result.text[part.start : part.end]
    if result.document.format == "txt":
        return _WRAP.sub(" ", text)
    return _without_marks(text) if result.document.format == "md" else text


def _without_marks(text: str) -> str:
    from markdown_it import MarkdownIt

    words = []
    for token in MarkdownIt("commonmark").parseInline(text)[0].children or ():
        words.append(" " if token.type.endswith("break") else token.content)
    return "".join(words)


def _move(result: Result, parts: Sequence[Part]) -> list[Part]:
    """The parts at their places in the result's text, without those that are gone."""
    moved = []
    alignments = [Alignment(stage.changes) for stage in result.stages if stage.changes]
    for part in parts:
        start, end = part.start, part.end
        for alignment in alignments:
            start, end = alignment.forward_span(start, end)
        if start < end:
            moved.append(Part(start, end, part.kind, part.level, part.ordered, part.cell))
    return moved


_WRAP = re.compile(r"[ \t]*\n[ \t]*")
_MARKER = re.compile(r"^([ \t]*)(\(?\w{1,3}[.)]|\S)[ \t]+", re.MULTILINE)
_HASHES = re.compile(r"(#{1,6})[ \t]+")


def _parse_parts(result: Result) -> Iterator[Part]:
    """The parts of a text, from its blocks and the marks before them on their lines."""
    text = result.text
    rows = columns = 0
    line_before = -1
    table = -1
    for block in result.blocks:
        line = text.rfind("\n", 0, block.start) + 1
        before = text[line : block.start]
        if block.kind == "cell":
            if text.count("\n", line_before, line) > 2 or line_before < 0:
                table, rows = table + 1, -1
            if line != line_before:
                rows, columns = rows + 1, -1
            columns += 1
            line_before = line
            yield Part(block.start, block.end, "cell", cell=(table, rows, columns))
            continue
        line_before = -1
        level, ordered = 0, False
        if block.kind == "heading":
            hashes = _HASHES.search(before)
            level = len(hashes[1]) if hashes else 1
        elif block.kind == "list-item" and (marker := _MARKER.match(before)):
            level, ordered = 1 + len(marker[1].expandtabs(4)) // 2, marker[2][:1].isalnum()
        yield Part(block.start, block.end, block.kind, level, ordered)
