"""The name of this program changes with whatever could change an output."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from normalise import software
from normalise.translate.translator import Translator

# What reads, writes, shows or fetches, and shapes no output.
APART = {"argostranslate", "click", "lxml", "msgspec", "pyyaml", "rich", "ruamel.yaml",
         "translate-toolkit"}  # fmt: skip


def test_every_library_counts_or_is_known_not_to() -> None:
    project = (Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8")
    listed = project.split("\ndependencies = [", 1)[1].split("\n]", 1)[0]
    names = {name.lower() for name in re.findall(r'^\s*"([\w.-]+)', listed, re.MULTILINE)}
    assert names == {*software._LIBRARIES, *APART}


def test_any_code_and_any_library_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "part").mkdir()
    code = tmp_path / "part" / "a.py"
    code.write_bytes(b"one = 1\n")
    monkeypatch.setattr(software, "_HERE", tmp_path)
    identify = software.identify.__wrapped__
    first = identify()
    (tmp_path / "bundled").mkdir()
    (tmp_path / "bundled" / "card.txt").touch()
    code.write_bytes(b"one = 1\r\n")
    assert identify() == first
    code.write_bytes(b"one = 2\n")
    second = identify()
    assert second != first
    (tmp_path / "part" / "languages.bin").write_bytes(b"model")
    assert identify() != second
    (tmp_path / "part" / "languages.bin").unlink()
    monkeypatch.setattr(software, "_version", lambda library: "0")
    assert identify() not in (first, second)


def test_another_device_counts() -> None:
    assert ("device", "cuda") in Translator(device="cuda").signature()
    assert Translator().signature() == Translator(device="cpu").signature()
