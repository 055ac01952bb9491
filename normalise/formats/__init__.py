"""Reading and writing files: one module per format, chosen by the file name's ending.

A format is a module with the members of ``TextFormat``, if its files are texts that are converted
as they stand, or of ``PieceFormat``, if their text stands in pieces inside something else. To add
one, write the module and list its file name endings in ``_MODULES``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

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
    "PieceFormat",
    "Reading",
    "Source",
    "TextFormat",
    "TextSource",
    "escape",
    "find_format",
    "find_protected",
    "fingerprint",
    "read_document",
    "read_source",
    "read_text",
    "render",
    "suffixes",
]

_MODULES = {
    ".txt": "txt",
    ".text": "txt",
    ".md": "markdown",
    ".markdown": "markdown",
}
_BY_NAME = {"txt": "txt", "md": "markdown"}

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

    def read(self, raw: bytes, name: str, reading: Reading) -> tuple[Document, PieceSource]:
        """The document in a file's bytes.

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


def find_protected(form: str, text: str, start: int, end: int) -> Iterable[tuple[int, int]]:
    """What no stage may alter in part of a text in the format ``form``."""
    return _text_format(form).find_protected(text, start, end)


def escape(form: str, text: str, kind: str, *, at_start: bool) -> str:
    """A new sentence, made safe for a text in the format ``form``."""
    return _text_format(form).escape(text, kind, at_start=at_start)


def _text_format(form: str) -> TextFormat:
    # The text of a document from any other format is plain.
    return cast(TextFormat, import_module(f"normalise.formats.{_BY_NAME.get(form, 'txt')}"))


def _piece_format(form: str) -> PieceFormat:
    return cast(PieceFormat, import_module(f"normalise.formats.{form}"))


def read_document(
    path: Path, *, name: str = "", reading: Reading = _READING
) -> tuple[Document, Source]:
    """Read a file as a document; messages and the audit call it ``name``, by default its path.

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
    raw = read_bytes(path, name=name, max_size=reading.max_size)
    if module in _BY_NAME.values():
        source = decode(raw, name=name, encoding=reading.encoding)
        form = cast(TextFormat, import_module(f"normalise.formats.{module}"))
        return form.parse(source.text, name), source
    return _piece_format(module).read(raw, name, reading)


def fingerprint(path: Path, *, name: str = "", reading: Reading = _READING) -> tuple[str, str]:
    """What a file's document depends on: its SHA-256, and the encoding it would be read in.

    Raises:
        InputError: The file cannot be read.
    """
    if _MODULES.get(path.suffix.lower()) in _BY_NAME.values():
        source = read_source(
            path, name=name, encoding=reading.encoding, max_size=reading.max_size
        )
        return source.sha256, source.encoding
    raw = read_bytes(path, name=name, max_size=reading.max_size)
    return hashlib.sha256(raw).hexdigest(), reading.encoding


def render(source: Source, result: Result) -> bytes:
    """The file's bytes for a result: in its format and encoding, each line with its own ending."""
    if isinstance(source, PieceSource):
        texts = divide(result, source.pieces)
        return _piece_format(result.document.format).write(source, texts)
    assert isinstance(source, TextSource)
    return source.encode(result.text, _find_origin(result))


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
