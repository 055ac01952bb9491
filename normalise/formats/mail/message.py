"""Mail (.eml): subject, texts, pages and attachments; all else byte for byte.

What is signed or encrypted stays as it is: a change would break it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.charset import Charset
from email.errors import HeaderParseError
from email.header import Header, decode_header, make_header
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path

from normalise.data import Document
from normalise.errors import InputError
from normalise.files import printable
from normalise.formats import find_format, read_document, write_pieces
from normalise.formats.mail.bodies import TextBody, encode_text, find_coding, recode, uncode
from normalise.formats.mail.structure import Part, Span, find_parts
from normalise.formats.pieces import Gathering, PieceSource
from normalise.formats.source import Reading, decode

NAME = "eml"
HEEDS = ("encoding", "fields", "main_text")

_REPLY = re.compile(r"(?:(?:re|fwd?|sv|vs|aw|wg|tr|tl)\s*:\s*)+", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
_SEALED_TEXT = re.compile(rb"-----BEGIN PGP (?:SIGNED )?MESSAGE-----")
_ENCODED_WORD = re.compile(rb"=\?([\w.:-]+)\?[BbQq]\?")
_LONGEST_NAME = 80
# Attachments that would come out in another format, or lead ever deeper.
_NOT_INSIDE = frozenset({".pdf", ".zip", ".eml", ".md", ".markdown"})


@dataclass(slots=True)
class _Subject:
    """A subject: its field in the mail, what is before its words, its piece."""

    field: Span
    prefix: str
    charset: str
    piece: int


@dataclass(slots=True)
class _Text:
    """A text/plain part and its body."""

    part: Part
    body: TextBody


@dataclass(slots=True)
class _Inner:
    """A part that is a document of its own; its pieces are those from ``first`` on."""

    part: Part
    source: PieceSource
    form: str
    first: int


_Slot = _Subject | _Text | _Inner
_Edit = tuple[Span, bytes]


@dataclass(frozen=True, slots=True)
class MailSource(PieceSource):
    """A mail and what in it is converted."""

    slots: tuple[_Slot, ...] = ()


def read(raw: bytes, name: str, reading: Reading) -> tuple[Document, MailSource]:
    """Subjects, texts and attachments of a mail as one document.

    Raises:
        InputError: It has no headers, or too many parts.
    """
    parts = list(find_parts(raw, name))
    if not parts[0].headers.keys():
        raise InputError(
            "there are no headers in it, so it is no mail",
            where=name,
            remedy="save it again from the mail program as .eml, or rename it to .txt",
        )
    found = Gathering()
    slots: list[_Slot] = []
    notes: list[str] = []
    for part in parts:
        sealed = part.sealed
        if part.is_leaf and _SEALED_TEXT.search(raw, *part.body):
            sealed = "signed or encrypted"
        if sealed:
            what = "the mail" if part is parts[0] else _name(part)
            notes.append(f"{what} is {sealed}: it stayed as it was")
            continue
        if part.is_message and (subject := _read_subject(raw, part, found)):
            slots.append(subject)
        if not part.is_leaf:
            continue
        try:
            slot = _read_leaf(raw, part, name, reading, found)
        except InputError as error:
            notes.append(f"{_name(part)} stayed as it was: {error.problem} ({error.remedy})")
            continue
        if isinstance(slot, str):
            notes.append(slot)
        elif slot is not None:
            slots.append(slot)
    document = found.document(name, NAME, date=_find_date(parts[0]))
    source = MailSource(
        document.text, "", "", len(raw), raw, tuple(found.pieces), tuple(found.parts), tuple(slots),
        notes=tuple(notes),
    )  # fmt: skip
    return document, source


def write(source: PieceSource, texts: Sequence[str]) -> bytes:
    """The mail with new texts, each in its own encoding where that can hold it."""
    assert isinstance(source, MailSource)
    raw = source.raw
    edits: list[_Edit] = []
    old = [source.text[piece.start : piece.end] for piece in source.pieces]
    for slot in source.slots:
        if isinstance(slot, _Subject):
            if texts[slot.piece] != old[slot.piece]:
                edits.append((slot.field, _write_subject(raw, slot, texts[slot.piece])))
        elif isinstance(slot, _Text):
            edits += _write_text(raw, slot, texts)
        else:
            mine = slice(slot.first, slot.first + len(slot.source.pieces))
            if texts[mine] != old[mine]:
                content = write_pieces(slot.source, slot.form, texts[mine])
                edits += _put_body(raw, slot.part, content)
    for (start, end), new in sorted(edits, reverse=True):
        raw = raw[:start] + new + raw[end:]
    return raw


def _read_subject(raw: bytes, part: Part, found: Gathering) -> _Subject | None:
    field = part.find_field(raw, "subject")
    if field is None:
        return None
    value = raw[slice(*field)].partition(b":")[2]
    try:
        text = str(make_header(decode_header(value.decode("utf-8").strip())))
    except (UnicodeError, LookupError, HeaderParseError, ValueError):
        return None
    text = _CONTROL.sub(" ", text)
    reply = _REPLY.match(text)
    prefix = reply[0] if reply else ""
    encoded = _ENCODED_WORD.search(value)
    charset = encoded[1].decode("ascii").lower() if encoded else "utf-8"
    if not text[len(prefix) :].strip():
        return None
    return _Subject(field, prefix, charset, found.add_text(text[len(prefix) :], "heading"))


def _write_subject(raw: bytes, subject: _Subject, text: str) -> bytes:
    label = raw[slice(*subject.field)].partition(b":")[0]
    # Nothing in the words may begin another header.
    words = subject.prefix + " ".join(_CONTROL.sub(" ", text).split())
    newline = "\r\n" if b"\r\n" in raw else "\n"
    charset: str | Charset | None = None if words.isascii() else subject.charset
    try:
        header = Header(words, charset, header_name="Subject", errors="strict")
    except (UnicodeError, LookupError):
        header = Header(words, "utf-8", header_name="Subject")
    return label + b": " + header.encode(linesep=newline).encode("ascii")


def _read_leaf(
    raw: bytes, part: Part, name: str, reading: Reading, found: Gathering
) -> _Text | _Inner | str | None:
    """A part that can be converted; a note about one that cannot; None for what has no words."""
    headers = part.headers
    kind = headers.get_content_type()
    file_name = headers.get_filename() or ""
    ending = Path(file_name).suffix.lower()
    if kind == "text/plain" and ending in ("", ".txt", ".text"):
        charset = headers.get_content_charset() or ""
        body = uncode(headers, raw[slice(*part.body)])
        file = decode(body, encoding=reading.encoding or _known(charset))
        text = TextBody(file, str(headers.get_param("format")).lower() == "flowed")
        text.read(found)
        return _Text(part, text)
    if kind == "text/html" and not file_name:
        ending = ".html"
    inside = Path(f"part{ending}")
    if find_format(inside) is None or ending in _NOT_INSIDE:
        worded = ending in _NOT_INSIDE or kind.startswith("text/")
        return f"{_name(part)} stayed as it was" if worded else None
    charset = headers.get_content_charset() or ""
    encoding = reading.encoding or (_known(charset) if kind.startswith("text/") else "")
    how = Reading(encoding, reading.max_size, reading.fields, reading.main_text)
    content = uncode(headers, raw[slice(*part.body)])
    label = f"{name}/{printable(file_name)}" if file_name else name
    document, source = read_document(inside, name=label, reading=how, raw=content)
    if not isinstance(source, PieceSource):
        return f"{_name(part)} stayed as it was"
    return _Inner(part, source, document.format, found.include(document, source))


def _write_text(raw: bytes, slot: _Text, texts: Sequence[str]) -> list[_Edit]:
    text = slot.body.renew(texts)
    if text is None:
        return []
    content, encoding = encode_text(text, slot.body.file, slot.body.file.newline)
    declared = _known(slot.part.headers.get_content_charset() or "")
    plain = content.isascii() and encoding in ("utf-8", "us-ascii")
    charset = "" if plain or encoding == declared else encoding
    return _put_body(raw, slot.part, content, charset)


def _put_body(raw: bytes, part: Part, content: bytes, charset: str = "") -> list[_Edit]:
    """The edits that give a part a new body and, where that needs it, other headers."""
    newline = b"\r\n" if b"\r\n" in raw[slice(*part.head)] else b"\n"
    declared = find_coding(part.headers)
    body, coding = recode(content, declared, newline)
    if declared == "base64" and raw[slice(*part.body)].endswith(b"\n"):
        body += newline
    edits: list[_Edit] = [(part.body, body)]
    added = b""
    if charset:
        field = part.find_field(raw, "content-type")
        if field:
            named = Message()
            value = raw[slice(*field)].partition(b":")[2].decode("ascii", "replace")
            named["Content-Type"] = " ".join(value.replace("\ufffd", "?").split())
            named.set_param("charset", charset)
            edits.append((field, f"Content-Type: {named['Content-Type']}".encode("ascii")))
        else:
            mime = b"" if part.find_field(raw, "mime-version") else b"MIME-Version: 1.0" + newline
            added += mime + f"Content-Type: text/plain; charset={charset}".encode() + newline
    if coding != declared:
        line = f"Content-Transfer-Encoding: {coding}".encode()
        field = part.find_field(raw, "content-transfer-encoding")
        if field:
            edits.append((field, line))
        else:
            added += line + newline
    if added:
        edits.append(((part.head[1], part.head[1]), added))
    return edits


def _known(charset: str) -> str:
    """The charset a part declares; ASCII says nothing, since much of it is not."""
    return "" if charset in ("us-ascii", "ascii", "utf-8", "unknown-8bit") else charset


def _name(part: Part) -> str:
    name = printable(part.headers.get_filename() or "")[:_LONGEST_NAME]
    kind = printable(part.headers.get_content_type())
    return f"the attachment {name}" if name else f"a part ({kind})"


def _find_date(part: Part) -> str | None:
    try:
        return parsedate_to_datetime(str(part.headers["date"])).date().isoformat()
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
