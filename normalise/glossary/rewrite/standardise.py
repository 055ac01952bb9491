"""Applying a glossary to a text: citations first, then terms, until nothing more changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from normalise.data import Block, Change, Citation, Flag
from normalise.edits import Alignment, Edit, apply_edits, compose, drop_overlaps, move_blocks
from normalise.glossary.compiled.tables import Compiled
from normalise.glossary.match.abbreviations import Definition, find_definitions
from normalise.glossary.match.context import Context
from normalise.glossary.match.fold import fold
from normalise.glossary.match.matcher import Ambiguous, Candidate, Matcher
from normalise.glossary.match.protect import Fences, Spans, closed_spans
from normalise.glossary.match.rivals import compete
from normalise.glossary.rewrite.again import find_touched
from normalise.glossary.rewrite.decide import STAGE, decide, raise_flag

if TYPE_CHECKING:
    from normalise.glossary.citations.parser import CitationHit, CitationParser

# A rewrite can bring words together that make a new hit; more rounds than this mean that the
# glossary goes round in circles, which `check` reports.
MAX_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Standardised:
    """A text after the glossary: offsets of changes and flags refer to the given text.

    ``settled`` says that a last pass found nothing more to change; it is false only if the glossary
    goes round in circles, or if fewer rounds were asked for.
    """

    text: str
    changes: tuple[Change, ...] = ()
    flags: tuple[Flag, ...] = ()
    citations: tuple[Citation, ...] = ()
    settled: bool = True


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything found in one text: what apply, explain and measure all start from.

    ``candidates`` are all hits before conditions and competition, ``undecided`` pairs that cross.
    """

    context: Context
    winners: tuple[Candidate, ...]
    undecided: tuple[tuple[Candidate, Candidate], ...]
    candidates: tuple[Candidate, ...]
    definitions: tuple[Definition, ...]
    ambiguous: tuple[Ambiguous, ...]
    citations: tuple[CitationHit, ...]


@dataclass(frozen=True, slots=True)
class Edited:
    """What a look wrote, as spans of the new text, and what the document's conditions saw then."""

    spans: tuple[tuple[int, int], ...]
    outlook: object


@dataclass(frozen=True)
class Input:
    """A text and what is known about it."""

    text: str
    blocks: Sequence[Block] | None = None
    protected: Sequence[tuple[int, int]] = ()
    language: str = "en"
    date: str | None = None
    rounds: int = MAX_ROUNDS


def survey(
    compiled: Compiled,
    matcher: Matcher,
    parser: CitationParser | None,
    request: Input,
    edited: Edited | None = None,
) -> Scene:
    """Find citations, definitions and hits, and let the hits compete.

    After a look that changed something, ``edited`` says what it wrote; hits elsewhere are left out,
    as they were found settled.
    """
    text = request.text
    folded = fold(text)
    context = Context(folded, request.language, request.date, matcher.watch)
    inside = (
        Spans((block.start, block.end) for block in request.blocks)
        if request.blocks is not None
        else None
    )
    closed = [*request.protected, *closed_spans(text), *matcher.edges.quoted_works(text)]
    off_limits = Spans(closed)
    citations = [
        hit
        for hit in (parser.find(text) if parser is not None else ())
        if not off_limits.touches(hit.start, hit.end)
        and (inside is None or inside.contains(hit.start, hit.end))
    ]
    # A name may contain a citation ("the committee for reviewing Resolution 18"), not part of one.
    cited = Spans((hit.start, hit.end) for hit in citations)
    fences = Fences(folded, off_limits, cited, inside)
    matches = matcher.matches(context)
    within = None
    if edited is not None and edited.outlook == matcher.outlook(context):
        within = find_touched(matcher, context, matches, edited.spans)
    found = [
        c
        for c in matcher.candidates(context, matches, within)
        if fences.admit(c.start, c.end)
    ]
    holding = [c for c in found if matcher.holds(context, c)]
    definitions = _definitions(compiled, matcher, context, holding)
    if definitions:
        by_key: dict[str, set[str]] = {}
        for definition in definitions:
            by_key.setdefault(definition.key, set()).add(definition.term)
        defined = {key: frozenset(terms - {""}) for key, terms in by_key.items()}
        context = replace(context, definitions=defined)
    glosses = [(d.gloss_start, d.gloss_end) for d in definitions if d.gloss_end]
    abbreviations, ambiguous = matcher.abbreviations(context, glosses)
    extra = [
        c
        for c in abbreviations
        if fences.admit(c.start, c.end) and (within is None or within.touches(c.start, c.end))
    ]
    contest = compete(compiled, matcher.edges, context, [*holding, *extra])
    return Scene(
        context, contest.winners, contest.undecided, (*found, *extra), definitions,
        tuple(ambiguous), tuple(citations),
    )  # fmt: skip


