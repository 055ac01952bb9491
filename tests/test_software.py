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
    assert Translator(device="cuda").signature() != Translator().signature()
    assert Translator().signature() == Translator(device="cpu").signature()


@pytest.mark.parametrize(
    ("vendor", "flags", "parts"),
    [
        ("GenuineIntel", "sse avx avx2 avx512f avx512bw avx512_vnni", ["intel", "avx512_vnni"]),
        ("AuthenticAMD", "avx avx2", ["avx2"]),
        ("AuthenticAMD", "sse sse2", []),
    ],
)
def test_the_processor_is_known_by_what_changes_translations(
    vendor: str, flags: str, parts: list[str], tmp_path: Path
) -> None:
    listing = tmp_path / "cpuinfo"
    one = f"processor\t: 0\nvendor_id\t: {vendor}\nflags\t\t: {flags}\n\n"
    listing.write_text(one * 2)
    assert software._read_features(listing) == parts
    assert software._read_features(tmp_path / "none") == []


def test_a_forced_choice_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    identify = software.identify_processor.__wrapped__
    monkeypatch.delenv("CT2_FORCE_CPU_ISA", raising=False)
    usual = identify()
    monkeypatch.setenv("CT2_FORCE_CPU_ISA", "GENERIC")
    assert identify() == f"{usual}.CT2_FORCE_CPU_ISA=GENERIC"
