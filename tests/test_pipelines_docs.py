"""Every example in docs/pipelines.md runs, each in a process of its own."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "pipelines.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def engine(code: str) -> str:
    """The package that an example needs; ours if none."""
    names = re.findall(r"^(?:import|from) (\w+)", code, re.MULTILINE)
    return next(iter(names), "normalise")


@pytest.mark.parametrize("code", EXAMPLES, ids=map(engine, EXAMPLES))
def test_the_example_runs(code: str, tmp_path: Path) -> None:
    for name in re.findall(r"^(?:import|from) (\w+)", code, re.MULTILINE):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed")
    script = tmp_path / "example.py"
    script.write_text(code, "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": sys.executable}
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, env=environment, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr


def test_the_page_names_every_member() -> None:
    from normalise.integrations.rows import MEMBERS

    assert [name for name in MEMBERS if f"`{name}`" not in PAGE] == []


def test_the_page_names_every_extra() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    room = ROOT / "normalise" / "integrations"
    for module in room.glob("*.py"):
        if module.stem not in ("__init__", "rows"):
            assert f"[{module.stem}]" in PAGE
            assert re.search(rf"^{module.stem} = \[", project, re.MULTILINE)
