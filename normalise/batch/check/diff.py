"""What differs between two runs over the same documents: by term, by document, and why.

Compared are the records: what each run changed at each place of a document. Where both runs changed
the same place, the two changes are shown together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from normalise.batch.listing.plan import show
from normalise.batch.records.changed import changed_parts
from normalise.batch.records.saved import open_saved
from normalise.batch.records.store import Record

MOST_EXAMPLES = 5
"""Different examples kept for each term."""


class _Change(msgspec.Struct, frozen=True):
    stage: str
    rule: str
    term: str
    source: tuple[int, int]
    before: str
    after: str


class _Flag(msgspec.Struct, frozen=True):
    rule: str
    term: str
    source: tuple[int, int]
    text: str


class _Line(msgspec.Struct):
    """What is needed of a record."""

    status: str
    sha256: str = ""
    output_sha256: str = ""
    signature: str = ""
    changes: list[_Change] = []
    flags: list[_Flag] = []


_DECODER = msgspec.json.Decoder(_Line)


@dataclass(slots=True)
class Example:
    """What stood somewhere, and what each run made of it (None: nothing).

    ``document`` is the first one it occurs in, ``count`` how often it occurs.
    """

    document: str
    before: str
    old: str | None
    new: str | None
    count: int = 1


@dataclass(slots=True)
class TermDifference:
    """How the changes for a term (or of a rule) differ: those only one of the runs made."""

    fewer: int = 0
    more: int = 0
    flags_fewer: int = 0
    flags_more: int = 0
    documents: int = 0
    examples: list[Example] = field(default_factory=list)

    def show(self, example: Example) -> None:
        """Count an example, or keep it if it is a new one and there is room."""
        for known in self.examples:
            if (known.before, known.old, known.new) == (example.before, example.old, example.new):
                known.count += 1
                return
        if len(self.examples) < MOST_EXAMPLES:
            self.examples.append(example)


@dataclass(frozen=True, slots=True)
class DocumentDifference:
    """A document that comes out differently: how many changes only one run made, and of what."""

    name: str
    fewer: int
    more: int
    terms: tuple[str, ...]


@dataclass(slots=True)
class Difference:
    """All differences. ``parts`` counts documents by part of the signature, old and new value."""

    documents: int = 0
    same: int = 0
    parts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    terms: dict[str, TermDifference] = field(default_factory=dict)
    changed: list[DocumentDifference] = field(default_factory=list)
    only_old: list[str] = field(default_factory=list)
    only_new: list[str] = field(default_factory=list)
    other_input: list[str] = field(default_factory=list)
    other_status: list[tuple[str, str, str]] = field(default_factory=list)

    def by_term(self) -> list[tuple[str, TermDifference]]:
        """Terms and rules, those with the most differences first."""
        return sorted(
            self.terms.items(), key=lambda item: (-(item[1].fewer + item[1].more), item[0])
        )

    def as_json(self) -> dict[str, Any]:
        """The differences for programs."""
        return {
            "documents": self.documents,
            "same": self.same,
            "signature": [
                {"part": part, "old": old, "new": new, "documents": count}
                for (part, old, new), count in sorted(self.parts.items())
            ],
            "terms": [{"term": term, **msgspec.to_builtins(one)} for term, one in self.by_term()],
            "changed": msgspec.to_builtins(self.changed),
            "only_old": self.only_old,
            "only_new": self.only_new,
            "other_input": self.other_input,
            "other_status": [
                {"path": name, "old": old, "new": new} for name, old, new in self.other_status
            ],
        }


def compare_runs(old: Path, new: Path) -> Difference:
    """Compare two output folders.

    Raises:
        InputError: One of them has no records, or a run is writing them.
    """
    difference = Difference()
    with open_saved(old) as before, open_saved(new) as after:
        for mine, theirs in _pair(before, after):
            _compare(mine, theirs, difference)
    return difference


def _pair(
    old: Iterable[Record], new: Iterable[Record]
) -> Iterator[tuple[Record | None, Record | None]]:
    """The records of both, document by document; both are in the order of their keys."""
    left, right = iter(old), iter(new)
    mine, theirs = next(left, None), next(right, None)
    while mine or theirs:
        if theirs is None or (mine and mine.key < theirs.key):
            yield mine, None
            mine = next(left, None)
        elif mine is None or theirs.key < mine.key:
            yield None, theirs
            theirs = next(right, None)
        else:
            yield mine, theirs
            mine, theirs = next(left, None), next(right, None)


def _compare(mine: Record | None, theirs: Record | None, difference: Difference) -> None:
    name = show((mine or theirs or Record(b"", b"")).key)
    old, new = (_DECODER.decode(r.line) if r else None for r in (mine, theirs))
    if (old is None or old.status == "skipped") and (new is None or new.status == "skipped"):
        return
    difference.documents += 1
    if old is None or old.status == "skipped":
        difference.only_new.append(name)
    elif new is None or new.status == "skipped":
        difference.only_old.append(name)
    elif old.status != new.status or "failed" in (old.status, new.status):
        if old.status == new.status:
            difference.same += 1
        else:
            difference.other_status.append((name, old.status, new.status))
    elif old.sha256 != new.sha256:
        difference.other_input.append(name)
    else:
        for part, values in changed_parts(old.signature, new.signature).items():
            difference.parts[part, values[0], values[1]] += 1
        _compare_changes(name, old, new, difference)


def _compare_changes(name: str, old: _Line, new: _Line, difference: Difference) -> None:
    fewer = list((Counter(old.changes) - Counter(new.changes)).elements())
    more = list((Counter(new.changes) - Counter(old.changes)).elements())
    touched: set[str] = set()

    def find(key: str) -> TermDifference:
        found = difference.terms.setdefault(key, TermDifference())
        if key not in touched:
            touched.add(key)
            found.documents += 1
        return found

    for change in fewer:
        find(_name(change)).fewer += 1
    for change in more:
        find(_name(change)).more += 1
    for flag in (Counter(old.flags) - Counter(new.flags)).elements():
        find(_name(flag)).flags_fewer += 1
    for flag in (Counter(new.flags) - Counter(old.flags)).elements():
        find(_name(flag)).flags_more += 1
    for key, example in _find_examples(name, fewer, more):
        difference.terms[key].show(example)
    if not touched and old.output_sha256 == new.output_sha256:
        difference.same += 1
    else:
        terms = tuple(sorted(touched))
        difference.changed.append(DocumentDifference(name, len(fewer), len(more), terms))


def _find_examples(
    name: str, fewer: Sequence[_Change], more: Sequence[_Change]
) -> Iterator[tuple[str, Example]]:
    """What each run made of each place, under the term of the new run where it has one."""
    there = {(c.stage, c.source, c.before): c for c in more}
    paired = set()
    for change in fewer:
        place = (change.stage, change.source, change.before)
        other = there.get(place)
        if other is None:
            yield _name(change), Example(name, change.before, change.after, None)
        else:
            paired.add(place)
            yield _name(other), Example(name, change.before, change.after, other.after)
    for change in more:
        if (change.stage, change.source, change.before) not in paired:
            yield _name(change), Example(name, change.before, None, change.after)


def _name(item: _Change | _Flag) -> str:
    """What is responsible: the term, or else the rule."""
    return item.term or item.rule
