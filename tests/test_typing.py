"""The package is typed for its users: py.typed is there, and their code passes mypy --strict."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import normalise

HERE = Path(__file__).parent


def test_users_code_is_checked(tmp_path: Path) -> None:
    pytest.importorskip("mypy", reason="mypy is among the lint requirements")
    assert (Path(normalise.__file__).parent / "py.typed").is_file()
    found = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file", "", "--cache-dir",
         str(tmp_path), "--follow-imports", "silent", HERE / "typing" / "front_door.py"],
        cwd=HERE.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout + found.stderr


def test_all_names_of_the_front_door_are_there() -> None:
    for name in normalise.__all__:
        assert getattr(normalise, name) is not None
    with pytest.raises(AttributeError):
        normalise.nothing  # noqa: B018
