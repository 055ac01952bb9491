"""The matcher: apply, explain, measure, lint and preview all see the same hits.

Aho–Corasick on folded text finds every form's anchor; slots are read around it; conditions are
checked, and whether the hit is a whole name (`edges`). Then hits compete (`rivals`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import NamedTuple

import ahocorasick_rs

from normalise.glossary.compiled.tables import PLURAL, SINGULAR, Compiled, abbreviation_key, unpack
from normalise.glossary.match.context import Context, Watch, looks_far
from normalise.glossary.match.edges import Edges
from normalise.glossary.match.fold import in_word
from normalise.glossary.match.placeholders import SlotReader
from normalise.glossary.match.protect import Spans
from normalise.glossary.match.quotes import has_own_marks, is_quoted
from normalise.glossary.match.tries import Sides

# Words that begin with two capitals (TCCSĐ, GPUs, BCĐTW), or several with hyphens (CNH-HĐH), but
# not part of a document's code.
_ABBREVIATION = re.compile(
    r"[A-ZĐ](?<![\w\-/.].)[A-ZĐ0-9]\w*(?:-[A-ZĐ][A-ZĐ0-9]\w*)*(?![\w/])(?!-\w*/)"
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A form found in a text; offsets refer to the original text.

    ``rule`` is ``variant``, ``admitted``, ``abbreviation``, ``flag``, ``forbidden`` or
    ``preferred``; ``pattern`` is the entry as its author wrote it.
    """

    start: int
    end: int
    term: str
    rule: str
    pattern: str
    plural: bool
    index: int


# An anchor found: its number, and where it begins and ends in the folded text.
Match = tuple[int, int, int]


class Candidate(NamedTuple):
    """A hit on its way through conditions and competition; folded offsets."""

    start: int
    end: int
    entry: int
    number: int
    values: tuple[tuple[str, str], ...]
    exact: bool
    defined: bool


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """An abbreviation that the document defines as several terms; source offsets."""

    start: int
    end: int
    key: str
    terms: tuple[str, ...]


