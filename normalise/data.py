"""The values that stages exchange: every stage takes some and returns new ones.

All offsets count Python characters (code points), half open: ``text[start:end]``. A change or flag
made by a stage refers to that stage's *input*; ``Result`` maps both ends to the original document
and to the final text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Language:
    """A detected language: ISO 639-1 code as Argos spells it (``nb``, ``zh``), confidence 0 to 1.

    ``code`` is ``"und"`` if there is too little text to tell.
    """

    code: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Block:
    """One run of prose in a document: a paragraph, heading, list item, cell or caption.

    ``start`` and ``end`` delimit only the prose, without bullets, markup or indentation.
    """

    start: int
    end: int
    kind: str = "paragraph"
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence-sized piece of a block; ``start``/``end`` are offsets into the document text."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Exemption:
    """Words that a stage leaves as they are in one document: a person has rejected the change.

    ``before`` are the words, at ``at`` in ``context``, a piece of the stage's input. They stay
    wherever the document has that context, and everywhere if the context is empty. ``term`` is the
    glossary term that would rewrite them, for people to read.
    """

    stage: Literal["punctuation", "spelling", "standardise"]
    before: str
    context: str = ""
    at: int = 0
    term: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its blocks. What is between the blocks is layout and is never touched.

    ``protected`` holds spans that no stage may alter even inside a block (code, links). ``date`` is
    the document's own ISO date if known, for dated glossary conditions. ``language`` is the code of
    its language if known; then nothing is detected. ``exemptions`` are changes that a person has
    rejected.
    """

    text: str
    blocks: tuple[Block, ...]
    name: str = ""
    format: str = "txt"
    protected: tuple[tuple[int, int], ...] = ()
    date: str | None = None
    language: str = ""
    exemptions: tuple[Exemption, ...] = ()


StageName = Literal["clean", "furniture", "translate", "punctuation", "spelling", "standardise"]
"""The stages, in their order."""

ChangeRule = Literal[
    "nfc", "invisible", "space",  # clean
    "furniture",
    "translation",
    "quote", "dash", "ellipsis", "full-width", "broken space",  # punctuation, and space
    "spelling", "sense",  # spelling: of any word; of a look-alike whose sense is certain
    "variant", "admitted", "abbreviation", "case", "article", "gloss", "citation",  # standardise
]  # fmt: skip
"""Kinds of edits, by stage."""

FlagRule = Literal[
    "no-package",
    "empty", "garbled", "loop", "runaway", "dropped", "untranslated", "slot",  # left as it was
    "number", "date", "name", "term",  # missing in a translation
    "word",  # not English, in a translation
    "flag", "citation", "ambiguous-abbreviation",  # standardise
    "exemption",  # fits nowhere
]  # fmt: skip
"""Kinds of flags: a language without a package, translations, the glossaries, a review."""

Status = Literal["done", "untranslated"]


@dataclass(frozen=True, slots=True)
class Change:
    """One recorded edit: ``before`` at ``start:end`` of the stage's input became ``after``.

    ``out_start``/``out_end`` delimit ``after`` in the stage's output. ``rule`` names the kind of
    edit, ``term`` the glossary term responsible, ``reason`` says why in words.
    """

    stage: StageName
    start: int
    end: int
    out_start: int
    out_end: int
    before: str
    after: str
    rule: ChangeRule
    term: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """Something a person should look at; never rewritten. Offsets are in the stage's input.

    ``candidates`` are the terms that an ambiguous abbreviation may mean.
    """

    stage: StageName
    start: int
    end: int
    text: str
    rule: FlagRule
    term: str = ""
    reason: str = ""
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A Party or State document cited in the text, as found in the stage's input.

    ``type`` is the English type word (``Resolution``), ``number`` the digits, ``code`` the type
    code with diacritics (``NQ``), ``issuer`` the issuer code (``TW``), ``date`` an ISO date; each
    is empty if the text does not give it.
    """

    start: int
    end: int
    text: str
    type: str = ""
    number: str = ""
    code: str = ""
    issuer: str = ""
    date: str = ""


TermStep = Literal["decoded", "n-best", "attention", "missing"]
"""How a source term got its name: in the first output, among others, by repair, or not at all."""


@dataclass(frozen=True, slots=True)
class TermOutcome:
    """How one source term came out.

    ``rendering`` is the name found (singular, lower case), empty if missing.
    """

    term: str
    start: int
    end: int
    rendering: str
    step: TermStep


@dataclass(frozen=True, slots=True)
class Request:
    """A sentence to translate: its text, its language as Argos spells it, the kind of its block."""

    text: str
    language: str
    kind: str = "paragraph"


@dataclass(frozen=True, slots=True)
class Translation:
    """The translation of a sentence.

    ``origin`` is ``engine``, ``memory`` (the engine's work from an earlier run), ``correction`` (a
    person's) or ``kept`` (left as it was: nothing to translate, or flagged with the reason).
    ``package`` names the packages. Flags' offsets are in the request's text, ``terms`` says how
    each source term came out.
    """

    text: str
    origin: Literal["engine", "memory", "correction", "kept"]
    package: str = ""
    flags: tuple[Flag, ...] = ()
    reason: str = ""
    terms: tuple[TermOutcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage did: its name, its output text and the edits that led there."""

    name: StageName
    text: str
    changes: tuple[Change, ...] = ()
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """Versions and hashes of everything that shaped an output, printable on one line.

    >>> print(Signature((("normalise", "0.1.0"), ("glossary", "1.0.0:ab12"))))
    normalise:0.1.0|glossary:1.0.0:ab12
    """

    parts: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return "|".join(f"{key}:{value}" for key, value in self.parts)


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome for one document: the text and everything that explains it.

    ``status`` is ``"done"``, or ``"untranslated"`` when the document's main language has no
    package. ``stages`` can be replayed: each stage's changes, applied to the text before it, give
    its text, and the last gives ``text``. ``terms`` are the source-language terms of what was
    translated, with their places in the translation stage's input; ``statistics`` counts ``words``,
    ``words_out``, ``blocks`` and ``sentences_translated``.
    """

    document: Document
    text: str
    stages: tuple[Stage, ...]
    language: Language
    blocks: tuple[Block, ...]
    citations: tuple[Citation, ...] = ()
    terms: tuple[TermOutcome, ...] = ()
    packages: tuple[str, ...] = ()
    status: Status = "done"
    signature: Signature = Signature(())
    statistics: Mapping[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The result as plain data, ready for JSON; ``from_dict`` reverses it."""
        import msgspec

        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Result:
        """A result from its plain data.

        Raises:
            ValueError: The data do not describe a result.
        """
        import msgspec

        return msgspec.convert(plain, cls)

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes of all stages, in stage order."""
        return tuple(change for stage in self.stages for change in stage.changes)

    @property
    def flags(self) -> tuple[Flag, ...]:
        """All flags of all stages, in stage order."""
        return tuple(flag for stage in self.stages for flag in stage.flags)


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that could not be converted, as it was given, and the exception."""

    document: str | Document
    error: Exception
