"""What the styles of a .docx say about a paragraph: heading, caption, list item."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from normalise.formats.office.container import Container
from normalise.formats.office.packages import find_parts
from normalise.formats.office.trees import Element, local, parse, value

_HEADING = re.compile(r"heading (\d)")
_LONGEST_CHAIN = 20


@dataclass(frozen=True, slots=True)
class Look:
    """What a paragraph is: its kind, the level of a heading or list, whether a list has numbers."""

    kind: str
    level: int = 0
    ordered: bool = False


@dataclass(slots=True)
class Styles:
    """The styles and lists of a document.

    ``numbered`` are the lists' levels with numbers: (id of the list, level from 0).
    """

    looks: dict[str, Look] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    numbered: set[tuple[str, str]] = field(default_factory=set)

    def find(self, paragraph: Element) -> Look:
        """What a paragraph is by its style and its own properties."""
        properties = next((e for e in paragraph if local(e) == "pPr"), None)
        if properties is None:
            return Look("paragraph")
        style, own = "", None
        for element in properties:
            if local(element) == "pStyle":
                style = value(element, "val")
        own = _look(properties, self.numbered)
        seen = 0
        look = Look("paragraph")
        while style and seen < _LONGEST_CHAIN:
            if style in self.looks:
                look = self.looks[style]
                break
            style = self.parents.get(style, "")
            seen += 1
        return look if own is None or look.kind == "heading" else own


def read_styles(container: Container, types: dict[str, str]) -> Styles:
    """The styles and lists of a document, as far as there are any."""
    styles = Styles()
    for part in find_parts(types, "numbering"):
        root = parse(container.read(part), part, container.name)
        patterns: dict[str, list[str]] = {}
        for element in root:
            if local(element) == "abstractNum":
                patterns[value(element, "abstractNumId")] = [
                    value(level, "ilvl")
                    for level in element
                    if local(level) == "lvl"
                    and not any(local(e) == "numFmt" and value(e, "val") == "bullet" for e in level)
                ]
            elif local(element) == "num":
                for e in element:
                    if local(e) == "abstractNumId":
                        levels = patterns.get(value(e, "val"), [])
                        styles.numbered |= {(value(element, "numId"), level) for level in levels}
    for part in find_parts(types, "styles"):
        for element in parse(container.read(part), part, container.name):
            if local(element) == "style" and value(element, "type") == "paragraph":
                _read_style(styles, element)
    return styles


def _read_style(styles: Styles, element: Element) -> None:
    key = value(element, "styleId")
    for e in element:
        name = value(e, "val").lower()
        if local(e) == "basedOn":
            styles.parents[key] = value(e, "val")
        elif local(e) == "name" and (heading := _HEADING.fullmatch(name)):
            styles.looks[key] = Look("heading", int(heading[1]))
        elif local(e) == "name" and name in _NAMED:
            styles.looks[key] = _NAMED[name]
        elif local(e) == "pPr" and key not in styles.looks:
            look = _look(e, styles.numbered)
            if look is not None:
                styles.looks[key] = look


_NAMED = {
    "title": Look("heading", 1),
    "subtitle": Look("heading", 2),
    "caption": Look("caption"),
    "quote": Look("quote"),
    "intense quote": Look("quote"),
}


def _look(properties: Element, numbered: set[tuple[str, str]]) -> Look | None:
    """What the properties of a paragraph or style say; None if they leave it open."""
    for element in properties:
        name = local(element)
        if name == "outlineLvl" and value(element, "val") in "012345678":
            return Look("heading", int(value(element, "val") or 0) + 1)
        if name == "numPr":
            given = {local(e): value(e, "val") for e in element}
            if given.get("numId", "0") != "0":
                level = given.get("ilvl", "0")
                depth = int(level) + 1 if level.isdigit() else 1
                return Look("list-item", depth, (given["numId"], level) in numbered)
    return None
