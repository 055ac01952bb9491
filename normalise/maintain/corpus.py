"""The documents that `diff`, `suggest` and `measure` read: those in English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from normalise.data import Block, Document
from normalise.errors import InputError
from normalise.files import list_files, printable
from normalise.formats import read_document, suffixes
from normalise.segment import split

ENGLISH = "en"


def list_documents(paths: Iterable[Path]) -> list[Path]:
    """The readable files among files and folders, searched recursively, in a stable order.

    Raises:
        InputError: A path does not exist, or there is nothing to read.
    """
    paths = list(paths)
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            files = (file for file in list_files(path) if file.suffix.lower() in suffixes())
            found += sorted(file for file in files if file.is_file())
        elif path.exists():
            found.append(path)
        else:
            raise InputError(
                "there is no such file or folder", where=str(path), remedy="check the name"
            )
    if not found:
        raise InputError(
            "no document here", where=", ".join(map(str, paths)),
            remedy="give a folder with " + " or ".join(suffixes()) + " files",
        )  # fmt: skip
    return list(dict.fromkeys(found))


class Corpus:
    """Documents read one by one.

    Attributes:
        skipped: After reading: the documents left out, each with a reason: the code of its language
            if not English, or why it cannot be read.
    """

    def __init__(self, paths: Iterable[Path], *, english_only: bool = True) -> None:
        self._files = list_documents(paths)
        self._english_only = english_only
        self.skipped: list[tuple[str, str]] = []

    def __len__(self) -> int:
        return len(self._files)

    def __iter__(self) -> Iterator[Document]:
        from normalise.stages.detect import Detector

        self.skipped = []
        detector = Detector()
        for file in self._files:
            try:
                document, _ = read_document(file)
            except InputError as error:
                self.skipped.append((printable(str(file)), error.problem))
                continue
            code = detector.detect_document(document.text).code if self._english_only else ENGLISH
            # If there is too little text to tell, it is taken as English, as in the pipeline.
            if code in (ENGLISH, "und"):
                yield document
            else:
                self.skipped.append((printable(str(file)), code))


def sentence_spans(
    document: Document, blocks: Sequence[Block] | None = None
) -> list[tuple[int, int]]:
    """The sentences of the document's prose, as offsets in its text."""
    spans = []
    for block in document.blocks if blocks is None else blocks:
        for segment in split(document.text[block.start : block.end], ENGLISH):
            spans.append((block.start + segment.start, block.start + segment.end))
    return spans


def line_number(text: str, position: int) -> int:
    """The line (from 1) of a position."""
    return text.count("\n", 0, position) + 1


def one_line(text: str) -> str:
    """A text with every run of white space replaced by one space."""
    return " ".join(text.split())
