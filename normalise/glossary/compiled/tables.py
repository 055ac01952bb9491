"""The compiled form of a glossary: plain data that can be stored and passed between processes."""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Iterator
from typing import Literal

import msgspec

from normalise.glossary.source.schema import (
    CitationFile,
    FurnitureFile,
    Manifest,
    NounPhrases,
    Place,
    Term,
    When,
)
from normalise.language.letters import unstroke

EntryRule = Literal["variant", "admitted", "abbreviation", "flag", "forbidden", "preferred"]
"""The field of a term that an entry is in."""

# Grammatical number of a form: of its head, or of head and complement.
SINGULAR, PLURAL, BOTH = 0, 1, 2


class Name(msgspec.Struct, frozen=True, array_like=True):
    """A name to write: templates by number (singular, plural, both) and articles by number."""

    forms: tuple[str, str, str]
    articles: tuple[str, str, str]


class EntryRow(msgspec.Struct, frozen=True, array_like=True):
    """One entry of a term: what was written, its folded conditions, the name it becomes."""

    term: int
    rule: EntryRule
    written: str
    when: tuple[When, ...]
    name: int
    reason: str
    index: int
    specificity: int


class Form(msgspec.Struct, frozen=True, array_like=True):
    """One folded sequence to look for: literals and ``{slots}``, around its anchor literal.

    ``exact`` is the surface to compare with if case matters, else empty.
    """

    items: tuple[str, ...]
    anchor: int
    entry: int
    number: int
    exact: str


class PlainForms(msgspec.Struct, frozen=True, array_like=True):
    """Forms without slots, nine tenths of all, packed so that loading them takes next to no time.

    ``rows`` is an array of unsigned ints, ``entry * 4 + number`` for each form, in the order of
    their anchors; ``ends`` is one such int for each anchor, the end of its rows. ``exact`` has the
    surfaces of the few forms whose case matters, by row.
    """

    rows: bytes
    ends: bytes
    exact: dict[int, str]


class Compiled(msgspec.Struct, frozen=True, array_like=True):
    """Everything needed for matching; plain data, to be stored or passed between processes."""

    digest: str
    manifest: Manifest
    terms: tuple[Term, ...]
    # By term: the index of its file among those compiled, and its line there (from 1).
    lines: tuple[tuple[int, int], ...]
    # By term: the names a translation may use, singulars and plurals, the preferred name first.
    renderings: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    names: tuple[Name, ...]
    entries: tuple[EntryRow, ...]
    # The literals to search for, one per line; plain and slotted forms refer to them by number.
    anchors: str
    plain: PlainForms
    slotted: dict[int, tuple[Form, ...]]
    abbreviations: dict[str, tuple[int, ...]]
    # By term: the entry used if a document itself defines an abbreviation of the term.
    defined_entries: tuple[int, ...]
    places: tuple[Place, ...]
    place_names: dict[str, int]
    not_in_places: frozenset[str]
    noun_phrases: NounPhrases  # folded
    cues: dict[str, tuple[str, ...]]
    citations: CitationFile | None
    furniture: tuple[FurnitureFile, ...]

    def patterns(self) -> Iterator[tuple[int, str]]:
        """Every form, as its entry's number and its folded text with slots, for linting."""
        rows, start = unpack(self.plain.rows), 0
        ends = unpack(self.plain.ends)
        for number, anchor in enumerate(self.anchors.split("\n")):
            for row in rows[start : ends[number]]:
                yield row // 4, anchor
            start = ends[number]
            for form in self.slotted.get(number, ()):
                yield form.entry, "".join(form.items)


def unpack(packed: bytes) -> array[int]:
    """The unsigned ints of a packed table."""
    values = array("I")
    values.frombytes(packed)
    return values


def abbreviation_key(text: str) -> str:
    """The spelling by which abbreviations are looked up: NFC, Đ as D, case kept.

    >>> abbreviation_key("TCCSĐ")
    'TCCSD'
    """
    return unstroke(unicodedata.normalize("NFC", text))
