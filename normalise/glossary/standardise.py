"""Applying a glossary to a text: citations first, then terms, then what the fixed point needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from normalise.data import Alignment, Block, Change, Citation, Edit, Flag, apply_edits, move_blocks
from normalise.glossary.abbreviations import Definition, find_definitions
from normalise.glossary.compile import Compiled
from normalise.glossary.context import Context
from normalise.glossary.fold import fold
from normalise.glossary.matcher import Ambiguous, Candidate, Matcher
from normalise.glossary.protect import Fences, Spans, addresses
from normalise.glossary.quotes import is_quoted
from normalise.glossary.rewrite import (
    STAGE,
    drop_overlaps,
    explain_edit,
    flag,
    render,
)

if TYPE_CHECKING:
    from normalise.glossary.citations import CitationParser

# A rewriting can bring words together that make a new hit; more rounds than this mean a glossary
# that chases its own tail, which `check` reports.
MAX_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Standardised:
    """A text after the glossary: offsets of changes and flags are in the text given."""

    text: str
    changes: tuple[Change, ...] = ()
    flags: tuple[Flag, ...] = ()
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything found in one text: what apply, explain and measure all start from."""

    context: Context
    winners: tuple[Candidate, ...]
    candidates: tuple[Candidate, ...]
    definitions: tuple[Definition, ...]
    ambiguous: tuple[Ambiguous, ...]
    citation_edits: tuple[Edit, ...]
    citations: tuple[Citation, ...]
    citation_flags: tuple[Flag, ...]


@dataclass(frozen=True)
class Request:
    """A text and what is known of it."""

    text: str
    blocks: Sequence[Block] | None = None
    protected: Sequence[tuple[int, int]] = ()
    language: str = "en"
    date: str | None = None
    keep: frozenset[str] = field(default_factory=frozenset)


def survey(
    compiled: Compiled, matcher: Matcher, parser: CitationParser | None, request: Request
) -> Scene:
    """Find citations, definitions and hits, and let the hits compete."""
    text = request.text
    folded = fold(text)
    context = Context(folded, request.language, request.date, compiled.cues)
    inside = (
        Spans((block.start, block.end) for block in request.blocks)
        if request.blocks is not None
        else None
    )
    closed = [*request.protected, *addresses(text)]
    citations: list[Citation] = []
    citation_edits: list[Edit] = []
    citation_flags: list[Flag] = []
    if parser is not None:
        off_limits = Spans(closed)
        for found in parser.find(text):
            if off_limits.touches(found.start, found.end):
                continue
            if inside is not None and not inside.contains(found.start, found.end):
                continue
            citations.append(found.citation)
            if found.flag:
                citation_flags.append(
                    Flag(
                        STAGE, found.start, found.end, text[found.start : found.end],
                        "citation", "", found.flag,
                    )
                )  # fmt: skip
            citation_edits.append(
                Edit(
                    found.start, found.end, found.rendered, "citation", "",
                    "cited documents are written in one form",
                )
            )  # fmt: skip
    # A name may hold a citation ("the committee for reviewing Resolution 18"), not a part of one.
    cited = Spans((citation.start, citation.end) for citation in citations)
    fences = Fences(folded, Spans(closed), cited, inside)
    candidates = [c for c in matcher.candidates(context) if fences.admit(c.start, c.end)]
    holding = [c for c in candidates if matcher.holds(context, c)]
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
        (*candidates, *extra),
        definitions,
        tuple(ambiguous),
        tuple(citation_edits),
        tuple(citations),
        tuple(citation_flags),
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
    flags: tuple[Flag, ...] = ()
    for _ in range(MAX_ROUNDS):
        current = Request(text, blocks, protected, request.language, request.date)
        scene = survey(compiled, matcher, parser, current)
        edits, raised = _edits(compiled, scene)
        if first is None:
            first, flags = scene, raised
        text, made = apply_edits(STAGE, text, edits)
        if not made:
            break
        changes = compose(request.text, changes, made) if changes else made
        if blocks is not None:
            blocks = move_blocks(blocks, made)
        alignment = Alignment(made)
        protected = [alignment.forward_span(*span) for span in protected]
    assert first is not None
    return Standardised(text, changes, flags, first.citations)


def _edits(compiled: Compiled, scene: Scene) -> tuple[list[Edit], tuple[Flag, ...]]:
    context = scene.context
    source = context.folded.source
    edits: list[Edit] = list(scene.citation_edits)
    flags: list[Flag] = list(scene.citation_flags)
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
        if entry.rule == "forbidden":
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


def compose(source: str, first: Sequence[Change], second: Sequence[Change]) -> tuple[Change, ...]:
    """One list of changes that does what two lists do one after the other.

    Changes of the second list that touch changes of the first are merged with them, so the result
    replays from ``source``.
    """
    alignment = Alignment(first)
    middle, _ = apply_edits(STAGE, source, (Edit(c.start, c.end, c.after, c.rule) for c in first))
    rows = [(c.out_start, c.out_end, 0, c) for c in first]
    rows += [(c.start, c.end, 1, c) for c in second]
    rows.sort(key=lambda row: (row[0], row[1], row[2]))
    edits: list[Edit] = []
    cluster: list[tuple[int, int, int, Change]] = []
    reach = -1

    def close() -> None:
        if not cluster:
            return
        later = [row[3] for row in cluster if row[2] == 1]
        if not later:
            for *_, c in cluster:
                edits.append(Edit(c.start, c.end, c.after, c.rule, c.term, c.reason))
            return
        low = min(row[0] for row in cluster)
        high = max(row[1] for row in cluster)
        pieces: list[str] = []
        cursor = low
        for change in later:
            pieces += (middle[cursor : change.start], change.after)
            cursor = change.end
        pieces.append(middle[cursor:high])
        last = later[-1]
        start, end = alignment.back_span(low, high)
        reasons = dict.fromkeys(row[3].reason for row in cluster if row[3].reason)
        edits.append(
            Edit(start, end, "".join(pieces), last.rule, last.term, "; then ".join(reasons))
        )

    for row in rows:
        if cluster and row[0] > reach:
            close()
            cluster, reach = [], -1
        cluster.append(row)
        reach = max(reach, row[1])
    close()
    return apply_edits(STAGE, source, edits)[1]
