"""Letters and their diacritics."""

from __future__ import annotations

import unicodedata

_STROKED = str.maketrans("Đđ", "Dd")


def unstroke(text: str) -> str:
    """A text with d for đ; all other letters stay as they are."""
    return text.translate(_STROKED)


def strip_marks(text: str) -> str:
    """A text without diacritics; đ, whose stroke is not a mark in Unicode, becomes d.

    >>> strip_marks("Tuyên Quang, Đắk Lắk")
    'Tuyen Quang, Dak Lak'
    """
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", unstroke(text))
    return "".join(char for char in decomposed if not unicodedata.combining(char))
