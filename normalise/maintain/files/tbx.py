"""TBX-Basic (ISO 30042): terms for translation tools, and terms from them.

Written: TBX 2019 in DCA style. Read: that, and the older ``martif`` files most tools still write.
What TBX has a place for goes there, readable by any tool; whatever it cannot express (conditions,
examples, policies) goes as JSON into one note per term, so that a round trip loses nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from normalise.errors import GlossaryError
from normalise.glossary.source.phrase import PhraseError, expand
from normalise.glossary.source.schema import Abbreviation, Provenance, Term, Variant
from normalise.maintain.files.csv_files import slug
from normalise.maintain.files.serialise import (
    from_plain,
    merge_variants,
    parse_json,
    to_plain,
    variant_text,
)

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_NAMESPACE = "urn:iso:std:iso:30042:ed-2"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ID = "term-"
_NOTE = "normalise: "
_STATUS = {
    "preferred": "preferredTerm-admn-sts",
    "admitted": "admittedTerm-admn-sts",
    "variant": "deprecatedTerm-admn-sts",
}
# Fields with TBX elements below; the rest of a term goes into the note.
_CARRIED = ("id", "preferred", "admitted", "definition", "provenance")


def write_tbx(terms: Iterable[Term], *, title: str) -> bytes:
    """The terms as a TBX-Basic document, UTF-8."""
    from lxml import etree

    root = etree.Element(
        f"{{{_NAMESPACE}}}tbx", {"type": "TBX-Basic", "style": "dca", _LANG: "en"},
        nsmap={None: _NAMESPACE},
    )  # fmt: skip
    description = _add(_add(root, "tbxHeader"), "fileDesc")
    _add(_add(description, "titleStmt"), "title", title)
    _add(_add(description, "sourceDesc"), "p", f"Exported from {title} by normalise")
    body = _add(_add(root, "text"), "body")
    for term in terms:
        _write_concept(_add(body, "conceptEntry", id=_ID + term.id), term)
    etree.indent(root)
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return content + b"\n"


def _write_concept(concept: Element, term: Term) -> None:
    if term.definition:
        _add(concept, "descrip", term.definition, type="definition")
    for origin in term.provenance:
        group = _add(concept, "adminGrp")
        _add(group, "admin", origin.source, type="source")
        if detail := _detail(origin):
            _add(group, "note", detail)
    if rest := _rest(term):
        _add(concept, "note", _NOTE + json.dumps(rest, ensure_ascii=False))
    english = _add(concept, "langSec", lang="en")
    _write_name(english, term.preferred, "preferred")
    for name in term.admitted:
        _write_name(english, name, "admitted")
    _write_abbreviations(english, term, "en")
    seen = {term.preferred, *term.admitted}
    for form in (form for variant in term.variants for form in expand(variant_text(variant))):
        if form not in seen:
            seen.add(form)
            _write_name(english, form, "variant")
    languages = {*term.sources, *(short.language for short in term.abbreviations)} - {"en"}
    for language in sorted(languages):
        section = _add(concept, "langSec", lang=language)
        for index, name in enumerate(term.sources.get(language, ())):
            _write_name(section, name, "admitted" if index else "preferred")
        _write_abbreviations(section, term, language)


def _write_name(section: Element, name: str, status: str) -> None:
    made = _add(section, "termSec")
    _add(made, "term", name)
    _add(made, "termNote", _STATUS[status], type="administrativeStatus")


def _write_abbreviations(section: Element, term: Term, language: str) -> None:
    for short in term.abbreviations:
        if short.language == language:
            made = _add(section, "termSec")
            _add(made, "term", short.text)
            _add(made, "termNote", "abbreviation", type="termType")


def _detail(origin: Provenance) -> str:
    date = f"date: {origin.date}" if origin.date else ""
    reviewer = f"reviewer: {origin.reviewer}" if origin.reviewer else ""
    return "; ".join(filter(None, (date, reviewer)))


def _rest(term: Term) -> dict[str, Any]:
    """What the elements cannot express about a term, as a plain mapping."""
    plain = to_plain(term)
    rest = {key: value for key, value in plain.items() if key not in _CARRIED}
    read_back = _Concept()
    read_back.variants = [form for entry in term.variants for form in expand(variant_text(entry))]
    if term.variants == tuple(dict.fromkeys(read_back.variants)) and not _hidden(term):
        rest.pop("variants", None)
    if "en" not in term.sources and all(term.sources.values()):
        rest.pop("sources", None)
    bare = tuple(Abbreviation(short.text, short.language) for short in term.abbreviations)
    ordered = sorted(bare, key=lambda short: (short.language != "en", short.language))
    if bare == term.abbreviations and list(bare) == ordered:
        rest.pop("abbreviations", None)
    return rest


def _hidden(term: Term) -> bool:
    """Whether a variant is also a name of the term and so has no element of its own."""
    return bool({term.preferred, *term.admitted}.intersection(map(variant_text, term.variants)))


def _add(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    from lxml import etree

    if "lang" in attributes:
        attributes[_LANG] = attributes.pop("lang")
    made = etree.SubElement(parent, f"{{{_NAMESPACE}}}{name}", attributes)
    if text:
        try:
            made.text = text
        except ValueError:
            raise GlossaryError(
                f"a control character in {text[:40]!r} cannot be written as XML",
                remedy="remove it from the glossary",
            ) from None
    return made


class _Concept:
    """The content of one TBX entry, collected while reading."""

    def __init__(self) -> None:
        self.preferred: list[str] = []
        self.admitted: list[str] = []
        self.variants: list[str] = []
        self.sources: dict[str, list[str]] = {}
        self.abbreviations: list[Abbreviation] = []
        self.deprecated = False


def read_tbx(content: bytes, *, where: str = "") -> tuple[Term, ...]:
    """The terms in a TBX file; entries without an English name are an error.

    Deprecated and superseded English terms become variants, further ones without a status become
    admitted names, and terms in other languages become sources.

    Raises:
        GlossaryError: The file is not TBX, or an entry does not make a valid term.
    """
    from lxml import etree

    # Neither entities nor the network: a TBX file comes from strangers.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise GlossaryError(
            f"not well-formed XML: {error}", where=where, remedy="export the file again"
        ) from None
    _refuse_entities(root, where)
    if _name(root) not in ("tbx", "martif"):
        raise GlossaryError(
            f"not a TBX file: the root is <{_name(root)}>", where=where,
            remedy="export it as TBX-Basic",
        )  # fmt: skip
    entries = [node for node in root.iter() if _name(node) in ("conceptEntry", "termEntry")]
    return tuple(_read_concept(node, f"{where}:{node.sourceline}") for node in entries)


def _refuse_entities(root: Element, where: str) -> None:
    """Refuse the file's own entities: they are never expanded, so they would end up in names."""
    from lxml import etree

    declared = root.getroottree().docinfo.internalDTD
    named = [entity.name for entity in declared.iterentities()] if declared is not None else []
    used = [str(node.name) for node in root.iter(etree.Entity)]
    if named or used:
        raise GlossaryError(
            f"the file defines its own XML entity, '&{(named or used)[0]};'", where=where,
            remedy="export it again with the actual characters",
        )  # fmt: skip


