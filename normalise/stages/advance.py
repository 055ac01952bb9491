"""From one stage to the next: the document as a stage leaves it, and the blocks it is for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from normalise.data import Block, Document, Stage
from normalise.edits import Alignment, move_blocks
from normalise.formats import find_protected

ENGLISH: Final = "en"
UNDETERMINED: Final = "und"


def is_english(code: str) -> bool:
    """Whether a block in this language goes to the stages for English.

    So does a block without a single word to judge by, in which they find nothing.
    """
    return code in (ENGLISH, UNDETERMINED)


def code_of(block: Block) -> str:
    """The code of a block's language."""
    return block.language.code if block.language else UNDETERMINED


def choose(blocks: Sequence[Block], wanted: Sequence[bool]) -> tuple[Block, ...]:
    """The blocks that are wanted; one answer for each."""
    return tuple(block for block, take in zip(blocks, wanted, strict=True) if take)


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
        runs=tuple(alignment.forward_span(*run) for run in document.runs),
    )
