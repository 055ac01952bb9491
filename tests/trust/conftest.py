"""The long part of the trust suite runs with ``NORMALISE_TRUST=long``, and leaves its figures.

They go to ``benchmarks/results/trust.md``, each with the test that measured it.
"""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Callable
from pathlib import Path

import pytest

LONG = os.environ.get("NORMALISE_TRUST") == "long"
RESULTS = Path(__file__).resolve().parent.parent.parent / "benchmarks" / "results" / "trust.md"

_figures: list[tuple[str, str, str]] = []


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str, object], None]:
    """Notes a figure of the long part for the results file."""

    def note(what: str, value: object) -> None:
        _figures.append((request.node.nodeid.partition("trust/")[2], what, str(value)))

    return note


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not (LONG and _figures):
        return
    parts = read_parts(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    parts |= write_parts()
    head = (
        "# The trust suite, long part\n\n"
        "Written by `NORMALISE_TRUST=long python -m pytest tests/trust`; do not edit. A run of some "
        "files\nleaves the figures of the others.\n"
    )
    RESULTS.write_text("\n".join([head, *(parts[name] for name in sorted(parts))]), "utf-8")


def read_parts(text: str) -> dict[str, str]:
    """The sections of the results file, by the file of tests that they are about."""
    sections = re.split(r"^(?=## )", text, flags=re.MULTILINE)[1:]
    return {section.partition("\n")[0][3:]: section.rstrip("\n") + "\n" for section in sections}


def write_parts() -> dict[str, str]:
    """A section for each file of tests that noted figures in this run."""
    from normalise.software import identify

    rows: dict[str, list[str]] = {}
    for test, what, value in _figures:
        file, _, name = test.partition("::")
        rows.setdefault(file, []).append(f"| {name} | {what} | {value} |")
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    return {
        file: "\n".join(
            [
                f"## {file}",
                "",
                f"Program {identify()}, Python {platform.python_version()}, {machine}.",
                "",
                "| test | figure | value |",
                "|---|---|---:|",
                *lines,
                "",
            ]
        )
        for file, lines in rows.items()
    }
