"""From one stage to the next: the document as a stage leaves it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace

from normalise.data import Document, Stage
from normalise.edits import Alignment, move_blocks
from normalise.formats import find_protected


def advance(document: Document, stage: Stage) -> Document:
    """The document as a stage leaves it: new text, blocks and protected spans moved along."""
    if not stage.changes:
        return document
    alignment = Alignment(stage.changes)
    starts = [change.start for change in stage.changes]
    protected = []
    for start, end in document.protected:
        index = bisect_right(starts, start) - 1
        if index < 0 or end > stage.changes[index].end:
            protected.append(alignment.forward_span(start, end))
        # Otherwise a change has swallowed the span: its new content is searched below.
    for change in stage.changes:
        if change.rule == "translation":
            protected += find_protected(
                document.format, stage.text, change.out_start, change.out_end
            )
    return replace(
        document,
        text=stage.text,
        blocks=move_blocks(document.blocks, stage.changes),
        protected=tuple(sorted(protected)),
    )