def _read_concept(node: Element, where: str) -> Term:
    concept = _Concept()
    for section in _children(node, "langSec", "langSet"):
        language = (section.get(_LANG) or "en").lower().replace("_", "-").split("-")[0]
        for item in section.iter():
            if _name(item) in ("termSec", "tig", "ntig"):
                _read_term(concept, item, language)
    plain: dict[str, Any] = _read_notes(node, where)
    # Files without statuses: the first name is the preferred one.
    names = concept.preferred + concept.admitted
    if not names:
        raise GlossaryError(
            "the entry has no English term that could be preferred",
            where=where,
            remedy="add one, or remove the entry",
        )
    admitted = names[1:]
    written = plain.get("variants", [])
    carried = {
        "id": _identity(node.get("id") or "", names[0]),
        "preferred": names[0],
        "admitted": list(dict.fromkeys(admitted)),
        "definition": "\n".join(_texts(node, "descrip", "definition")),
        "provenance": [to_plain(origin) for origin in _read_provenance(node)],
    }
    plain = {key: value for key, value in carried.items() if value} | plain
    if concept.sources:
        plain.setdefault("sources", dict(sorted(concept.sources.items())))
    if concept.abbreviations:
        plain.setdefault("abbreviations", [to_plain(short) for short in concept.abbreviations])
    if concept.variants and isinstance(written, list):  # else refused with the rest of the term
        known = tuple(
            entry if isinstance(entry, str) else from_plain(entry, Variant, where=where)
            for entry in written
        )
        forms = tuple(form for form in concept.variants if form not in (names[0], *admitted))
        try:
            plain["variants"] = to_plain(merge_variants(known, forms))
        except PhraseError as error:
            raise GlossaryError(
                f"a variant cannot be used: {error}", where=where, remedy="correct its brackets"
            ) from None
    return from_plain(plain, Term, where=where)


