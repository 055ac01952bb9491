"""The source, its translation and the standardised English, cut into rows that belong together."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from normalise.data import Change
from normalise.report.retrace import STAGES, Span, Way

LAYOUT = "layout"
_ASKED = STAGES.index("translate")  # the text that goes into translation, where rows are cut
_LAST = len(STAGES)


@dataclass(frozen=True, slots=True)
class Row:
    """One sentence of a block, or layout between blocks, as spans of the texts of a `Way`.

    ``spans[i]`` is the row's place in ``way.texts[i]``; the rows together cover each text. ``kind``
    is that of the block, or ``layout``; ``translations`` are the translated pieces in the row.
    """

    kind: str
    language: str
    spans: tuple[Span, ...]
    translations: tuple[Change, ...] = ()

    @property
    def source(self) -> Span:
        """The row in the source."""
        return self.spans[0]

    @property
    def output(self) -> Span:
        """The row in the output."""
        return self.spans[-1]


def cut_rows(way: Way, blocks: Iterable[dict[str, Any]]) -> list[Row]:
    """Cut a document into rows: a sentence each, and the layout between blocks.

    Args:
        way: The document's texts.
        blocks: The blocks of its record.
    """
    text = way.texts[_ASKED]
    translated = way.of("translate")
    cuts: dict[int, tuple[str, str]] = {0: (LAYOUT, "")}
    for block in blocks:
        start, end = way.move(*block["output"], of=_LAST, to=_ASKED)
        if start >= end:
            continue
        look = block["kind"], block["language"]
        for place in _sentences(text, start, end, block["language"], translated):
            cuts[place] = look
        cuts.setdefault(end, (LAYOUT, ""))
    kept = [place for place in sorted(cuts) if place == 0 or _is_between(way, place)]
    places = [_follow(way, place) for place in kept]
    ends = [*places[1:], tuple(map(len, way.texts))]
    rows = []
    for place, starts, stops in zip(kept, places, ends, strict=True):
        kind, language = cuts[place]
        spans = tuple(zip(starts, stops, strict=True))
        first = bisect_left(translated, spans[_ASKED][0], key=lambda change: change.start)
        last = bisect_left(translated, spans[_ASKED][1], key=lambda change: change.start)
        rows.append(Row(kind, language, spans, translated[first:last]))
    return rows


def find_row(rows: Sequence[Row], place: int, text: int) -> int:
    """The index of the row in which an offset of ``way.texts[text]`` lies.

    An offset between two rows belongs to the second, unless that is empty there.
    """
    index = bisect_right(rows, place, key=lambda row: row.spans[text][0]) - 1
    while index > 0 and rows[index].spans[text][0] == rows[index].spans[text][1]:
        index -= 1
    return max(index, 0)


def _sentences(
    text: str, start: int, end: int, language: str, translated: Sequence[Change]
) -> Iterable[int]:
    """Where the sentences of a block begin: as they were translated, else as English is split."""
    from normalise.segment import split

    places = [start]
    first = bisect_left(translated, start, key=lambda change: change.start)
    cursor = start
    for change in translated[first:]:
        if change.start >= end:
            break
        places += (cursor + s.start for s in split(text[cursor : change.start], language))
        places.append(change.start)
        cursor = change.end
    places += (cursor + s.start for s in split(text[cursor:end], language))
    # A sentence follows a space; what stands before the first, or after the last, goes with it.
    worded = sorted({p for p in places[1:] if p > start and text[p - 1].isspace()})
    if worded and not any(map(str.isalnum, text[start : worded[0]])):
        worded = worded[1:]
    if worded and not any(map(str.isalnum, text[worded[-1] : end])):
        worded = worded[:-1]
    return [start, *worded]


def _is_between(way: Way, place: int) -> bool:
    """Whether no change of any stage has this place in its middle."""
    at = place
    for index in range(_ASKED, _LAST):
        change = _change_at(way.changes[index], at, out=False)
        if change is not None and change.start < at < change.end:
            return False
        at = way.alignments[index].forward(at)
    at = place
    for index in range(_ASKED - 1, -1, -1):
        change = _change_at(way.changes[index], at, out=True)
        if change is not None and change.out_start < at < change.out_end:
            return False
        at = way.alignments[index].back(at)
    return True


def _change_at(changes: Sequence[Change], place: int, *, out: bool) -> Change | None:
    index = bisect_right(changes, place, key=lambda c: c.out_start if out else c.start) - 1
    return changes[index] if index >= 0 else None


def _follow(way: Way, place: int) -> tuple[int, ...]:
    """A place in the text that is translated, in all texts."""
    if place == 0:
        return (0,) * len(way.texts)
    before, after = [place], [place]
    for index in range(_ASKED - 1, -1, -1):
        before.append(way.alignments[index].back(before[-1]))
    for index in range(_ASKED, _LAST):
        after.append(way.alignments[index].forward(after[-1]))
    return (*reversed(before), *after[1:])
