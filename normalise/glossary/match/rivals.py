"""Hits that claim the same words: which of them win.

Leftmost, then longest, then the name in use at the document's date, then the more specific. Where
two hits overlap and neither holds the other, the shared words belong to the later noun phrase if
they are in the complement of the earlier: in "members of the Party cells" it is the cells that are
the Party's. If the earlier is a compound, both are one phrase with the later one's head: the
earlier wins if rewriting keeps its words in order; otherwise neither does, and a person is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from normalise.glossary.compiled.tables import Compiled
from normalise.glossary.match.context import Context
from normalise.glossary.match.edges import Edges, links
from normalise.glossary.match.matcher import Candidate
from normalise.glossary.match.protect import Spans
from normalise.glossary.source.phrase import fill
from normalise.glossary.source.schema import Term

# On equal spans the smaller rank wins.
RANKS = {"forbidden": 0, "variant": 1, "abbreviation": 1, "admitted": 2, "flag": 3, "preferred": 4}


@dataclass(frozen=True, slots=True)
class Contest:
    """The winners, in text order, and pairs of hits that cross undecided."""

    winners: tuple[Candidate, ...]
    undecided: tuple[tuple[Candidate, Candidate], ...]


def compete(
    compiled: Compiled, edges: Edges, context: Context, candidates: Sequence[Candidate]
) -> Contest:
    """Let hits compete; their conditions hold already."""

    def order(candidate: Candidate) -> tuple[int, ...]:
        entry = compiled.entries[candidate.entry]
        return (
            candidate.start, -candidate.end, RANKS[entry.rule],
            not in_use(compiled.terms[entry.term], context.date), -entry.specificity,
            -len(candidate.values), candidate.entry,
        )  # fmt: skip

    ordered = sorted(candidates, key=order)
    out: set[int] = set()
    winners: list[int] = []
    undecided: list[tuple[Candidate, Candidate]] = []
    number = 0
    while number < len(ordered):
        candidate = ordered[number]
        last = ordered[winners[-1]] if winners else None
        number += 1
        if number - 1 in out:
            continue
        if last is None or candidate.start >= last.end:
            winners.append(number - 1)
        elif candidate.start > last.start and candidate.end > last.end:
            side = _settle(compiled, edges, context, last, candidate)
            if side == "earlier":
                continue
            if side == "neither":
                out.add(number - 1)
                undecided.append((last, candidate))
            # Whatever lost to this winner competes again without it.
            number = winners.pop() + 1
    settled = (ordered[index] for index in winners)
    if undecided:  # nothing is written where a person is asked
        spans = Spans((earlier.start, later.end) for earlier, later in undecided)
        settled = (winner for winner in settled if not spans.touches(winner.start, winner.end))
    return Contest(tuple(settled), tuple(undecided))


def in_use(term: Term, date: str | None) -> bool:
    """Whether a term's name was in use on a date; without one, whether it still is.

    >>> ended = Term(id="town", preferred="town", until="2025-06-30")
    >>> in_use(ended, "2024-05-01"), in_use(ended, None)
    (True, False)
    """
    if date is None:
        return term.until is None
    return (term.since or "") <= date and not (term.until and term.until < date[: len(term.until)])


def _settle(
    compiled: Compiled, edges: Edges, context: Context, earlier: Candidate, later: Candidate
) -> Literal["earlier", "later", "neither"]:
    """Whose the words are that two crossing hits share."""
    rule = compiled.entries[earlier.entry].rule
    if rule in ("forbidden", "flag"):
        return "earlier"
    if edges.has_possessive(context, earlier.start, earlier.end):
        return "earlier"  # "the Secretary of the Committee's office": whose, nobody can tell
    rewrites = rule in ("variant", "admitted")
    turns = rewrites and edges.turns(context, earlier.start, earlier.end, earlier.entry)
    if links(context.folded.text, earlier.start, later.start):
        # If its last words stay where they are, the later hit has its turn in the next round.
        waits = rewrites and not turns and not _is_written(compiled, context, earlier)
        return "earlier" if waits else "later"
    return "neither" if turns else "earlier"


def _is_written(compiled: Compiled, context: Context, candidate: Candidate) -> bool:
    """Whether a hit is already as the glossary writes it."""
    start, end = context.folded.span(candidate.start, candidate.end)
    name = compiled.names[compiled.entries[candidate.entry].name]
    written = fill(name.forms[candidate.number], dict(candidate.values))
    return context.folded.source[start:end].lower() == written.lower()
