"""Word documents: the words of the text, tables, notes, comments, headers and footers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from normalise.data import Document
from normalise.formats.office.packages import choose, find_main, find_parts, list_parts
from normalise.formats.office.styles import Look, Styles, read_styles
from normalise.formats.office.trees import (
    Element,
    Put,
    Words,
    clean,
    local,
    put_text,
    read_words,
    value,
    write_words,
)
from normalise.formats.pieces import PieceSource
from normalise.formats.source import Reading

NAME = "docx"
HEEDS: tuple[str, ...] = ()

_PARTS = ("footnotes", "endnotes", "comments", "header", "footer")
# Text that is not there any more, formulas, properties, the pronunciation of Asian words.
_SKIPPED = frozenset(
    "del moveFrom pPr rPr sdtPr sdtEndPr tblPr tcPr trPr tblGrid sectPr instrText delText rt "
    "annotationRef footnoteRef endnoteRef separator continuationSeparator object".split()
)
_BREAKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n"}
_MARKS = {"noBreakHyphen": "\u2011", "softHyphen": ""}
# Fields whose result is prose; that of all others is Word's own.
_PROSE_FIELDS = frozenset({"HYPERLINK", "TOC", "INDEX", "FORMTEXT", ""})


def read(raw: bytes, name: str, reading: Reading) -> tuple[Document, PieceSource]:
    """The words of a .docx.

    Raises:
        InputError: It is damaged, encrypted, has macros, or is too large or deep.
    """
    return read_words(raw, name, reading, NAME, _gather)


def write(source: PieceSource, texts: Sequence[str]) -> bytes:
    """The document with a new text for each piece."""
    return write_words(source, texts, _gather)


def _gather(words: Words) -> None:
    types = list_parts(words.container)
    main = find_main(words.container, types, "document")
    styles = read_styles(words.container, types)
    others = [part for kind in _PARTS for part in find_parts(types, kind)]
    for part in [main, *others]:
        if words.container.has(part):
            _Story(words, styles).walk(words.open(part))


@dataclass(slots=True)
class _Field:
    """A field that has begun: its code, and whether its result has been reached."""

    code: str = ""
    result: bool = False

    @property
    def name(self) -> str:
        return (self.code.split() or [""])[0].upper()


@dataclass(slots=True)
class _Story:
    """Walks one part. A paragraph's boxes are read after it."""

    words: Words
    styles: Styles
    cells: list[list[int]] = field(default_factory=list)
    in_cell: bool = False
    fields: list[_Field] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)

    def walk(self, element: Element) -> None:
        """All paragraphs in an element."""
        for child in element:
            name = local(child)
            if name == "p":
                self._read_paragraph(child)
            elif name == "tbl":
                self._read_table(child)
            elif name == "AlternateContent":
                self._read_box(child)
            elif name and name not in _SKIPPED:
                self.walk(child)

    def _read_table(self, table: Element) -> None:
        self.cells.append([self.words.gathering.tables, -1, -1])
        self.words.gathering.tables += 1
        was_in_cell, self.in_cell = self.in_cell, True
        for row in _find(table, "tr"):
            cell = self.cells[-1]
            cell[1], cell[2] = cell[1] + 1, -1
            for content in _find(row, "tc"):
                cell[2] += 1
                self.walk(content)
                cell[2] += _span(content) - 1
        self.cells.pop()
        self.in_cell = was_in_cell

    def _read_paragraph(self, paragraph: Element) -> None:
        outer, self.boxes = self.boxes, []
        self._read_inline(paragraph, firm=False)
        look = self.styles.find(paragraph)
        cell = None
        if self.in_cell:
            look = Look("cell", look.level, look.ordered)
            cell = (self.cells[-1][0], self.cells[-1][1], self.cells[-1][2])
        self.words.gathering.close(look.kind, level=look.level, ordered=look.ordered, cell=cell)
        boxes, self.boxes = self.boxes, outer
        was_in_cell, self.in_cell = self.in_cell, False
        for box in boxes:
            self._read_box(box)
        self.in_cell = was_in_cell

    def _read_box(self, box: Element, *, describe: bool = True) -> None:
        """The text boxes in a drawing, and its description."""
        if local(box) == "AlternateContent":
            chosen, others = choose(box)
            if chosen is None:
                return
            first = self.words.count()
            self._read_box(chosen, describe=False)
            for other in others:
                self.words.mirror(first, partial(_read_other, self.styles, other))
            for element in chosen.iter():
                if local(element) == "docPr":
                    self.words.add_description(element, "descr")
            return
        for child in box:
            name = local(child)
            if name == "p":
                self._read_paragraph(child)
            elif name == "tbl":
                self._read_table(child)
            elif name == "docPr" and describe:
                self.words.add_description(child, "descr")
            elif name:
                self._read_box(child, describe=describe)

    def _read_inline(self, element: Element, *, firm: bool) -> None:
        for child in element:
            name = local(child)
            if name == "r":
                self._read_run(child, firm)
            elif name == "hyperlink":
                self._read_inline(child, firm=True)
            elif name == "fldSimple":
                self.fields.append(_Field(value(child, "instr"), True))
                self._read_inline(child, firm=firm)
                self.fields.pop()
            elif name == "oMath":
                self._keep(child)
            elif name == "AlternateContent":
                self.boxes.append(child)
            elif name and name not in _SKIPPED:
                self._read_inline(child, firm=firm)

    def _keep(self, formula: Element) -> None:
        text = "".join(e.text or "" for e in formula.iter() if local(e) == "t")
        if text.strip():
            self.words.add(text, None)

    def _read_run(self, run: Element, firm: bool) -> None:
        texts: list[Element] = []
        for child in run:
            name = local(child)
            if name == "t" or name in _MARKS:
                texts.append(child)
                continue
            self._add(texts, firm)
            texts = []
            if name in _BREAKS:
                self.words.gathering.gap(_BREAKS[name])
            elif name == "fldChar":
                self._follow_field(value(child, "fldCharType"))
            elif name == "instrText" and self.fields:
                self.fields[-1].code += child.text or ""
            elif name in ("drawing", "pict", "AlternateContent"):
                self.boxes.append(child)
            elif name == "ruby":
                self._read_inline(child, firm=firm)
        self._add(texts, firm)

    def _follow_field(self, step: str) -> None:
        if step == "begin":
            self.fields.append(_Field())
        elif step == "separate" and self.fields:
            self.fields[-1].result = True
        elif step == "end" and self.fields:
            self.fields.pop()

    def _add(self, texts: Sequence[Element], firm: bool) -> None:
        text = "".join(_MARKS.get(local(e), e.text or "") for e in texts)
        if not text:
            return
        names = [f.name for f in self.fields]
        if not all(f.result for f in self.fields):
            return  # part of a field's code
        prose = all(name in _PROSE_FIELDS for name in names)
        self.words.add(text, _put(texts) if prose else None, firm=firm or "HYPERLINK" in names)


def _put(texts: Sequence[Element]) -> Put:
    """What puts a new text into the first of some texts of a run, and empties the others."""
    first = next((e for e in texts if local(e) == "t"), None)

    def put(text: str) -> None:
        assert first is not None
        put_text(first, keep_spaces=True)(clean(text))
        for other in texts:
            if local(other) != "t":
                other.getparent().remove(other)
            elif other is not first:
                other.text = ""

    return put if first is not None else lambda text: None


def _find(element: Element, name: str) -> list[Element]:
    """The rows of a table or the cells of a row, also inside content controls and insertions."""
    found = []
    for child in element:
        if local(child) == name:
            found.append(child)
        elif local(child) in ("sdt", "sdtContent", "customXml", "ins", "moveTo"):
            found += _find(child, name)
    return found


def _span(cell: Element) -> int:
    for properties in cell:
        if local(properties) == "tcPr":
            for element in properties:
                if local(element) == "gridSpan" and value(element, "val").isdigit():
                    return min(int(value(element, "val")), 1000) or 1
    return 1


def _read_other(styles: Styles, element: Element, words: Words) -> None:
    _Story(words, styles)._read_box(element, describe=False)
