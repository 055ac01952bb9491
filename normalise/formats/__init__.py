"""Reading and writing files: one module per format, chosen by the file name's ending.

A format is a module with the members of ``TextFormat``, if its files are texts that are converted
as they stand, or of ``PieceFormat``, if their text stands in pieces inside something else. To add
one, write the module and list its file name endings in ``_MODULES`` and its name in ``_BY_NAME``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from normalise.data import Document, Result
from normalise.edits import Alignment
from normalise.errors import InputError
from normalise.files import printable
from normalise.formats.dividing import divide
from normalise.formats.pieces import PieceSource
from normalise.formats.source import (
    MAX_SIZE,
    Reading,
    Source,
    TextSource,
    decode,
    read_bytes,
    read_source,
)

__all__ = [
    "MAX_SIZE",
    "TEXTS",
    "PieceFormat",
    "Reading",
    "Source",
    "TextFormat",
    "TextSource",
    "escape",
    "find_format",
    "find_protected",
    "fingerprint",
    "output_name",
    "read_document",
    "read_source",
    "read_text",
    "render",
    "suffixes",
    "write_pieces",
]

_MODULES = {
    ".txt": "txt",
    ".text": "txt",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "web.html",
    ".htm": "web.html",
    ".docx": "office.docx",
    ".odt": "office.odt",
    ".pptx": "office.pptx",
    ".epub": "office.epub",
    ".csv": "tables.separated",
    ".tsv": "tables.separated",
    ".jsonl": "tables.members",
    ".eml": "mail.message",
    ".pdf": "pdf.document",
    ".srt": "subtitles",
    ".vtt": "subtitles",
}
# Where each format is, by its name.
_BY_NAME = {
    "txt": "txt",
    "md": "markdown",
    "html": "web.html",
    "docx": "office.docx",
    "odt": "office.odt",
    "pptx": "office.pptx",
    "epub": "office.epub",
    "csv": "tables.separated",
    "jsonl": "tables.members",
    "srt": "subtitles",
    "eml": "mail.message",
    "pdf": "pdf.document",
}
TEXTS = frozenset({"txt", "md"})
"""The names of the formats whose files are texts."""

_TEXT_MODULES = frozenset({"txt", "markdown"})
# The formats of outputs of what is only read.
_BECOMES = {"pdf.document": "md"}

_READING = Reading()


class TextFormat(Protocol):
    """What a module offers whose files are texts, converted as they stand."""

    NAME: str

    def parse(self, text: str, name: str = "") -> Document:
        """Find the prose blocks and the protected spans of a text."""

    def find_protected(self, text: str, start: int, end: int) -> Iterable[tuple[int, int]]:
        """The spans between ``start`` and ``end`` that no stage may alter, in order."""

    def escape(self, text: str, kind: str, *, at_start: bool) -> str:
        """A sentence escaped so that the format reads it as prose.

        ``kind`` is that of the block, ``at_start`` whether the sentence begins it.
        """


class PieceFormat(Protocol):
    """What a module offers whose files hold their text in pieces.

    Sentences need no escaping there: the module writes each piece as its file needs it.
    """

    NAME: str
    HEEDS: tuple[str, ...]
    """The options of ``Reading`` that decide what is read (besides ``max_size``)."""

    def read(self, raw: bytes, name: str, reading: Reading) -> tuple[Document, Source]:
        """The document in a file's bytes.

        A format that is only read gives the source of the text it becomes, which has no pieces.

        Raises:
            InputError: The file is damaged, encrypted, or would be too large unpacked.
        """

    def write(self, source: PieceSource, texts: Sequence[str]) -> bytes:
        """The file's bytes with a new text for each piece; all else as it is.

        The same texts give the same bytes.
        """


def suffixes() -> tuple[str, ...]:
    """The file name endings that can be read, in lower case."""
    return tuple(_MODULES)


def find_format(path: Path) -> TextFormat | PieceFormat | None:
    """The format of a file by its name, or None if unknown."""
    module = _MODULES.get(path.suffix.lower())
    if module is None:
        return None
    return cast("TextFormat | PieceFormat", import_module(f"normalise.formats.{module}"))


def output_name(name: str, to: str) -> str:
    """The name of the output of a document ``name`` in the format ``to``.

    Different documents of a folder have different names: the format's ending is added, not put in
    the place of the document's own. A document that is in the format keeps its name, unless it
    looks like such an output.

    >>> output_name("report.docx", "md"), output_name("page.md", "md"), output_name("page.md", "")
    ('report.docx.md', 'page.md', 'page.md')
    >>> output_name("report.docx.md", "md"), output_name("report.pdf", "")
    ('report.docx.md.md', 'report.pdf.md')
    """
    path = Path(name)
    module = _MODULES.get(path.suffix.lower(), "")
    to = to or _BECOMES.get(module, "")
    keeps = module == _BY_NAME.get(to)
    if not to or (keeps and Path(path.stem).suffix.lower() not in _MODULES):
        return name
    return f"{name}.{to}"


def find_protected(form: str, text: str, start: int, end: int) -> Iterable[tuple[int, int]]:
    """What no stage may alter in part of a text in the format ``form``."""
    return _text_format(form).find_protected(text, start, end)


def escape(form: str, text: str, kind: str, *, at_start: bool) -> str:
    """A new sentence, made safe for a text in the format ``form``."""
    return _text_format(form).escape(text, kind, at_start=at_start)


def _text_format(form: str) -> TextFormat:
    # The text of a document from any other format is plain.
    module = _BY_NAME[form] if form in TEXTS else "txt"
    return cast(TextFormat, import_module(f"normalise.formats.{module}"))


def _piece_format(form: str) -> PieceFormat:
    return _load(_BY_NAME[form])


def _load(module: str) -> PieceFormat:
    return cast(PieceFormat, import_module(f"normalise.formats.{module}"))


def read_document(
    path: Path, *, name: str = "", reading: Reading = _READING, raw: bytes | None = None
) -> tuple[Document, Source]:
    """Read a file as a document; messages and the audit call it ``name``, by default its path.

    ``raw`` are its bytes, if they are not in a file of their own.

    Raises:
        InputError: The file cannot be read, is too large, or is not what its ending says.
    """
    name = name or printable(str(path))
    module = _MODULES.get(path.suffix.lower())
    if module is None:
        raise InputError(
            f"the format {printable(path.suffix) or 'without an ending'} is not known",
            where=name,
            remedy=f"convert it to one of {', '.join(_MODULES)}",
        )
    if raw is None:
        raw = read_bytes(path, name=name, max_size=reading.max_size)
    if module in _TEXT_MODULES:
        source = decode(raw, name=name, encoding=reading.encoding)
        form = cast(TextFormat, import_module(f"normalise.formats.{module}"))
        return form.parse(source.text, name), replace(source, reading=_how_decoded(source))
    pieces = _load(module)
    document, found = pieces.read(raw, name, reading)
    digest = hashlib.sha256(raw).hexdigest()
    how = reading.describe(pieces.HEEDS)
    return document, replace(found, sha256=digest, size=len(raw), reading=how)


def fingerprint(
    path: Path, *, name: str = "", reading: Reading = _READING, raw: bytes | None = None
) -> tuple[str, dict[str, Any]]:
    """What a file's document depends on: its SHA-256, and the options that decide how it is read.

    Raises:
        InputError: The file cannot be read.
    """
    if raw is None:
        raw = read_bytes(path, name=name, max_size=reading.max_size)
    module = _MODULES.get(path.suffix.lower(), "")
    if module in _TEXT_MODULES:
        source = decode(raw, name=name, encoding=reading.encoding)
        return source.sha256, _how_decoded(source)
    return hashlib.sha256(raw).hexdigest(), reading.describe(_load(module).HEEDS)


def _how_decoded(source: Source) -> dict[str, Any]:
    decided = source.evidence == "option" and source.encoding.lower() != "utf-8"
    return {"encoding": source.encoding} if decided else {}


def render(source: Source, result: Result, to: str = "") -> bytes:
    """The file's bytes for a result: in its format and encoding, each line with its own ending.

    Or in the format ``to`` (md, txt, html, jsonl), unless it is in that already.
    """
    if to and to != result.document.format:
        from normalise.formats.export import export

        return export(result, source.parts if isinstance(source, PieceSource) else (), to)
    if isinstance(source, PieceSource):
        return write_pieces(source, result.document.format, divide(result, source.pieces))
    assert isinstance(source, TextSource)
    return source.encode(result.text, _find_origin(result))


def write_pieces(source: PieceSource, form: str, texts: Sequence[str]) -> bytes:
    """The file's bytes, in the format ``form``, with a new text for each piece."""
    return _piece_format(form).write(source, texts)


def _find_origin(result: Result) -> Callable[[int], int]:
    alignments = [Alignment(stage.changes) for stage in reversed(result.stages) if stage.changes]

    def origin(place: int) -> int:
        for alignment in alignments:
            place = alignment.back(place)
        return place

    return origin


def read_text(text: str, name: str = "") -> Document:
    """A plain text as a document; every line ending becomes ``\\n``."""
    from normalise.formats.txt import parse

    return parse(text.replace("\r\n", "\n").replace("\r", "\n"), name)
