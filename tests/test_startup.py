"""Starting up stays cheap: heavy modules are imported by the commands that need them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

HEAVY = {
    "argostranslate", "ctranslate2", "inflect", "langdetect", "lxml", "markdown_it", "msgspec",
    "numpy", "py3langid", "re2", "rich", "ruamel", "sacremoses", "sentencepiece", "sqlite3",
    "translate", "urllib.request", "yaml",
}  # fmt: skip


def imported_by(program: str) -> set[str]:
    run = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport json, sys\nprint(json.dumps([*sys.modules]))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(run.stdout.splitlines()[-1]))


def test_importing_the_package_costs_nothing() -> None:
    modules = imported_by("import normalise")
    assert not modules & HEAVY
    assert not [name for name in modules if name.startswith("normalise.")]


def test_help_imports_no_engine() -> None:
    program = (
        "import sys\nfrom normalise.cli import main\nsys.argv = ['normalise', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass"
    )
    modules = imported_by(program)
    assert "click" in modules
    assert not modules & HEAVY
    assert {name for name in modules if name.startswith("normalise")} == {
        "normalise",
        "normalise.cli",
    }


@pytest.mark.skipif(os.name == "nt", reason="Windows tells no processor time of other processes")
def test_help_is_quick() -> None:
    # Processor time, not wall time: a machine busy with other work must not fail the test.
    # Wall times are measured by benchmarks/startup.py.
    spent = []
    for _ in range(5):
        before = os.times()
        subprocess.run(
            [sys.executable, "-m", "normalise", "--help"], check=True, stdout=subprocess.DEVNULL
        )
        after = os.times()
        spent.append(sum(after[2:4]) - sum(before[2:4]))
    assert min(spent) < 0.3, spent
