"""Edits: applied, recorded as changes, replayed, composed; and the offsets on both sides."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from normalise.data import Block, Change, ChangeRule, StageName


class Alignment:
    """Maps offsets in a stage's input to its output and back, using its list of changes.

    A position inside a changed span maps to the nearest edge of its counterpart.

    >>> a = Alignment([Change("clean", 0, 2, 0, 5, "ab", "xxxxx", "space")])
    >>> a.forward(2), a.forward(4), a.back(7), a.back(3, end=True)
    (5, 7, 4, 2)
    """

    __slots__ = ("_changes", "_outs", "_starts")

    def __init__(self, changes: Sequence[Change]) -> None:
        self._changes = changes
        self._starts = [change.start for change in changes]
        self._outs = [change.out_start for change in changes]

    def forward(self, position: int, *, end: bool = False) -> int:
        """The output offset for an input offset; ``end`` for the right edge of a span."""
        index = bisect_right(self._starts, position) - 1
        if index >= 0 and end and self._starts[index] == position and index > 0:
            index -= 1
        if index < 0:
            return position
        change = self._changes[index]
        if position >= change.end:
            return position + change.out_end - change.end
        if position <= change.start:
            return change.out_start
        return change.out_end if end else change.out_start

    def back(self, position: int, *, end: bool = False) -> int:
        """The input offset for an output offset; ``end`` for the right edge of a span."""
        index = bisect_right(self._outs, position) - 1
        if index >= 0 and end and self._outs[index] == position and index > 0:
            index -= 1
        if index < 0:
            return position
        change = self._changes[index]
        if position >= change.out_end:
            return position + change.end - change.out_end
        if position <= change.out_start:
            return change.start
        return change.end if end else change.start

    def forward_span(self, start: int, end: int) -> tuple[int, int]:
        """The output span that covers an input span."""
        return self.forward(start), self.forward(end, end=True)

    def back_span(self, start: int, end: int) -> tuple[int, int]:
        """The input span that covers an output span."""
        return self.back(start), self.back(end, end=True)


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit a stage wants to make, before its output offsets are known."""

    start: int
    end: int
    after: str
    rule: ChangeRule
    term: str = ""
    reason: str = ""


def apply_edits(
    stage: StageName, text: str, edits: Iterable[Edit]
) -> tuple[str, tuple[Change, ...]]:
    """Apply non-overlapping edits and record them as changes, in text order.

    Edits that change nothing are dropped.

    Raises:
        ValueError: Two edits overlap.

    >>> apply_edits("clean", "a  b", [Edit(1, 3, " ", "space")])[0]
    'a b'
    """
    pieces: list[str] = []
    changes: list[Change] = []
    cursor = 0
    out = 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        if edit.start < cursor:
            raise ValueError(f"edits overlap at {edit.start}: {edit}")
        before = text[edit.start : edit.end]
        if before == edit.after:
            continue
        kept = text[cursor : edit.start]
        pieces += (kept, edit.after)
        out_start = out + len(kept)
        out = out_start + len(edit.after)
        changes.append(
            Change(
                stage, edit.start, edit.end, out_start, out,
                before, edit.after, edit.rule, edit.term, edit.reason,
            )
        )  # fmt: skip
        cursor = edit.end
    pieces.append(text[cursor:])
    return "".join(pieces), tuple(changes)


def drop_overlaps(edits: Iterable[Edit]) -> list[Edit]:
    """Keep the first of edits that overlap, and of those at one place the longest; in text order.

    >>> [e.after for e in drop_overlaps([Edit(2, 4, "b", "case"), Edit(0, 3, "a", "case")])]
    ['a']
    """
    kept: list[Edit] = []
    for edit in sorted(edits, key=lambda e: (e.start, -e.end)):
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return kept


def replay(text: str, changes: Iterable[Change]) -> str:
    """Rebuild a stage's output from its input and its changes (promise 1: replay).

    Raises:
        ValueError: A change does not fit the text.
    """
    pieces: list[str] = []
    cursor = 0
    for change in changes:
        if text[change.start : change.end] != change.before or change.start < cursor:
            raise ValueError(f"change does not fit the text at {change.start}: {change}")
        pieces += (text[cursor : change.start], change.after)
        cursor = change.end
    pieces.append(text[cursor:])
    return "".join(pieces)


def compose(source: str, first: Sequence[Change], second: Sequence[Change]) -> tuple[Change, ...]:
    """One list of changes that does what two lists do in turn.

    ``first`` leads from ``source`` to an intermediate text, ``second`` on from there. Changes that
    touch in the intermediate text become one, with the rule and term of the last; all others stay
    as they are.

    >>> first = apply_edits("clean", "a ( b", [Edit(1, 4, " (", "space")])[1]
    >>> second = apply_edits("clean", "a (b", [Edit(0, 1, "x", "nfc")])[1]
    >>> [(c.start, c.end, c.after) for c in compose("a ( b", first, second)]
    [(0, 4, 'x (')]
    """
    middle = replay(source, first)
    # Sorted by place in the intermediate text; at the same place, the first list's changes come
    # first.
    rows = [(c.out_start, c.out_end, 0, c) for c in first]
    rows += [(c.start, c.end, 1, c) for c in second]
    rows.sort(key=lambda row: row[:3])
    edits: list[Edit] = []
    shift = 0  # from the intermediate text to the source, for what follows the groups so far
    at = 0
    while at < len(rows):
        low, high, stop = rows[at][0], rows[at][1], at + 1
        while stop < len(rows) and rows[stop][0] <= high:
            high = max(high, rows[stop][1])
            stop += 1
        group = rows[at:stop]
        early = [change for _, _, late, change in group if not late]
        late = [change for _, _, late, change in group if late]
        start = low + shift
        shift += sum(c.end - c.start - (c.out_end - c.out_start) for c in early)
        if late:
            last = late[-1]
            reasons = dict.fromkeys(c.reason for *_, c in group if c.reason)
            after = _rewrite(middle, low, high, late)
            edit = Edit(start, high + shift, after, last.rule, last.term, "; then ".join(reasons))
            edits.append(edit)
        else:
            edits += [Edit(c.start, c.end, c.after, c.rule, c.term, c.reason) for c in early]
        at = stop
    return apply_edits((*first, *second)[0].stage, source, edits)[1] if edits else ()


def _rewrite(text: str, start: int, end: int, changes: Iterable[Change]) -> str:
    """A stretch of a text after changes that are all inside it."""
    pieces: list[str] = []
    for change in changes:
        pieces += (text[start : change.start], change.after)
        start = change.end
    pieces.append(text[start:end])
    return "".join(pieces)


def move_blocks(blocks: Iterable[Block], changes: Sequence[Change]) -> tuple[Block, ...]:
    """The same blocks at their places in a stage's output."""
    alignment = Alignment(changes)
    moved = []
    for block in blocks:
        start, end = alignment.forward_span(block.start, block.end)
        moved.append(Block(start, max(start, end), block.kind, block.language))
    return tuple(moved)
