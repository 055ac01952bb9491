"""A document's way through the stages, rebuilt from its source and its record in the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from normalise.data import Change, StageName
from normalise.edits import Alignment, Edit, apply_edits

Span = tuple[int, int]

STAGES: Final[tuple[StageName, ...]] = get_args(StageName)


@dataclass(frozen=True, slots=True)
class Way:
    """The texts of a document: ``texts[i]`` goes into stage ``STAGES[i]``, the last is the output.

    ``changes`` and ``alignments`` have one item for each stage; a stage that did nothing has no
    changes.
    """

    texts: tuple[str, ...]
    changes: tuple[tuple[Change, ...], ...]
    alignments: tuple[Alignment, ...]

    @property
    def source(self) -> str:
        """The text before all stages."""
        return self.texts[0]

    @property
    def output(self) -> str:
        """The text after all stages."""
        return self.texts[-1]

    def into(self, stage: StageName) -> str:
        """The text that a stage was given."""
        return self.texts[STAGES.index(stage)]

    def of(self, stage: StageName) -> tuple[Change, ...]:
        """The changes that a stage made."""
        return self.changes[STAGES.index(stage)]

    def move(self, start: int, end: int, *, of: int, to: int) -> Span:
        """A span of ``texts[of]`` in ``texts[to]``; grown to whole changes where it cuts one."""
        for index in range(of, to):
            start, end = self.alignments[index].forward_span(start, end)
        for index in range(of - 1, to - 1, -1):
            start, end = self.alignments[index].back_span(start, end)
        return start, max(start, end)


def retrace(text: str, changes: Sequence[Mapping[str, Any]]) -> Way:
    """Take a source text through the changes of its record.

    Raises:
        ValueError: They do not fit the text.
    """
    texts = [text]
    made: list[tuple[Change, ...]] = []
    for stage in STAGES:
        edits = []
        for item in changes:
            if item["stage"] != stage:
                continue
            start, end = item["input"]
            if texts[-1][start:end] != item["before"]:
                raise ValueError(f"a change does not fit the text at {start}")
            edits.append(
                Edit(start, end, item["after"], item["rule"], item["term"], item["reason"])
            )
        after, done = apply_edits(stage, texts[-1], edits)
        texts.append(after)
        made.append(done)
    return Way(tuple(texts), tuple(made), tuple(map(Alignment, made)))
