"""docs/batch.md, done word for word by a shell; what it shows is what comes out."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
_FENCE = re.compile(r"^```(sh|text)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with samples and glossaries, and the command on the path."""
    if os.name == "nt" or shutil.which("bash") is None:
        pytest.skip("needs a Unix shell")
    pytest.importorskip("watchfiles", reason="needs the extra `watch`")
    for name in ("samples", "glossaries"):
        shutil.copytree(ROOT / name, tmp_path / name)
    program = tmp_path / "bin" / "normalise"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m normalise "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


def test_the_walk_through_a_folders_life(shell: Path) -> None:
    page = (ROOT / "docs" / "batch.md").read_text("utf-8")
    said = ""
    commands = 0
    for kind, block in _FENCE.findall(page):
        if kind == "sh":
            done = subprocess.run(
                ["bash", "-e", "-c", block], cwd=shell, capture_output=True, text=True
            )
            said = done.stdout + done.stderr
            assert done.returncode == 0, f"{block}\n{said}"
            commands += block.count("normalise ")
        else:
            missing = set(block.splitlines()) - set(said.splitlines())
            assert not missing, f"{missing} not in:\n{said}"
    assert commands > 15
    assert (shell / "clean" / "discipline.txt").exists()
    assert sorted(path.name for path in (shell / "flat").glob("*.txt"))
    assert "discipline" not in (shell / "log.jsonl").read_text().replace("discipline.txt", "")