def _identity(written: str, preferred: str) -> str:
    """The entry's id if it is ours or meaningful; running numbers (c12) are not."""
    if written.startswith(_ID):
        return written.removeprefix(_ID)
    telling = re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+|[a-z]{3,}", written)
    return written if telling else slug(preferred)


def _read_term(concept: _Concept, item: Element, language: str) -> None:
    name = " ".join(next(iter(_texts(item, "term")), "").split())
    status = next(iter(_texts(item, "termNote", "administrativeStatus")), "")
    kind = next(iter(_texts(item, "termNote", "termType")), "")
    if not name:
        return
    if kind in ("abbreviation", "acronym", "initialism"):
        concept.abbreviations.append(Abbreviation(name, language))
    elif language != "en":
        concept.sources.setdefault(language, []).append(name)
    elif status.startswith("preferredTerm"):
        concept.preferred.append(name)
    elif status.startswith(("deprecatedTerm", "supersededTerm")):
        concept.variants.append(name)
    else:
        concept.admitted.append(name)


def _read_notes(node: Element, where: str) -> dict[str, Any]:
    """Our own note as a mapping; other notes as the term's notes."""
    rest: dict[str, Any] = {}
    others = []
    for note in _children(node, "note"):
        text = "".join(note.itertext())
        if text.startswith(_NOTE):
            remedy = "export the glossary again, or delete the note"
            damaged = "normalise's note is damaged"
            rest = parse_json(text.removeprefix(_NOTE), damaged, where=where, remedy=remedy)
            if not isinstance(rest, dict):
                raise GlossaryError(f"{damaged}: not an object", where=where, remedy=remedy)
        elif text.strip():
            others.append(text.strip())
    if others and isinstance(rest.get("notes", ""), str):
        rest["notes"] = "\n".join(filter(None, (rest.get("notes", ""), *others)))
    return rest


def _read_provenance(node: Element) -> list[Provenance]:
    found = []
    for admin in node.iter():
        if (
            _name(admin) != "admin"
            or admin.get("type") != "source"
            or not (admin.text or "").strip()
        ):
            continue
        parent = admin.getparent()
        grouped = parent is not None and _name(parent) == "adminGrp"
        note = "; ".join(_texts(parent, "note")) if grouped and parent is not None else ""
        match = re.match(r"(?:date: (\d{4}(?:-\d\d){0,2}))?(?:; )?(?:reviewer: (.+))?$", note, re.S)
        date, reviewer = match.groups() if match else (None, None)
        found.append(Provenance(str(admin.text), date=date, reviewer=reviewer))
    return found


def _name(node: Element) -> str:
    # The tag of comments and processing instructions is a function.
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _children(node: Element, *names: str) -> list[Element]:
    return [child for child in node if _name(child) in names]


def _texts(node: Element, name: str, kind: str = "") -> list[str]:
    return [
        "".join(child.itertext())
        for child in node.iter()
        if _name(child) == name and (not kind or child.get("type") == kind)
    ]
