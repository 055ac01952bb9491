"""HTML: the words between the tags, and those of titles and descriptions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from html import unescape
from typing import NamedTuple

from normalise.data import Document
from normalise.formats.pieces import Gathering, PieceSource
from normalise.formats.source import Reading, TextSource, decode_characters
from normalise.formats.web.tokens import Tag, Text, find_attributes, tokenize

NAME = "html"
HEEDS = ("encoding", "main_text")

Span = tuple[int, int]

_BLOCKS = frozenset(
    "address article aside audio blockquote body button caption center dd details dialog div dl dt "
    "fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html iframe "
    "legend li main menu nav noscript object ol optgroup option p pre search section select "
    "summary table tbody td tfoot th thead title tr ul video".split()
)
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
# Where prose is not for readers, and where words must stay as they are.
_SKIPPED = frozenset("script style xmp iframe noembed noframes textarea template svg math".split())
_KEPT = frozenset("code pre kbd samp var tt".split())
# What a text is part of, and what a new one of the same kind closes without being told.
_CONTEXT = {
    "li": ("ul", "ol", "menu"), "td": ("tr", "table"), "th": ("tr", "table"), "tr": ("table",),
    "ul": (), "ol": (), "menu": (), "table": (), "caption": ("table",), "figcaption": (),
    "blockquote": (), "title": (), **{f"h{level}": () for level in range(1, 7)},
}  # fmt: skip
_SIBLINGS = {"td": ("td", "th"), "th": ("td", "th"), "li": ("li",), "tr": ("tr",)}
_DEEPEST = 200
_ATTRIBUTES = ("alt", "title", "aria-label")
_DESCRIBING = frozenset("description og:title og:description twitter:title".split())
_DATING = ("article:published_time", "datepublished", "dc.date", "dcterms.date", "date")
# The number of a note. It is left out, so that it does not run into the words around it.
_NOTE_NUMBER = re.compile(
    r"<sup\b[^>]*>\s*(?:<a\b[^>]*>\s*)?[\[(]?(?:\d{1,3}|[*†‡§]{1,3})[\])]?\s*(?:</a>\s*)?</sup\s*>",
    re.IGNORECASE,
)
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ].*)?")
_FILE_NAME = re.compile(r"\S*\.\w{2,4}|\S*[/_]\S*")
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"\s*<\?xml[^>]+encoding\s*=\s*[\"']([\w.:-]+)")
# Encodings of letters only: Python also has others, such as rot13.
_LABEL = re.compile(
    r"windows-\d+|cp\d+|iso-8859-\d+|koi8-[ru]|macintosh|gb\d+|gbk|big5|euc-(?:jp|kr)|shift_jis"
)
_HEADER = 4096
_SPACE = re.compile(r"[ \t\n\r\f]+")
_WHITE = " \t\n\r\f"


class Slot(NamedTuple):
    """Where a piece stands on its page; ``quote`` is the mark around an attribute's value."""

    start: int
    end: int
    quote: str = ""
    kept: bool = False


@dataclass(frozen=True, slots=True)
class PageSource(PieceSource):
    """A page: its characters, the byte order mark before them, and where each piece stands."""

    page: str = ""
    mark: bytes = b""
    slots: tuple[Slot, ...] = ()


def read(raw: bytes, name: str, reading: Reading) -> tuple[Document, PageSource]:
    """The words of a page; of its article alone if the reading says ``main_text``.

    Raises:
        InputError: It is not text, or its encoding is unknown.
    """
    file = decode_page(raw, name, reading)
    page, encoding, mark = file.text, file.encoding, file.mark
    found = Words(page)
    date = found.date
    if reading.main_text:
        from normalise.formats.web.main_text import extract

        page, encoding, mark = extract(page, name), "utf-8", b""
        found = Words(page)
    document = found.gathering.document(name, NAME, date=date)
    source = PageSource(
        document.text,
        encoding,
        raw=raw,
        pieces=tuple(found.gathering.pieces),
        parts=tuple(found.gathering.parts),
        page=page,
        mark=mark,
        slots=tuple(found.slots),
        evidence=file.evidence,
        confidence=file.confidence,
    )
    return document, source


def write(source: PieceSource, texts: Sequence[str]) -> bytes:
    """The page with a new text for each piece; a letter its encoding lacks becomes an entity."""
    assert isinstance(source, PageSource)
    before = [source.text[piece.start : piece.end] for piece in source.pieces]
    page = put_in(source.page, source.slots, before, texts)
    return source.mark + page.encode(source.encoding, "xmlcharrefreplace")


def put_in(page: str, slots: Sequence[Slot], before: Sequence[str], after: Sequence[str]) -> str:
    """A page with a new text in each slot; ``before`` are the texts as they were read."""
    parts: list[str] = []
    reached = 0
    # A description stands before the text around it, but is a block of its own after it.
    for slot, old, new in sorted(zip(slots, before, after, strict=True)):
        raw = page[slot.start : slot.end]
        parts += (page[reached : slot.start], raw if old == new else _renew(raw, slot, old, new))
        reached = slot.end
    return "".join([*parts, page[reached:]])


