"""Texts that stand in pieces all over a file: joined to a document, and divided again.

A paragraph of a text document consists of runs, one of a web page of text nodes, a table of cells.
Such a format joins its pieces to a document's text (``Gathering``); after the conversion it gets a
new text for each (``normalise.formats.dividing``) and puts it where the old one stood. Everything
else in the file stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from normalise.data import Block, Document
from normalise.formats.source import Source
from normalise.language.addresses import find_addresses

_BETWEEN = "\n\n"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a document's text (``start``, ``end``) that has a place of its own in the file.

    A ``firm`` piece keeps words whatever happens, such as those of a link or a line; another may
    lose them to its neighbours where a translation leaves open which words are its own.
    """

    start: int
    end: int
    firm: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """What a reader sees as one thing (``start``, ``end`` in the document's text), and as what.

    ``kind`` is that of a block, or ``code``. ``level`` counts from 1: of a heading, or how deep a
    list is nested; ``ordered`` is about the list. ``cell`` is the table, row and column of a cell,
    each from 0, as far as they are known.
    """

    start: int
    end: int
    kind: str = "paragraph"
    level: int = 0
    ordered: bool = False
    cell: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class PieceSource(Source):
    """A file whose text stands in pieces: its bytes, and its pieces in the order of the text.

    ``parts`` says what the text looks like, for writing it in another format.
    """

    raw: bytes = b""
    pieces: tuple[Piece, ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(slots=True)
class Gathering:
    """Collects the pieces of a file, block by block.

    ``tables`` is for formats to count the tables they have met.

    >>> found = Gathering()
    >>> found.add("The "), found.add("Party cell", firm=True)
    (0, 1)
    >>> found.close("heading")
    >>> document = found.document("a.docx", "docx")
    >>> document.text, document.blocks[0].kind
    ('The Party cell', 'heading')
    """

    pieces: list[Piece] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    tables: int = 0
    _texts: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)
    _blocks: list[Block] = field(default_factory=list)
    _protected: list[tuple[int, int]] = field(default_factory=list)
    _length: int = 0
    _runs: list[tuple[int, int]] = field(default_factory=list)
    _first: int = 0  # the index of the block's first piece
    _words: bool = False  # whether the block has any that may change
    _lines: bool = False

    def add(self, text: str, *, firm: bool = False, protected: bool = False) -> int:
        """Add a piece to the block; returns its index. No stage alters a ``protected`` one."""
        start = self._length
        self._put(text)
        self.pieces.append(Piece(start, self._length, firm or protected))
        if protected and text:
            self._protected.append((start, self._length))
        elif not self._words:
            self._words = any(map(str.isalnum, text))
        return len(self.pieces) - 1

    def gap(self, text: str) -> None:
        """Add blank text that is in no piece: what a line break or a tab means to the reader.

        Pieces around a line break or a tab are firm, so that no line of the block becomes empty.
        """
        self._put(text)
        self._lines = self._lines or "\n" in text or "\t" in text

    def close(
        self,
        kind: str = "paragraph",
        *,
        level: int = 0,
        ordered: bool = False,
        cell: tuple[int, int, int] | None = None,
    ) -> None:
        """End the block, if it has any words, and begin another; see ``Part``."""
        text = "".join(self._open)
        stripped = text.strip()
        start = self._length - len(text) + text.index(stripped)
        if self._words:
            self._blocks.append(Block(start, start + len(stripped), kind))
        if stripped:
            end = start + len(stripped)
            self.parts.append(Part(start, end, kind, level, ordered, cell))
        if self._words and len(self.pieces) - self._first > 1:
            self._runs += ((p.start, p.end) for p in self.pieces[self._first :])
        if self._lines:
            lines = self.pieces[self._first :]
            self.pieces[self._first :] = [Piece(p.start, p.end, True) for p in lines]
        if text:
            self._texts += (text, _BETWEEN)
            self._length += len(_BETWEEN)
        self._open.clear()
        self._first, self._words, self._lines = len(self.pieces), False, False

    def add_text(
        self, text: str, kind: str = "paragraph", *, cell: tuple[int, int, int] | None = None
    ) -> int:
        """Add a piece that is no part of a larger block; returns its index.

        A single line is a block of its own; several lines have blocks as in a plain text.
        """
        if "\n" not in text.strip():
            index = self.add(text)
            self.close(kind, cell=cell)
            return index
        from normalise.formats.txt import parse

        start = self._length
        self._put(text)
        self.pieces.append(Piece(start, self._length))
        for block in parse(text).blocks:
            self._blocks.append(Block(start + block.start, start + block.end, block.kind))
        stripped = text.strip()
        at = start + text.index(stripped)
        self.parts.append(Part(at, at + len(stripped), kind, cell=cell))
        self._texts += (text, _BETWEEN)
        self._length += len(_BETWEEN)
        self._open.clear()
        self._first = len(self.pieces)
        return len(self.pieces) - 1

    def include(self, document: Document, source: PieceSource) -> int:
        """Add a whole document that is part of the file; returns the index of its first piece."""
        by = self._length
        first = len(self.pieces)
        self.pieces += (Piece(p.start + by, p.end + by, p.firm) for p in source.pieces)
        self.parts += (replace(p, start=p.start + by, end=p.end + by) for p in source.parts)
        self._blocks += (
            replace(block, start=block.start + by, end=block.end + by) for block in document.blocks
        )
        self._protected += ((start + by, end + by) for start, end in document.protected)
        self._texts += (document.text, _BETWEEN)
        self._length += len(document.text) + len(_BETWEEN)
        self._first = len(self.pieces)
        return first

    def document(
        self, name: str, form: str, *, date: str | None = None, language: str = ""
    ) -> Document:
        """The document of the blocks that were closed; ``form`` is the format's name."""
        text = "".join(self._texts).removesuffix(_BETWEEN)
        spans = sorted({*self._protected, *find_addresses(text)})
        protected: list[tuple[int, int]] = []
        for start, end in spans:
            if protected and start < protected[-1][1]:
                protected[-1] = (protected[-1][0], max(end, protected[-1][1]))
            else:
                protected.append((start, end))
        return Document(
            text,
            tuple(self._blocks),
            name,
            form,
            tuple(protected),
            date,
            language,
            runs=tuple(self._runs),
        )

    def _put(self, text: str) -> None:
        self._open.append(text)
        self._length += len(text)