class Matcher:
    """Finds candidates in a folded text. Immutable once built."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        anchors = compiled.anchors.split("\n") if compiled.anchors else []
        self._automaton = (
            ahocorasick_rs.AhoCorasick(anchors, store_patterns=False) if anchors else None
        )
        self._rows = unpack(compiled.plain.rows)
        self._ends = unpack(compiled.plain.ends)
        self._numbers = {term.id: number for number, term in enumerate(compiled.terms)}
        self._sides: dict[int, Sides] = {}  # made when an anchor is first found
        self._slots = SlotReader(compiled.place_names, compiled.not_in_places)
        self.edges = Edges(compiled)
        # Lists of words that conditions look for in the whole document.
        self._wide = tuple(
            dict.fromkeys(
                near.any
                for entry in compiled.entries
                for when in entry.when
                for near in (when.near, when.not_near)
                if near is not None and near.within == "document"
            )
        )
        self.watch = Watch(compiled.cues, chain.from_iterable(self._wide))

    def matches(self, context: Context) -> list[Match]:
        """Every anchor found, also inside words."""
        if self._automaton is None:
            return []
        return self._automaton.find_matches_as_indexes(context.folded.text, overlapping=True)

    def candidates(
        self, context: Context, matches: Sequence[Match], within: Spans | None = None
    ) -> list[Candidate]:
        """Every form found on whole words, before conditions are checked.

        ``matches`` are the anchors found; only those that touch ``within`` count.
        """
        found: list[Candidate] = []
        text = context.folded.text
        size = len(text)
        rows, ends, slotted = self._rows, self._ends, self.compiled.slotted
        exact = self.compiled.plain.exact
        for anchor, start, end in matches:
            if within is not None and not within.touches(start, end):
                continue
            first = ends[anchor - 1] if anchor else 0
            if first < ends[anchor] and not (
                (start and in_word(text[start - 1])) or (end < size and in_word(text[end]))
            ):
                for row in range(first, ends[anchor]):
                    entry, number = divmod(rows[row], 4)
                    as_written = row not in exact or _same_case(context, start, end, exact[row])
                    found.append(Candidate(start, end, entry, number, (), as_written, False))
            if anchor in slotted:
                sides = self._sides.get(anchor)
                if sides is None:
                    sides = self._sides[anchor] = Sides(slotted[anchor])
                for form, low, high, values in sides.find(context, self._slots, start, end):
                    found.append(Candidate(low, high, form.entry, form.number, values, True, False))
        return found

    def find_far(
        self, context: Context, matches: Sequence[Match]
    ) -> Iterator[tuple[int, int]]:
        """Folded spans of what may be a hit that looks further than its sentence."""
        anchors, keys = self._far
        yield from ((start, end) for anchor, start, end in matches if anchor in anchors)
        for begin, word, _ in _abbreviation_words(context.folded.source, keys):
            start = context.folded.position(begin)
            yield start, start + len(word)

    @cached_property
    def _far(self) -> tuple[frozenset[int], frozenset[str]]:
        """The anchors and abbreviations with entries that look further than their sentence."""
        entries = {row for row, entry in enumerate(self.compiled.entries) if looks_far(entry.when)}
        anchors = {
            anchor
            for anchor, end in enumerate(self._ends)
            if any(
                row // 4 in entries
                for row in self._rows[self._ends[anchor - 1] if anchor else 0 : end]
            )
        }
        anchors |= {
            anchor
            for anchor, forms in self.compiled.slotted.items()
            if any(form.entry in entries for form in forms)
        }
        keys = {
            key
            for key, rows in self.compiled.abbreviations.items()
            if not entries.isdisjoint(rows)
        }
        return frozenset(anchors), frozenset(keys)

    def outlook(self, context: Context) -> object:
        """What conditions on the whole document see; equal if they decide alike."""
        present = context.watched
        return context.cues_present, tuple(not present.isdisjoint(words) for words in self._wide)

    def abbreviations(
        self, context: Context, glosses: Sequence[tuple[int, int]]
    ) -> tuple[list[Candidate], list[Ambiguous]]:
        """Candidates for abbreviations, and those that the document leaves ambiguous.

        What the document defines overrides the global table. An abbreviation it defines as several
        terms goes to the one whose conditions hold and are most specific; a draw is ambiguous.
        ``glosses`` are the source spans of the defining brackets, which are not uses.
        """
        table, entries = self.compiled.abbreviations, self.compiled.entries
        found: list[Candidate] = []
        ambiguous: list[Ambiguous] = []
        known = table.keys() | context.definitions.keys()
        for begin, word, key in _abbreviation_words(context.folded.source, known):
            defined = context.definitions.get(key)
            plural = word.endswith("s")
            stop = begin + len(word)
            if any(low <= begin < high for low, high in glosses):
                continue
            start = context.folded.position(begin)
            end = start + len(word)
            number = PLURAL if plural or context.reads_plural(start, end) else SINGULAR
            rows = self._abbreviation_entries(key, defined)
            holding = [
                candidate
                for row in rows
                if self.holds(
                    context,
                    candidate := Candidate(start, end, row, number, (), True, defined is not None),
                )
            ]
            if defined is None or len(defined) < 2:
                found += holding
                continue
            most = max((entries[c.entry].specificity for c in holding), default=-1)
            best = [c for c in holding if entries[c.entry].specificity == most]
            if len({entries[c.entry].term for c in best}) == 1:
                found += best[:1]
            else:
                ambiguous.append(Ambiguous(begin, stop, key, tuple(sorted(defined))))
        return found, ambiguous

    def _abbreviation_entries(self, key: str, defined: frozenset[str] | None) -> list[int]:
        """The entries that may apply to an abbreviation, given what the document defines."""
        rows = list(self.compiled.abbreviations.get(key, ()))
        if defined is None:
            return rows
        terms = self.compiled.terms
        rows = [row for row in rows if terms[self.compiled.entries[row].term].id in defined]
        listed = {terms[self.compiled.entries[row].term].id for row in rows}
        rows += [
            self.compiled.defined_entries[self._numbers[term]]
            for term in sorted(defined - listed)
            if term in self._numbers
        ]
        return rows

    def holds(self, context: Context, candidate: Candidate) -> bool:
        """Whether one set of the entry's conditions holds, and the hit is a whole name."""
        return self._conditions_hold(context, candidate) and not self.objection(context, candidate)

    def objection(self, context: Context, candidate: Candidate) -> str:
        """Why a hit is only part of something else, whatever its conditions; or empty."""
        return self.edges.objection(context, candidate.start, candidate.end, candidate.entry)

    def _conditions_hold(self, context: Context, candidate: Candidate) -> bool:
        entry = self.compiled.entries[candidate.entry]
        if entry.rule == "preferred" and has_own_marks(self.compiled.names[entry.name].forms[0]):
            # Without its marks such a name is an ordinary word, unless a variant says otherwise.
            return is_quoted(
                context.folded.source, *context.folded.span(candidate.start, candidate.end)
            )
        if not entry.when:
            return True
        return any(
            context.holds(
                when, candidate.start, candidate.end, candidate.number,
                exact=candidate.exact, defined=candidate.defined,
            )
            for when in entry.when
        )  # fmt: skip

    def hit(self, context: Context, candidate: Candidate) -> Hit:
        """A candidate as users see it."""
        entry = self.compiled.entries[candidate.entry]
        start, end = context.folded.span(candidate.start, candidate.end)
        return Hit(
            start, end, self.compiled.terms[entry.term].id, entry.rule, entry.written,
            candidate.number != SINGULAR, entry.index,
        )  # fmt: skip


def _same_case(context: Context, start: int, end: int, written: str) -> bool:
    """Whether a hit has the case used in the file; a sentence may begin with a capital."""
    surface = context.folded.source[slice(*context.folded.span(start, end))]
    if surface == written:
        return True
    raised = written[:1].upper() + written[1:]
    return surface == raised and context.starts_sentence(start)


def _abbreviation_words(source: str, known: Set[str]) -> Iterator[tuple[int, str, str]]:
    """Known abbreviations in a text: offset, the word with its plural s, lookup key."""
    for match in _ABBREVIATION.finditer(source):
        begin, word = match.start(), match.group()
        key = abbreviation_key(word.removesuffix("s"))
        if key in known:
            yield begin, word, key
        elif "-" in word:
            for part in word.split("-"):
                key = abbreviation_key(part.removesuffix("s"))
                if key in known:
                    yield begin, part, key
                begin += len(part) + 1
