"""Entries against each other: duplicates, shadows, ties, slots that lose their value.

Two entries meet if they have the same folded form. Which one wins depends on the kind of entry,
then on the number of conditions; if that does not decide, it is a tie.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from normalise.glossary.compiled.tables import abbreviation_key
from normalise.glossary.match.fold import fold
from normalise.glossary.match.rivals import RANKS
from normalise.glossary.source.phrase import expand
from normalise.glossary.source.schema import Near, Term, Variant, When

if TYPE_CHECKING:
    from normalise.maintain.check.ground import Ground

_SLOT = re.compile(r"\{(\w+)\}")
_OPTIONAL = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of a term; ``sets`` are its alternative sets of conditions, empty for none."""

    term: str
    rule: str
    index: int
    written: str
    becomes: str
    sets: tuple[When, ...]

    @property
    def rank(self) -> int:
        return RANKS[self.rule]

    @property
    def specificity(self) -> int:
        return max(map(_count, self.sets), default=0)

    def __str__(self) -> str:
        return f"{self.rule} {self.written!r} of {self.term}"


def check_overlaps(ground: Ground) -> None:
    """Report entries that are duplicates, never apply, tie, or lose the value of a slot."""
    entries = {
        (entry.term, entry.rule, entry.index): entry
        for term in ground.active
        for entry in _entries(term)
    }
    forms: dict[str, dict[_Entry, None]] = defaultdict(dict)
    of_entry: dict[_Entry, set[str]] = defaultdict(set)
    for term_id, rule, form, index in ground.glossary.patterns():
        entry = entries[term_id, rule, index]
        forms[form][entry] = None
        of_entry[entry].add(form)
    for entry, own in of_entry.items():
        _check_covered(ground, entry, [tuple(forms[form]) for form in sorted(own)])
    for form, meeting in forms.items():
        _check_ties(ground, form, tuple(meeting))
    _check_abbreviations(ground, entries.values())
    for term in ground.active:
        _check_slots(ground, term)
        _check_cues(ground, term)


def _entries(term: Term) -> Iterable[_Entry]:
    for index, variant in enumerate(term.variants):
        if isinstance(variant, str):
            variant = Variant(text=variant)
        becomes = variant.becomes or term.preferred
        yield _Entry(term.id, "variant", index, variant.text, becomes, _sets(variant.when))
    for index, name in enumerate(term.admitted):
        yield _Entry(term.id, "admitted", index, name, term.preferred, ())
    for index, flag in enumerate(term.flags):
        yield _Entry(term.id, "flag", index, flag.text, "", _sets(flag.when))
    for index, name in enumerate(term.forbidden):
        yield _Entry(term.id, "forbidden", index, name, "", ())
    for index, short in enumerate(term.abbreviations):
        sets = _sets(short.when)
        yield _Entry(term.id, "abbreviation", index, short.text, term.preferred, sets)
    yield _Entry(term.id, "preferred", 0, term.preferred, term.preferred, ())


def _sets(when: When | tuple[When, ...] | None) -> tuple[When, ...]:
    return () if when is None else (when,) if isinstance(when, When) else when


def _count(when: When) -> int:
    bare = When()
    return sum(getattr(when, name) != getattr(bare, name) for name in When.__struct_fields__)


def _check_covered(ground: Ground, entry: _Entry, meetings: list[tuple[_Entry, ...]]) -> None:
    """Report an entry all of whose forms go to another entry, whatever the text says."""
    if entry.rule == "forbidden":
        return
    covers = [_cover(entry, meeting) for meeting in meetings]
    if not all(covers):
        return
    cover = next(filter(None, covers))
    steps = ("preferred",) if entry.rule == "preferred" else _steps(entry)
    same_term = cover.term == entry.term
    if entry.rule == "preferred":
        if not same_term:
            ground.report(
                "error", "rewrites-preferred", cover.term,
                f"{cover.rule} {cover.written!r} is the preferred name of {entry.term}: give it "
                "conditions, or remove it",
                *_steps(cover),
            )  # fmt: skip
    elif same_term and cover.rule == "preferred":
        ground.report(
            "warning", "redundant-variant", entry.term,
            f"{entry.rule} {entry.written!r} is the preferred name, which matches by itself",
            *steps,
        )  # fmt: skip
    elif same_term and cover.rank == entry.rank and _differ_in_spelling(entry, cover):
        ground.report(
            "warning", "repeated-spelling", entry.term,
            f"{entry.rule} {entry.written!r} is {cover.written!r} in another spelling, which is "
            "found as well",
            *steps,
        )  # fmt: skip
    elif same_term and cover.rank == entry.rank:
        rule = "shadowed-variant" if entry.sets else "duplicate-variant"
        ground.report(
            "error", rule, entry.term,
            f"{entry.rule} {entry.written!r} adds nothing to {cover.rule} {cover.written!r}"
            + (": its conditions never matter" if entry.sets else ""),
            *steps,
        )  # fmt: skip
    else:
        ground.report(
            "error", "shadowed-" + entry.rule, entry.term,
            f"{entry.rule} {entry.written!r} never applies: the {cover} always wins",
            *steps,
        )  # fmt: skip


def _differ_in_spelling(entry: _Entry, cover: _Entry) -> bool:
    """Whether two entries meet only because forms are compiled in both English spellings."""
    if entry.sets:
        return False
    one, other = ({fold(form).text for form in expand(e.written)} for e in (entry, cover))
    return not one & other


