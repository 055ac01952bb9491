"""Removing page furniture: whole lines that surround the text of a web page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final, Protocol

from normalise.data import Block, Document, Stage
from normalise.edits import Alignment, Edit, apply_edits
from normalise.errors import GlossaryError

STAGE: Final = "furniture"


class Rule(Protocol):
    """A rule for furniture, as the glossaries write them (``FurnitureRule`` in their schema)."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def lines(self) -> tuple[str, ...]:
        """Whole lines it removes."""

    @property
    def pattern(self) -> str | None:
        """An RE2 pattern for whole lines."""

    @property
    def reason(self) -> str:
        """Why such lines are not content."""


class FurnitureRemover:
    """Finds lines that are page furniture; removes a whole line or nothing.

    Args:
        rules: Literal lines (compared without case and runs of spaces) and RE2 patterns.

    Raises:
        GlossaryError: A rule's pattern is not valid RE2.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._lines: dict[str, Rule] = {}
        self._patterns: list[tuple[Any, Rule]] = []
        for rule in rules:
            for line in rule.lines:
                self._lines.setdefault(_fold(line), rule)
            if rule.pattern:
                self._patterns.append((_compile(rule), rule))

    def find(self, line: str) -> Rule | None:
        """The rule that removes a line, or None if the line is content."""
        line = line.strip()
        rule = self._lines.get(_fold(line))
        if rule is not None or not line or len(line) > _LONGEST_LINE:
            return rule
        return next((rule for pattern, rule in self._patterns if pattern.fullmatch(line)), None)

    def remove(self, document: Document) -> tuple[Stage, Document]:
        """Remove the furniture lines of a document; also returns the document without them."""
        text, changes = apply_edits(STAGE, document.text, self._edits(document))
        stage = Stage(STAGE, text, changes)
        alignment = Alignment(changes)
        blocks = []
        for block in document.blocks:
            start, end = alignment.forward_span(block.start, block.end)
            if start < end:
                blocks.append(Block(start, end, block.kind, block.language))
        protected = [alignment.forward_span(*span) for span in document.protected]
        return stage, replace(
            document,
            text=text,
            blocks=tuple(blocks),
            protected=tuple(span for span in protected if span[0] < span[1]),
        )

    def _edits(self, document: Document) -> Iterator[Edit]:
        text = document.text
        fenced = _fenced_spans(document)
        blank_before = True
        start = 0
        while start < len(text):
            newline = text.find("\n", start)
            end = len(text) if newline < 0 else newline + 1
            line = text[start:end]
            rule = self.find(line)
            if rule is not None and not any(a < end and start < b for a, b in fenced):
                # With a line between two blank ones, one of these is removed as well.
                following = _BLANK_LINE.match(text, end)
                if blank_before and following and following.end() > end:
                    end = following.end()
                yield Edit(start, end, "", "furniture", rule.id, rule.reason)
            else:
                blank_before = not line.strip()
            start = end


_LONGEST_LINE = 500
_BLANK_LINE = re.compile(r"[ \t]*(?:\n|\Z)")


_FENCE = re.compile(
    r"\A---[ \t]*\n(?:.*\n)*?---[ \t]*$|^ {0,3}(`{3,}|~{3,})(?:.*\n)*?(?: {0,3}\1[`~]*[ \t]*$|\Z)",
    re.MULTILINE,
)


def _fenced_spans(document: Document) -> list[tuple[int, int]]:
    """Front matter and code of a Markdown text, where no line is furniture."""
    if document.format != "md":
        return []
    return [match.span() for match in _FENCE.finditer(document.text)]


def _fold(line: str) -> str:
    return " ".join(line.split()).casefold()


def _compile(rule: Rule) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(rule.pattern or "", options)
    except re2.error as error:
        raise GlossaryError(
            f"the pattern of {rule.id} is not valid RE2: {error}",
            where="furniture.yaml",
            remedy="see https://github.com/google/re2/wiki/Syntax",
        ) from None
