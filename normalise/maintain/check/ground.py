"""What the checks work with: files and glossary, the lines of every entry, the findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from normalise.glossary.glossary import Glossary
from normalise.glossary.match.matcher import Hit
from normalise.glossary.source.load import ParsedFile
from normalise.glossary.source.schema import Example, Keep, TermFile
from normalise.glossary.source.yaml_text import line_of

# The field of a term that entries of each rule are in.
FIELDS = {
    "variant": "variants",
    "admitted": "admitted",
    "flag": "flags",
    "forbidden": "forbidden",
    "abbreviation": "abbreviations",
    "preferred": "preferred",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to correct. ``rule`` is a fixed word for programs, ``message`` is for people."""

    severity: Literal["error", "warning"]
    rule: str
    file: str
    line: int
    term: str
    message: str


class Ground:
    """What the checks work with: the files, the glossary made from them, all line numbers."""

    def __init__(self, files: Sequence[ParsedFile], glossary: Glossary) -> None:
        self.files = files
        self.glossary = glossary
        self.findings: list[Finding] = []
        self._hits: dict[tuple[str, str, str | None], list[Hit]] = {}
        self._places: dict[str, tuple[_Lines, int]] = {}
        for file in files:
            if isinstance(file.value, TermFile):
                lines = _Lines(file)
                for index, term in enumerate(file.value.terms):
                    self._places[term.id] = (lines, index)

    @cached_property
    def active(self) -> tuple[Any, ...]:
        """The terms used for matching: all except deprecated ones."""
        return tuple(term for term in self.glossary.terms if term.status != "deprecated")

    def hits(self, case: Example | Keep) -> list[Hit]:
        """The winning hits in a sentence of a term; several checks ask for the same."""
        key = (case.text, case.language, case.date)
        if key not in self._hits:
            self._hits[key] = self.glossary.hits(
                case.text, language=case.language, date=case.date
            )
        return self._hits[key]

    def where(self, term: str, *steps: str | int) -> tuple[str, int]:
        """File and line of a term, or of something in it: ``where("cell", "variants", 2)``."""
        lines, index = self._places[term]
        return lines.file, lines.find("terms", index, *steps)

    def place(self, term: str, rule: str, index: int) -> tuple[str, int]:
        """File and line of an entry by its rule (``variant``, ``flag``, …) and number."""
        field = FIELDS[rule]
        return self.where(term, *((field,) if rule == "preferred" else (field, index)))

    def report(
        self, severity: Literal["error", "warning"], rule: str, term: str, message: str,
        *steps: str | int,
    ) -> None:  # fmt: skip
        """Add a finding at a place inside a term."""
        self.findings.append(Finding(severity, rule, *self.where(term, *steps), term, message))


class _Lines:
    """Lines of values in one file."""

    def __init__(self, file: ParsedFile) -> None:
        self.file = str(file.path)
        self._root = file.node

    def find(self, *steps: str | int) -> int:
        node = self._root
        for step in steps:
            if isinstance(step, int):
                inside = node.value[step] if step < len(node.value) else None
            else:
                inside = next((value for key, value in node.value if key.value == step), None)
            if inside is None:
                break
            node = inside
        return line_of(node)
