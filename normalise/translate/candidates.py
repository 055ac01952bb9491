"""Judge the model's candidates for a sentence, choose among them, and repair what can be repaired.

A verdict lists everything wrong with one candidate; the one with the least wrong wins, with the
model's own order deciding between equals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from normalise.language.vietnamese import restore_names
from normalise.translate.checks import Problem, find_doubtful, find_problem
from normalise.translate.engine import Hypothesis
from normalise.translate.figures import (
    Figure,
    compare_figures,
    lost_months,
    part_figures,
    write_figures,
)
from normalise.translate.prepare import Prepared, finish_marks
from normalise.translate.spans import Span
from normalise.translate.terms import Applied, locate_rewritten, replace_aligned

Apply = Callable[[str], Applied]


@dataclass(frozen=True, slots=True)
class Judgement:
    """One candidate and everything wrong with it.

    ``text`` is the finished sentence, None if a slot is lost; ``places`` says where each demand's
    name is in the candidate as decoded (None: nowhere); ``doubtful`` are words that are neither
    English nor in the source.
    """

    hypothesis: Hypothesis
    text: str | None
    problem: Problem | None
    lost: tuple[Figure, ...]
    new: tuple[Figure, ...]
    months: tuple[Span, ...]
    places: tuple[Span | None, ...]
    doubtful: tuple[str, ...] = ()

    @property
    def missing(self) -> int:
        """The number of terms and names the candidate lacks."""
        return sum(place is None for place in self.places)

    @property
    def cost(self) -> tuple[int, int, int, int, int]:
        """What is wrong, worst first: unusable, slots, figures, terms and names, words."""
        figures = len(self.lost) + len(self.new) + len(self.months)
        doubtful = len(self.doubtful)
        return self.problem is not None, self.text is None, figures, self.missing, doubtful

    @property
    def complete(self) -> bool:
        """Whether nothing is wrong but words."""
        return not any(self.cost[:4])


def judge(
    prepared: Prepared, hypothesis: Hypothesis, pieces: int, apply: Apply | None = None
) -> Judgement:
    """Find everything wrong with one candidate.

    Args:
        prepared: The sentence.
        hypothesis: The model's output.
        pieces: Length of the sentence in pieces.
        apply: Applies the glossary, which may turn a form into a term's name.
    """
    output = restore_names(hypothesis.text, prepared.names)
    names = tuple(name for demand in prepared.demands for name in demand.names)
    output = part_figures(prepared.text, output, names)
    if output != hypothesis.text:
        hypothesis = replace(hypothesis, text=output)
    problem = find_problem(
        prepared.text, output, pieces=(pieces, hypothesis.pieces), cut=hypothesis.cut
    )
    if apply is None:
        places = locate_rewritten(output, prepared.demands, _unchanged)
    else:
        places = locate_rewritten(output, prepared.demands, apply)
    written = write_figures(prepared.text, output, prepared.language)
    lost, new = compare_figures(prepared.text, written, prepared.language)
    months = lost_months(prepared.text, output)
    return Judgement(
        hypothesis, _finish(prepared, written), problem,
        tuple(lost), tuple(new), tuple(months), tuple(places),
        find_doubtful(prepared.text, output, names),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Same:
    text: str
    changes: tuple[()] = ()


def _unchanged(text: str) -> Applied:
    return _Same(text)


def _finish(prepared: Prepared, output: str) -> str | None:
    """Undo the preparation: closing marks as in the source, capitals, slots back in."""
    output = finish_marks(prepared.text, output)
    # Addresses stay in lower case in a line of capitals.
    return prepared.masked.restore(output, str.upper if prepared.capitals else str)


def choose(verdicts: Sequence[Judgement], *, terms: bool = True) -> Judgement:
    """The verdict with the least wrong, the first of equals. ``terms``: whether terms count."""

    def cost(verdict: Judgement) -> tuple[int, ...]:
        return verdict.cost if terms else (*verdict.cost[:3], verdict.cost[4])

    return min(verdicts, key=cost)


def mend_terms(
    prepared: Prepared, verdict: Judgement, source_pieces: Sequence[Span], apply: Apply | None
) -> Judgement:
    """Write in missing names where attention points; a change that makes anything worse is undone.

    Args:
        prepared: The sentence.
        verdict: A candidate decoded with attention.
        source_pieces: The characters of the sentence that each source piece covers.
        apply: Applies the glossary.
    """
    best = verdict
    for index, demand in enumerate(prepared.demands):
        if best.places[index] is not None:
            continue
        keep = [place for place in best.places if place is not None]
        text = replace_aligned(best.hypothesis, source_pieces, demand, keep)
        if text is None:
            continue
        changed = with_text(best.hypothesis, text)
        mended = judge(prepared, changed, len(source_pieces), apply)
        if mended.cost < best.cost:
            best = mended
    return best


def with_text(hypothesis: Hypothesis, text: str) -> Hypothesis:
    """A hypothesis with its text edited in one place, and its pieces' spans moved accordingly."""
    old = hypothesis.text
    start = _shared(old, text)
    tail = _shared(old[start:][::-1], text[start:][::-1])
    end, shift = len(old) - tail, len(text) - len(old)

    def move(span: Span) -> Span:
        left = span[0] if span[0] <= start else max(start, span[0] + shift)
        right = span[1] if span[1] <= start else max(start, span[1] + shift)
        if span[0] < end and span[1] > start:
            return min(span[0], start), max(right, end + shift)
        return left, right

    return replace(hypothesis, text=text, spans=tuple(move(span) for span in hypothesis.spans))


def _shared(one: str, other: str) -> int:
    """The length of the common prefix of two texts."""
    for index, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return index
    return min(len(one), len(other))
