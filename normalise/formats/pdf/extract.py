"""A program: a PDF file on standard input, the lines of its pages as JSON on standard output.

It runs in a process of its own, because PDF files are parsed by native code: one made to crash it,
or to fill the memory, must not end a whole run. For the same reason it imports nothing of ours.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import sys
from typing import Any

_MEMORY = 2 << 30  # bytes
_MOST_CHARACTERS = 20_000_000


def main() -> None:
    """Write ``{"pages": [[[text, left, right, height, size], …], …]}`` or ``{"error": …}``."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    try:
        import pypdfium2
    except ImportError:
        answer: dict[str, Any] = {"error": "missing"}
    else:
        try:
            document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
            answer = {"pages": read_pages(document)}
        except pypdfium2.PdfiumError as error:
            answer = {"error": "password" if "password" in str(error).lower() else "damaged"}
        except OverflowError:
            answer = {"error": "size"}
    sys.stdout.buffer.write(json.dumps(answer).encode("ascii"))


def read_pages(document: Any) -> list[list[list[Any]]]:
    """The lines of each page, in the order the file has them."""
    from pypdfium2 import PdfiumError

    pages = []
    total = 0
    for number in range(len(document)):
        try:
            page = document[number]
            lines = read_lines(page.get_textpage())
            page.close()
        except PdfiumError:
            lines = []  # a damaged page; the others may be sound
        total += sum(len(line[0]) for line in lines)
        if total > _MOST_CHARACTERS:
            raise OverflowError
        pages.append(lines)
    return pages


def read_lines(text: Any) -> list[list[Any]]:
    """Each line of a page: its text, left and right edge, height on the page, size of its letters.

    All are in points, from the lower left corner. A line that ends in a hyphen ends in U+0002,
    which is how PDFium marks one.
    """
    import pypdfium2.raw as pdfium

    lines: list[list[Any]] = []
    characters: list[str] = []
    inked: list[int] = []

    def end() -> None:
        if inked:
            first, last = _place(pdfium, text, inked[0]), _place(pdfium, text, inked[-1])
            size = _size(pdfium, text, inked[len(inked) // 2])
            lines.append(["".join(characters).strip(), first[0], last[1], first[2], size])
        characters.clear()
        inked.clear()

    for index in range(text.count_chars()):
        code = pdfium.FPDFText_GetUnicode(text, index)
        if code in (10, 13):
            end()
            continue
        characters.append(chr(code) if code < 0x110000 else "")
        if characters[-1].strip():
            inked.append(index)
        if code == 2:
            end()
    end()
    return lines


def _place(pdfium: Any, text: Any, index: int) -> tuple[float, float, float]:
    """Left and right of a character, and its base line."""
    numbers = [ctypes.c_double() for _ in range(4)]
    pdfium.FPDFText_GetCharBox(text, index, *map(ctypes.byref, numbers))
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(text, index, ctypes.byref(x), ctypes.byref(y))
    return round(numbers[0].value, 1), round(numbers[1].value, 1), round(y.value, 1)


def _size(pdfium: Any, text: Any, index: int) -> float:
    """The size of a character as it is seen."""
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(text, index, ctypes.byref(matrix))
    scale = abs(matrix.a * matrix.d - matrix.b * matrix.c) ** 0.5
    size: float = pdfium.FPDFText_GetFontSize(text, index) * scale
    return round(size, 1)


if __name__ == "__main__":
    main()
