"""OpenDocument texts: the words of the text, tables, notes, comments, headers and footers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from normalise.data import Document
from normalise.formats.office.container import encrypted
from normalise.formats.office.trees import (
    Element,
    Put,
    Words,
    local,
    put_tail,
    put_text,
    read_words,
    value,
    write_words,
)
from normalise.formats.pieces import PieceSource
from normalise.formats.source import Reading

NAME = "odt"
HEEDS: tuple[str, ...] = ()

_MANIFEST = "META-INF/manifest.xml"
_SPACE = re.compile(r"[ \t\r\n]+")
_SKIPPED = frozenset("tracked-changes forms scripts note-citation creator date date-string".split())
# What flows with the words of a paragraph; other elements with text are fields.
_INLINE = frozenset("span a meta ruby ruby-base".split())
_APART = frozenset("note annotation frame".split())
_SHAPES = frozenset(
    "custom-shape rect ellipse circle line polyline polygon path connector caption g".split()
)
_ITEMS = ("list-item", "list-header")


def read(raw: bytes, name: str, reading: Reading) -> tuple[Document, PieceSource]:
    """The words of an .odt.

    Raises:
        InputError: It is damaged, encrypted, or too large or deep.
    """
    return read_words(raw, name, reading, NAME, _gather)


def write(source: PieceSource, texts: Sequence[str]) -> bytes:
    """The document with a new text for each piece."""
    return write_words(source, texts, _gather)


def _gather(words: Words) -> None:
    container = words.container
    if container.has(_MANIFEST) and b"encryption-data" in container.read(_MANIFEST):
        raise encrypted(container.name)
    numbered: set[tuple[str, int]] = set()
    for part in ("content.xml", "styles.xml"):
        if part == "content.xml" or container.has(part):
            root = words.open(part)
            numbered |= _find_numbered(root)
    for part, place in (("content.xml", "body"), ("styles.xml", "master-styles")):
        words.part = part
        for element in words.trees.get(part, ()):
            if local(element) == place:
                _Story(words, numbered).walk(element)


def _find_numbered(root: Element) -> set[tuple[str, int]]:
    """The lists with numbers: (name of the style, level from 1)."""
    return {
        (value(style, "name"), int(value(level, "level") or 1))
        for style in root.iter()
        if local(style) == "list-style"
        for level in style
        if local(level) == "list-level-style-number" and value(level, "num-format")
    }


@dataclass(slots=True)
class _Story:
    """Walks a part. What hangs on a paragraph, such as a note, is read after it."""

    words: Words
    numbered: set[tuple[str, int]]
    cells: list[list[int]] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    kind: str = ""
    apart: list[Element] = field(default_factory=list)
    blank: bool = True

    def walk(self, element: Element) -> None:
        """All paragraphs in an element."""
        for child in element:
            name = local(child)
            if name in ("p", "h"):
                self._read_paragraph(child)
            elif name == "table":
                self._read_table(child)
            elif name == "list":
                self.lists.append(value(child, "style-name") or (self.lists or [""])[-1])
                self._within(child, "list-item" if not self.cells else self.kind)
                self.lists.pop()
            elif name in ("title", "desc"):
                self._describe(child)
            elif name and name not in _SKIPPED:
                self.walk(child)

    def _within(self, element: Element, kind: str) -> None:
        outer, self.kind = self.kind, kind
        self.walk(element)
        self.kind = outer

    def _read_table(self, table: Element) -> None:
        cell = [self.words.gathering.tables, -1, -1]
        self.words.gathering.tables += 1
        self.cells.append(cell)
        for row in _find(table, ("table-row",)):
            cell[1], cell[2] = cell[1] + 1, -1
            for content in _find(row, ("table-cell", "covered-table-cell")):
                cell[2] += 1
                self._within(content, "cell")
        self.cells.pop()

    def _read_paragraph(self, paragraph: Element) -> None:
        outer, self.apart = self.apart, []
        self.blank = True
        self._read_inline(paragraph, firm=False)
        gathering = self.words.gathering
        level = value(paragraph, "outline-level")
        if self.kind == "cell":
            table, row, column = self.cells[-1]
            gathering.close("cell", cell=(table, row, column))
        elif local(paragraph) == "h":
            gathering.close("heading", level=int(level) if level.isdigit() else 1)
        elif self.kind == "list-item":
            depth = len(self.lists)
            ordered = (self.lists[-1], depth) in self.numbered
            gathering.close("list-item", level=depth, ordered=ordered)
        else:
            gathering.close(self.kind or "paragraph")
        apart, self.apart = self.apart, outer
        for element in apart:
            cells, lists, self.cells, self.lists = self.cells, self.lists, [], []
            self._within(element, "")
            self.cells, self.lists = cells, lists

    def _read_inline(self, element: Element, *, firm: bool) -> None:
        self._add(element.text, put_text(element), firm)
        for child in element:
            name = local(child)
            if name in _INLINE:
                self._read_inline(child, firm=firm or name == "a")
            elif name in ("s", "soft-page-break"):
                if name == "s" and not self.blank:
                    self.words.gathering.gap(" ")
                    self.blank = True
            elif name in ("tab", "line-break"):
                self.words.gathering.gap("\t" if name == "tab" else "\n")
                self.blank = True
            elif name in _APART or name in _SHAPES:
                self.apart.append(child)
            elif name and name not in _SKIPPED:
                self._keep(child)
            self._add(child.tail, put_tail(child), firm)

    def _add(self, text: str | None, put: Put, firm: bool) -> None:
        """A text, its white space read as programs do: as one space, none after another."""
        shown = _SPACE.sub(" ", text or "")
        if self.blank:
            shown = shown.lstrip(" ")
        if not shown:
            return
        self.blank = shown.endswith(" ")
        if shown.strip():
            self.words.add(shown, put, firm=firm)
        else:
            self.words.gathering.gap(shown)

    def _keep(self, element: Element) -> None:
        """A field, or anything else that the program fills."""
        text = "".join(element.itertext())
        if text.strip():
            self.words.add(_SPACE.sub(" ", text), None)
            self.blank = False

    def _describe(self, element: Element) -> None:
        text = element.text or ""
        if " " in text.strip():
            self.words.add(text, put_text(element))
            self.words.gathering.close("caption")


def _find(element: Element, names: tuple[str, ...]) -> list[Element]:
    """The rows of a table or the cells of a row, also inside groups of them."""
    found = []
    for child in element:
        if local(child) in names:
            found.append(child)
        elif local(child) in ("table-header-rows", "table-rows", "table-row-group"):
            found += _find(child, names)
    return found
