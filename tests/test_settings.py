"""Settings: from arguments, from files, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from normalise.cli import main
from normalise.errors import InputError
from normalise.settings import Settings, find_settings, read_settings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    inner = tmp_path / "project" / "inner"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    return tmp_path / "project"


def test_the_nearest_file_counts(folder: Path) -> None:
    assert find_settings() is None
    (folder / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert find_settings() is None
    (folder / "pyproject.toml").write_text("[tool.normalise]\nbeam = 2\n")
    assert find_settings() == folder / "pyproject.toml"
    assert Settings.load() == Settings(beam=2)
    (folder / "normalise.toml").write_text("beam = 3\n")
    assert Settings.load().beam == 3
    (folder / "inner" / "normalise.toml").write_text("beam = 5\n")
    assert Settings.load().beam == 5
    assert Settings.load(folder / "pyproject.toml").beam == 2


def test_arguments_take_precedence(folder: Path) -> None:
    (folder / "normalise.toml").write_text('beam = 3\nlanguages = ["en", "nb"]\n')
    assert Settings.load(beam=1) == Settings(beam=1, languages=("en", "nb"))


def test_paths_are_relative_to_the_file(folder: Path) -> None:
    (folder / "normalise.toml").write_text('glossaries = ["terms", "/all"]\nmemory = "m.sqlite"\n')
    settings = Settings.load()
    assert settings.glossaries == (folder / "terms", Path("/all"))
    assert settings.memory == folder / "m.sqlite"


def test_hyphens_are_understood(folder: Path) -> None:
    (folder / "normalise.toml").write_text("strip-furniture = true\n")
    assert Settings.load().strip_furniture


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("beam = 'x'", "expected `int`, got `str` - at `beam`"),
        ("strip_furnitur = true", "did you mean 'strip_furniture'"),
        ("zzz = 1", "known: glossaries, strip_furniture"),
        ("beam =", "not TOML"),
        ("glossaries = [1]", "expected a path, got 1"),
    ],
)
def test_mistakes_name_the_file_and_the_remedy(folder: Path, text: str, said: str) -> None:
    path = folder / "normalise.toml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        Settings.load()
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_project_file_without_the_table_is_refused_when_named(folder: Path) -> None:
    path = folder / "pyproject.toml"
    path.write_text("[tool.other]\n")
    with pytest.raises(InputError, match="no table"):
        read_settings(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_settings(folder / "none.toml")


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(InputError, match="expected `bool`"):
        Settings.load(strip_furniture="yes")


def test_the_command_line_takes_the_file_and_overrides_it(folder: Path) -> None:
    (folder / "normalise.toml").write_text('language = "und"\nuse_memory = false\n')
    runner = CliRunner()
    page = "The city has 61 4 good party cells.\n"
    done = runner.invoke(main, ["text", "--jsonl"], input=json.dumps({"text": page}) + "\n")
    assert json.loads(done.stdout)["normalise"]["language"] == {"code": "und", "confidence": 1.0}
    done = runner.invoke(
        main, ["text", "--jsonl", "--language", "en"], input=json.dumps({"text": page}) + "\n"
    )
    assert json.loads(done.stdout)["normalise"]["language"]["code"] == "en"


def test_show_says_what_is_set_and_where(folder: Path) -> None:
    runner = CliRunner()
    assert "file: none" in runner.invoke(main, ["config", "show"]).stdout
    (folder / "normalise.toml").write_text('languages = ["en"]\nmemory = "m"\n')
    shown = runner.invoke(main, ["config", "show"]).stdout
    assert f"file: {folder / 'normalise.toml'}" in shown
    assert 'languages        ["en"]  (file)' in shown
    assert "beam             0  (default)" in shown
    plain = json.loads(runner.invoke(main, ["config", "show", "--json"]).stdout)
    assert plain["from_file"] == ["languages", "memory"]
    assert plain["settings"]["memory"] == str(folder / "m")


def test_a_bad_file_is_one_line(folder: Path) -> None:
    (folder / "normalise.toml").write_text("beam = 'x'\n")
    done = CliRunner().invoke(main, ["text"], input="Hi.")
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1
