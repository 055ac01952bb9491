"""The XML in a document: parsed without ever looking outside it, changed in places, written."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from normalise.data import Document
from normalise.errors import InputError
from normalise.formats.office.container import Container, damaged, open_container
from normalise.formats.pieces import Gathering, PieceSource
from normalise.formats.source import Reading

Element = Any
"""An element of lxml."""

Put = Callable[[str], None]

_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


@dataclass(slots=True)
class Words:
    """The words of a document's parts, and what to do with a new text for each piece."""

    container: Container
    gathering: Gathering = field(default_factory=Gathering)
    trees: dict[str, Element] = field(default_factory=dict)
    part: str = ""
    date: str | None = None
    _finish: dict[str, Callable[[], bytes]] = field(default_factory=dict)
    _puts: list[tuple[str, Put | None]] = field(default_factory=list)
    _texts: list[str] = field(default_factory=list)

    def open(self, part: str) -> Element:
        """The root of a part's XML; what is added from now on stands in it.

        Raises:
            InputError: It is damaged, too long, too deep, or declares entities.
        """
        self.part = part
        self.trees[part] = parse(self.container.read(part), part, self.container.name)
        return self.trees[part]

    def add(self, text: str, put: Put | None, *, firm: bool = False) -> None:
        """Add a piece to the block; without ``put`` it stays as it is."""
        self._puts.append((self.part, put))
        self._texts.append(text)
        self.gathering.add(text, firm=firm, protected=put is None)

    def add_description(self, element: Element, name: str) -> None:
        """Add an attribute that describes a picture, if it does so, as a block of its own."""
        text = element.get(name, "")
        if " " in text.strip() and any(map(str.isalpha, text)):
            self.add(text, lambda new: element.set(name, clean(new)))
            self.gathering.close("caption")

    def register(
        self, part: str, texts: Sequence[str], puts: Sequence[Put], finish: Callable[[], bytes]
    ) -> None:
        """Note pieces that are in the gathering already; ``finish`` gives the part's new bytes."""
        self._puts += ((part, put) for put in puts)
        self._texts += texts
        self._finish[part] = finish

    def count(self) -> int:
        """How many pieces there are so far."""
        return len(self._puts)

    def mirror(self, first: int, walk: Callable[[Words], None]) -> None:
        """Give what ``walk`` finds the texts of the pieces from ``first`` on, if it says the same.

        Otherwise it stays as it is.
        """
        other = Words(self.container, part=self.part)
        walk(other)
        if other._texts != self._texts[first:]:
            return
        for index, (_, put) in enumerate(other._puts, first):
            part, own = self._puts[index]
            if own is not None and put is not None:
                self._puts[index] = (part, _both(own, put))

    def write(self, before: Sequence[str], after: Sequence[str]) -> dict[str, bytes]:
        """Put new texts in; returns the parts that have changed."""
        changed: dict[str, None] = {}
        for (part, put), old, new in zip(self._puts, before, after, strict=True):
            if put is not None and old != new:
                put(new)
                changed[part] = None
        return {
            part: self._finish[part]() if part in self._finish else serialise(self.trees[part])
            for part in changed
        }


def _both(first: Put, second: Put) -> Put:
    def put(text: str) -> None:
        first(text)
        second(text)

    return put


Gather = Callable[[Words], None]


def read_words(
    raw: bytes, name: str, reading: Reading, form: str, gather: Gather
) -> tuple[Document, PieceSource]:
    """The document that ``gather`` finds in an archive.

    Raises:
        InputError: It is damaged, encrypted, too large or too deep.
    """
    words = _gather(raw, name, reading, gather)
    document = words.gathering.document(name, form, date=words.date)
    source = PieceSource(
        document.text,
        "",
        raw=raw,
        pieces=tuple(words.gathering.pieces),
        parts=tuple(words.gathering.parts),
    )
    return document, source


def write_words(source: PieceSource, texts: Sequence[str], gather: Gather) -> bytes:
    """The archive with a new text for each piece; itself if there is nothing new."""
    before = [source.text[piece.start : piece.end] for piece in source.pieces]
    if before == list(texts):
        return source.raw
    # It was within bounds when it was read.
    words = _gather(source.raw, "", Reading(max_size=1 << 62), gather)
    return words.container.pack(words.write(before, texts))


def _gather(raw: bytes, name: str, reading: Reading, gather: Gather) -> Words:
    words = Words(open_container(raw, name, reading))
    try:
        gather(words)
    except RecursionError:
        raise too_deep(name) from None
    return words


def parse(content: bytes, part: str, name: str) -> Element:
    """The root of some XML.

    Raises:
        InputError: It is damaged, too deep, or declares entities.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        huge_tree=False, remove_blank_text=False, strip_cdata=False,
    )  # fmt: skip
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if "depth" in str(error):
            raise too_deep(name) from None
        raise damaged(name, f"{part}: {error}") from None
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _ in declared.iterentities()):
        raise InputError(
            f"its part {part} declares entities, which no office program writes",
            where=name,
            remedy="find out where the file is from; open it in LibreOffice and save it again",
        )
    return root


def serialise(root: Element) -> bytes:
    """A part's bytes."""
    facts = root.getroottree().docinfo
    content: bytes = etree.tostring(
        root.getroottree(), xml_declaration=True, encoding=facts.encoding or "UTF-8",
        standalone=facts.standalone,
    )  # fmt: skip
    return content


def too_deep(name: str) -> InputError:
    """The error of a document that was made to overwhelm its readers."""
    return InputError("its XML is nested too deeply", where=name, remedy="simplify the document")


def clean(text: str) -> str:
    """A text without the characters that XML does not have."""
    return _NO_XML.sub("", text)


def local(element: Element) -> str:
    """An element's name without its namespace; empty for a comment and the like.

    >>> local(etree.fromstring('<a:b xmlns:a="x"/>'))
    'b'
    """
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def prefixed(element: Element, prefixes: dict[str, str]) -> str:
    """An element's name with the prefix that its namespace has in ``prefixes``, if any."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    space, _, name = tag[1:].rpartition("}")
    return f"{prefixes.get(space, '?')}:{name}"


def value(element: Element, name: str) -> str:
    """An attribute by its name without namespace, empty if missing."""
    for key, content in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(content)
    return ""


def put_text(element: Element, *, keep_spaces: bool = False) -> Put:
    """What puts a new text into an element."""

    def put(text: str) -> None:
        element.text = clean(text)
        if keep_spaces and text != text.strip():
            element.set(_SPACE, "preserve")

    return put


def put_tail(element: Element) -> Put:
    """What puts a new text behind an element."""

    def put(text: str) -> None:
        element.tail = clean(text)

    return put