def _definitions(
    compiled: Compiled, matcher: Matcher, context: Context, holding: Sequence[Candidate]
) -> tuple[Definition, ...]:
    """Abbreviations the document defines, based on the hits that would win without them."""
    source = context.folded.source
    if "(" not in source and "[" not in source and "/" not in source:
        return ()
    entries, terms = compiled.entries, compiled.terms
    spans = [
        (*context.folded.span(winner.start, winner.end), terms[entries[winner.entry].term].id)
        for winner in compete(compiled, matcher.edges, context, holding).winners
        if entries[winner.entry].rule not in ("flag", "forbidden")
    ]
    return find_definitions(source, spans)


def standardise(
    compiled: Compiled, matcher: Matcher, parser: CitationParser | None, request: Input
) -> Standardised:
    """Apply a glossary until nothing more changes; changes refer to the given text."""
    text, blocks, protected = request.text, request.blocks, request.protected
    changes: tuple[Change, ...] = ()
    flags: tuple[Flag, ...] = ()
    citations: tuple[Citation, ...] = ()
    settled = False
    edited: Edited | None = None
    shut = Spans(protected)
    for number in range(request.rounds):
        current = Input(text, blocks, protected, request.language, request.date)
        scene = survey(compiled, matcher, parser, current, edited)
        edits, raised = _edits(compiled, scene)
        if number == 0:
            flags, citations = raised, tuple(hit.citation for hit in scene.citations)
        defines = bool(scene.definitions or scene.ambiguous)
        context = scene.context
        del scene  # a large one for a long text; the next look makes its own
        # Hits keep out of protected spans; an article before one, or a bracket after it, may not.
        edits = [edit for edit in edits if not shut.touches(edit.start, edit.end)]
        text, made = apply_edits(STAGE, text, edits)
        settled = not made
        if settled:
            break
        # What a document defines is known only after a look at all of it.
        edited = (
            None if defines
            else Edited(tuple((c.out_start, c.out_end) for c in made), matcher.outlook(context))
        )  # fmt: skip
        changes = compose(request.text, changes, made) if changes else made
        if blocks is not None:
            blocks = move_blocks(blocks, made)
        alignment = Alignment(made)
        protected = [alignment.forward_span(*span) for span in protected]
        shut = Spans(protected)
    return Standardised(text, changes, flags, citations, settled)


def _edits(compiled: Compiled, scene: Scene) -> tuple[list[Edit], tuple[Flag, ...]]:
    context = scene.context
    source = context.folded.source
    edits: list[Edit] = []
    flags: list[Flag] = []
    for hit in scene.citations:
        why = "cited documents are written in one form"
        edits.append(Edit(hit.start, hit.end, hit.rendered, "citation", "", why))
        if hit.flag:
            surface = source[hit.start : hit.end]
            flags.append(Flag(STAGE, hit.start, hit.end, surface, "citation", "", hit.flag))
    undecided = {ambiguous.key for ambiguous in scene.ambiguous}
    for ambiguous in scene.ambiguous:
        flags.append(
            Flag(
                STAGE, ambiguous.start, ambiguous.end, source[ambiguous.start : ambiguous.end],
                "ambiguous-abbreviation", "",
                "this document defines the abbreviation as several terms", ambiguous.terms,
            )
        )  # fmt: skip
    flags += (_raise_crossing(compiled, context, *pair) for pair in scene.undecided)
    for winner in scene.winners:
        decision = decide(compiled, context, winner)
        if decision.verdict == "flagged":
            flags.append(raise_flag(compiled, context, winner))
        edits += decision.edits
    edits += _glosses(compiled, scene, undecided)
    return drop_overlaps(edits), tuple(flags)


def _raise_crossing(
    compiled: Compiled, context: Context, earlier: Candidate, later: Candidate
) -> Flag:
    start, end = context.folded.span(earlier.start, later.end)
    terms = [compiled.terms[compiled.entries[hit.entry].term].id for hit in (earlier, later)]
    return Flag(
        STAGE, start, end, context.folded.source[start:end], "flag", terms[0],
        "two names overlap, and neither can be written without cutting the other", tuple(terms),
    )  # fmt: skip


def _glosses(compiled: Compiled, scene: Scene, undecided: set[str]) -> list[Edit]:
    """Drop brackets that define an abbreviation that is expanded everywhere."""
    by_id = {term.id: term for term in compiled.terms} if scene.definitions else {}
    edits = []
    for definition in scene.definitions:
        term = by_id.get(definition.term)
        if term is None or not definition.gloss_end or definition.key in undecided:
            continue
        if term.policy.abbreviation == "expand":
            edits.append(
                Edit(
                    definition.gloss_start, definition.gloss_end, "", "gloss", term.id,
                    "the abbreviation is expanded throughout",
                )
            )  # fmt: skip
    return edits
