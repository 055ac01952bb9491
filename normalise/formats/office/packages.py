"""What the formats of Microsoft Office have in common: content types, relations, alternatives."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote

from normalise.errors import InputError
from normalise.formats.office.container import Container, damaged
from normalise.formats.office.trees import Element, local, parse, value

_NUMBER = re.compile(r"(\d+)")


def list_parts(container: Container) -> dict[str, str]:
    """The parts with a content type of their own: part → the end of the type.

    Raises:
        InputError: It has macros, or is no such document.
    """
    types = {}
    for element in parse(container.read("[Content_Types].xml"), "types", container.name):
        if local(element) == "Override":
            kind = element.get("ContentType", "").rpartition("/")[2]
            types[unquote(element.get("PartName", "")).lstrip("/")] = kind
    if any("macroEnabled" in kind for kind in types.values()):
        raise InputError(
            "the document contains macros",
            where=container.name,
            remedy="save it without macros (.docx, .pptx)",
        )
    return types


def find_parts(types: dict[str, str], kind: str) -> list[str]:
    """The parts whose content type ends with ``kind``, in the order of their numbers."""
    found = [part for part, name in types.items() if name.endswith(f".{kind}+xml")]
    return sorted(found, key=lambda p: [int(x) if x.isdigit() else x for x in _NUMBER.split(p)])


def find_main(container: Container, types: dict[str, str], kind: str) -> str:
    """The part that the document begins with.

    Raises:
        InputError: There is none.
    """
    for ending in (f"{kind}.main", "template.main", "slideshow.main"):
        if found := find_parts(types, ending):
            return found[0]
    raise damaged(container.name, f"there is no {kind} in it")


def read_relations(container: Container, part: str) -> dict[str, tuple[str, str]]:
    """What a part refers to by an id: the end of the relation's type, and the part."""
    folder, _, file = part.rpartition("/")
    rels = posixpath.join(folder, "_rels", f"{file}.rels")
    if not container.has(rels):
        return {}
    found = {}
    for element in parse(container.read(rels), rels, container.name):
        if value(element, "TargetMode") == "External":
            continue
        target = unquote(value(element, "Target"))
        path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        found[value(element, "Id")] = (value(element, "Type").rpartition("/")[2], path)
    return found


def choose(alternatives: Element) -> tuple[Element | None, list[Element]]:
    """Of an ``AlternateContent`` the content that is read, and the others that say the same."""
    branches = [child for child in alternatives if local(child) in ("Choice", "Fallback")]
    with_text = [b for b in branches if any(local(e) == "t" and e.text for e in b.iter())]
    chosen = (with_text or branches or [None])[0]
    return chosen, [branch for branch in with_text if branch is not chosen]
