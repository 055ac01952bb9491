"""The bytes of a file: reading them, and for texts their encoding and line endings."""

from __future__ import annotations

import codecs
import errno
import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from normalise.errors import InputError
from normalise.files import printable
from normalise.formats.encodings.guess import Guess, guess_encoding, name_likely
from normalise.formats.encodings.vietnamese import DECOMPOSE

MAX_SIZE = 50 * 1024 * 1024
_TRIES = 3  # attempts to read a file that keeps changing

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read files.

    ``encoding`` is that of texts that are not UTF-8, ``max_size`` the largest file in bytes.
    ``fields`` are the columns or members of tables that hold prose (all of them if empty);
    ``main_text`` takes only the article of a web page.
    """

    encoding: str = ""
    max_size: int = MAX_SIZE
    fields: tuple[str, ...] = ()
    main_text: bool = False

    @classmethod
    def restore(cls, record: Mapping[str, Any]) -> Reading:
        """How a document was read, as its record in the audit tells; of any size.

        >>> Reading.restore({"encoding": "utf-8", "reading": {"fields": ["body"]}}).fields
        ('body',)
        """
        options = {"encoding": record["encoding"], **record.get("reading", {})}
        options["fields"] = tuple(options.get("fields", ()))
        return cls(**options, max_size=1 << 62)

    def describe(self, heeded: Iterable[str]) -> dict[str, Any]:
        """Those of the options in ``heeded`` that are set, as plain data.

        >>> Reading(fields=("title", "body")).describe(["encoding", "fields"])
        {'fields': ['title', 'body']}
        """
        chosen = {option: getattr(self, option) for option in heeded}
        return {
            option: [*value] if isinstance(value, tuple) else value
            for option, value in chosen.items()
            if value
        }


@dataclass(frozen=True, slots=True)
class Source:
    """A file as read: the text of its document, its SHA-256, its size in bytes.

    ``encoding`` is that of its characters, empty where there is no one encoding (an archive).
    ``evidence`` says how it was found, if not by its being valid UTF-8: by its byte order
    ``mark``, an ``option``, what a ``page`` says, or its ``words``, with a ``confidence`` below 1.
    ``reading`` are the options that decided how the file was read (as plain data, by the names in
    ``Reading``); ``notes`` what a person should know about that.
    """

    text: str
    encoding: str = "utf-8"
    sha256: str = ""
    size: int = 0
    _: KW_ONLY
    evidence: str = ""
    confidence: float = 1.0
    reading: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def encoding_for(self, text: str) -> str:
        """The encoding in which ``text`` would be written."""
        return self.encoding

    def encode(self, text: str) -> bytes:
        """``text`` alone as bytes, for a reader of text."""
        return text.encode(self.encoding or "utf-8")


@dataclass(frozen=True, slots=True)
class TextSource(Source):
    """A text file as read: its text with ``\\n`` for every line ending, and how to write it back.

    ``newline`` is the line ending of most lines, ``other_ends`` holds the others, by the offset of
    their ``\\n`` in the text.
    """

    mark: bytes = b""
    newline: str = "\n"
    other_ends: Mapping[int, str] = field(default_factory=dict)

    def encode(self, text: str, origin: Callable[[int], int] | None = None) -> bytes:
        """``text`` as bytes, with this file's line endings, byte order mark and encoding.

        If the encoding lacks a character, the result is UTF-8, so that nothing is lost.

        Args:
            text: The converted text.
            origin: Maps an offset in ``text`` to this file's text, so that each line keeps its own
                ending. Without it all lines of a changed text get the usual one.
        """
        encoding = self.encoding_for(text)
        if self.other_ends and (origin is not None or text == self.text):
            text = self._restore_ends(text, origin)
        elif self.newline != "\n":
            text = text.replace("\n", self.newline)
        mark = self.mark if encoding == self.encoding else b""
        return mark + text.encode(encoding, DECOMPOSE)

    def encoding_for(self, text: str) -> str:
        """The encoding to write ``text`` in: this file's if possible, or else UTF-8."""
        try:
            text.encode(self.encoding, DECOMPOSE)
        except UnicodeEncodeError:
            return "utf-8"
        return self.encoding

    def _restore_ends(self, text: str, origin: Callable[[int], int] | None) -> str:
        pieces: list[str] = []
        start = 0
        while (at := text.find("\n", start)) >= 0:
            place = origin(at) if origin is not None else at
            pieces += (text[start:at], self.other_ends.get(place, self.newline))
            start = at + 1
        return "".join([*pieces, text[start:]])


_LINE_END = re.compile("\r\n|\r|\n")


def read_source(
    path: Path, *, name: str = "", encoding: str = "", max_size: int = MAX_SIZE
) -> TextSource:
    """Read and decode a text file; never silently guesses an encoding.

    Raises:
        InputError: Unreadable, larger than ``max_size`` bytes, binary, or neither in ``encoding``
            nor in UTF-8 (or the encoding of its byte order mark).
    """
    name = name or printable(str(path))
    return decode(read_bytes(path, name=name, max_size=max_size), name=name, encoding=encoding)


def decode(raw: bytes, *, name: str = "", encoding: str = "") -> TextSource:
    """Decode the bytes of a file, as ``read_source`` does.

    ``encoding`` is for files that are not UTF-8; a file that is will be read as such.

    >>> decode(b"\\xef\\xbb\\xbfone\\r\\ntwo\\r\\n").text
    'one\\ntwo\\n'
    >>> decode("bộ".encode(), encoding="cp1258").encoding
    'utf-8'
    """
    found = decode_characters(raw, name=name, encoding=encoding)
    text, newline, others = _plain_line_ends(found.text)
    return replace(found, text=text, newline=newline, other_ends=others)


