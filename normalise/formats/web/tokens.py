"""The tags and texts of a page with their places in it, as browsers see them.

The usual parsers build a tree and write a page of their own from it, or give no places at all. Here
the page itself is cut up, so that a new text can be put exactly where the old one was. The rules
are those of the HTML standard's tokenizer, as far as they decide what is text; every step looks
forward only, so that no page takes more than linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
# Attributes as nearly all pages write them; others are read one by one.
_PLAIN = re.compile(
    r"(?:\s+[^\s\"'<>/=]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'=<>`]+(?=[\s>])))?)*\s*/?>"
)
_ATTRIBUTE = re.compile(
    r"[\s/]*(?P<name>[^\s/>][^\s/>=]*)(?:\s*=\s*"
    r"(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<open>[\"'])|(?P<bare>[^\s>]*)))?"
)
_END = re.compile(r"[\s/]*>")
# Elements whose content has no tags.
_RAW = frozenset("script style xmp iframe noembed noframes textarea title".split())


@dataclass(frozen=True, slots=True)
class Text:
    """Text at ``start:end`` of the page, with entities as they are there."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag at ``start:end``; ``closes`` the element or, in XML, is that of an ``empty`` one."""

    name: str
    start: int
    end: int
    closes: bool = False
    empty: bool = False


def tokenize(page: str, *, xml: bool = False) -> Iterator[Text | Tag]:
    """The texts and tags of a page, in order; comments, scripts and styles are left out.

    In ``xml`` an element may be empty (``<title/>``), and names keep their case.

    >>> page = "<p class=a>1 &lt; 2<!-- no -->"
    >>> [page[token.start:token.end] for token in tokenize(page)]
    ['<p class=a>', '1 &lt; 2']
    """
    at = reached = 0
    while (at := page.find("<", at)) >= 0:
        tag = _TAG.match(page, at)
        if tag is None and page[at + 1 : at + 2] not in ("!", "?", "/"):
            at += 1
            continue
        if at > reached:
            yield Text(reached, at)
        if tag is None:
            at = reached = _skip_markup(page, at, xml)
            continue
        token = _read_tag(page, tag, xml)
        yield token
        at = reached = token.end
        if token.name in _RAW and not (token.closes or (xml and token.empty)):
            end = _find_close(page, token, xml)
            if token.name == "title" and end > at:
                yield Text(at, end)
            at = reached = end
        elif token.name == "plaintext" and not xml:
            return
    if reached < len(page):
        yield Text(reached, len(page))


def find_attributes(page: str, tag: Tag) -> dict[str, tuple[int, int]]:
    """The places of the values of a tag's attributes, without quotation marks.

    >>> page = "<a HREF='x' title = y>"
    >>> [(name, page[a:b]) for name, (a, b) in find_attributes(page, next(tokenize(page))).items()]
    [('href', 'x'), ('title', 'y')]
    """
    found: dict[str, tuple[int, int]] = {}
    at = tag.start + 1 + tag.closes + len(tag.name)
    while not _END.match(page, at):
        attribute = _ATTRIBUTE.match(page, at, tag.end)
        if attribute is None or attribute["open"]:
            break
        at = attribute.end()
        kind = next((k for k in ("double", "single", "bare") if attribute[k] is not None), "")
        found.setdefault(attribute["name"].lower(), attribute.span(kind) if kind else (at, at))
    return found


def _read_tag(page: str, tag: re.Match[str], xml: bool) -> Tag:
    name = tag[2] if xml else tag[2].lower()
    plain = _PLAIN.match(page, tag.end())
    stop = plain.end() if plain else _find_end(page, tag.end())
    return Tag(name, tag.start(), stop, bool(tag[1]), page.endswith("/>", tag.start(), stop))


def _find_end(page: str, at: int) -> int:
    """Where a tag ends whose attributes are not written as usual."""
    while not (end := _END.match(page, at)):
        attribute = _ATTRIBUTE.match(page, at)
        if attribute is None or attribute["open"]:
            return len(page)  # the page ends inside the tag
        at = attribute.end()
    return end.end()


def _skip_markup(page: str, at: int, xml: bool) -> int:
    """Where a comment, declaration or processing instruction at ``at`` ends."""
    for opening, closing, start in (("<!--", "-->", 2), ("<![CDATA[", "]]>", 9)):
        if page.startswith(opening, at) and (xml or opening == "<!--"):
            end = page.find(closing, at + start)
            return end + len(closing) if end >= 0 else len(page)
    end = page.find(">", at)
    return end + 1 if end >= 0 else len(page)


def _find_close(page: str, tag: Tag, xml: bool) -> int:
    """Where the content of an element without tags ends."""
    closing = re.compile(rf"</{re.escape(tag.name)}(?=[\s/>])", 0 if xml else re.IGNORECASE)
    found = closing.search(page, tag.end)
    if found and tag.name == "script":
        # In a script, <!-- <script> ... </script> does not end it.
        comment = page.rfind("<!--", tag.end, found.start())
        if comment >= 0 and page.find("-->", comment + 2, found.start()) < 0:
            inside = page[comment : found.start()].lower()
            found = closing.search(page, found.end()) if "<script" in inside else found
    return found.start() if found else len(page)
