"""The name of this program changes with whatever could change an output."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from normalise import software
from normalise.translate.translator import Translator

# What reads, writes, shows or fetches, and shapes no output.
APART = {"argostranslate", "click", "jinja2", "msgspec", "pyyaml", "rich", "ruamel.yaml",
         "tomli", "translate-toolkit"}  # fmt: skip
EXTRAS = {"pypdfium2", "trafilatura"}


def test_every_library_counts_or_is_known_not_to() -> None:
    project = (Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8")
    listed = project.split("\ndependencies = [", 1)[1].split("\n]", 1)[0]
    names = {name.lower() for name in re.findall(r'^\s*"([\w.-]+)', listed, re.MULTILINE)}
    assert names | EXTRAS == {*software._LIBRARIES, *APART}


def test_code_and_libraries_behind_outputs_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in software._SHAPING:
        if name.endswith(".py"):
            (tmp_path / name).touch()
        else:
            (tmp_path / name).mkdir()
    code, help_text = tmp_path / "stages" / "a.py", tmp_path / "cli" / "a.py"
    code.write_bytes(b"one = 1\n")
    monkeypatch.setattr(software, "_HERE", tmp_path)
    identify = software.identify.__wrapped__
    first = identify()
    help_text.parent.mkdir()
    help_text.write_bytes(b"print('what commands say shapes no output')\n")
    code.write_bytes(b"one = 1\r\n")
    assert identify() == first
    code.write_bytes(b"one = 2\n")
    second = identify()
    assert second != first
    (tmp_path / "stages" / "languages.bin").write_bytes(b"model")
    assert identify() != second
    (tmp_path / "stages" / "languages.bin").unlink()
    monkeypatch.setattr(software, "_version", lambda library: "0")
    assert identify() not in (first, second)


def test_all_that_shapes_outputs_is_there() -> None:
    root = Path(software.__file__).parent
    assert all((root / name).exists() for name in software._SHAPING)


def test_another_device_counts() -> None:
    assert ("device", "cuda") in Translator(device="cuda").signature()
    assert Translator().signature() == Translator(device="cpu").signature()
