"""PDF (.pdf): read only; its text comes out as Markdown.

PDFium reads it (pypdfium2), because it is fast, kept up by a browser's makers, comes as a wheel for
all common systems, and gets the order of lines and the spaces between words right more often than
pypdf. It runs in a process of its own (``extract``).
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from normalise.data import Document
from normalise.errors import InputError
from normalise.formats import markdown
from normalise.formats.pdf.compose import Line, compose
from normalise.formats.source import Reading, TextSource

NAME = "pdf"
HEEDS: tuple[str, ...] = ()

_SECONDS = 120
_PROBLEMS = {
    "missing": ("the package for PDF files is missing", "pip install 'normalise[pdf]'"),
    "password": (
        "the file is encrypted",
        "save a copy without a password (qpdf --decrypt IN OUT, with --password if it has one)",
    ),
    "damaged": ("it is no PDF file, or a damaged one", "fetch it again, or print it to a new file"),
    "size": ("it has more text than can be read at once", "split it into several files"),
}


def read(raw: bytes, name: str, reading: Reading) -> tuple[Document, TextSource]:
    """The text of a PDF file as a Markdown document.

    Raises:
        InputError: It is damaged or encrypted, has no text, or pypdfium2 is missing.
    """
    pages = [[Line(*line) for line in page] for page in _extract(raw, name)["pages"]]
    if not any(pages):
        raise InputError(
            "no page has any text: it was probably scanned",
            where=name,
            remedy="recognise the text first, for instance with ocrmypdf, and convert the result",
        )
    text, notes = compose(pages)
    source = TextSource(
        text, "utf-8", hashlib.sha256(raw).hexdigest(), len(raw), notes=tuple(notes)
    )
    return markdown.parse(text, name), source


def _extract(raw: bytes, name: str) -> dict[str, Any]:
    """What the program ``extract`` says about the file."""
    program = [sys.executable, str(Path(__file__).with_name("extract.py"))]
    try:
        done = subprocess.run(program, input=raw, capture_output=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        raise InputError(
            f"it could not be read within {_SECONDS} seconds",
            where=name,
            remedy="split it, or print it to a new file",
        ) from None
    except OSError as error:
        raise InputError(
            f"no process can be started to read it ({error.strerror})",
            where=name,
            remedy="close other programs, or use fewer --jobs",
        ) from None
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise InputError(
            f"the reader of PDF files failed on it (exit code {done.returncode})",
            where=name,
            remedy="print it to a new file and convert that",
        ) from None
    if "error" in found:
        problem, remedy = _PROBLEMS[found["error"]]
        raise InputError(problem, where=name, remedy=remedy)
    return found
