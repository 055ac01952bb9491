"""`glossary check`: everything that can be said about a glossary before it meets a document.

Files first: each is read by itself, so one run names the mistakes of all of them. Then the terms
against each other (`overlaps`), then the terms at work on their own examples (`trials`).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from normalise.errors import GlossaryError
from normalise.glossary.glossary import Glossary
from normalise.glossary.source.load import ParsedFile, inspect_file, list_files
from normalise.glossary.source.schema import TermFile

# The field of a term in which an entry of each rule stands.
FIELDS = {
    "variant": "variants",
    "admitted": "admitted",
    "flag": "flags",
    "forbidden": "forbidden",
    "abbreviation": "abbreviations",
    "preferred": "preferred",
}
_PLACE = re.compile(r"^(?P<file>.*?)(?::(?P<line>\d+))?$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend. ``rule`` is a fixed word for machines, ``message`` is for people."""

    severity: Literal["error", "warning"]
    rule: str
    file: str
    line: int
    term: str
    message: str


class Ground:
    """What the checks work on: the files, the glossary made of them, the lines of everything."""

    def __init__(self, files: Sequence[ParsedFile], glossary: Glossary) -> None:
        self.files = files
        self.glossary = glossary
        self.findings: list[Finding] = []
        self._places: dict[str, tuple[_Lines, int]] = {}
        for file in files:
            if isinstance(file.value, TermFile):
                lines = _Lines(file)
                for index, term in enumerate(file.value.terms):
                    self._places[term.id] = (lines, index)

    @cached_property
    def active(self) -> tuple[Any, ...]:
        """The terms that take part in matching: all but the deprecated."""
        return tuple(term for term in self.glossary.terms if term.status != "deprecated")

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
    """Lines of values in one file; the YAML is composed once."""

    def __init__(self, file: ParsedFile) -> None:
        self.file = str(file.path)
        self._text = file.text

    @cached_property
    def _root(self) -> Any:
        import yaml

        return yaml.compose(self._text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))

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
        return int(node.start_mark.line) + 1


def check(paths: Sequence[Path | str] | None = None) -> tuple[Finding, ...]:
    """Check glossary files or folders; without paths, the glossaries that come along.

    Returns:
        The findings, errors and warnings, by file and line; no errors means fit for use.

    Raises:
        GlossaryError: A path does not exist.
    """
    from normalise.maintain.check.overlaps import check_overlaps
    from normalise.maintain.check.trials import check_trials

    files: list[ParsedFile] = []
    findings: list[Finding] = []
    for path in list_files(paths):
        file, errors = inspect_file(path)
        findings += (_from_error("schema", error) for error in errors)
        if file is not None:
            files.append(file)
    if not findings:
        try:
            ground = Ground(files, Glossary.load([file.path for file in files]))
        except GlossaryError as error:
            findings.append(_from_error("load", error))
        else:
            check_overlaps(ground)
            check_trials(ground)
            findings = ground.findings
    return tuple(
        sorted(set(findings), key=lambda f: (f.file, f.line, f.severity, f.rule, f.message))
    )


def _from_error(rule: str, error: GlossaryError) -> Finding:
    place = _PLACE.match(error.where)
    file, line = place.group("file", "line") if place else (error.where, None)
    remedy = f" (remedy: {error.remedy})" if error.remedy else ""
    return Finding("error", rule, file, int(line or 1), "", error.problem + remedy)


def count(findings: Iterable[Finding]) -> tuple[int, int]:
    """How many errors and warnings there are."""
    tally = Counter(finding.severity for finding in findings)
    return tally["error"], tally["warning"]


def show_text(findings: Iterable[Finding]) -> str:
    """One line a finding, ``file:line: severity: message [rule]``, as compilers write them."""
    return "".join(f"{f.file}:{f.line}: {f.severity}: {_named(f)} [{f.rule}]\n" for f in findings)


def _named(finding: Finding) -> str:
    return f"{finding.term}: {finding.message}" if finding.term else finding.message


def show_json(findings: Iterable[Finding]) -> str:
    """All findings as a JSON list."""
    return (
        json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1) + "\n"
    )


def show_github(findings: Iterable[Finding]) -> str:
    """Workflow commands that put each finding beside its line in a pull request."""
    return "".join(
        f"::{f.severity} file={_property(f.file)},line={f.line},title={_property(f.rule)}::"
        f"{_data(_named(f))}\n"
        for f in findings
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
