"""What a glossary file may contain: the definition shared by loading, linting and the schema.

Struct fields are written with hyphens in the YAML (``not_near`` is ``not-near``); unknown keys are
errors, so a typing mistake never goes unnoticed. ``normalise glossary schema`` prints the JSON
Schema generated from these classes.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

SCHEMA_VERSION = 1

Text = Annotated[str, Meta(min_length=1)]
TermId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]*$")]
IsoDate = Annotated[str, Meta(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]
Status = Literal["approved", "proposed", "deprecated"]


def _hyphens(name: str) -> str:
    return name.replace("_", "-")


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename=_hyphens):
    """Base of all YAML mappings: immutable, strict, hyphenated keys."""


class Near(Mapping, frozen=True):
    """Words to look for around a hit. ``within`` is a number of words, or a unit of text.

    An entry may be several words and may end in ``*`` (``classif*``). Matching ignores case,
    variant spellings of accents, and hyphens, as for variants.
    """

    any: tuple[Text, ...]
    within: int | Literal["sentence", "paragraph", "document"] = "sentence"


class When(Mapping, frozen=True):
    """Conditions on the context; all that are given must hold.

    ``named`` are conditions of the manifest, which stand in place of the name once a file is read.
    """

    named: tuple[Text, ...] = ()
    exact_case: bool = False
    counted: bool | None = None
    plural: bool | None = None
    near: Near | None = None
    not_near: Near | None = None
    preceded_by: tuple[Text, ...] = ()
    not_preceded_by: tuple[Text, ...] = ()
    followed_by: tuple[Text, ...] = ()
    not_followed_by: tuple[Text, ...] = ()
    defined: bool | None = None
    language: tuple[Text, ...] = ()
    after: IsoDate | None = None
    before: IsoDate | None = None
    cues_absent: tuple[Text, ...] = ()
    cues_present: tuple[Text, ...] = ()


class Variant(Mapping, frozen=True):
    """A surface form to rewrite: plain words, or words with conditions.

    ``text`` may hold ``(optional)`` and ``(one|other)`` groups and the slots ``{place}``,
    ``{ordinal}``, ``{years}`` and ``{number}``. ``when`` is a set of conditions, or a list of sets
    of which one must hold. ``becomes`` replaces the term's preferred name for this variant.
    """

    text: Text
    when: When | tuple[When, ...] | None = None
    becomes: Text | None = None
    inflect: bool = True


class FlagEntry(Mapping, frozen=True):
    """A surface form for a person to decide; it is reported and left as it is."""

    text: Text
    reason: Text
    when: When | tuple[When, ...] | None = None
    inflect: bool = True


class Abbreviation(Mapping, frozen=True):
    """An abbreviation of the term: exact case, a plural ``s`` allowed."""

    text: Text
    language: Text = "en"
    when: When | tuple[When, ...] | None = None


class Policy(Mapping, frozen=True):
    """How a hit is written.

    ``case``: ``house`` writes the preferred name's own capitals everywhere (first letter raised at
    the start of a sentence, all capitals inside a line of capitals); ``text`` does not rewrite for
    capitals alone, unless a variant says so, and carries Title Case over. ``number``: ``follow``
    the text, or always ``singular``/``plural``. ``quotes``: drop or keep quotation marks around
    the whole hit.
    ``abbreviation``: ``expand`` or ``keep``.
    """

    case: Literal["house", "text"] = "house"
    number: Literal["follow", "singular", "plural"] = "follow"
    quotes: Literal["keep", "drop"] = "keep"
    abbreviation: Literal["expand", "keep"] = "expand"


class Provenance(Mapping, frozen=True):
    """Who says so and when."""

    source: Text
    date: IsoDate | None = None
    reviewer: Text | None = None


class Example(Mapping, frozen=True):
    """A sentence and what it must become; with ``flagged``, this term must also flag it."""

    text: Text
    becomes: Text
    flagged: bool = False
    language: Text = "en"
    date: IsoDate | None = None


class Keep(Mapping, frozen=True):
    """A sentence that must not change; with ``flagged``, this term must flag it."""

    text: Text
    flagged: bool = False
    language: Text = "en"
    date: IsoDate | None = None


class KnownFailure(Mapping, frozen=True):
    """A sentence that should become ``becomes`` but does not yet, and why."""

    text: Text
    becomes: Text
    why: Text


class Term(Mapping, frozen=True):
    """One concept: one preferred English name and everything that should become it.

    ``since`` and ``until`` say when its name was in use; where two terms claim the same words, the
    document's date decides, and a name in use wins if it has none. ``successor`` is what came next.
    A term with ``levels`` is a pattern of one term a level (see `unfold`), with what ``only`` one
    of them has; once a file is read, patterns are written out.
    """

    id: TermId
    preferred: Text
    levels: tuple[TermId | tuple[tuple[TermId, ...], ...], ...] = ()
    only: dict[str, Any] = {}
    since: IsoDate | None = None
    until: IsoDate | None = None
    successor: TermId | None = None
    plural: Text | None = None
    countable: bool = True
    admitted: tuple[Text, ...] = ()
    abbreviations: tuple[Abbreviation, ...] = ()
    sources: dict[str, tuple[Text, ...]] = {}
    variants: tuple[Text | Variant, ...] = ()
    forbidden: tuple[Text, ...] = ()
    flags: tuple[FlagEntry, ...] = ()
    policy: Policy = Policy()
    status: Status = "approved"
    definition: str = ""
    provenance: tuple[Provenance, ...] = ()
    notes: str = ""
    tags: tuple[Text, ...] = ()
    examples: tuple[Example, ...] = ()
    keeps: tuple[Text | Keep, ...] = ()
    known_failures: tuple[KnownFailure, ...] = ()


class TermFile(Mapping, frozen=True):
    """One topic's terms: the usual glossary file."""

    schema: Literal[1]
    topic: Text
    terms: tuple[Term, ...]


