"""The bytes of a text file: encoding, line ends, and the errors that say how to mend it."""

from __future__ import annotations

import codecs
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from normalise.errors import InputError

MAX_SIZE = 50 * 1024 * 1024

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Source:
    """A text file as read: its text with ``\\n`` for every line end, and how to write it back."""

    text: str
    encoding: str = "utf-8"
    mark: bytes = b""
    newline: str = "\n"
    sha256: str = ""
    size: int = 0

    def encode(self, text: str) -> bytes:
        """``text`` as bytes, with this file's line ends, byte order mark and encoding.

        Characters that a single-byte encoding lacks turn the file into UTF-8: nothing is lost.
        """
        if self.newline != "\n":
            text = text.replace("\n", self.newline)
        try:
            return self.mark + text.encode(self.encoding)
        except UnicodeEncodeError:
            return text.encode("utf-8")


def read_source(
    path: Path, *, name: str = "", encoding: str = "", max_size: int = MAX_SIZE
) -> Source:
    """Read and decode a file; never guesses an encoding in silence.

    Raises:
        InputError: Unreadable, empty, larger than ``max_size`` bytes, binary, or not in
            ``encoding`` (by default UTF-8, or what a byte order mark says).
    """
    name = name or str(path)
    return decode(_read_bytes(path, name, max_size), name=name, encoding=encoding)


def decode(raw: bytes, *, name: str = "", encoding: str = "") -> Source:
    """Decode the bytes of a file, as ``read_source`` does.

    >>> decode(b"\\xef\\xbb\\xbfone\\r\\ntwo\\r\\n").text
    'one\\ntwo\\n'
    """
    mark, marked = b"", ""
    for candidate, codec in _MARKS:
        if raw.startswith(candidate):
            mark, marked = candidate, codec
            break
    chosen = marked or encoding or "utf-8"
    if not raw[len(mark) :].strip():
        raise InputError("the file is empty", where=name, remedy="delete it or fill it")
    if not marked and b"\0" in raw and not chosen.lower().startswith(("utf-16", "utf-32")):
        raise InputError(
            "the file is binary, not text",
            where=name,
            remedy="give it the ending of its real format, or save it as UTF-8 text",
        )
    try:
        text = raw[len(mark) :].decode(chosen)
    except (UnicodeDecodeError, LookupError) as error:
        raise _encoding_error(raw, chosen, name, error) from None
    if "\0" in text:
        raise InputError(
            "the file is binary, not text",
            where=name,
            remedy="give it the ending of its real format, or save it as UTF-8 text",
        )
    text, newline = _plain_line_ends(text)
    return Source(text, chosen, mark, newline, hashlib.sha256(raw).hexdigest(), len(raw))


def _read_bytes(path: Path, name: str, max_size: int) -> bytes:
    try:
        # Opened without waiting, so that a named pipe called a.txt cannot hang the run.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except PermissionError:
        raise InputError(
            "the file may not be read", where=name, remedy=f"allow it: chmod u+r {path.name!r}"
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
            return stream.read()
        except OSError as error:
            raise InputError(
                f"the file cannot be read ({error.strerror})", where=name, remedy="check the disk"
            ) from None


def _encoding_error(raw: bytes, chosen: str, name: str, error: Exception) -> InputError:
    if isinstance(error, LookupError):
        return InputError(
            f"there is no encoding called {chosen}", where=name, remedy="try --encoding cp1252"
        )
    at = error.start if isinstance(error, UnicodeDecodeError) else 0
    problem = f"the file is not {chosen.upper()} (byte {at} is 0x{raw[at]:02X})"
    likely = _likely_encoding(raw)
    if likely and likely != chosen:
        return InputError(
            f"{problem}; it looks like {likely}",
            where=name,
            remedy=f"check, then pass --encoding {likely}, or run iconv -f {likely} -t utf-8",
        )
    return InputError(
        problem, where=name, remedy="find out its encoding and pass it with --encoding"
    )


def _likely_encoding(raw: bytes) -> str:
    """A guess for the message alone; nothing is ever decoded on its strength."""
    if any(0x80 <= byte <= 0x9F for byte in raw):
        candidates = ["cp1252", "cp1258", "shift_jis", "gb18030"]
    else:
        candidates = ["latin-1"]
    for codec in candidates:
        try:
            raw.decode(codec)
        except UnicodeDecodeError:
            continue
        return codec
    return ""


def _plain_line_ends(text: str) -> tuple[str, str]:
    """The text with ``\\n`` line ends, and the line end it mostly had."""
    if "\r" not in text:
        return text, "\n"
    pairs = text.count("\r\n")
    counts = {"\r\n": pairs, "\n": text.count("\n") - pairs, "\r": text.count("\r") - pairs}
    newline = max(counts, key=lambda end: counts[end])
    return text.replace("\r\n", "\n").replace("\r", "\n"), newline
