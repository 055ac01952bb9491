"""What happens to each hit: the decision shared by applying, explaining and measuring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from normalise.data import Flag
from normalise.edits import Edit
from normalise.glossary.compiled.tables import Compiled
from normalise.glossary.match.context import Context
from normalise.glossary.match.matcher import Candidate
from normalise.glossary.match.quotes import is_quoted
from normalise.glossary.rewrite.render import render
from normalise.glossary.source.phrase import fill

STAGE: Final = "standardise"

Verdict = Literal["rewritten", "preferred", "kept", "flagged", "forbidden"]
"""``preferred`` is already as the glossary writes it; ``kept`` stays for another reason."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on a winning hit, why, and the edits that carry it out.

    ``before`` is the source text concerned, including marks that are dropped; ``after`` is what
    replaces it. ``edits`` is empty unless something changes.
    """

    verdict: Verdict
    before: str
    after: str
    reason: str
    edits: tuple[Edit, ...] = ()


def decide(compiled: Compiled, context: Context, winner: Candidate) -> Decision:
    """Decide what happens to a winning hit."""
    entry = compiled.entries[winner.entry]
    term = compiled.terms[entry.term]
    source = context.folded.source
    start, end = context.folded.span(winner.start, winner.end)
    surface = source[start:end]
    if entry.rule == "flag":
        return Decision("flagged", surface, surface, entry.reason)
    if entry.rule == "forbidden":
        return Decision("forbidden", surface, surface, "forbidden here")
    if entry.rule == "abbreviation" and term.policy.abbreviation == "keep":
        return Decision("preferred", surface, surface, "policy keeps it")
    if entry.rule == "admitted" and is_quoted(source, start, end):
        return Decision("kept", surface, surface, "admitted, and quoted")
    rendering = render(compiled, context, winner)
    before = source[rendering.start : rendering.end]
    if before == rendering.after:
        verdict: Verdict = "kept" if entry.rule == "admitted" else "preferred"
        return Decision(verdict, before, before, "already as the glossary writes it")
    rule = "case" if entry.rule == "preferred" else entry.rule
    why = _explain(compiled, winner)
    edits = [Edit(rendering.start, rendering.end, rendering.after, rule, term.id, why)]
    if rendering.article is not None:
        edits.append(rendering.article)
    return Decision("rewritten", before, rendering.after, why, tuple(edits))


def raise_flag(compiled: Compiled, context: Context, winner: Candidate) -> Flag:
    """The flag of a hit whose verdict is ``flagged``."""
    entry = compiled.entries[winner.entry]
    start, end = context.folded.span(winner.start, winner.end)
    return Flag(
        STAGE, start, end, context.folded.source[start:end], "flag",
        compiled.terms[entry.term].id, entry.reason,
    )  # fmt: skip


def _explain(compiled: Compiled, winner: Candidate) -> str:
    """Why a hit is rewritten, in words."""
    entry = compiled.entries[winner.entry]
    preferred = fill(compiled.names[entry.name].forms[0], {})
    if entry.rule == "preferred":
        return f"written as '{preferred}' in the glossary"
    if entry.rule == "abbreviation" and winner.defined:
        return f"defined in this document as '{preferred}'"
    return f"{entry.rule} '{entry.written}' of '{preferred}'"
