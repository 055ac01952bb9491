"""Why each candidate hit was rewritten, kept, flagged, or lost its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from normalise.glossary.compiled.tables import Compiled
from normalise.glossary.match.matcher import Candidate, Hit, Matcher
from normalise.glossary.rewrite.decide import Verdict, decide
from normalise.glossary.rewrite.standardise import Scene


@dataclass(frozen=True, slots=True)
class Explanation:
    """What happened to one candidate hit.

    ``verdict`` is the decision's for a winning hit, ``condition failed`` or ``lost`` for any other;
    ``conditions`` are the conditions in words and whether they held; ``winner`` is the hit that
    beat one that lost.
    """

    hit: Hit
    verdict: Verdict | Literal["condition failed", "lost"]
    conditions: tuple[tuple[str, bool], ...]
    winner: Hit | None
    before: str
    after: str
    reason: str


def explain(compiled: Compiled, matcher: Matcher, scene: Scene) -> list[Explanation]:
    """Every candidate hit of a scene and what happened to it, in text order."""
    winners = set(scene.winners)
    rows = [
        _explain(compiled, matcher, scene, candidate, candidate in winners)
        for candidate in dict.fromkeys((*scene.candidates, *scene.winners))
    ]
    return sorted(rows, key=lambda row: (row.hit.start, -row.hit.end, row.verdict))


def _explain(
    compiled: Compiled, matcher: Matcher, scene: Scene, candidate: Candidate, won: bool
) -> Explanation:
    context = scene.context
    hit = matcher.hit(context, candidate)
    conditions = tuple(
        row
        for when in compiled.entries[candidate.entry].when
        for row in context.verdicts(
            when, candidate.start, candidate.end, candidate.number,
            candidate.exact, candidate.defined,
        )
    )  # fmt: skip
    if won:
        found = decide(compiled, context, candidate)
        return Explanation(
            hit, found.verdict, conditions, None, found.before, found.after, found.reason
        )
    before = context.folded.source[hit.start : hit.end]
    if not matcher.holds(context, candidate):
        failed = matcher.objection(context, candidate) or ", ".join(
            name for name, held in conditions if not held
        )
        return Explanation(hit, "condition failed", conditions, None, before, before, failed)
    rival = next(
        (w for w in scene.winners if w.start < candidate.end and candidate.start < w.end), None
    )
    winner = matcher.hit(context, rival) if rival else None
    return Explanation(hit, "lost", conditions, winner, before, before, _why(candidate, rival))


def _why(candidate: Candidate, rival: Candidate | None) -> str:
    if rival is None:
        return "another hit won this place"
    if candidate.start < rival.start and candidate.end < rival.end:
        return "its last words belong to a later name"
    if rival.start < candidate.start:
        return "a hit further left covers it"
    if rival.end - rival.start > candidate.end - candidate.start:
        return "a longer hit covers it"
    return "a more specific entry claims the same words"