class Place(Mapping, frozen=True):
    """A province, city, district or commune: recognised and left as it is written."""

    name: Text
    kind: Literal["province", "city", "district", "commune", "ward", "town", "region"]
    ascii: bool = True
    now: Text | None = None
    until: IsoDate | None = None
    since: IsoDate | None = None
    other_spellings: tuple[Text, ...] = ()


class PlaceFile(Mapping, frozen=True):
    """Names of places (``places.yaml``)."""

    schema: Literal[1]
    topic: Text
    places: tuple[Place, ...]


class DocumentType(Mapping, frozen=True):
    """A type of Party or State document: its code, and the English words the code allows.

    ``names[0]`` is the preferred word. A code with several ``names`` never decides the type word.
    ``damaged`` are spellings of the code other than the loss of its diacritics, ``words`` are
    English type words found in translated text that this code corrects to the preferred word.
    ``sources`` are the type words of other languages; if ``vi`` has several, they are in the order
    of ``names``.
    """

    code: Text
    vi: tuple[Text, ...]
    names: tuple[Text, ...]
    damaged: tuple[Text, ...] = ()
    words: tuple[Text, ...] = ()
    sources: dict[str, tuple[Text, ...]] = {}


class Issuer(Mapping, frozen=True):
    """An issuer code: ``TW``, ``TU``, ``BTCTW``.

    ``form`` says how its documents are numbered: ``party`` 18-NQ/TW, ``state`` 15/2023/NĐ-CP.
    ``called`` are names for it after a number: "of the Politburo".
    """

    code: Text
    name: Text
    vi: Text = ""
    called: tuple[Text, ...] = ()
    damaged: tuple[Text, ...] = ()
    form: Literal["party", "state"] = "party"


class CitationFile(Mapping, frozen=True):
    """Types and issuers of cited documents (``documents.yaml``).

    ``standalone`` are type words that cite a document before a plain number ("Resolution 18"),
    ``needs_code`` those with too many other meanings to do so without a code; the rest need "No.".
    ``foreign`` are bodies whose documents are not among these.
    """

    schema: Literal[1]
    topic: Text
    document_types: tuple[DocumentType, ...]
    issuers: tuple[Issuer, ...]
    standalone: tuple[Text, ...] = ()
    needs_code: tuple[Text, ...] = ()
    foreign: tuple[Text, ...] = ()


class FurnitureRule(Mapping, frozen=True):
    """A line of page furniture: whole lines equal to one of ``lines``, or matching ``pattern``.

    ``pattern`` is RE2 syntax, matched against the whole line.
    """

    id: TermId
    lines: tuple[Text, ...] = ()
    pattern: Text | None = None
    reason: str = ""
    examples: tuple[Text, ...] = ()
    keeps: tuple[Text, ...] = ()


class FurnitureFile(Mapping, frozen=True):
    """Page furniture removed by ``--strip-furniture`` (``furniture.yaml``)."""

    schema: Literal[1]
    topic: Text
    furniture: tuple[FurnitureRule, ...]


class NounPhrases(Mapping, frozen=True):
    """Words that show where a name ends, or that it is none of ours; for all terms at once.

    ``heads``, right after a name, make it part of a larger one (police, hospital, general).
    ``titles`` may stand between a name and a person (Mr, Comrade). ``bodies`` in a list share the
    owner that follows the last, unless a word of ``levels`` gives them one of their own.
    ``other_parties`` before "Party" mean another party; quoted titles after ``works`` (play, song)
    are left alone.
    """

    heads: tuple[Text, ...] = ()
    titles: tuple[Text, ...] = ()
    bodies: tuple[Text, ...] = ()
    levels: tuple[Text, ...] = ()
    other_parties: tuple[Text, ...] = ()
    works: tuple[Text, ...] = ()


class Manifest(Mapping, frozen=True):
    """``manifest.yaml``: name and version of the glossaries, and what is stored once for all terms.

    ``cues`` are named lists of words that mark a document (``china``: CPC, Xi Jinping, …);
    ``not_in_places`` are capitalised words that never belong to a ``{place}``. ``conditions`` are
    conditions by name, ``levels`` the words of each level of government, by the names that patterns
    use (``<name>``).
    """

    schema: Literal[1]
    name: Text
    version: Text
    licence: str = ""
    cues: dict[str, tuple[Text, ...]] = {}
    not_in_places: tuple[Text, ...] = ()
    noun_phrases: NounPhrases = NounPhrases()
    conditions: dict[str, When] = {}
    levels: dict[str, dict[str, Text | tuple[Text, ...]]] = {}


AnyFile = TermFile | PlaceFile | CitationFile | FurnitureFile | Manifest