def _renew(raw: str, slot: Slot, old: str, new: str) -> str:
    """The source of a new text. White space that was not read belongs to the layout and stays."""
    if slot.kept:
        return raw + escape_text(new[len(old) :] if new.startswith(old) else "")
    words = new.strip(" ")
    left = raw[: len(raw) - len(raw.lstrip(_WHITE))]
    right = raw[len(raw.rstrip(_WHITE)) :]
    if new.startswith(" ") or old.startswith(" "):
        left = (left or " ") if new.startswith(" ") else ""
    if words and (new.endswith(" ") or old.endswith(" ")):
        right = (right or " ") if new.endswith(" ") else ""
    return left + escape_text(words, slot.quote) + right


def escape_text(text: str, quote: str = "") -> str:
    """A text as the source of a page, in an attribute if there is a quotation mark around it."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if quote:
        text = text.replace('"', "&quot;") if quote == '"' else text.replace("'", "&#39;")
    return text


def decode_page(raw: bytes, name: str, reading: Reading) -> TextSource:
    """A page's characters as they are, their encoding and the byte order mark before them.

    What the page says about itself counts, unless it is UTF-8 after all.

    Raises:
        InputError: It is not text, or the encoding is unknown.
    """
    head = raw[:_HEADER]
    said = _XML_CHARSET.match(head) or _CHARSET.search(head)
    encoding = reading.encoding or _codec(said[1].decode("ascii") if said else "")
    file = decode_characters(raw, name=name, encoding=encoding)
    declared = file.evidence == "option" and not reading.encoding
    return replace(file, evidence="page") if declared else file


def _codec(label: str) -> str:
    """A page's name for an encoding as browsers understand it; empty if they would not."""
    label = label.lower()
    if label.startswith("utf"):  # what could be read as ASCII is not UTF-16
        return "utf-8"
    if label in ("iso-8859-1", "latin1", "latin-1", "ascii", "us-ascii"):
        return "cp1252"
    return label if _LABEL.fullmatch(label) else ""


@dataclass(slots=True)
class _Kept:
    """An element whose words stay: its name, and how many of that name are open in it."""

    name: str
    skipped: bool
    depth: int = 1


