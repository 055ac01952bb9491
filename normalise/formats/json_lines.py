"""JSON, one value per line, written so that every reader sees one line.

``str.splitlines``, and readers like it, also break lines at U+0085, U+2028 and U+2029, which JSON
leaves as they are inside a string. They are written as escapes, and so are lone surrogates, which
no encoding can represent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":")
).encode
_UNSAFE = re.compile("[\u0085\u2028\u2029\ud800-\udfff]")


def dump_line(value: Any) -> str:
    """A value as one line of JSON, with its line ending.

    Raises:
        ValueError: A number is infinite or NaN.
        RecursionError: It is nested too deeply.

    >>> dump_line({"text": "a\\u2028b"})
    '{"text":"a\\\\u2028b"}\\n'
    """
    return dump(value) + "\n"


def dump(value: Any) -> str:
    """The same without the line ending."""
    line = _encode(value)
    # Such characters occur only in strings, where an escape means the same.
    return line if line.isascii() else _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", line)


def split_lines(text: str) -> Iterator[str]:
    """The lines of a text, separated only by line feeds; blank ones are left out."""
    return (line for line in text.split("\n") if line.strip())
