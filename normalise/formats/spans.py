"""Text files whose pieces are spans of characters; everything between them stays as it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from normalise.data import Document
from normalise.formats.encodings.vietnamese import DECOMPOSE
from normalise.formats.pieces import Gathering, PieceSource
from normalise.formats.source import TextSource

Span = tuple[int, int]
_NOTHING = TextSource("")


@dataclass(frozen=True, slots=True)
class SpanSource(PieceSource):
    """A file's characters as they are, line ends and all, and the span of each piece in them."""

    file: TextSource = _NOTHING
    spans: tuple[Span, ...] = ()

    def encoding_for(self, text: str) -> str:
        """The encoding to write ``text`` in: the file's if possible, or else UTF-8."""
        return self.file.encoding_for(text)

    @property
    def newline(self) -> str:
        """The first line end of the file."""
        at = self.file.text.find("\n")
        if at < 0:
            return "\r" if "\r" in self.file.text else "\n"
        return "\r\n" if self.file.text[at - 1 : at] == "\r" else "\n"

    def old_texts(self) -> list[str]:
        """The pieces as they were read."""
        return [self.text[piece.start : piece.end] for piece in self.pieces]

    def put(self, written: Sequence[str | None]) -> bytes:
        """The file with new characters in each span; None leaves them as they are."""
        whole = self.file.text
        parts: list[str] = []
        reached = 0
        for (start, end), new in zip(self.spans, written, strict=True):
            if new is not None:
                parts += (whole[reached:start], new)
                reached = end
        text = "".join([*parts, whole[reached:]])
        encoding = self.file.encoding_for(text)
        mark = self.file.mark if encoding == self.file.encoding else b""
        return mark + text.encode(encoding, DECOMPOSE)


def make_source(
    raw: bytes,
    document: Document,
    file: TextSource,
    found: Gathering,
    spans: Iterable[Span],
    notes: Iterable[str] = (),
) -> SpanSource:
    """The source of a document whose pieces are spans of ``file``, in order."""
    source = SpanSource(
        document.text, file.encoding, file.sha256, file.size, raw,
        tuple(found.pieces), tuple(found.parts), file, tuple(spans),
    )  # fmt: skip
    return replace(
        source, evidence=file.evidence, confidence=file.confidence, notes=tuple(notes)
    )
