"""Files, each thing once: written whole or not at all, walked in one order, named for people."""

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
"""The folder in every output folder that holds what a run must not lose; never walked."""

# Control characters, marks that turn or hide what follows, halves of pairs (how Python holds
# bytes that are not UTF-8), and the backslash that begins an escape.
_UNSHOWABLE = re.compile(
    "[\\\\\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
# A draft's name, as it is now and as earlier versions had it. Short: the longest name a folder
# takes has no room for an addition.
_DRAFT = re.compile(r"\.(?:[0-9a-f]{16}|.+\.\d+-\d+)\.tmp")


def printable(name: str) -> str:
    r"""A file name as it can be shown on any terminal; two names are never shown alike.

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

    The bytes go to a draft, which is renamed at the end and removed on any failure.

    Args:
        path: The file's final place; folders on the way are made.
        drafts: The folder for the draft; beside ``path`` where there is none, or where it lies
            on another disk.

    Raises:
        OSError: (here and on use) The folder or file cannot be written.
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
        """Give the draft its name, in one step; on failure the draft is removed."""
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
    """Write a whole file, or nothing.

    Raises:
        InputError: The folder or file cannot be written.
    """
    try:
        with AtomicFile(path) as file:
            file.write(content)
    except OSError as error:
        raise cannot_write(path, error) from None


def cannot_write(path: Path, error: OSError) -> InputError:
    """The error that tells a person why a file or folder cannot be written."""
    return InputError(
        f"it cannot be written ({error.strerror or error})",
        where=printable(str(path)),
        remedy="check the folder's permissions and free space",
    )


def is_draft(name: str) -> bool:
    """Whether a file name is that of a draft, which no finished run leaves behind."""
    return _DRAFT.fullmatch(name) is not None


def walk(
    folder: Path, note: Callable[[OSError], object] | None = None
) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Each folder below with its folders and files, in an order that never varies.

    Links to folders are listed among the folders and not followed, so that no loop of links can
    catch the walk; names may be removed from the list of folders on the way. Private folders are
    left out. ``note`` is told what cannot be listed.
    """
    for here, folders, files in os.walk(folder, onerror=note):
        folders[:] = sorted(name for name in folders if name != PRIVATE)
        yield Path(here), folders, sorted(files)


def list_files(folder: Path) -> Iterator[Path]:
    """All files below a folder."""
    for here, _, files in walk(folder):
        yield from (here / name for name in files)


def hash_file(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal digits; empty where there is no file to read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    except OSError:
        return ""
    return digest.hexdigest()
