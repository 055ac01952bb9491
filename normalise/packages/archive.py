"""Open package archives without trusting whoever made them.

Argos unpacks archives straight into its folder. Here every entry is checked before the first byte
is written: its path, its kind, its size, and that no two entries have the same name.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from normalise.errors import PackageError

MAX_ENTRIES = 10_000
MAX_TOTAL = 4 << 30  # bytes unpacked; Argos's largest packages have a tenth of this
MAX_RATIO = 100  # unpacked to packed; weights compress to about a half
RATIO_MATTERS = 64 << 20  # bytes unpacked; below this, a high ratio is harmless
_REMEDY = "download the package again from a source you trust"


def unpack_archive(archive: Path, into: Path) -> Path:
    """Unpack an ``.argosmodel`` into an empty folder and return the package's folder in it.

    Raises:
        PackageError: The file is not a zip archive, is damaged, or contains something that does not
            belong in a package. ``into`` may then contain a part of it.
    """
    where = str(archive)
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = check_entries(opened.infolist(), where)
            for name, entry in entries.items():
                target = into.joinpath(*name.split("/"))
                if entry.is_dir():
                    target.mkdir(parents=True, exist_ok=True)
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                _write_entry(opened, entry, target, where)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        message = f"is not a zip archive or is damaged ({error})"
        raise PackageError(message, where=where, remedy=_REMEDY) from None
    except NotImplementedError as error:
        raise PackageError(f"cannot be unpacked ({error})", where=where, remedy=_REMEDY) from None
    except FileNotFoundError:
        raise PackageError("there is no such file", where=where) from None
    except OSError as error:  # a full disk; or a place in the file that cannot be
        raise PackageError(
            f"cannot be unpacked ({error.strerror or error})", where=where,
            remedy="check the disk, or download the package again",
        ) from None  # fmt: skip
    found = [path.parent for path in into.glob("*/metadata.json")]
    if len(found) != 1:
        message = "must contain one folder with metadata.json"
        raise PackageError(message, where=where, remedy=_REMEDY)
    return found[0]


@contextmanager
def named_as(shown: Path, folder: Path, remedy: str = _REMEDY) -> Iterator[None]:
    """Make errors about a temporary ``folder`` refer to ``shown``, which the user knows."""
    try:
        yield
    except PackageError as error:
        where = Path(error.where)
        if not where.is_relative_to(folder):
            raise
        inside = where.relative_to(folder).as_posix()
        place = str(shown) if inside == "." else f"{shown} ({inside})"
        # "install it again" is no help to someone who is just installing or building it.
        again = not error.remedy or error.remedy.startswith("install ")
        # Libraries put the path into their messages.
        problem = error.problem.replace(f"{folder}{os.sep}", "")
        mend = remedy if again else error.remedy
        raise PackageError(problem, where=place, remedy=mend) from None


def check_entries(entries: list[zipfile.ZipInfo], where: str) -> dict[str, zipfile.ZipInfo]:
    """Check the entries of an archive; returns them by their clean names, in archive order.

    What a Mac adds to every zip (``__MACOSX``, ``.DS_Store``) is left out.

    Raises:
        PackageError: An entry is absolute, leads upwards, is a link or encrypted, or shares its
            name with another; or there are too many, or they are too large.
    """

    def refuse(message: str) -> PackageError:
        return PackageError(message, where=where, remedy=_REMEDY)

    if len(entries) > MAX_ENTRIES:
        raise refuse(f"contains {len(entries)} entries, more than {MAX_ENTRIES}")
    total = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if total > MAX_TOTAL:
        raise refuse(f"would unpack to {total} bytes, more than {MAX_TOTAL}")
    for large, small in [(total, packed), *((e.file_size, e.compress_size) for e in entries)]:
        if large > RATIO_MATTERS and large > MAX_RATIO * small:
            raise refuse(f"would unpack {small} bytes to {large}, as zip bombs do")
    clean: dict[str, zipfile.ZipInfo] = {}
    taken: dict[str, bool] = {}  # folded name → is a folder
    for entry in entries:
        # orig_filename is what the archive says; filename has already been corrected by zipfile.
        name = check_name(entry.orig_filename, where)
        if name.split("/")[0] == "__MACOSX" or name.endswith(".DS_Store"):
            continue
        mode = entry.external_attr >> 16
        kind = stat.S_IFMT(mode)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise refuse(f"entry {name!r} is a link or a special file")
        if entry.flag_bits & 0x1:
            raise refuse(f"entry {name!r} is encrypted")
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in taken and not (taken[folded] and entry.is_dir()):
            raise refuse(f"entry {name!r} occurs twice")
        taken[folded] = entry.is_dir()
        clean[name] = entry
    for folded in taken:
        parts = folded.split("/")
        if any(taken.get("/".join(parts[:i])) is False for i in range(1, len(parts))):
            raise refuse(f"entry {folded!r} is inside a file")
    return clean


def check_name(name: str, where: str) -> str:
    """The clean name of an entry.

    Raises:
        PackageError: The name could lead out of the folder, or means different things on
            different systems.

    >>> check_name("translate-nb_en-1_9/model/model.bin", "x")
    'translate-nb_en-1_9/model/model.bin'
    """
    bare = name.removesuffix("/")
    parts = bare.split("/")
    unsafe = (
        not bare
        or re.search(r'[\x00-\x1f\\:*?"<>|]', bare)
        or any(part in ("", ".", "..") or part != part.strip() for part in parts)
    )
    if unsafe:
        raise PackageError(
            f"entry {name!r} has a path that could lead elsewhere", where=where, remedy=_REMEDY
        )
    return bare


def _write_entry(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, where: str) -> None:
    """Copy one entry, and no more bytes than it announced."""
    written = 0
    with opened.open(entry) as source, target.open("xb") as out:
        while block := source.read(1 << 20):
            written += len(block)
            if written > entry.file_size:
                raise PackageError(
                    f"entry {entry.filename!r} is larger than it says", where=where, remedy=_REMEDY
                )
            out.write(block)
    if written != entry.file_size:
        raise PackageError(f"entry {entry.filename!r} is cut short", where=where, remedy=_REMEDY)


def pack_folder(package: Path, archive: Path, name: str) -> None:
    """Write a package as an ``.argosmodel``: the same files always give the same bytes.

    Raises:
        PackageError: The archive already exists.
    """
    if archive.exists():
        message = "the file already exists"
        raise PackageError(message, where=str(archive), remedy="remove it or choose another name")
    temporary = archive.with_name(f".{archive.name}.part")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as out:
            for path in sorted(package.rglob("*")):
                if not path.is_file():
                    continue
                entry = zipfile.ZipInfo(f"{name}/{path.relative_to(package).as_posix()}")
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                entry.file_size = path.stat().st_size
                with path.open("rb") as source, out.open(entry, "w") as target:
                    while block := source.read(1 << 20):
                        target.write(block)
        temporary.replace(archive)
    finally:
        temporary.unlink(missing_ok=True)
