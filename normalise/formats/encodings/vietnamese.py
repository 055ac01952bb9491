"""Vietnamese encodings that Python lacks, TCVN 5712 and VISCII, and how it writes Windows-1258.

Importing this module makes ``tcvn`` (also ``tcvn3``, as its fonts are called) and ``viscii`` known
to Python. The tables are facts of the standards TCVN 5712:1993 and RFC 1456, as the GNU C library's
``iconv`` has them. TCVN's capitals in the place of control characters are left out: those fonts
show capitals instead, and texts have control characters there.
"""

from __future__ import annotations

import codecs
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

DECOMPOSE = "normalise.decompose"
"""Error handler for writing: separates letters and tone marks where the encoding must."""

TONES = "\u0300\u0301\u0303\u0309\u0323"

# The characters of the bytes from 0x80 on.
_TCVN = (
    "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ\u00a0ĂÂÊÔƠƯĐăâêôơưđ"
    "Ằ\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽ"
    "éẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ"
)
_VISCII = (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ"
    "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"
)
_VISCII_CONTROLS = {0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"}
_NAMES = {"tcvn": "tcvn", "tcvn3": "tcvn", "tcvn5712": "tcvn", "viscii": "viscii"}


def _make_codec(name: str) -> codecs.CodecInfo:
    """One letter for each byte, both ways."""
    high, controls = (_TCVN, {}) if name == "tcvn" else (_VISCII, _VISCII_CONTROLS)
    table = "".join(controls.get(byte, chr(byte)) for byte in range(0x80)) + high
    back = codecs.charmap_build(table)

    def encode(text: str, errors: str = "strict") -> tuple[bytes, int]:
        return codecs.charmap_encode(text, errors, back)

    def decode(raw: Buffer, errors: str = "strict") -> tuple[str, int]:
        return codecs.charmap_decode(bytes(raw), errors, table)

    return codecs.CodecInfo(encode, decode, name=name)


def _find(name: str) -> codecs.CodecInfo | None:
    known = _NAMES.get(name.replace("-", "").replace("_", "").replace(" ", ""))
    return _make_codec(known) if known else None


def _decompose(error: UnicodeError) -> tuple[str, int]:
    """Separate a letter and its tone mark, as Windows-1258 does for Vietnamese."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    whole = error.object[error.start]
    parts = unicodedata.normalize("NFD", whole)
    tones = "".join(part for part in parts if part in TONES)
    letter = unicodedata.normalize("NFC", "".join(part for part in parts if part not in TONES))
    if not tones or letter + tones == whole or len(letter) != 1:
        raise error
    return letter + tones, error.start + 1


codecs.register(_find)
codecs.register_error(DECOMPOSE, _decompose)
