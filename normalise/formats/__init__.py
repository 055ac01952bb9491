"""Reading and writing files: one module per format, chosen by the file name's ending.

A format is a module with the members of ``Format``. To add one, write the module and list its file
name endings in ``_MODULES``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from normalise.data import Document, Result
from normalise.edits import Alignment
from normalise.errors import InputError
from normalise.files import printable
from normalise.formats.source import MAX_SIZE, Source, read_source

__all__ = [
    "MAX_SIZE",
    "Format",
    "Source",
    "escape",
    "find_format",
    "find_protected",
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


class Format(Protocol):
    """What a format module offers."""

    NAME: str

    def parse(self, text: str, name: str = "") -> Document:
        """Find the prose blocks and the protected spans of a text."""

    def find_protected(self, text: str, start: int, end: int) -> Iterable[tuple[int, int]]:
        """The spans between ``start`` and ``end`` that no stage may alter, in order."""

    def escape(self, text: str, kind: str, *, at_start: bool) -> str:
        """A sentence escaped so that the format reads it as prose.

        ``kind`` is that of the block, ``at_start`` whether the sentence begins it.
        """

    def render(
        self, source: Source, text: str, origin: Callable[[int], int] | None = None
    ) -> bytes:
        """The file's bytes for the converted text, in the source's encoding and line endings.

        ``origin`` maps an offset in the text to the source's text.
        """


def suffixes() -> tuple[str, ...]:
    """The file name endings that can be read, in lower case."""
    return tuple(_MODULES)


def find_format(path: Path) -> Format | None:
    """The format of a file by its name, or None if unknown."""
    module = _MODULES.get(path.suffix.lower())
    if module is None:
        return None
    return cast(Format, import_module(f"normalise.formats.{module}"))


def find_protected(form: str, text: str, start: int, end: int) -> Iterable[tuple[int, int]]:
    """What no stage may alter in part of a text in the format ``form``."""
    return _by_name(form).find_protected(text, start, end)


def escape(form: str, text: str, kind: str, *, at_start: bool) -> str:
    """A new sentence, made safe for a text in the format ``form``."""
    return _by_name(form).escape(text, kind, at_start=at_start)


def _by_name(form: str) -> Format:
    return cast(Format, import_module(f"normalise.formats.{_BY_NAME.get(form, 'txt')}"))


def read_document(
    path: Path, *, name: str = "", encoding: str = "", max_size: int = MAX_SIZE
) -> tuple[Document, Source]:
    """Read a file as a document.

    Args:
        path: The file.
        name: What messages and the audit call it; the path by default.
        encoding: The encoding to read it in; by default UTF-8, or UTF-16 with a byte order mark.
        max_size: The largest file to accept, in bytes.

    Raises:
        InputError: The file cannot be read, is too large, is binary or has an unknown encoding.
    """
    name = name or printable(str(path))
    form = find_format(path)
    if form is None:
        raise InputError(
            f"the format {printable(path.suffix) or 'without an ending'} is not known",
            where=name,
            remedy=f"convert it to one of {', '.join(_MODULES)}",
        )
    source = read_source(path, name=name, encoding=encoding, max_size=max_size)
    return form.parse(source.text, name), source


def render(source: Source, result: Result) -> bytes:
    """The file's bytes for a result: in its format and encoding, each line with its own ending."""
    alignments = [Alignment(stage.changes) for stage in reversed(result.stages) if stage.changes]

    def origin(place: int) -> int:
        for alignment in alignments:
            place = alignment.back(place)
        return place

    return _by_name(result.document.format).render(source, result.text, origin)


def read_text(text: str, name: str = "") -> Document:
    """A plain text as a document; every line ending becomes ``\\n``."""
    from normalise.formats.txt import parse

    return parse(text.replace("\r\n", "\n").replace("\r", "\n"), name)
