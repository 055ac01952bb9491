"""Slides: the words of text boxes, tables, groups of shapes and speakers' notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from normalise.data import Document
from normalise.formats.office.packages import choose, find_main, list_parts, read_relations
from normalise.formats.office.trees import (
    Element,
    Words,
    local,
    put_text,
    read_words,
    value,
    write_words,
)
from normalise.formats.pieces import PieceSource
from normalise.formats.source import Reading

NAME = "pptx"
HEEDS: tuple[str, ...] = ()

_TITLES = {"title": 1, "ctrTitle": 1, "subTitle": 2}
_PARAGRAPHS = ("/drawingml/2006/main}p", "/drawingml/main}p")  # as usual, and "strict"
# Placeholders that PowerPoint fills itself.
_FILLED = frozenset({"sldNum", "dt"})


def read(raw: bytes, name: str, reading: Reading) -> tuple[Document, PieceSource]:
    """The words of a .pptx, slide by slide, each with its notes.

    Raises:
        InputError: It is damaged, encrypted, has macros, or is too large or deep.
    """
    return read_words(raw, name, reading, NAME, _gather)


def write(source: PieceSource, texts: Sequence[str]) -> bytes:
    """The slides with a new text for each piece."""
    return write_words(source, texts, _gather)


def _gather(words: Words) -> None:
    container = words.container
    main = find_main(container, list_parts(container), "presentation")
    slides = read_relations(container, main)
    for element in words.open(main).iter():
        kind, slide = slides.get(_relation(element), ("", ""))
        if local(element) != "sldId" or kind != "slide" or not container.has(slide):
            continue
        if slide in words.trees:  # shown twice
            continue
        _Slide(words).walk(words.open(slide))
        for kind, notes in read_relations(container, slide).values():
            if kind == "notesSlide" and container.has(notes) and notes not in words.trees:
                _Slide(words).walk(words.open(notes))


def _relation(element: Element) -> str:
    return next((str(v) for k, v in element.attrib.items() if k.endswith("}id")), "")


@dataclass(slots=True)
class _Slide:
    """Walks a slide or its notes; knows what kind of shape it is in."""

    words: Words
    shape: str = ""
    cell: tuple[int, int, int] | None = None

    def walk(self, element: Element) -> None:
        """All paragraphs in an element."""
        for child in element:
            name = local(child)
            if name == "p" and child.tag.endswith(_PARAGRAPHS):
                self._read_paragraph(child)
            elif name == "sp":
                outer, self.shape = self.shape, _placeholder(child)
                self.walk(child)
                self.shape = outer
            elif name == "tbl":
                self._read_table(child)
            elif name == "AlternateContent":
                self._read_alternatives(child)
            elif name == "cNvPr":
                self.words.add_description(child, "descr")
            elif name:
                self.walk(child)

    def _read_alternatives(self, element: Element) -> None:
        chosen, others = choose(element)
        if chosen is None:
            return
        first = self.words.count()
        self.walk(chosen)
        for other in others:
            self.words.mirror(first, partial(_read_other, other))

    def _read_table(self, table: Element) -> None:
        outer = self.cell
        number = self.words.gathering.tables
        self.words.gathering.tables += 1
        rows = [row for row in table if local(row) == "tr"]
        for index, row in enumerate(rows):
            for column, cell in enumerate(c for c in row if local(c) == "tc"):
                self.cell = (number, index, column)
                self.walk(cell)
        self.cell = outer

    def _read_paragraph(self, paragraph: Element) -> None:
        level = 1
        for child in paragraph:
            name = local(child)
            if name == "pPr":
                given = value(child, "lvl")
                level = int(given) + 1 if given.isdigit() else 1
            elif name == "r":
                self._read_run(child)
            elif name == "br":
                self.words.gathering.gap("\n")
            elif name == "fld":
                for text in _texts(child):
                    self.words.add(text.text, None)
        gathering = self.words.gathering
        if self.cell:
            gathering.close("cell", cell=self.cell)
        elif self.shape in _TITLES:
            gathering.close("heading", level=_TITLES[self.shape])
        elif self.shape == "body":
            gathering.close("list-item", level=level)
        else:
            gathering.close()

    def _read_run(self, run: Element) -> None:
        linked = any(local(e) == "hlinkClick" for p in run if local(p) == "rPr" for e in p)
        for text in _texts(run):
            put = put_text(text) if self.shape not in _FILLED else None
            self.words.add(text.text, put, firm=linked)


def _texts(run: Element) -> list[Element]:
    return [e for e in run if local(e) == "t" and e.text]


def _placeholder(shape: Element) -> str:
    """What kind of placeholder a shape is; ``body`` by default, empty if it is none."""
    for properties in shape:
        if local(properties) == "nvSpPr":
            for element in properties.iter():
                if local(element) == "ph":
                    return value(element, "type") or "body"
    return ""


def _read_other(element: Element, words: Words) -> None:
    _Slide(words).walk(element)