@dataclass(slots=True)
class Words:
    """Collects the words of a page: the pieces' ``texts``, and where each stands (``slots``)."""

    page: str
    xml: bool = False
    gathering: Gathering = field(default_factory=Gathering)
    slots: list[Slot] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    date: str | None = None
    _context: list[str] = field(default_factory=list)
    _texts: list[tuple[int, int, bool, bool]] = field(default_factory=list)  # of the open block
    _described: list[tuple[int, int]] = field(default_factory=list)
    _kept: _Kept | None = None
    _links: int = 0
    _cells: list[list[int]] = field(default_factory=list)
    _dates: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for token in tokenize(self.page, xml=self.xml):
            if isinstance(token, Text):
                self._take(token)
            elif self._kept is not None:
                self._leave(token)
            else:
                self._follow(token)
        self._close()
        self.date = next((self._dates[key] for key in _DATING if key in self._dates), None)

    def _take(self, text: Text) -> None:
        if self._kept is None or not self._kept.skipped:
            self._texts.append((text.start, text.end, self._links > 0, self._kept is not None))

    def _leave(self, tag: Tag) -> None:
        """A tag inside an element that stays as it is."""
        kept = self._kept
        assert kept is not None
        if tag.name == kept.name and not tag.empty:
            # A paragraph ends the one before it.
            kept.depth += -1 if tag.closes or tag.name == "p" else 1
            if kept.depth <= 0:
                self._kept = None
                if tag.name in _BLOCKS:
                    self._close("code" if tag.name == "pre" else "")
                    self._move(tag.name, True)
                if not tag.closes:
                    self._follow(tag)

    def _follow(self, tag: Tag) -> None:
        name = tag.name if not self.xml else tag.name.rpartition(":")[2]
        if name == "br":
            self._break()
            return
        if name in _BLOCKS or name in _CONTEXT:
            self._close()
            self._move(name, tag.closes)
        if name == "a":
            self._links = 0 if tag.closes else 1
        if tag.closes:
            return
        attributes = self._read_attributes(tag)
        if name == "meta":
            self._read_meta(attributes)
        elif name == "time" and "itemprop" in attributes:
            self._note_date(*(self._value(attributes, key) for key in ("itemprop", "datetime")))
        if not (name in _VOID or (self.xml and tag.empty)):
            classes = self._value(attributes, "class").split() if "class" in attributes else ()
            stays = self._value(attributes, "translate").lower() == "no" or "notranslate" in classes
            note = name == "sup" and _NOTE_NUMBER.match(self.page, tag.start) is not None
            if name in _SKIPPED or name in _KEPT or stays or note:
                self._kept = _Kept(tag.name, name in _SKIPPED or note)

    def _break(self) -> None:
        """A line break; two of them end a paragraph."""
        if self._texts and self._texts[-1][0] < 0:
            self._close()
        elif self._texts:
            self._texts.append((-1, -1, False, False))

    def _move(self, name: str, closes: bool) -> None:
        """Keep account of the lists, tables and headings that the text is part of."""
        if name not in _CONTEXT:
            return
        context = self._context
        if closes:
            if name in context:
                self._cut(len(context) - 1 - context[::-1].index(name))
            return
        for index in range(len(context) - 1, -1, -1):
            if context[index] in _CONTEXT[name]:
                break
            if context[index] in _SIBLINGS.get(name, ()):
                self._cut(index)
                break
        if len(context) >= _DEEPEST:
            return
        context.append(name)
        if name == "table":
            self._cells.append([self.gathering.tables, -1, -1])
            self.gathering.tables += 1
        elif self._cells and name == "tr":
            self._cells[-1][1:] = [self._cells[-1][1] + 1, -1]
        elif self._cells and name in ("td", "th"):
            self._cells[-1][2] += 1

    def _cut(self, depth: int) -> None:
        for name in self._context[depth:]:
            if name == "table":
                self._cells.pop()
        del self._context[depth:]

    def _close(self, kind: str = "") -> None:
        """End the block that the texts since the last one make."""
        self._add_pieces(verbatim=kind == "code")
        inner = next((n for n in reversed(self._context) if n not in ("tr", "table")), "")
        level, ordered = 0, False
        cell = None
        if not kind and inner[:1] == "h" and inner[1:].isdigit():
            kind, level = "heading", int(inner[1])
        elif not kind and inner == "title":
            kind = "title"
        elif inner in ("td", "th") and self._cells:
            table, row, column = self._cells[-1]
            kind, cell = kind or "cell", (table, max(row, 0), max(column, 0))
        elif inner == "li":
            lists = [n for n in self._context if n in ("ul", "ol", "menu")]
            kind, level, ordered = kind or "list-item", len(lists) or 1, lists[-1:] == ["ol"]
        elif inner in ("caption", "figcaption"):
            kind = kind or "caption"
        elif inner == "blockquote":
            kind = kind or "quote"
        self.gathering.close(kind or "paragraph", level=level, ordered=ordered, cell=cell)
        for start, end in self._described:
            self._add(Slot(start, end, self.page[start - 1]), self._text(start, end).strip(" "))
            self.gathering.close("caption")
        self._described.clear()

    def _add_pieces(self, verbatim: bool) -> None:
        while self._texts and self._texts[-1][0] < 0:
            self._texts.pop()
        last = len(self._texts) - 1
        blank = True  # whether there is a space, or nothing, before the next text
        for index, (start, end, firm, kept) in enumerate(self._texts):
            if start < 0:
                self.gathering.gap("\n")
                blank = True
                continue
            text = self._text(start, end, verbatim=verbatim)
            if not verbatim:
                if blank:
                    text = text.lstrip(" ")
                if index == last or self._texts[index + 1][0] < 0:
                    text = text.rstrip(" ")
            blank = text.endswith(" ") or (blank and not text)
            if not text.strip() and not kept:
                self.gathering.gap(text)
                continue
            self._add(Slot(start, end, "", kept), text, firm=firm)
        self._texts.clear()

    def _text(self, start: int, end: int, *, verbatim: bool = False) -> str:
        text = unescape(self.page[start:end])
        return text.replace("\r\n", "\n") if verbatim else _SPACE.sub(" ", text)

    def _add(self, slot: Slot, text: str, *, firm: bool = False) -> None:
        self.slots.append(slot)
        self.texts.append(text)
        self.gathering.add(text, firm=firm, protected=slot.kept)

    def _read_attributes(self, tag: Tag) -> dict[str, Span]:
        if self.page.find("=", tag.start, tag.end) < 0:
            return {}
        attributes = find_attributes(self.page, tag)
        if self._value(attributes, "translate").lower() != "no":
            for name in _ATTRIBUTES:
                self._describe(attributes.get(name))
        return attributes

    def _describe(self, span: Span | None) -> None:
        """Take a description, if it is one: no file name, no single letter."""
        if span is None or self.page[span[0] - 1] not in "\"'":
            return
        text = unescape(self.page[slice(*span)]).strip()
        if len(text) > 1 and any(map(str.isalpha, text)) and not _FILE_NAME.fullmatch(text):
            self._described.append(span)

    def _read_meta(self, attributes: dict[str, Span]) -> None:
        key = next((k for k in ("name", "property", "itemprop") if k in attributes), "")
        named = self._value(attributes, key).lower()
        if named in _DESCRIBING:
            self._describe(attributes.get("content"))
        self._note_date(named, self._value(attributes, "content"))

    def _note_date(self, named: str, value: str) -> None:
        found = _DATE.fullmatch(value.strip())
        if found and named.lower() in _DATING:
            self._dates.setdefault(named.lower(), found[1])

    def _value(self, attributes: dict[str, Span], name: str) -> str:
        return unescape(self.page[slice(*attributes[name])]) if name in attributes else ""
