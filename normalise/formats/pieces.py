"""Texts that stand in pieces all over a file: joined to a document, and divided again.

A paragraph of a text document consists of runs, one of a web page of text nodes, a table of cells.
Such a format joins its pieces to a document's text (``Gathering``); after the conversion it gets a
new text for each (``normalise.formats.dividing``) and puts it where the old one stood. Everything
else in the file stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

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
class PieceSource(Source):
    """A file whose text stands in pieces: its bytes, and its pieces in the order of the text."""

    raw: bytes = b""
    pieces: tuple[Piece, ...] = ()


@dataclass(slots=True)
class Gathering:
    """Collects the pieces of a file, block by block.

    >>> found = Gathering()
    >>> found.add("The "), found.add("Party cell", firm=True)
    (0, 1)
    >>> found.close("heading")
    >>> document = found.document("a.docx", "docx")
    >>> document.text, document.blocks[0].kind
    ('The Party cell', 'heading')
    """

    pieces: list[Piece] = field(default_factory=list)
    _texts: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)
    _blocks: list[Block] = field(default_factory=list)
    _protected: list[tuple[int, int]] = field(default_factory=list)
    _length: int = 0

    def add(self, text: str, *, firm: bool = False, protected: bool = False) -> int:
        """Add a piece to the block; returns its index. No stage alters a ``protected`` one."""
        start = self._length
        self._put(text)
        self.pieces.append(Piece(start, self._length, firm))
        if protected and text:
            self._protected.append((start, self._length))
        return len(self.pieces) - 1

    def gap(self, text: str) -> None:
        """Add blank text that is in no piece: what a line break or a tab means to the reader."""
        self._put(text)

    def close(self, kind: str = "paragraph") -> None:
        """End the block, if it has any words, and begin another."""
        text = "".join(self._open)
        stripped = text.strip()
        if any(character.isalnum() for character in stripped):
            start = self._length - len(text) + text.index(stripped)
            self._blocks.append(Block(start, start + len(stripped), kind))
        if text:
            self._texts += (text, _BETWEEN)
            self._length += len(_BETWEEN)
        self._open.clear()

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
        return Document(text, tuple(self._blocks), name, form, tuple(protected), date, language)

    def _put(self, text: str) -> None:
        self._open.append(text)
        self._length += len(text)
