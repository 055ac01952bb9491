"""The archive (zip) that a document is: read within bounds, and written like the original."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from normalise.errors import InputError
from normalise.formats.source import Reading

MOST_MEMBERS = 20_000
# How many times the size of the largest file allowed everything may have unpacked: pictures and
# films hardly grow, and no more than one is in memory at a time.
_MOST_UNPACKED = 10
# Text that is longer than this is not repetitive enough to shrink so much.
_LONG, _MOST_RATIO = 20 * 1024 * 1024, 300
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = 0x1
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError,
           ValueError)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Container:
    """A document's archive; ``name`` is the document's, ``most`` the longest part in bytes."""

    archive: zipfile.ZipFile
    name: str
    most: int

    def has(self, part: str) -> bool:
        """Whether there is such a part."""
        return part in self.archive.NameToInfo

    def read(self, part: str) -> bytes:
        """The bytes of a part that has text.

        Raises:
            InputError: It is missing, damaged or too long.
        """
        info = self.archive.NameToInfo.get(part)
        if info is None:
            raise damaged(self.name, f"its part {part} is missing")
        packed = info.compress_size or 1
        if info.file_size > self.most or (
            info.file_size > _LONG and info.file_size / packed > _MOST_RATIO
        ):
            raise _too_large(self.name, info.file_size)
        return self._unpack(info)

    def pack(self, parts: Mapping[str, bytes]) -> bytes:
        """The archive with new contents of some parts; all else as it is."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as packed:
            for info in self.archive.infolist():
                content = parts.get(info.filename)
                if content is None:
                    content = self._unpack(info)
                member = zipfile.ZipInfo(info.filename, info.date_time)
                member.compress_type = info.compress_type
                member.create_system = info.create_system
                member.external_attr = info.external_attr
                member.comment = info.comment
                packed.writestr(member, content)
            packed.comment = self.archive.comment
        return out.getvalue()

    def _unpack(self, info: zipfile.ZipInfo) -> bytes:
        try:
            return self.archive.read(info)
        except _DAMAGE as error:
            raise damaged(self.name, f"{info.filename}: {error}") from None


def open_container(raw: bytes, name: str, reading: Reading) -> Container:
    """The archive in a document's bytes.

    Raises:
        InputError: It is damaged, encrypted, or would be too large unpacked.
    """
    if raw.startswith(_OLD_OFFICE):
        raise InputError(
            "the document has a password, or is in the binary format of before 2007",
            where=name,
            remedy="open it in LibreOffice or Word and save it anew, without a password",
        )
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except _DAMAGE as error:
        raise damaged(name, str(error)) from None
    members = archive.infolist()
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise encrypted(name)
    if len(members) > MOST_MEMBERS:
        raise InputError(
            f"the document has {len(members)} parts, more than the limit of {MOST_MEMBERS}",
            where=name,
            remedy="split it",
        )
    if len(members) > len(archive.NameToInfo):
        raise damaged(name, "two of its parts have the same name")
    if any(member.compress_type not in _METHODS for member in members):
        raise damaged(name, "a part is packed in an unusual way")
    size = sum(member.file_size for member in members)
    if size > _MOST_UNPACKED * reading.max_size:
        raise _too_large(name, size)
    return Container(archive, name, reading.max_size)


_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def damaged(name: str, reason: str) -> InputError:
    """The error of a document that is not what its ending says."""
    return InputError(
        f"the document is damaged or of another kind ({' '.join(reason.split())[:120]})",
        where=name,
        remedy="open it in LibreOffice or Word and save it again",
    )


def encrypted(name: str) -> InputError:
    """The error of a document that only its owner can read."""
    return InputError(
        "the document is encrypted",
        where=name,
        remedy="open it with its password and save it without",
    )


def _too_large(name: str, size: int) -> InputError:
    return InputError(
        f"the document would have {size / 1e6:.0f} MB unpacked, more than is safe",
        where=name,
        remedy="split it, or raise --max-size if you trust it",
    )
