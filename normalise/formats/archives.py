"""Archives (.zip) of documents: what is in them, listed and read within bounds.

Nothing is ever unpacked to the disk: a member is read into memory when its turn comes.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from normalise.errors import InputError
from normalise.files import PRIVATE, printable
from normalise.formats.source import read_bytes

MOST_MEMBERS = 10_000
MOST_BYTES = 2 << 30
"""What all members together may have unpacked."""

DEEPEST = 3
"""How many archives may be one inside the other."""

# Text that is longer than this is not repetitive enough to shrink so much.
_LONG, _MOST_RATIO = 1 << 20, 200
_ENCRYPTED = 0x1
_END_OF_DIRECTORY = b"PK\5\6"
_TAIL = (1 << 16) + 22  # bytes at the end of a file that may hold that
_LONGEST_DIRECTORY = MOST_MEMBERS * 400  # bytes
_DRIVE = re.compile(r"[A-Za-z]:")
_LONGEST_NAME = 255  # bytes
_SHOWN = 3
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError,
           ValueError)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its path there (of several parts if it is in an archive inside), size.

    ``skipped`` says why it is left alone, ``error`` why it cannot be read.
    """

    names: tuple[str, ...]
    size: int = 0
    skipped: str = ""
    error: InputError | None = None

    @property
    def path(self) -> str:
        """Its path below the archive."""
        return "/".join(self.names)


def is_archive(path: Path) -> bool:
    """Whether a file is an archive of documents, by its name."""
    return path.suffix.lower() == ".zip"


def list_members(path: Path, where: str, max_size: int) -> Iterator[Member]:
    """The files in an archive and in those inside it, in the order of their paths.

    Members whose paths lead out of the archive are left out; one last member without names tells
    of them.

    Args:
        path: The archive.
        where: Its name in messages.
        max_size: The largest member in bytes that will be read.

    Raises:
        InputError: It is damaged, or has too much in it.
    """
    found: list[Member] = []
    odd: list[str] = []
    _list(_open_file(path, where), where, max_size, (), found, odd)
    yield from sorted(found, key=lambda member: member.path.encode())
    if odd:
        shown = ", ".join(map(printable, odd[:_SHOWN])) + (" …" if len(odd) > _SHOWN else "")
        problem = (
            f"{len(odd)} of its members {'has a path' if len(odd) == 1 else 'have paths'} that "
            f"cannot be used ({shown}), and stayed"
        )
        remedy = "unpack it with care and convert the folder"
        yield Member((), error=InputError(problem, where=where, remedy=remedy))


def read_member(path: Path, names: Sequence[str], where: str, max_size: int) -> bytes:
    """The bytes of a member.

    Raises:
        InputError: It is gone, damaged, encrypted or too large.
    """
    archive = _open_file(path, where)
    raw = b""
    for name in names:
        info = archive.NameToInfo.get(name)
        if info is None:
            raise InputError("it is no longer in the archive", where=where, remedy="run again")
        raw = _read(archive, info, where, max_size)
        if name is not names[-1]:
            archive = _open(io.BytesIO(raw), where)
    return raw


def find_member(path: Path) -> tuple[Path, Member] | None:
    """The archive in a path that leads into one, and the member there; None if there is none.

    Raises:
        InputError: The archive cannot be read.
    """
    archive = next((parent for parent in path.parents if parent.is_file()), None)
    if archive is None or not is_archive(archive):
        return None
    inside = path.relative_to(archive).as_posix()
    members = list_members(archive, printable(str(archive)), MOST_BYTES)
    return next(((archive, member) for member in members if member.path == inside), None)


def read_input(path: Path, where: str, max_size: int) -> bytes | None:
    """The bytes of a file, also of one inside an archive; None if there is none.

    Raises:
        InputError: It, or the archive, cannot be read.
    """
    if path.is_file():
        return read_bytes(path, name=where, max_size=max_size)
    found = find_member(path)
    if found is None:
        return None
    archive, member = found
    return read_member(archive, member.names, where, max_size)


