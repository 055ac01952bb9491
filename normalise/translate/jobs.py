"""Sentences through the model in rounds: first all, then only those with something wrong.

1. All, with the usual settings. 2. Those with something wrong: several candidates with attention,
the best chosen, missing terms written in where attention points. 3. Those still unusable: settings
against repetition. 4. Those still unusable or lacking a slot: part by part. 5. Those with words
that are not English: without these words. 6. Whatever is still unusable is left in the source
language and flagged.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from normalise.data import FlagRule, TermOutcome, TermStep
from normalise.segment import continue_sentence
from normalise.translate.candidates import Apply, Judgement, choose, judge, mend_terms
from normalise.translate.checks import has_letters
from normalise.translate.engine import Decoding, Engine, Hypothesis
from normalise.translate.prepare import Prepared, prepare
from normalise.translate.spans import Span, find_pieces
from normalise.translate.terms import rendering

_AGAINST_LOOPS = {"repetition_penalty": 1.2, "no_repeat": 4}
_FEW, _MANY = 4, 8  # candidates
_REWORDINGS = 4
_CLAUSES = re.compile(r"[;:,]\s+")


@dataclass(frozen=True, slots=True)
class Mark:
    """A future flag: a span of the source sentence, a rule and a reason."""

    start: int
    end: int
    rule: FlagRule
    reason: str
    term: str = ""


@dataclass(frozen=True, slots=True)
class SentenceOutcome:
    """The result for one sentence: ``kept`` says that it stays in the source language."""

    text: str
    marks: tuple[Mark, ...] = ()
    terms: tuple[TermOutcome, ...] = ()
    kept: str = ""


@dataclass(slots=True)
class SentenceJob:
    """One distinct sentence on its way."""

    prepared: Prepared
    apply: Apply | None = None
    pieces: int = 0
    verdict: Judgement | None = None
    steps: list[TermStep] = field(default_factory=list)
    outcome: SentenceOutcome | None = None


class Chain:
    """One package, or two if English can only be reached in two steps."""

    def __init__(self, engines: Sequence[Engine]) -> None:
        self.engines = tuple(engines)

    def decode(
        self,
        sentences: Sequence[str],
        how: Decoding,
        avoid: Sequence[Sequence[Sequence[str]]] = (),
    ) -> list[list[Hypothesis]]:
        """Translate through all packages; the last one gives the candidates."""
        for engine in self.engines[:-1]:
            first = Decoding(how.beam, length_penalty=how.length_penalty)
            sentences = [
                found[0].text if found else "" for found in engine.decode(sentences, first)
            ]
        return self.engines[-1].decode(sentences, how, avoid)

    def spans(self, sentence: str) -> list[Span]:
        """Spans of the source pieces that attention refers to; none if there are two steps."""
        return self.engines[0].split(sentence)[1] if len(self.engines) == 1 else []


def run_jobs(
    jobs: Sequence[SentenceJob],
    chain: Chain,
    how: Decoding,
    counts: Counter[str],
    steps: frozenset[str],
) -> None:
    """Work on all jobs until each has its outcome.

    Args:
        jobs: Distinct sentences.
        chain: The packages that translate them.
        how: The usual settings.
        counts: Counts the work of each round.
        steps: Which ways of repairing terms to use: ``n-best``, ``attention``.
    """
    for job in jobs:
        if not _needs_model(job.prepared):
            job.outcome = SentenceOutcome(job.prepared.source)
    todo = [job for job in jobs if job.outcome is None]
    counts["decoded"] += len(todo)
    _decode(todo, chain, how, "decoded")
    _second_round(todo, chain, how, counts, steps)
    unusable = [job for job in todo if _verdict(job).problem]
    counts["against-loops"] += len(unusable)
    _decode(unusable, chain, _variant(how, **_AGAINST_LOOPS), "decoded")
    broken = [job for job in todo if _verdict(job).problem or _verdict(job).text is None]
    counts["piecewise"] += len(broken)
    _piece_by_piece(broken, chain, how)
    _reword(todo, chain, how, counts)
    for job in todo:
        if job.outcome is None:
            job.outcome = _conclude(job)


def _variant(how: Decoding, **changes: float) -> Decoding:
    values = {
        "beam": max(5, how.beam),
        "length_penalty": how.length_penalty,
        **changes,
    }
    return Decoding(**values)  # type: ignore[arg-type]


def _needs_model(prepared: Prepared) -> bool:
    """Whether anything other than slots, names, figures and marks is left to translate."""
    rest = "".join(text for text, prose in prepared.masked.between() if prose)
    for name in prepared.names:
        rest = rest.replace(name, " ")
    return has_letters(rest)


def _verdict(job: SentenceJob) -> Judgement:
    assert job.verdict is not None  # every job has been through the first round
    return job.verdict


def _decode(jobs: Sequence[SentenceJob], chain: Chain, how: Decoding, step: TermStep) -> None:
    if not jobs:
        return
    for job in jobs:
        job.pieces = job.pieces or chain.engines[0].count(job.prepared.text)
    decoded = chain.decode([job.prepared.text for job in jobs], how)
    for job, found in zip(jobs, decoded, strict=True):
        candidates = found or [Hypothesis("")]
        verdicts = [judge(job.prepared, h, job.pieces, job.apply) for h in candidates]
        if job.verdict is not None:
            verdicts.insert(0, job.verdict)
        _accept(job, choose(verdicts), step)


def _accept(job: SentenceJob, verdict: Judgement, step: TermStep) -> None:
    """Accept a candidate and note which step produced each term."""
    before = job.verdict.places if job.verdict else [None] * len(verdict.places)
    known: list[TermStep] = job.steps or ["missing"] * len(verdict.places)
    job.steps = [
        "missing" if now is None else (old if then is not None else step)
        for now, then, old in zip(verdict.places, before, known, strict=True)
    ]
    job.verdict = verdict


def _second_round(
    todo: Sequence[SentenceJob],
    chain: Chain,
    how: Decoding,
    counts: Counter[str],
    steps: frozenset[str],
) -> None:
    wanting = [job for job in todo if not _verdict(job).complete]
    counts["second-round"] += len(wanting)
    # Attention and many candidates are expensive, and only terms and names need them.
    named = [job for job in wanting if _verdict(job).missing]
    others = [job for job in wanting if not _verdict(job).missing]
    few = Decoding(max(_FEW, how.beam), _FEW, how.length_penalty)
    _take_candidates(others, chain, few, steps)
    many = Decoding(max(_MANY, how.beam), _MANY, how.length_penalty, attention=True)
    _take_candidates(named, chain, many, steps)


def _take_candidates(
    jobs: Sequence[SentenceJob], chain: Chain, how: Decoding, steps: frozenset[str]
) -> None:
    if not jobs:
        return
    decoded = chain.decode([job.prepared.text for job in jobs], how)
    for job, found in zip(jobs, decoded, strict=True):
        verdicts = [judge(job.prepared, h, job.pieces, job.apply) for h in found]
        best = choose([_verdict(job), *verdicts], terms="n-best" in steps)
        _accept(job, best, "n-best")
        if "attention" in steps and verdicts and _verdict(job).missing:
            spans = chain.spans(job.prepared.text)
            # The verdict of the first round was decoded without attention.
            bases = [v for v in (best, *verdicts) if v.hypothesis.attention]
            level = _verdict(job).cost[:2]
            bases = [v for v in bases if v.cost[:2] <= level][:2]
            mended = [mend_terms(job.prepared, base, spans, job.apply) for base in bases]
            better = choose([_verdict(job), *mended])
            _accept(job, better, "attention")


def _reword(
    todo: Sequence[SentenceJob], chain: Chain, how: Decoding, counts: Counter[str]
) -> None:
    """Decode sentences again without the words that are not English.

    A model that spells a word piece by piece ("extreme" + "ists") has a better one at hand more
    often than not. On 300 sentences of FLORES-200 dev, 28 had such words; after this, 3.
    """
    several = Decoding(max(_MANY, how.beam), _MANY, how.length_penalty)
    latest = [
        (job, _verdict(job)) for job in todo if not _verdict(job).problem and _verdict(job).text
    ]
    forbidden: dict[int, list[tuple[str, ...]]] = {id(job): [] for job, _ in latest}
    for _ in range(_REWORDINGS):
        trying = []
        for job, verdict in latest:
            known = forbidden[id(job)]
            found = find_pieces(verdict.hypothesis.tokens, verdict.doubtful)
            if new := [pieces for pieces in found if pieces not in known]:
                known += new
                trying.append(job)
        if not trying:
            return
        counts["reworded"] += len(trying)
        decoded = chain.decode(
            [job.prepared.text for job in trying], several, [forbidden[id(job)] for job in trying]
        )
        latest = []
        for job, hypotheses in zip(trying, decoded, strict=True):
            best = choose([judge(job.prepared, h, job.pieces, job.apply) for h in hypotheses])
            latest.append((job, best))
            _accept(job, choose([_verdict(job), best]), "n-best")


def _piece_by_piece(jobs: Sequence[SentenceJob], chain: Chain, how: Decoding) -> None:
    """Translate the parts between slots (for loops, between clauses), and join them."""
    plans = [_cut_up(job) for job in jobs]
    parts: dict[tuple[str, str], SentenceJob] = {}
    for job, plan in zip(jobs, plans, strict=True):
        for text in (text.strip() for text, prose in plan if prose):
            key = (job.prepared.language, text)
            if key not in parts:
                parts[key] = SentenceJob(prepare(text, job.prepared.language))
    todo = list(parts.values())
    _decode(todo, chain, how, "decoded")
    unusable = [part for part in todo if _verdict(part).problem]
    _decode(unusable, chain, _variant(how, **_AGAINST_LOOPS), "decoded")
    for job, plan in zip(jobs, plans, strict=True):
        joined = _join(plan, job.prepared.language, parts)
        if joined is not None:
            verdict = judge(job.prepared, Hypothesis(joined), 0, job.apply)
            _accept(job, choose([_verdict(job), verdict]), "decoded")


def _cut_up(job: SentenceJob) -> list[tuple[str, bool]]:
    """The parts of a sentence, and which of them to translate."""
    cut: list[tuple[str, bool]] = []
    for text, prose in job.prepared.masked.between():
        marks = _CLAUSES.finditer(text) if prose and _verdict(job).problem else ()
        cursor = 0
        for end in (*(mark.end() for mark in marks), len(text)):
            if end > cursor:
                part = text[cursor:end]
                cut.append((part, prose and has_letters(part)))
                cursor = end
    return cut


def _join(
    plan: Sequence[tuple[str, bool]], language: str, parts: Mapping[tuple[str, str], SentenceJob]
) -> str | None:
    """The parts joined; None if one of them is unusable or there is only one."""
    if len(plan) < 2:
        return None
    out = []
    for index, (text, prose) in enumerate(plan):
        if not prose:
            out.append(text)
            continue
        core = text.strip()
        verdict = _verdict(parts[language, core])
        if verdict.problem or verdict.text is None:
            return None
        output = continue_sentence(core, verdict.text) if index else verdict.text
        lead, tail = text[: text.index(core)], text[text.index(core) + len(core) :]
        out.append(lead + output + tail)
    return "".join(out)


def _conclude(job: SentenceJob) -> SentenceOutcome:
    """The final sentence, or why it stays as it is, with all flags."""
    prepared, verdict = job.prepared, _verdict(job)
    whole = (0, len(prepared.source))
    terms = tuple(
        _term_outcome(job, index) for index, demand in enumerate(prepared.demands) if demand.term
    )
    if verdict.problem or verdict.text is None:
        rule, reason = (
            (verdict.problem.rule, verdict.problem.reason)
            if verdict.problem
            else ("slot", "a protected span was lost and could not be put back")
        )
        mark = Mark(*whole, rule, f"left untranslated: {reason}")
        terms = tuple(replace(term, rendering="", step="missing") for term in terms)
        return SentenceOutcome(prepared.source, (mark,), terms, rule)
    return SentenceOutcome(verdict.text, tuple(_marks(job)), terms)


def _term_outcome(job: SentenceJob, index: int) -> TermOutcome:
    demand, place = job.prepared.demands[index], _verdict(job).places[index]
    start, end = _in_source(job.prepared, (demand.start, demand.end))
    found = ""
    if place is not None:
        found = rendering(demand, _verdict(job).hypothesis.text[place[0] : place[1]])
    return TermOutcome(demand.term, start, end, found, job.steps[index])


def _in_source(prepared: Prepared, span: Span) -> Span:
    return prepared.masked.alignment.back_span(*span)


def _marks(job: SentenceJob) -> Iterator[Mark]:
    prepared, verdict = job.prepared, _verdict(job)
    for figure in verdict.lost:
        span = _in_source(prepared, (figure.start, figure.end))
        yield Mark(*span, "number", f"{figure.text} is not in the translation")
    for figure in verdict.new:
        reason = f"{figure.text} stands in the translation and not here"
        yield Mark(0, len(prepared.source), "number", reason)
    for word in verdict.doubtful:
        yield Mark(0, len(prepared.source), "word", f"“{word}” is not a known English word")
    for month in verdict.months:
        yield Mark(*_in_source(prepared, month), "date", "the month is not in the translation")
    for demand, place in zip(prepared.demands, verdict.places, strict=True):
        if place is not None:
            continue
        span = _in_source(prepared, (demand.start, demand.end))
        if demand.term:
            reason = f"the translation has none of: {', '.join(demand.names)}"
            yield Mark(*span, "term", reason, demand.term)
        else:
            yield Mark(*span, "name", "the name is not in the translation")