def _cover(entry: _Entry, meeting: tuple[_Entry, ...]) -> _Entry | None:
    """The entry that wins this form from ``entry`` in every text, if there is one."""
    for other in meeting:
        if other is entry or other.sets:
            continue
        if other.rank < entry.rank and not (entry.rule == "preferred" and other.term == entry.term):
            return other
        same = other.term == entry.term and other.becomes == entry.becomes
        if same and other.rank == entry.rank and (entry.sets or other.index < entry.index):
            return other
        if same and other.rule == "preferred" and entry.rule == "variant" and not entry.sets:
            return other
    return None


def _steps(entry: _Entry) -> tuple[str | int, ...]:
    from normalise.maintain.check.ground import FIELDS

    field = FIELDS[entry.rule]
    return (field,) if entry.rule == "preferred" else (field, entry.index)


def _check_ties(ground: Ground, form: str, meeting: tuple[_Entry, ...]) -> None:
    for one, other in combinations(meeting, 2):
        if one.rank != other.rank or one.specificity != other.specificity:
            continue
        if one.term == other.term and (one.becomes == other.becomes or one.rule != other.rule):
            continue
        if not _can_meet(one, other) or _apart(ground, one.term, other.term):
            continue
        place = ":".join(map(str, ground.place(one.term, one.rule, one.index)))
        ground.report(
            "error", "tie", other.term,
            f"{other.rule} {other.written!r} and the {one} ({place}) both claim {form!r}: "
            "conditions must tell them apart",
            *_steps(other),
        )  # fmt: skip


def _apart(ground: Ground, one: str, other: str) -> bool:
    """Whether two terms' names were in use at different times, so that the date decides."""
    first, second = ground.glossary.term(one), ground.glossary.term(other)
    return any(
        early.until is not None and late.since is not None and early.until < late.since
        for early, late in ((first, second), (second, first))
    )


def _check_abbreviations(ground: Ground, entries: Iterable[_Entry]) -> None:
    by_key: dict[str, list[_Entry]] = defaultdict(list)
    for entry in entries:
        # Entries that depend on the document's definition cannot clash: if a document defines one
        # abbreviation as two terms, that is decided or flagged at run time.
        only_defined = bool(entry.sets) and all(when.defined for when in entry.sets)
        if entry.rule == "abbreviation" and not only_defined:
            by_key[abbreviation_key(entry.written)].append(entry)
    for key, meeting in by_key.items():
        _check_ties(ground, key, tuple(meeting))


def _can_meet(one: _Entry, other: _Entry) -> bool:
    """Whether both entries' conditions can hold at the same place."""
    bare = (When(),)
    return any(
        not exclusive(first, second) for first in one.sets or bare for second in other.sets or bare
    )


def exclusive(one: When, other: When) -> bool:
    """Whether two sets of conditions clearly cannot hold at the same place.

    >>> exclusive(When(counted=True), When(counted=False))
    True
    >>> exclusive(When(near=Near(any=("bank",))), When(not_near=Near(any=("bank", "shop"))))
    True
    >>> exclusive(When(near=Near(any=("bank",))), When(plural=True))
    False
    """
    for field in ("counted", "plural", "defined"):
        pair = {getattr(one, field), getattr(other, field)}
        if pair == {True, False}:
            return True
    if one.language and other.language and not set(one.language) & set(other.language):
        return True
    return _one_way(one, other) or _one_way(other, one)


def _one_way(one: When, other: When) -> bool:
    if one.before and other.after and one.before <= other.after:
        return True
    if set(one.cues_present) and set(one.cues_present) <= set(other.cues_absent):
        return True
    for side in ("preceded_by", "followed_by"):
        wanted, barred = set(getattr(one, side)), set(getattr(other, "not_" + side))
        if wanted and wanted <= barred:
            return True
    return (
        one.near is not None
        and other.not_near is not None
        and set(one.near.any) <= set(other.not_near.any)
        and _reach(one.near) <= _reach(other.not_near)
    )


def _reach(near: Near) -> tuple[int, int]:
    """How far a condition looks, in a form that can be compared if one clearly looks further."""
    if isinstance(near.within, int):
        return (0, near.within)
    return ({"sentence": 1, "paragraph": 2, "document": 3}[near.within], 0)


def _check_slots(ground: Ground, term: Term) -> None:
    """Report variants whose slot values would be lost, or whose target would lack one."""
    for index, variant in enumerate(term.variants):
        if isinstance(variant, str):
            variant = Variant(text=variant)
        _check_slot(
            ground, term, variant.text, variant.becomes or term.preferred, "variants", index
        )
    for index, name in enumerate(term.admitted):
        _check_slot(ground, term, name, term.preferred, "admitted", index)


def _check_slot(
    ground: Ground, term: Term, written: str, target: str, field: str, index: int
) -> None:
    usable = set(_SLOT.findall(target))
    needed = set(_SLOT.findall(_OPTIONAL.sub("", target)))
    for form in expand(written):
        given = set(_SLOT.findall(form))
        if lost := sorted(given - usable):
            ground.report(
                "error", "slot-lost", term.id,
                f"{form!r} would lose the value of {{{lost[0]}}}: {target!r} has no place for it",
                field, index,
            )  # fmt: skip
            return
        if missing := sorted(needed - given):
            ground.report(
                "error", "slot-missing", term.id,
                f"{form!r} gives no {{{missing[0]}}}, which {target!r} needs: put it in brackets "
                "there, or write `becomes:`",
                field, index,
            )  # fmt: skip
            return


def _check_cues(ground: Ground, term: Term) -> None:
    known = set(ground.glossary.manifest.cues)
    for entry in _entries(term):
        for when in entry.sets:
            for name in (*when.cues_absent, *when.cues_present):
                if name not in known:
                    ground.report(
                        "error", "unknown-cues", term.id,
                        f"there is no list of cues {name!r} in the manifest",
                        *_steps(entry),
                    )  # fmt: skip