def decode_characters(raw: bytes, *, name: str = "", encoding: str = "") -> TextSource:
    """The same with the text exactly as it is in the file, line endings and all.

    Raises:
        InputError: As ``read_source``.
    """
    mark, marked = b"", ""
    for candidate, codec in _MARKS:
        if raw.startswith(candidate):
            mark, marked = candidate, codec
            break
    chosen, evidence, confidence = marked or encoding or "utf-8", "", 1.0
    if marked:
        evidence = "mark"
    elif _is_utf8(raw):
        chosen = "utf-8"
    elif encoding:
        evidence = "option"
    guess = Guess("", 0.0)
    if not evidence and (b"\0" in raw or not _decodes(raw, "utf-8")):
        guess = guess_encoding(raw)
        if guess.is_sure:
            chosen, evidence, confidence = guess.encoding, "words", guess.confidence
    if not marked and b"\0" in raw and not chosen.lower().startswith(("utf-16", "utf-32")):
        raise _binary_error(name)
    try:
        text = raw[len(mark) :].decode(chosen)
    except (UnicodeDecodeError, LookupError) as error:
        raise _encoding_error(raw, chosen, name, error, guess) from None
    if "\0" in text:
        raise _binary_error(name)
    digest = hashlib.sha256(raw).hexdigest()
    return TextSource(
        text, chosen, digest, len(raw), evidence=evidence, confidence=confidence, mark=mark
    )


def _binary_error(name: str) -> InputError:
    return InputError(
        "the file is binary, not text",
        where=name,
        remedy="give it the ending of its real format, or save it as UTF-8 text",
    )


def _is_utf8(raw: bytes) -> bool:
    """Whether bytes are certainly UTF-8: multi-byte letters do not occur by chance."""
    return not raw.isascii() and b"\0" not in raw and _decodes(raw, "utf-8")


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def read_bytes(path: Path, *, name: str = "", max_size: int = MAX_SIZE) -> bytes:
    """All bytes of a file.

    Raises:
        InputError: Unreadable, not a regular file, or larger than ``max_size`` bytes.
    """
    name = name or printable(str(path))
    try:
        # Opened without blocking, so that a named pipe called a.txt cannot hang the run.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except PermissionError:
        raise InputError(
            "there is no permission to read the file",
            where=name,
            remedy=f"allow it: chmod u+r {path.name!r}",
        ) from None
    except OSError as error:
        raise InputError(
            f"the file cannot be opened ({error.strerror})", where=name, remedy="check the path"
        ) from None
    facts = os.fstat(handle)
    if not stat.S_ISREG(facts.st_mode):
        os.close(handle)
        raise InputError("not a regular file", where=name, remedy="convert a copy of it")
    with os.fdopen(handle, "rb") as stream:
        if facts.st_size > max_size:
            raise InputError(
                f"the file has {facts.st_size / 1e6:.1f} MB, more than the limit of "
                f"{max_size / 1e6:.1f} MB",
                where=name,
                remedy="split it, or raise --max-size",
            )
        try:
            return _read_quietly(stream)
        except OSError as error:
            raise InputError(
                f"the file cannot be read ({error.strerror})",
                where=name,
                remedy="try again, or check the disk",
            ) from None


def _read_quietly(stream: BinaryIO) -> bytes:
    """All bytes of a file that, as far as can be told, nobody was writing meanwhile."""
    for _ in range(_TRIES):
        before = os.fstat(stream.fileno())
        content = stream.read()
        after = os.fstat(stream.fileno())
        same = (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, len(content))
        if same or not before.st_size:  # files in /proc do not report their size
            return content
        stream.seek(0)
    raise OSError(errno.EBUSY, "another program is writing it")


def _encoding_error(
    raw: bytes, chosen: str, name: str, error: Exception, guess: Guess
) -> InputError:
    if isinstance(error, LookupError):
        return InputError(
            f"there is no encoding called {chosen}", where=name, remedy="try --encoding cp1252"
        )
    at = error.start if isinstance(error, UnicodeDecodeError) else 0
    problem = f"the file is not {chosen.upper()} (byte {at} is 0x{raw[at]:02X})"
    likely = guess.encoding or name_likely(raw)
    if likely and likely != chosen:
        return InputError(
            f"{problem}; it looks like {likely}",
            where=name,
            remedy=f"check, then pass --encoding {likely}, or run iconv -f {likely} -t utf-8",
        )
    return InputError(
        problem, where=name, remedy="find out its encoding and pass it with --encoding"
    )


def _plain_line_ends(text: str) -> tuple[str, str, dict[int, str]]:
    """The text with ``\n`` line endings, the ending most lines had, and the others by offset."""
    if "\r" not in text:
        return text, "\n", {}
    pairs = text.count("\r\n")
    counts = {"\r\n": pairs, "\n": text.count("\n") - pairs, "\r": text.count("\r") - pairs}
    newline = max(counts, key=lambda end: counts[end])
    others = {}
    if counts[newline] < sum(counts.values()):
        dropped = 0
        for match in _LINE_END.finditer(text):
            if match[0] != newline:
                others[match.start() - dropped] = match[0]
            dropped += len(match[0]) - 1
    return text.replace("\r\n", "\n").replace("\r", "\n"), newline, others
