"""What there is to say about a change: its rule, its term, the term's conditions and provenance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from normalise.glossary.source.phrase import fill
from normalise.glossary.source.schema import Term, When
from normalise.maintain.files.html_page import describe_when
from normalise.report.marks import clear

if TYPE_CHECKING:
    from normalise.glossary import Glossary

RULES: Mapping[str, str] = {
    "nfc": "letters composed (NFC)",
    "invisible": "invisible character removed",
    "space": "spaces",
    "furniture": "page furniture removed",
    "translation": "translated",
    "quote": "quotation mark",
    "dash": "dash",
    "ellipsis": "ellipsis",
    "full-width": "full-width character",
    "broken space": "space on the wrong side",
    "spelling": "spelling",
    "sense": "spelling of a word in this sense",
    "variant": "variant of a term",
    "admitted": "admitted name of a term",
    "abbreviation": "abbreviation of a term",
    "case": "capitals of a term",
    "article": "article before a term",
    "gloss": "definition of an expanded abbreviation dropped",
    "citation": "cited document written in one form",
}
FLAGS: Mapping[str, str] = {
    "no-package": "no package for the language",
    "empty": "translation was empty",
    "garbled": "translation was garbled",
    "loop": "translation went round in circles",
    "runaway": "translation was far too long",
    "dropped": "translation left most of it out",
    "untranslated": "came back untranslated",
    "slot": "something protected was lost",
    "number": "number missing",
    "date": "date missing",
    "name": "name missing",
    "term": "term missing",
    "word": "not an English word",
    "flag": "a person must decide",
    "citation": "doubtful citation",
    "ambiguous-abbreviation": "ambiguous abbreviation",
    "exemption": "an exemption fits nowhere",
}


class Explainer:
    """Looks up terms in the glossary for the notes of a report."""

    def __init__(self, glossary: Glossary) -> None:
        self._glossary = glossary
        self._known = {term.id for term in glossary.terms}
        self.conditions = cache(self._conditions)

    def term(self, name: str) -> dict[str, Any] | None:
        """The name, definition, place and provenance of a term; None if the glossary lacks it."""
        if name not in self._known:
            return None
        term = self._glossary.term(name)
        where = Path(self._glossary.where(name))
        told = {
            "name": self.name(name),
            "where": where.name,
            "status": term.status if term.status != "approved" else "",
            "definition": term.definition,
            "provenance": [
                ", ".join(filter(None, (p.source, p.date, p.reviewer and f"by {p.reviewer}")))
                for p in term.provenance
            ],
        }
        return {key: value for key, value in told.items() if value}

    @property
    def signature(self) -> str:
        """The glossary's version and hash, as signatures name it."""
        return f"{self._glossary.version}:{self._glossary.digest[:12]}"

    def name(self, name: str) -> str:
        """The preferred name of a term, or its id if the glossary lacks it."""
        return fill(self._glossary.term(name).preferred, {}) if name in self._known else name

    def _conditions(self, name: str, rule: str, reason: str) -> tuple[str, ...]:
        """The conditions of the entry that a change names in its reason, in words.

        Each is one way in which the conditions could hold; one of them did.
        """
        if name not in self._known:
            return ()
        found: dict[str, None] = {}
        for written, when in _entries(self._glossary.term(name), rule):
            if when is not None and f"{rule} '{written}' of '" in reason:
                found.update(dict.fromkeys(describe_when(when)))
        return tuple(found)


def _entries(
    term: Term, rule: str
) -> Iterator[tuple[str, When | tuple[When, ...] | None]]:
    entries = term.variants if rule == "variant" else term.abbreviations
    for entry in entries if rule in ("variant", "abbreviation") else ():
        if not isinstance(entry, str):
            yield entry.text, entry.when


def tell(members: Mapping[str, Any]) -> dict[str, Any]:
    """The members that say something, their texts without characters that show nothing."""
    return {
        key: clear(value) if isinstance(value, str) else value
        for key, value in members.items()
        if value not in ("", (), [], None)
    }


def name_terms(explainer: Explainer, names: Iterable[str]) -> dict[str, Any]:
    """What a page's notes say about their terms, by id."""
    told = ((name, explainer.term(name)) for name in sorted(set(names)))
    return {name: about for name, about in told if about is not None}
