"""Books: the words of the chapters, the table of contents, the title and the description."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import unquote

from normalise.data import Document
from normalise.errors import InputError
from normalise.formats.office.container import damaged
from normalise.formats.office.trees import (
    Words,
    clean,
    local,
    parse,
    put_text,
    read_words,
    value,
    write_words,
)
from normalise.formats.pieces import PieceSource
from normalise.formats.source import Reading
from normalise.formats.web import html

NAME = "epub"
HEEDS: tuple[str, ...] = ()

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_PAGES = ("application/xhtml+xml", "text/html")
_CONTENTS = "application/x-dtbncx+xml"
_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T.*)?")


def read(raw: bytes, name: str, reading: Reading) -> tuple[Document, PieceSource]:
    """The words of an .epub.

    Raises:
        InputError: It is damaged, protected against copying, or too large.
    """
    return read_words(raw, name, reading, NAME, _gather)


def write(source: PieceSource, texts: Sequence[str]) -> bytes:
    """The book with a new text for each piece."""
    return write_words(source, texts, _gather)


@dataclass(frozen=True, slots=True)
class _Item:
    """A file of the book: where it is and what it is."""

    part: str
    kind: str
    properties: str


@dataclass(slots=True)
class _Book:
    """What a book's package file says."""

    items: dict[str, _Item] = field(default_factory=dict)
    spine: list[str] = field(default_factory=list)


def _gather(words: Words) -> None:
    container = words.container
    _refuse_protected(words)
    root = parse(container.read(_CONTAINER), _CONTAINER, container.name)
    package = next((value(e, "full-path") for e in root.iter() if local(e) == "rootfile"), "")
    if not package:
        raise damaged(container.name, "it names no package file")
    book = _read_package(words, package)
    chapters = [book.items[key] for key in book.spine if key in book.items]
    others = [i for i in book.items.values() if "nav" in i.properties.split() and i not in chapters]
    for item in dict.fromkeys([*chapters, *others]):
        if item.kind in _PAGES and container.has(item.part):
            _read_page(words, item.part)
    for item in book.items.values():
        if item.kind == _CONTENTS and container.has(item.part):
            for element in words.open(item.part).iter():
                if local(element) == "text" and element.text and element.text.strip():
                    words.add(element.text, put_text(element))
                    words.gathering.close("list-item", level=1)


def _read_package(words: Words, package: str) -> _Book:
    book = _Book()
    folder = posixpath.dirname(package)
    for element in words.open(package).iter():
        name = local(element)
        if name in ("title", "description") and element.text and not len(element):
            words.add(element.text, put_text(element))
            words.gathering.close("title" if name == "title" else "paragraph")
        elif name == "date" and (found := _DATE.fullmatch((element.text or "").strip())):
            words.date = words.date or found[1]
        elif name == "item":
            path = posixpath.normpath(posixpath.join("/", folder, unquote(value(element, "href"))))
            book.items[value(element, "id")] = _Item(
                path.lstrip("/"), value(element, "media-type"), value(element, "properties")
            )
        elif name == "itemref":
            book.spine.append(value(element, "idref"))
    return book


def _read_page(words: Words, part: str) -> None:
    raw = words.container.read(part)
    file = html.decode_page(raw, words.container.name, Reading())
    page, encoding, mark = file.text, file.encoding, file.mark
    found = html.Words(page, xml=True, gathering=words.gathering)
    after = list(found.texts)

    def put(index: int, text: str) -> None:
        after[index] = clean(text)

    def finish() -> bytes:
        new = html.put_in(page, found.slots, found.texts, after)
        return mark + new.encode(encoding, "xmlcharrefreplace")

    puts = [partial(put, index) for index in range(len(after))]
    words.register(part, found.texts, puts, finish)


def _refuse_protected(words: Words) -> None:
    """Only fonts may be scrambled."""
    container = words.container
    if not container.has(_ENCRYPTION):
        return
    root = parse(container.read(_ENCRYPTION), _ENCRYPTION, container.name)
    methods = [value(e, "Algorithm") for e in root.iter() if local(e) == "EncryptionMethod"]
    if any(method not in _FONTS for method in methods):
        raise InputError(
            "the book is protected against copying",
            where=container.name,
            remedy="get it without protection from its publisher",
        )
