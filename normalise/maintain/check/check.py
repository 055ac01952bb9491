"""`glossary check`: everything that can be checked without documents.

Files first: each is read by itself, so that one run reports the mistakes in all of them. Then the
terms against each other (`overlaps`), then the terms on their own examples (`trials`).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from normalise.errors import GlossaryError
from normalise.glossary.glossary import Glossary
from normalise.glossary.source.load import ParsedFile, find_shared, inspect_file, list_files
from normalise.maintain.check.ground import Finding, Ground
from normalise.maintain.check.overlaps import check_overlaps
from normalise.maintain.check.places import check_periods, check_places
from normalise.maintain.check.trials import check_trials
from normalise.maintain.check.worth import check_worth

_PLACE = re.compile(r"^(?P<file>.*?)(?::(?P<line>\d+))?$", re.DOTALL)


def check(paths: Sequence[Path | str] | None = None) -> tuple[Finding, ...]:
    """Check glossary files or folders; without paths, the nearest glossaries.

    Returns:
        The findings, errors and warnings, by file and line; without errors it is fit for use.

    Raises:
        GlossaryError: A path does not exist.
    """
    files: list[ParsedFile] = []
    findings: list[Finding] = []
    found = list_files(paths)
    shared = find_shared(found)
    for path in found:
        file, errors = inspect_file(path, shared)
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
            check_places(ground)
            check_periods(ground)
            check_worth(ground)
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
    """One line per finding, ``file:line: severity: message [rule]``, like a compiler's."""
    return "".join(f"{f.file}:{f.line}: {f.severity}: {_named(f)} [{f.rule}]\n" for f in findings)


def _named(finding: Finding) -> str:
    return f"{finding.term}: {finding.message}" if finding.term else finding.message


def show_json(findings: Iterable[Finding]) -> str:
    """All findings as a JSON list."""
    return (
        json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1) + "\n"
    )


def show_github(findings: Iterable[Finding]) -> str:
    """Workflow commands that show each finding at its line in a pull request."""
    return "".join(
        f"::{f.severity} file={_property(f.file)},line={f.line},title={_property(f.rule)}::"
        f"{_data(_named(f))}\n"
        for f in findings
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
