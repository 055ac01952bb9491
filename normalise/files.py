"""Files: written completely or not at all, walked in a fixed order, named for people."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from normalise.errors import InputError

PRIVATE = ".normalise"
"""The folder in every output folder for what a run must not lose; never walked."""

# Control characters, marks that reverse or hide what follows, lone surrogates (how Python
# represents bytes that are not UTF-8), and the backslash that begins an escape.
_UNSHOWABLE = re.compile(
    "[\\\\\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
# A draft's name, now and in earlier versions. It does not extend the file's name, which may already
# have the greatest length allowed.
_DRAFT = re.compile(r"\.(?:[0-9a-f]{16}|.+\.\d+-\d+)\.tmp")


def printable(name: str) -> str:
    r"""A file name in a form that any terminal can show; different names never look the same.

    >>> printable("caf\udce9\n\x1b[31m.txt")
    'caf\\xe9\\x0a\\x1b[31m.txt'
    >>> printable("chi bộ.txt"), printable("a\\xe9.txt")
    ('chi bộ.txt', 'a\\\\xe9.txt')
    """
    return _UNSHOWABLE.sub(_escape, name)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if match[0] == "\\":
        return "\\\\"
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


class AtomicFile:
    """A file that appears under its name only when ``commit`` is called.

    The bytes go into a draft, which is renamed at the end and removed on any failure.

    Args:
        path: The file's final place; missing folders are created.
        drafts: The folder for the draft; without one, or if it is on another disk, the draft is
            written next to ``path``.

    Raises:
        OSError: (here and in use) The folder or file cannot be written.
    """

    def __init__(self, path: Path, drafts: Path | None = None) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = path.parent
        if drafts is not None and os.stat(drafts).st_dev == os.stat(folder).st_dev:
            folder = drafts
        self._draft = folder / f".{secrets.token_hex(8)}.tmp"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        self._stream = os.fdopen(os.open(self._draft, flags, 0o666), "wb")

    def write(self, content: bytes) -> None:
        """Add bytes to the draft."""
        self._stream.write(content)

    def commit(self) -> None:
        """Give the draft its final name, in one step; on failure the draft is removed."""
        try:
            self._stream.close()
            os.replace(self._draft, self.path)
        except BaseException:
            self.discard()
            raise

    def discard(self) -> None:
        """Remove the draft; harmless after ``commit``."""
        with contextlib.suppress(OSError):
            self._stream.close()
        self._draft.unlink(missing_ok=True)

    def __enter__(self) -> AtomicFile:
        return self

    def __exit__(self, kind: object, *rest: object) -> None:
        if kind is None:
            self.commit()
        else:
            self.discard()


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file completely, or not at all.

    Raises:
        InputError: The folder or file cannot be written.
    """
    try:
        with AtomicFile(path) as file:
            file.write(content)
    except OSError as error:
        raise cannot_write(path, error) from None


def cannot_write(path: Path, error: OSError) -> InputError:
    """The error that explains why a file or folder cannot be written."""
    return InputError(
        f"it cannot be written ({error.strerror or error})",
        where=printable(str(path)),
        remedy="check the folder's permissions and free space",
    )


def is_draft(name: str) -> bool:
    """Whether a file name is a draft's; no completed run leaves one behind."""
    return _DRAFT.fullmatch(name) is not None


def walk(
    folder: Path, note: Callable[[OSError], object] | None = None
) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Each folder below with its folders and files, always in the same order.

    Links to folders are listed among the folders but not followed, so that links cannot lead in
    circles; the caller may remove names from the list of folders. Private folders are left out.
    ``note`` is called with what cannot be listed.
    """
    for here, folders, files in os.walk(folder, onerror=note):
        folders[:] = sorted(name for name in folders if name != PRIVATE)
        yield Path(here), folders, sorted(files)


def list_files(folder: Path) -> Iterator[Path]:
    """All files below a folder."""
    for here, _, files in walk(folder):
        yield from (here / name for name in files)


def hash_file(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal digits; empty if there is no readable file."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    except OSError:
        return ""
    return digest.hexdigest()
