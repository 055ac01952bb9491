"""How long a CTranslate2 model file should be, judging by its own content.

CTranslate2 reads the variables that the file announces and stops; it never looks at what follows,
so a working model may have anything appended to it.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from normalise.errors import PackageError

# Versions of the format whose layout is known; CTranslate2 4 writes the last.
_KNOWN = range(2, 7)
_REMEDY = "download the package again from a source you trust"


def check_length(file: Path) -> None:
    """Refuse a model that is cut short or has something appended.

    Files of an unknown version are left to CTranslate2.

    Raises:
        PackageError: The file does not have the length it should.
    """
    size = file.stat().st_size
    with file.open("rb") as stream:
        try:
            end = _find_end(stream, size)
        except (struct.error, EOFError):
            raise PackageError("model.bin is cut short", where=str(file), remedy=_REMEDY) from None
    if end is not None and end != size:
        raise PackageError(
            f"model.bin has {size - end} bytes after its end", where=str(file), remedy=_REMEDY
        )


def _find_end(stream: BinaryIO, size: int) -> int | None:
    version = _read(stream, "I")
    if version not in _KNOWN:
        return None
    _skip_name(stream, size)
    _read(stream, "I")  # revision of the specification
    for _ in range(_read(stream, "I")):
        _skip_name(stream, size)
        _skip(stream, 4 * _read(stream, "B"), size)  # the dimensions
        item = _read(stream, "B")  # the type; in old versions the size of an item
        length = _read(stream, "I")
        _skip(stream, length if version >= 4 else length * item, size)
    if version >= 3:
        for _ in range(_read(stream, "I")):  # aliases of variables
            _skip_name(stream, size)
            _skip_name(stream, size)
    return stream.tell()


def _read(stream: BinaryIO, kind: str) -> int:
    return int(struct.unpack(f"<{kind}", stream.read(struct.calcsize(kind)))[0])


def _skip_name(stream: BinaryIO, size: int) -> None:
    _skip(stream, _read(stream, "H"), size)


def _skip(stream: BinaryIO, length: int, size: int) -> None:
    if stream.seek(length, 1) > size:
        raise EOFError