def _list(
    archive: zipfile.ZipFile,
    where: str,
    max_size: int,
    outer: tuple[str, ...],
    found: list[Member],
    odd: list[str],
) -> None:
    seen: set[str] = set()
    for info in archive.infolist():
        name = info.filename
        if name.endswith("/"):
            continue
        if not _is_safe(name) or name in seen:
            odd.append(name)
            continue
        seen.add(name)
        member = _inspect(info, (*outer, name), where, max_size)
        if len(found) >= MOST_MEMBERS:
            raise _too_much(where, f"more than {MOST_MEMBERS} files")
        if not is_archive(Path(name)) or member.skipped or member.error:
            found.append(member)
        elif len(outer) + 1 >= DEEPEST:
            problem = f"more than {DEEPEST} archives are one inside the other"
            found.append(_fail(member, problem, where, "unpack it first"))
        else:
            place = f"{where}/{printable(name)}"
            try:
                inner = _open(io.BytesIO(_read(archive, info, place, max_size)), place)
                _list(inner, place, max_size, member.names, found, odd)
            except InputError as error:
                found.append(Member(member.names, member.size, error=error))
    if sum(member.size for member in found) > MOST_BYTES:
        raise _too_much(where, f"more than {MOST_BYTES / 1e9:.1f} GB unpacked")


def _too_much(where: str, what: str) -> InputError:
    return InputError(
        f"the archive holds {what}", where=where, remedy="unpack it and convert the folder"
    )


def _inspect(info: zipfile.ZipInfo, names: tuple[str, ...], where: str, max_size: int) -> Member:
    member = Member(names, info.file_size)
    if stat.S_ISLNK(info.external_attr >> 16):
        return Member(names, skipped="link")
    if "__MACOSX" in info.filename.split("/"):
        return Member(names, skipped="made by the system that packed it")
    problem = _find_problem(info, max_size)
    return _fail(member, problem[0], where, problem[1]) if problem else member


def _fail(member: Member, problem: str, where: str, remedy: str) -> Member:
    place = f"{where}/{printable(member.names[-1])}"
    return Member(member.names, error=InputError(problem, where=place, remedy=remedy))


def _find_problem(info: zipfile.ZipInfo, max_size: int) -> tuple[str, str] | None:
    """Why a member must not be read, and the remedy."""
    if info.flag_bits & _ENCRYPTED:
        return "it is encrypted", "unpack the archive with its password and convert the folder"
    if info.file_size > max_size:
        size, most = (f"{number / 1e6:.1f} MB" for number in (info.file_size, max_size))
        problem = f"the file has {size} unpacked, more than the limit of {most}"
        return problem, "split it, or raise --max-size"
    if info.file_size > _LONG and info.file_size > _MOST_RATIO * max(1, info.compress_size):
        return (
            f"it would unpack to more than {_MOST_RATIO} times its size, as no text does",
            "unpack it and look at it, if you trust where it is from",
        )
    return None


def _open_file(path: Path, where: str) -> zipfile.ZipFile:
    try:
        if not path.is_file():
            raise InputError("not a regular file", where=where, remedy="convert a copy of it")
        status = path.stat()
        return _open_once(path, where, (status.st_mtime_ns, status.st_size))
    except OSError as error:
        raise InputError(
            f"the archive cannot be read ({error.strerror})", where=where, remedy="check the path"
        ) from None


@lru_cache(maxsize=2)
def _open_once(path: Path, where: str, stamp: tuple[int, int]) -> zipfile.ZipFile:
    # Kept open, because its members are read one by one. It must stay open as long as it is used.
    return _open(path.open("rb"), where)


def _open(file: BinaryIO, where: str) -> zipfile.ZipFile:
    # The directory comes last; a long one would fill the memory before it could be counted.
    file.seek(0, io.SEEK_END)
    file.seek(max(0, file.tell() - _TAIL))
    _, found, end = file.read().rpartition(_END_OF_DIRECTORY)
    if found and int.from_bytes(end[8:12], "little") > _LONGEST_DIRECTORY:
        raise _too_much(where, f"more than {MOST_MEMBERS} files")
    try:
        return zipfile.ZipFile(file)
    except _DAMAGE as error:
        raise _damaged(where, error) from None


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str, max_size: int) -> bytes:
    if problem := _find_problem(info, max_size):
        raise InputError(problem[0], where=where, remedy=problem[1])
    try:
        with archive.open(info) as stream:
            # It stops at the size that the archive says, and checks the content.
            return stream.read()
    except _DAMAGE as error:
        raise _damaged(where, error) from None


def _damaged(where: str, error: BaseException) -> InputError:
    reason = printable(" ".join(str(error).split()))[:120]
    return InputError(
        f"the archive is damaged ({reason})", where=where, remedy="fetch or pack it again"
    )


def _is_safe(name: str) -> bool:
    """Whether a path stays inside, on any system."""
    parts = name.split("/")
    return (
        not any(part in ("", ".", "..", PRIVATE) for part in parts)
        and "\\" not in name
        and "\0" not in name
        and not _DRIVE.match(name)
        and not any("\ud800" <= character <= "\udfff" for character in name)
        and max(len(part.encode()) for part in parts) <= _LONGEST_NAME
    )
