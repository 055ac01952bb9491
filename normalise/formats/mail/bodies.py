"""The text of a mail: what is quoted and what is not, lines of bounded length, and its coding."""

from __future__ import annotations

import base64
import binascii
import quopri
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import Message

from normalise.errors import InputError
from normalise.formats.encodings.vietnamese import DECOMPOSE
from normalise.formats.pieces import Gathering
from normalise.formats.source import TextSource

_QUOTED = re.compile(r"(?:[ \t]?>)+[ \t]?")
_SIGNATURE = "-- "
# A text whose lines are no longer was wrapped by the mail program.
_WRAPPED = 78
_WIDTH = 72
_LONGEST_LINE = 990  # bytes; the standard allows 998


@dataclass(slots=True)
class _Run:
    """Lines quoted alike, and the mark before each; the piece of their text, -1 if they stay."""

    mark: str
    lines: list[str]
    is_signature: bool = False
    piece: int = -1


@dataclass(slots=True)
class TextBody:
    """A text/plain body: its runs of lines, and the index of its first piece."""

    file: TextSource
    flowed: bool = False
    runs: list[_Run] = field(default_factory=list)

    def read(self, found: Gathering) -> None:
        """Add its texts to the document; quotation marks and the signature are left out."""
        signed: str | None = None  # the mark of the lines that are a signature
        for line in self.file.text.split("\n"):
            quoted = _QUOTED.match(line)
            mark = quoted[0] if quoted else ""
            words = line[len(mark) :]
            if words in (_SIGNATURE, _SIGNATURE.rstrip()):
                signed = mark
            elif mark != signed:
                signed = None
            last = self.runs[-1] if self.runs else None
            if last and (last.mark, last.is_signature) == (mark, signed is not None):
                last.lines.append(words)
            else:
                self.runs.append(_Run(mark, [words], signed is not None))
        for run in self.runs:
            text = "\n".join(run.lines)
            if not run.is_signature and text.strip():
                run.piece = found.add_text(text)

    def renew(self, texts: Sequence[str]) -> str | None:
        """The body with new texts, or None if they are the old ones."""
        changed = False
        lines: list[str] = []
        for run in self.runs:
            words = "\n".join(run.lines)
            if run.piece >= 0 and texts[run.piece] != words:
                changed = True
                words = "\n".join(self._wrap(texts[run.piece], run))
            lines += (run.mark + line for line in words.split("\n"))
        return "\n".join(lines) if changed else None

    def _wrap(self, text: str, run: _Run) -> list[str]:
        widest = max(map(len, run.lines))
        if widest > _WRAPPED and not self.flowed:
            return text.split("\n")
        room = max(_WIDTH, widest)
        lines = []
        for line in text.split("\n"):
            made = [line]
            if len(line) > room:
                made = textwrap.wrap(
                    line, room, break_long_words=False, break_on_hyphens=False
                ) or [""]
            # In flowed text a space at the end says that the paragraph goes on.
            lines += [f"{part} " for part in made[:-1]] if self.flowed else made[:-1]
            lines.append(made[-1])
        return lines


def uncode(headers: Message, body: bytes) -> bytes:
    """A body as it was before its transfer encoding.

    Raises:
        InputError: The encoding is unknown or the body damaged.
    """
    coding = find_coding(headers)
    if coding == "quoted-printable":
        return quopri.decodestring(body)
    if coding == "base64":
        try:
            return base64.b64decode(body)
        except (binascii.Error, ValueError):
            raise InputError("its base64 is damaged", remedy="fetch the mail again") from None
    if coding in ("7bit", "8bit", "binary"):
        return body
    problem = f"its transfer encoding {coding[:20]!r} is unknown"
    raise InputError(problem, remedy="save it as a file")


def find_coding(headers: Message) -> str:
    """The transfer encoding that a part declares."""
    return str(headers.get("content-transfer-encoding", "7bit")).strip().lower() or "7bit"


def recode(content: bytes, coding: str, newline: bytes) -> tuple[bytes, str]:
    """Bytes as a body in a transfer encoding, and which: another one if this cannot hold them."""
    if coding == "7bit" and not content.isascii():
        coding = "quoted-printable"
    if coding in ("7bit", "8bit") and any(
        len(line) > _LONGEST_LINE for line in content.split(b"\n")
    ):
        coding = "quoted-printable"
    if coding == "quoted-printable":
        plain = content.replace(b"\r\n", b"\n")
        return quopri.encodestring(plain).replace(b"\n", newline), coding
    if coding == "base64":
        coded = base64.encodebytes(content).rstrip(b"\n").replace(b"\n", newline)
        return coded, coding
    return content, coding


def encode_text(text: str, file: TextSource, newline: str) -> tuple[bytes, str]:
    """A text in the encoding of the file, or else in UTF-8; and which."""
    whole = text.replace("\n", newline)
    encoding = file.encoding_for(whole)
    return whole.encode(encoding, DECOMPOSE), encoding
