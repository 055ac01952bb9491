"""Terms in use: their examples, and every variant and name run through the glossary by itself.

Forms are tried in batches, one per paragraph, because a call costs more than a short paragraph.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from normalise.edits import Alignment
from normalise.glossary.compiled.inflection import pluralise
from normalise.glossary.rewrite.standardise import MAX_ROUNDS
from normalise.glossary.source.phrase import expand, fill
from normalise.glossary.source.schema import Example, Keep, Term, Variant

if TYPE_CHECKING:
    from normalise.glossary.match.matcher import Hit
    from normalise.glossary.rewrite.standardise import Standardised
    from normalise.maintain.check.ground import Ground

# Values for the slots of a form that is tried out.
SAMPLE = {"place": "Lao Cai", "ordinal": "14th", "years": "2020-2025", "number": "61"}
_BATCH = 400
_GAP = "\n\n"
_SHOWN = 90


def check_trials(ground: Ground) -> None:
    """Report failing examples, targets that are rewritten again, and untested variants."""
    covered: set[tuple[str, str, int]] = set()
    for term in ground.active:
        _check_examples(ground, term)
        covered |= _covered(ground, term)
    _check_targets(ground)
    _check_variants(ground)
    for term in ground.active:
        _check_coverage(ground, term, covered)
        _check_completeness(ground, term)


def _check_examples(ground: Ground, term: Term) -> None:
    for index, example in enumerate(term.examples):
        result = _run(ground, example)
        where = ("examples", index)
        if result.text != example.becomes:
            ground.report(
                "error", "example", term.id,
                f"{_short(example.text)} becomes {result.text!r}, not {example.becomes!r}", *where,
            )  # fmt: skip
        _check_flagged(ground, term, example, result, where)
        _check_fixed_point(ground, term, example, result, where)
    for index, keep in enumerate(term.keeps):
        keep = Keep(text=keep) if isinstance(keep, str) else keep
        result = _run(ground, keep)
        where = ("keeps", index)
        if result.text != keep.text:
            culprit = ", ".join(sorted({change.term or change.rule for change in result.changes}))
            ground.report(
                "error", "keep", term.id,
                f"{_short(keep.text)} must stay, and becomes {result.text!r} ({culprit})", *where,
            )  # fmt: skip
        _check_flagged(ground, term, keep, result, where)
    for index, failure in enumerate(term.known_failures):
        if ground.glossary.apply(failure.text).text == failure.becomes:
            ground.report(
                "warning", "known-failure-passes", term.id,
                f"{_short(failure.text)} now comes out right: move it to `examples:`",
                "known-failures", index,
            )  # fmt: skip


def _run(ground: Ground, case: Example | Keep) -> Standardised:
    return ground.glossary.apply(case.text, language=case.language, date=case.date)


def _check_flagged(
    ground: Ground, term: Term, case: Example | Keep, result: Standardised,
    where: tuple[str, int],
) -> None:  # fmt: skip
    raised = {name for flag in result.flags for name in (flag.term, *flag.candidates)}
    if case.flagged and term.id not in raised:
        ground.report(
            "error", "not-flagged", term.id,
            f"{_short(case.text)} raises no flag of this term", *where,
        )  # fmt: skip


def _check_fixed_point(
    ground: Ground, term: Term, case: Example, result: Standardised, where: tuple[str, int]
) -> None:
    again = ground.glossary.apply(result.text, language=case.language, date=case.date)
    if again.text != result.text:
        ground.report(
            "error", "not-idempotent", term.id,
            f"a second run turns {result.text!r} into {again.text!r}", *where,
        )  # fmt: skip


def _covered(ground: Ground, term: Term) -> set[tuple[str, str, int]]:
    """The entries of the term that are used by its own examples and keeps."""
    cases: Iterable[Example | Keep | str] = (*term.examples, *term.keeps)
    covered = set()
    for case in cases:
        case = Keep(text=case) if isinstance(case, str) else case
        for hit in ground.hits(case):
            if hit.term == term.id:
                covered.add((hit.term, hit.rule, hit.index))
    return covered


def _check_coverage(ground: Ground, term: Term, covered: set[tuple[str, str, int]]) -> None:
    entries: list[tuple[str, str, int, str]] = []
    for index, variant in enumerate(term.variants):
        text = variant if isinstance(variant, str) else variant.text
        entries.append(("variant", "variants", index, text))
    entries += [("flag", "flags", index, flag.text) for index, flag in enumerate(term.flags)]
    for rule, field, index, text in entries:
        if (term.id, rule, index) not in covered:
            ground.report(
                "warning", "untested", term.id,
                f"no example shows what {rule} {text!r} does", field, index,
            )  # fmt: skip


def _check_completeness(ground: Ground, term: Term) -> None:
    missing = [
        name
        for name, there in (
            ("a definition", bool(term.definition)),
            ("provenance", bool(term.provenance)),
            ("Vietnamese under `sources:`", "vi" in term.sources),
            ("two examples", len(term.examples) > 1),
        )
        if not there
    ]
    if missing:
        ground.report("warning", "incomplete", term.id, "the term lacks " + ", ".join(missing))


def _check_targets(ground: Ground) -> None:
    """Report names that the glossary writes but would itself rewrite."""
    targets: dict[str, tuple[Term, tuple[str | int, ...]]] = {}
    for term in ground.active:
        for name in _written(term, term.preferred, term.plural):
            targets.setdefault(name, (term, ("preferred",)))
        for index, variant in enumerate(term.variants):
            if isinstance(variant, Variant) and variant.becomes:
                for name in _written(term, variant.becomes, None):
                    targets.setdefault(name, (term, ("variants", index)))
    for name, result, changed_by, _ in _try(ground, list(targets)):
        if result != name:
            term, where = targets[name]
            culprits = ", ".join(changed_by)
            ground.report(
                "error", "chain", term.id,
                f"the target {name!r} is itself rewritten, by {culprits}, to {result!r}",
                *where,
            )  # fmt: skip


def _written(term: Term, name: str, plural: str | None) -> Iterator[str]:
    """A name as it may occur in a text: singular and plural, slots filled and left out."""
    names = [name]
    if term.countable and (more := plural or pluralise(name)):
        names.append(more)
    if term.policy.number != "follow":
        names = names[-1:] if term.policy.number == "plural" else names[:1]
    for one in names:
        yield fill(one, SAMPLE)
        if "(" in one:
            yield fill(one, {})


def _check_variants(ground: Ground) -> None:
    """Report variants without conditions that another term wins, and results that change again."""
    forms: dict[str, tuple[Term, str, int]] = {}
    for term in ground.active:
        for index, variant in enumerate(term.variants):
            if isinstance(variant, Variant) and variant.when is not None:
                continue
            text = variant if isinstance(variant, str) else variant.text
            for form in expand(text):
                forms.setdefault(_fill(form), (term, text, index))
    # Many forms become the same text, so whatever follows the first round is done only once.
    first = {form: (text, by) for form, text, by, _ in _try(ground, list(forms), rounds=1)}
    origins = {text: form for form, (text, _) in first.items()}
    then = {row[0]: row for row in _try(ground, list(origins))}
    taken = [
        form for form, (text, by) in first.items() if forms[form][0].id not in {*by, *then[text][2]}
    ]
    _report_taken(ground, forms, taken)
    restless = {result: origins[text] for text, result, _, settled in then.values() if not settled}
    for result, again, changed_by, _ in _try(ground, list(restless)):
        if again != result:
            term, _, index = forms[restless[result]]
            ground.report(
                "error", "not-idempotent", term.id,
                f"{restless[result]!r} becomes {result!r}, and a second run, by "
                f"{', '.join(changed_by)}, makes it {again!r}",
                "variants", index,
            )  # fmt: skip


def _report_taken(
    ground: Ground, forms: dict[str, tuple[Term, str, int]], taken: Sequence[str]
) -> None:
    """Report forms that their own term did not change, unless it found nothing to change."""
    reported = set()
    for form, hits in zip(taken, _hits(ground, taken), strict=True):
        term, _, index = forms[form]
        if hits and all(hit.term != term.id for hit in hits) and (term.id, index) not in reported:
            reported.add((term.id, index))
            ground.report(
                "error", "shadowed-variant", term.id,
                f"{form!r} goes to {hits[0].rule} {hits[0].pattern!r} of {hits[0].term} instead",
                "variants", index,
            )  # fmt: skip


def _fill(form: str) -> str:
    for slot, value in SAMPLE.items():
        form = form.replace("{" + slot + "}", value)
    return form


def _try(
    ground: Ground, texts: Sequence[str], rounds: int = MAX_ROUNDS
) -> Iterator[tuple[str, str, list[str], bool]]:
    """Each text, what it becomes as a paragraph on its own, and the terms that changed it.

    The last value says whether a second run is known to change nothing.
    """
    for batch, spans, joined in _batches(texts):
        result = ground.glossary.apply(joined, rounds=rounds)
        alignment = Alignment(result.changes)
        # Every paragraph is a form, so a change begins in the form it belongs to.
        starts = [change.start for change in result.changes]
        for text, (start, end) in zip(batch, spans, strict=True):
            low, high = alignment.forward_span(start, end)
            terms = {
                change.term or change.rule
                for change in result.changes[bisect_left(starts, start) : bisect_left(starts, end)]
            }
            yield text, result.text[low:high], sorted(terms), result.settled


def _hits(ground: Ground, texts: Sequence[str]) -> Iterator[list[Hit]]:
    """The winning hits in each text."""
    for _, spans, joined in _batches(texts):
        hits = ground.glossary.hits(joined)
        starts = [hit.start for hit in hits]
        for start, end in spans:
            yield hits[bisect_left(starts, start) : bisect_left(starts, end)]


def _batches(
    texts: Sequence[str],
) -> Iterator[tuple[Sequence[str], list[tuple[int, int]], str]]:
    for first in range(0, len(texts), _BATCH):
        batch = texts[first : first + _BATCH]
        spans = []
        position = 0
        for text in batch:
            spans.append((position, position + len(text)))
            position += len(text) + len(_GAP)
        yield batch, spans, _GAP.join(batch)


def _short(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")
