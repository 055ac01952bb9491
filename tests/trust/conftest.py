"""The long part of the trust suite runs with ``NORMALISE_TRUST=long``, and leaves its figures.

They go to ``benchmarks/results/trust.md``, each with the test that measured it.
"""

from __future__ import annotations

import os
import platform
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
    from normalise.software import identify

    lines = [
        "# The trust suite, long part",
        "",
        "Written by `NORMALISE_TRUST=long python -m pytest tests/trust`; do not edit.",
        "",
        f"Program {identify()}, Python {platform.python_version()}, {platform.system()} "
        f"{platform.machine()}, {os.cpu_count()} processors.",
        "",
        "| test | figure | value |",
        "|---|---|---:|",
        *(f"| {test} | {what} | {value} |" for test, what, value in _figures),
        "",
    ]
    RESULTS.write_text("\n".join(lines), "utf-8")
