"""Whether entries are worth having: names of one term only, sentences that test something."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from normalise.glossary.match.fold import fold
from normalise.glossary.source.phrase import expand
from normalise.glossary.source.schema import Example, Keep, Term
from normalise.maintain.files.serialise import variant_text

if TYPE_CHECKING:
    from normalise.maintain.check.ground import Ground

_WORD = re.compile(r"[^\W\d_]{2,}|\d|\{\w+\}")
_SMALL = frozenset(
    "the and for with from that this was were has had its their into than of to in on at by as is "
    "it an or he she".split()
)
_STEM = 4  # letters: inspectorate is near inspection, funds near fund
_ENDS = re.compile(r"[\s\"'”’)]*[.,;:!?]|[\s\"'”’)]*$")
# The same sentence around so many names is a stock sentence.
_STOCK = 6
_SHOWN = 60


def check_worth(ground: Ground) -> None:
    """Report source names of several terms, examples that are frames, and keeps of nothing near."""
    _check_sources(ground)
    _check_frames(ground)
    for term in ground.active:
        _check_keeps(ground, term)


def _check_sources(ground: Ground) -> None:
    """Report a name that several terms have in one language: only the first is ever found."""
    owners: dict[tuple[str, str], tuple[Term, int]] = {}
    for term in ground.active:
        for language, names in term.sources.items():
            for index, name in enumerate(names):
                key = (language, fold(name).text)
                first, _ = owners.setdefault(key, (term, index))
                if first is term or _differ_in_time(first, term):
                    continue
                place = ":".join(map(str, ground.where(first.id, "sources", language)))
                ground.report(
                    "warning", "duplicate-source", term.id,
                    f"{name!r} ({language}) is also a name of {first.id} ({place}), which is found "
                    "instead: keep it with the term it means, and make the other's longer",
                    "sources", language, index,
                )  # fmt: skip


def _differ_in_time(one: Term, other: Term) -> bool:
    return one.until != other.until or one.since != other.since


def _check_frames(ground: Ground) -> None:
    """Report terms whose examples test nothing but the name: stock sentences, or nothing after."""
    frames: dict[str, set[tuple[str, int]]] = defaultdict(set)
    examples = [
        (term, index, _frame(ground, term, example))
        for term in ground.active
        for index, example in enumerate(term.examples)
    ]
    for term, index, (frame, _) in examples:
        frames[frame].add(ground.where(term.id, "examples", index))
    by_term: dict[str, list[tuple[int, str, bool]]] = defaultdict(list)
    for term, index, (frame, ends) in examples:
        stock = len(frames[frame]) >= _STOCK
        if frame and (stock or ends):
            by_term[term.id].append((index, frame, stock))
    for term in ground.active:
        idle = by_term[term.id]
        if not term.examples or len(idle) < len(term.examples):
            continue
        index, frame, stock = next((row for row in idle if row[2]), idle[0])
        what = (
            f"all examples are stock sentences, as {_short(frame)!r}" if stock
            else "in all examples the name ends the clause"
        )  # fmt: skip
        ground.report(
            "warning", "frame", term.id,
            f"{what}: write one as pages have it, with a noun or a complement after the name",
            "examples", index,
        )  # fmt: skip


def _frame(ground: Ground, term: Term, example: Example) -> tuple[str, bool]:
    """The sentence around the term's first hit, and whether the name ends its clause."""
    hit = next((hit for hit in ground.hits(example) if hit.term == term.id), None)
    if hit is None:
        return "", False
    before, after = example.text[: hit.start], example.text[hit.end :]
    return f"{before}…{after}", _ENDS.match(after) is not None


def _check_keeps(ground: Ground, term: Term) -> None:
    """Report sentences to keep that no form of the term could ever touch."""
    words = set(_words(term))
    for index, keep in enumerate(term.keeps):
        text = keep if isinstance(keep, str) else keep.text
        if isinstance(keep, Keep) and keep.flagged:
            continue
        if words and words.isdisjoint(_stems(text)):
            ground.report(
                "warning", "idle-keep", term.id,
                f"{_short(text)!r} shares no word with the term: write what is most easily taken "
                "for it (a union's, a hospital's, another party's)",
                "keeps", index,
            )  # fmt: skip


def _words(term: Term) -> Iterator[str]:
    phrases = (term.preferred, *term.admitted, *map(variant_text, term.variants))
    for phrase in phrases:
        for form in expand(phrase):
            yield from _stems(form)
    for text in (*(short.text for short in term.abbreviations), *(f.text for f in term.flags)):
        yield from _stems(text)


def _stems(text: str) -> set[str]:
    """The beginnings of the words in a text; a slot counts as a figure."""
    found = (match.group() for match in _WORD.finditer(fold(text).text))
    return {
        "0" if word[0] == "{" or word.isdigit() else word[:_STEM]
        for word in found
        if word not in _SMALL
    }


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
