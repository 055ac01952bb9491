"""Where the parts of a mail are: the standard library reads the headers, but gives no places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser

from normalise.errors import InputError

Span = tuple[int, int]

MOST_LAYERS = 20
MOST_PARTS = 1000
_SEALED = {
    "multipart/signed": "signed",
    "multipart/encrypted": "encrypted",
    "application/pkcs7-mime": "signed or encrypted",
    "application/x-pkcs7-mime": "signed or encrypted",
}
_BLANK_LINE = re.compile(rb"(?:\A|(?<=\n))\r?\n")
_FIELD = re.compile(rb"[^\r\n]+(?:\r?\n[ \t][^\r\n]*)*")


@dataclass(frozen=True, slots=True)
class Part:
    """A message, or a part that holds no others: its headers, and where they and its body are.

    ``is_message`` says that it has a subject of its own; ``sealed`` that it is signed or encrypted,
    and how.
    """

    headers: Message
    head: Span
    body: Span
    is_message: bool = False
    is_leaf: bool = True
    sealed: str = ""

    def find_field(self, raw: bytes, name: str) -> Span | None:
        """Where the first header field of a name is, without its last line end."""
        for field in _FIELD.finditer(raw, *self.head):
            if field[0].partition(b":")[0].strip().lower() == name.encode():
                return field.span()
        return None


def find_parts(raw: bytes, where: str) -> Iterator[Part]:
    """The messages and the parts of a mail, in order; nothing from inside a sealed one.

    Raises:
        InputError: There are too many of them, or too many layers.
    """
    count = 0
    waiting: list[tuple[Span, bool, int]] = [((0, len(raw)), True, 0)]
    while waiting:
        (start, end), is_message, layer = waiting.pop()
        count += 1
        if count > MOST_PARTS or layer > MOST_LAYERS:
            much = f"{MOST_PARTS} parts" if count > MOST_PARTS else f"{MOST_LAYERS} layers of parts"
            raise InputError(
                f"the mail has more than {much}", where=where, remedy="save its parts as files"
            )
        blank = _BLANK_LINE.search(raw, start, end)
        body = blank.end() if blank else end
        head = (start, blank.start() if blank else end)
        headers = BytesHeaderParser().parsebytes(raw[slice(*head)])
        kind = headers.get_content_type()
        inner: list[tuple[Span, bool, int]] = []
        if kind in _SEALED:
            yield Part(headers, head, (body, end), is_message, True, _SEALED[kind])
            continue
        if headers.get_content_maintype() == "multipart":
            boundary = headers.get_boundary()
            spans = _split(raw, (body, end), boundary) if boundary else []
            inner = [(span, False, layer + 1) for span in spans]
        elif kind == "message/rfc822":
            inner = [((body, end), True, layer + 1)]
        yield Part(headers, head, (body, end), is_message, not inner)
        waiting += reversed(inner)


def _split(raw: bytes, body: Span, boundary: str) -> list[Span]:
    """The parts between the lines of a boundary; the last one may have been cut off."""
    mark = re.escape(boundary.encode("utf-8", "surrogateescape"))
    line_of = re.compile(rb"(?:\A|(?<=\n))--" + mark + rb"(--)?[ \t]*(?:\r?\n|\Z)")
    spans: list[Span] = []
    begun = None
    for line in line_of.finditer(raw[slice(*body)]):
        at = body[0] + line.start()
        if begun is not None:
            # The line end before the boundary belongs to it.
            end = at - 2 if raw[at - 2 : at] == b"\r\n" else at - 1
            spans.append((begun, max(begun, end)))
        begun = body[0] + line.end()
        if line[1]:
            return spans
    if begun is not None and begun < body[1]:
        spans.append((begun, body[1]))
    return spans
