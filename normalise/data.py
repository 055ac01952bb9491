"""The values that flow through the house: every stage takes some and returns new ones.

All offsets count Python characters (code points), half open: ``text[start:end]``.
A change or flag made by a stage speaks of that stage's *input*; ``Result`` maps both ends to the
original document and to the final text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Language:
    """A detected language: ISO 639-1 code as Argos spells it (``nb``, ``zh``), confidence 0 to 1.

    ``code`` is ``"und"`` where the text gives nothing to go by.
    """

    code: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Block:
    """One run of prose in a document: a paragraph, heading, list item, cell or caption.

    ``start`` and ``end`` delimit the prose alone, without bullets, markup or indentation.
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
class Document:
    """A text with its blocks. What lies between the blocks is layout and is never touched.

    ``protected`` holds spans that no stage may alter even inside a block (code, links).
    ``date`` is the document's own ISO date where it is known, for dated glossary conditions.
    """

    text: str
    blocks: tuple[Block, ...]
    name: str = ""
    format: str = "txt"
    protected: tuple[tuple[int, int], ...] = ()
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One recorded edit: ``before`` at ``start:end`` of the stage's input became ``after``.

    ``out_start``/``out_end`` delimit ``after`` in the stage's output. ``rule`` names the kind of
    edit (``nfc``, ``space``, ``translation``, ``variant``, ``case``, ``abbreviation``,
    ``citation``, …), ``term`` the glossary entry that asked for it, ``reason`` says why in words.
    """

    stage: str
    start: int
    end: int
    out_start: int
    out_end: int
    before: str
    after: str
    rule: str
    term: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """Something a person should look at; never rewritten. Offsets are in the stage's input."""

    stage: str
    start: int
    end: int
    text: str
    rule: str
    term: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """A Party or State document cited in the text, as found in the stage's input.

    ``type`` is the English type word (``Resolution``), ``number`` the digits, ``code`` the type
    code with diacritics (``NQ``), ``issuer`` the issuer code (``TW``), ``date`` an ISO date; each
    is empty where the text does not give it.
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
"""How a source term found its name: in the first output, among others, by mending, or not."""


@dataclass(frozen=True, slots=True)
class TermOutcome:
    """How one source term came out.

    ``rendering`` is the name found (singular, small letters), empty when missing.
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
    """What became of a sentence.

    ``origin`` is ``engine``, ``memory`` (the engine's work of an earlier run), ``correction`` (a
    person's) or ``kept`` (left as it was: nothing in it to translate, or flagged with the
    reason). ``package`` names the packages. Flags' offsets are in the request's text, ``terms``
    says how each source term came out.
    """

    text: str
    origin: Literal["engine", "memory", "correction", "kept"]
    package: str = ""
    flags: tuple[Flag, ...] = ()
    reason: str = ""
    terms: tuple[TermOutcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage did: its name, its output text and the edits that lead there."""

    name: str
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
    package. ``stages`` replays: each stage's changes, applied to the text before it, give its
    text, and the last gives ``text``.
    """

    document: Document
    text: str
    stages: tuple[Stage, ...]
    language: Language
    blocks: tuple[Block, ...]
    citations: tuple[Citation, ...] = ()
    packages: tuple[str, ...] = ()
    status: str = "done"
    signature: Signature = Signature(())
    statistics: Mapping[str, int] = field(default_factory=dict)

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes of all stages, in stage order."""
        return tuple(change for stage in self.stages for change in stage.changes)

    @property
    def flags(self) -> tuple[Flag, ...]:
        """All flags of all stages, in stage order."""
        return tuple(flag for stage in self.stages for flag in stage.flags)


class Alignment:
    """Maps offsets of a stage's input to its output and back, through its list of changes.

    A position inside a changed span maps to the nearest edge of its counterpart.

    >>> a = Alignment([Change("s", 0, 2, 0, 5, "ab", "xxxxx", "r")])
    >>> a.forward(2), a.forward(4), a.back(7), a.back(3, end=True)
    (5, 7, 4, 2)
    """

    __slots__ = ("_changes", "_outs", "_starts")

    def __init__(self, changes: Sequence[Change]) -> None:
        self._changes = changes
        self._starts = [change.start for change in changes]
        self._outs = [change.out_start for change in changes]

    def forward(self, position: int, *, end: bool = False) -> int:
        """The output offset for an input offset; ``end`` for the right edge of a span."""
        index = bisect_right(self._starts, position) - 1
        if index >= 0 and end and self._starts[index] == position and index > 0:
            index -= 1
        if index < 0:
            return position
        change = self._changes[index]
        if position >= change.end:
            return position + change.out_end - change.end
        if position <= change.start:
            return change.out_start
        return change.out_end if end else change.out_start

    def back(self, position: int, *, end: bool = False) -> int:
        """The input offset for an output offset; ``end`` for the right edge of a span."""
        index = bisect_right(self._outs, position) - 1
        if index >= 0 and end and self._outs[index] == position and index > 0:
            index -= 1
        if index < 0:
            return position
        change = self._changes[index]
        if position >= change.out_end:
            return position + change.end - change.out_end
        if position <= change.out_start:
            return change.start
        return change.end if end else change.start

    def forward_span(self, start: int, end: int) -> tuple[int, int]:
        """The output span that covers an input span."""
        return self.forward(start), self.forward(end, end=True)

    def back_span(self, start: int, end: int) -> tuple[int, int]:
        """The input span that covers an output span."""
        return self.back(start), self.back(end, end=True)


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit a stage wants to make, before its output offsets are known."""

    start: int
    end: int
    after: str
    rule: str
    term: str = ""
    reason: str = ""


def apply_edits(stage: str, text: str, edits: Iterable[Edit]) -> tuple[str, tuple[Change, ...]]:
    """Apply non-overlapping edits and record them as changes, in text order.

    Edits that change nothing are dropped.

    Raises:
        ValueError: Two edits overlap.

    >>> apply_edits("demo", "a  b", [Edit(1, 3, " ", "space")])[0]
    'a b'
    """
    pieces: list[str] = []
    changes: list[Change] = []
    cursor = 0
    out = 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        if edit.start < cursor:
            raise ValueError(f"edits overlap at {edit.start}: {edit}")
        before = text[edit.start : edit.end]
        if before == edit.after:
            continue
        kept = text[cursor : edit.start]
        pieces += (kept, edit.after)
        out_start = out + len(kept)
        out = out_start + len(edit.after)
        changes.append(
            Change(
                stage, edit.start, edit.end, out_start, out,
                before, edit.after, edit.rule, edit.term, edit.reason,
            )
        )  # fmt: skip
        cursor = edit.end
    pieces.append(text[cursor:])
    return "".join(pieces), tuple(changes)


def replay(text: str, changes: Iterable[Change]) -> str:
    """Rebuild a stage's output from its input and its changes (promise 1: replay).

    Raises:
        ValueError: A change does not fit the text.
    """
    pieces: list[str] = []
    cursor = 0
    for change in changes:
        if text[change.start : change.end] != change.before or change.start < cursor:
            raise ValueError(f"change does not fit the text at {change.start}: {change}")
        pieces += (text[cursor : change.start], change.after)
        cursor = change.end
    pieces.append(text[cursor:])
    return "".join(pieces)


def move_blocks(blocks: Iterable[Block], changes: Sequence[Change]) -> tuple[Block, ...]:
    """The same blocks at their places in a stage's output."""
    alignment = Alignment(changes)
    moved = []
    for block in blocks:
        start, end = alignment.forward_span(block.start, block.end)
        moved.append(Block(start, max(start, end), block.kind, block.language))
    return tuple(moved)
