"""What one round leaves for the next: paragraphs that it did not touch need no second look.

A hit never crosses a blank line, and what finds, admits and writes it looks no further than its
paragraph, but for a few conditions. So candidates, verdicts and winners of a paragraph that is
letter for letter as it was move along with it. Abbreviations, definitions and citations are none
of these: they are looked for in the whole text each time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from normalise.glossary.match.fold import Folded
from normalise.glossary.match.matcher import Candidate


@dataclass(frozen=True, slots=True)
class Carried:
    """What the next round knows beforehand; folded offsets into its own text.

    ``holding`` are the candidates whose conditions hold whatever the rest of the document says,
    ``doubtful`` those whose conditions look further. ``settled`` won, and needed no edit.
    ``anew`` are the spans to search.
    """

    found: tuple[Candidate, ...]
    holding: tuple[Candidate, ...]
    doubtful: tuple[Candidate, ...]
    settled: frozenset[Candidate]
    anew: tuple[tuple[int, int], ...]


def carry(
    old: Folded,
    new: Folded,
    found: Sequence[Candidate],
    holding: Sequence[Candidate],
    winners: Sequence[Candidate],
    looks_far: Callable[[Candidate], bool],
) -> Carried | None:
    """Move what the last round found to where it stands now.

    Returns:
        None if paragraphs were joined or split, and nothing can be told apart.
    """
    before, after = _paragraphs(old), _paragraphs(new)
    if len(before) != len(after):
        return None
    starts = [start for start, _, _ in before]
    shifts: list[int | None] = []
    anew: list[tuple[int, int]] = []
    for (start, _, was), (moved, end, now) in zip(before, after, strict=True):
        shifts.append(moved - start if was == now else None)
        if was != now:
            joins = anew and anew[-1][1] + 1 == moved
            anew.append((anew.pop()[0] if joins else moved, end))

    def move(candidates: Iterable[Candidate]) -> Iterable[Candidate]:
        for candidate in candidates:
            shift = shifts[bisect_right(starts, candidate.start) - 1]
            if shift == 0:
                yield candidate
            elif shift is not None:
                yield candidate._replace(start=candidate.start + shift, end=candidate.end + shift)

    kept = tuple(move(found))
    return Carried(
        kept,
        tuple(candidate for candidate in move(holding) if not looks_far(candidate)),
        tuple(filter(looks_far, kept)),
        frozenset(move(winners)),
        tuple(anew),
    )


def _paragraphs(folded: Folded) -> list[tuple[int, int, str]]:
    """Paragraphs as folded spans, each with its source."""
    text, source = folded.text, folded.source
    rows: list[tuple[int, int, str]] = []
    start = begin = 0
    while (stop := text.find("\n", start)) >= 0:
        end, after = folded.span(stop, stop + 1)
        rows.append((start, stop, source[begin:end]))
        start, begin = stop + 1, after
    rows.append((start, len(text), source[begin:]))
    return rows
