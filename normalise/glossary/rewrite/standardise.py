"""Applying a glossary to a text: citations first, then terms, then what the fixed point needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from normalise.data import (
    Alignment,
    Block,
    Change,
    Citation,
    Edit,
    Flag,
    apply_edits,
    compose,
    move_blocks,
)
from normalise.glossary.compiled.compile import Compiled
from normalise.glossary.match.abbreviations import Definition, find_definitions
from normalise.glossary.match.context import Context
from normalise.glossary.match.fold import fold
from normalise.glossary.match.matcher import Ambiguous, Candidate, Matcher
from normalise.glossary.match.protect import Fences, Spans, addresses
from normalise.glossary.match.quotes import is_quoted
from normalise.glossary.rewrite.render import (
    STAGE,
    drop_overlaps,
    explain_edit,
    flag,
    render,
)
from normalise.glossary.rewrite.rounds import carry

if TYPE_CHECKING:
    from normalise.glossary.citations.parser import CitationHit, CitationParser

# A rewriting can bring words together that make a new hit; more rounds than this mean a glossary
# that chases its own tail, which `check` reports.
MAX_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Standardised:
    """A text after the glossary: offsets of changes and flags are in the text given.

    ``settled`` says that a last look found nothing more to change; it is false only where the
    glossary chases its own tail, or where fewer rounds were asked for.
    """

    text: str
    changes: tuple[Change, ...] = ()
    flags: tuple[Flag, ...] = ()
    citations: tuple[Citation, ...] = ()
    settled: bool = True


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything found in one text: what apply, explain and measure all start from."""

    context: Context
    winners: tuple[Candidate, ...]
    found: tuple[Candidate, ...]  # all but the abbreviations
    holding: tuple[Candidate, ...]
    abbreviations: tuple[Candidate, ...]
    settled: frozenset[Candidate]  # winners that a round before has seen to
    definitions: tuple[Definition, ...]
    ambiguous: tuple[Ambiguous, ...]
    citations: tuple[CitationHit, ...]

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Everything that was found, before conditions and competition."""
        return *self.found, *self.abbreviations


@dataclass(frozen=True)
class Request:
    """A text and what is known of it."""

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
    request: Request,
    before: Scene | None = None,
) -> Scene:
    """Find citations, definitions and hits, and let the hits compete.

    ``before`` is the scene whose edits led to this text, if there is one: what they left alone is
    not looked at again.
    """
    text = request.text
    folded = fold(text)
    context = Context(folded, request.language, request.date, compiled.cues)
    inside = (
        Spans((block.start, block.end) for block in request.blocks)
        if request.blocks is not None
        else None
    )
    closed = [*request.protected, *addresses(text)]
    off_limits = Spans(closed)
    citations = [
        hit
        for hit in (parser.find(text) if parser is not None else ())
        if not off_limits.touches(hit.start, hit.end)
        and (inside is None or inside.contains(hit.start, hit.end))
    ]
    # A name may hold a citation ("the committee for reviewing Resolution 18"), not a part of one.
    cited = Spans((hit.start, hit.end) for hit in citations)
    fences = Fences(folded, off_limits, cited, inside)
    carried = None
    if before is not None:
        carried = carry(
            before.context.folded, folded, before.found, before.holding, before.winners,
            matcher.looks_far,
        )  # fmt: skip
    fresh = matcher.candidates(context, carried.anew if carried else None)
    found = [c for c in fresh if fences.admit(c.start, c.end)]
    holding = [c for c in found if matcher.holds(context, c)]
    if carried:
        found += carried.found
        holding += carried.holding
        holding += (c for c in carried.doubtful if matcher.holds(context, c))
    definitions = _definitions(compiled, matcher, context, holding)
    if definitions:
        by_key: dict[str, set[str]] = {}
        for definition in definitions:
            by_key.setdefault(definition.key, set()).add(definition.term)
        context = Context(
            folded,
            request.language,
            request.date,
            compiled.cues,
            {key: frozenset(terms - {""}) for key, terms in by_key.items()},
        )
    glosses = [(d.gloss_start, d.gloss_end) for d in definitions if d.gloss_end]
    abbreviations, ambiguous = matcher.abbreviations(context, glosses)
    extra = [c for c in abbreviations if fences.admit(c.start, c.end)]
    winners = matcher.compete([*holding, *extra])
    return Scene(
        context,
        tuple(winners),
        tuple(found),
        tuple(holding),
        tuple(extra),
        carried.settled if carried else frozenset(),
        definitions,
        tuple(ambiguous),
        tuple(citations),
    )


def _definitions(
    compiled: Compiled, matcher: Matcher, context: Context, holding: Sequence[Candidate]
) -> tuple[Definition, ...]:
    """Abbreviations the document defines, from the hits that would win without them."""
    source = context.folded.source
    if "(" not in source and "[" not in source and "/" not in source:
        return ()
    entries, terms = compiled.entries, compiled.terms
    spans = [
        (*context.folded.span(winner.start, winner.end), terms[entries[winner.entry].term].id)
        for winner in matcher.compete(holding)
        if entries[winner.entry].rule not in ("flag", "forbidden")
    ]
    return find_definitions(source, spans)


def standardise(
    compiled: Compiled, matcher: Matcher, parser: CitationParser | None, request: Request
) -> Standardised:
    """Apply a glossary until nothing more changes; changes are recorded against the text given."""
    text, blocks, protected = request.text, request.blocks, request.protected
    changes: tuple[Change, ...] = ()
    first: Scene | None = None
    scene: Scene | None = None
    flags: tuple[Flag, ...] = ()
    settled = False
    for _ in range(request.rounds):
        current = Request(text, blocks, protected, request.language, request.date)
        scene = survey(compiled, matcher, parser, current, scene)
        edits, raised = _edits(compiled, scene)
        if first is None:
            first, flags = scene, raised
        text, made = apply_edits(STAGE, text, edits)
        settled = not made
        if settled:
            break
        changes = compose(request.text, changes, made) if changes else made
        if blocks is not None:
            blocks = move_blocks(blocks, made)
        alignment = Alignment(made)
        protected = [alignment.forward_span(*span) for span in protected]
    assert first is not None
    citations = tuple(hit.citation for hit in first.citations)
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
                "ambiguous-abbreviation", ",".join(ambiguous.terms),
                "this document defines the abbreviation as several terms",
            )
        )  # fmt: skip
    introduced: set[str] = {d.key for d in scene.definitions if d.term}
    for winner in scene.winners:
        entry = compiled.entries[winner.entry]
        term = compiled.terms[entry.term]
        if entry.rule == "forbidden" or (entry.rule != "abbreviation" and winner in scene.settled):
            continue
        if entry.rule == "flag":
            flags.append(flag(compiled, context, winner))
            continue
        if entry.rule == "abbreviation" and term.policy.abbreviation == "keep":
            continue
        rendering = render(compiled, context, winner)
        after = rendering.after
        if entry.rule == "abbreviation" and term.policy.abbreviation == "first":
            if term.id in introduced or entry.written in introduced:
                continue
            introduced.add(term.id)
            after = f"{after} ({source[slice(*context.folded.span(winner.start, winner.end))]})"
        if entry.rule == "admitted" and is_quoted(
            source, *context.folded.span(winner.start, winner.end)
        ):
            continue
        if source[rendering.start : rendering.end] == after:
            continue
        rule = "case" if entry.rule == "preferred" else entry.rule
        edits.append(
            Edit(
                rendering.start, rendering.end, after, rule, term.id, explain_edit(compiled, winner)
            )
        )
        if rendering.article is not None:
            edits.append(rendering.article)
    edits += _glosses(compiled, scene, undecided)
    return drop_overlaps(edits), tuple(flags)


def _glosses(compiled: Compiled, scene: Scene, undecided: set[str]) -> list[Edit]:
    """Drop brackets that define an abbreviation which is expanded everywhere."""
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
