"""``normalise models`` tells what it did, what is wrong, and what to do about it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from tiny_marian import make_marian
from tiny_package import make_package, pack

from normalise.cli.models.models import format_size, format_table, models, show_progress
from normalise.language import codes
from normalise.packages import catalogue, folders


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    path = make_package(folder, from_code="xx", from_name="Exish", licence="MIT")
    return pack(path, folder / "xx.argosmodel")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "argos"
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(folder))
    monkeypatch.setenv("ARGOS_PACKAGE_INDEX", (tmp_path / "index").as_uri())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(folders, "find_bundled_folder", lambda: tmp_path / "bundled")
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(models, [str(argument) for argument in arguments])


def write_index(tmp_path: Path, **changes: object) -> None:
    entry = {
        "package_version": "1.9", "from_code": "vi", "from_name": "Vietnamese", "to_code": "en",
        "to_name": "English", "links": ["https://example.invalid/vi.argosmodel"], **changes,
    }  # fmt: skip
    (tmp_path / "index").mkdir(exist_ok=True)
    (tmp_path / "index/index.json").write_text(json.dumps([entry]), "utf-8")


def test_nothing_installed_is_said() -> None:
    result = run("list")
    assert result.exit_code == 0
    assert "models install CODE" in result.output


def test_install_list_verify_remove(archive: Path, home: Path) -> None:
    result = run("install", archive)
    assert (result.exit_code, result.output) == (
        0, f"installed xx_en 1.0 in {home / 'translate-xx_en-1_0'}\n",
    )  # fmt: skip
    head, row = run("list").output.splitlines()
    assert head.split() == [
        "PAIR", "VERSION", "SIZE", "LICENCE", "SOURCE", "SHA-256", "LANGUAGES",
    ]  # fmt: skip
    for part in ("xx_en", "1.0", "MB", "MIT", "argos", "Exish to English"):
        assert part in row
    (described,) = json.loads(run("list", "--json").output)
    assert described["pair"] == "xx_en"
    assert described["source"] == "xx.argosmodel"
    assert len(described["digest"]) == len(described["archive_sha256"]) == 64
    assert described["archive_sha256"][:12] in row
    assert described["size"] > 1000
    result = run("verify")
    assert (result.exit_code, result.output) == (0, "xx_en 1.0: as installed (argos)\n")
    result = run("remove", "xx")
    assert result.exit_code == 0
    assert list(home.iterdir()) == []


def test_verify_fails_on_a_changed_file(archive: Path, home: Path) -> None:
    run("install", archive)
    (home / "translate-xx_en-1_0/sentencepiece.model").write_bytes(b"x")
    result = run("verify")
    assert result.exit_code == 1
    assert "sentencepiece.model was changed" in result.output
    assert "BROKEN: its files are not the ones that were installed" in run("list").output
    (described,) = json.loads(run("list", "--json").output)
    assert described["problem"]


def test_verify_takes_codes(archive: Path) -> None:
    run("install", archive)
    assert run("verify", "xx_en").exit_code == 0
    result = run("verify", "xx", "da")
    assert result.exit_code == 1
    assert "da_en: not installed" in result.output


def test_other_folders_can_be_looked_at(tmp_path: Path) -> None:
    make_package(tmp_path / "other", from_code="yy")
    assert "yy_en" in run("list", "--packages", tmp_path / "other").output
    result = run("verify", "--packages", tmp_path / "other")
    assert "no record" in result.output
    assert result.exit_code == 0


def test_one_failure_does_not_stop_the_rest(archive: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.argosmodel"
    broken.write_bytes(b"PK nothing")
    result = run("install", broken, archive, tmp_path / "none.argosmodel")
    assert result.exit_code == 1
    assert "not a zip archive" in result.output
    assert "no such file" in result.output
    assert "installed xx_en" in result.output


def test_a_hash_can_be_demanded(archive: Path) -> None:
    result = run("install", archive, "--sha256", "0" * 64)
    assert result.exit_code == 1
    assert "not " + "0" * 64 in result.output
    assert run("install", archive, "--sha256", "12").exit_code == 2
    assert run("install", archive, archive, "--sha256", "0" * 64).exit_code == 2


def test_available_shows_the_index_with_known_hashes(tmp_path: Path) -> None:
    write_index(tmp_path)
    result = run("list", "--available")
    assert result.exit_code == 0
    assert "Vietnamese to English" in result.output
    assert catalogue.KNOWN_ARCHIVES["vi", "en", "1.9"].sha256[:12] in result.output
    assert "65.9 MB" in result.output
    (described,) = json.loads(run("list", "--available", "--json").output)
    assert described["installed"] is False
    make_package(tmp_path / "argos", from_code="vi", version="1.9")
    (described,) = json.loads(run("list", "--available", "--json").output)
    assert described["installed"] is True


def test_what_the_index_lacks_is_told_with_a_remedy(tmp_path: Path) -> None:
    write_index(tmp_path, from_code="da")
    result = run("install", "vi")
    assert result.exit_code == 1
    assert "--from-marian DIR --from vi" in result.output


def test_a_missing_index_is_told_at_once(tmp_path: Path) -> None:
    result = run("install", "vi")
    assert result.exit_code == 1
    assert "cannot be downloaded" in result.output


def test_removing_what_is_not_there_fails_with_a_remedy() -> None:
    result = run("remove", "da")
    assert result.exit_code == 1
    assert "models list" in result.output


def test_build_makes_a_package_to_install(tmp_path: Path) -> None:
    model = make_marian(tmp_path / "model")
    out = tmp_path / "vi.argosmodel"
    result = run("build", "--from-marian", model, "--from", "vi", "--to", "en", "--out", out)
    assert result.exit_code == 0, result.output
    assert f"normalise models install {out}" in result.output
    assert "no --licence" in result.output
    assert run("install", out).exit_code == 0
    assert "vi_en" in run("list").output
    result = run("build", "--from-marian", model, "--from", "vi", "--out", out)
    assert result.exit_code == 1
    assert "already exists" in result.output


def test_build_needs_one_source(tmp_path: Path) -> None:
    assert run("build", "--from", "vi").exit_code == 2
    both = ("--from-marian", tmp_path, "--from-ctranslate2", tmp_path)
    assert run("build", *both, "--from", "vi").exit_code == 2
    result = run("build", "--from-ctranslate2", tmp_path, "--from", "vi")
    assert result.exit_code == 1
    assert "no CTranslate2 model.bin" in result.output


def test_bundle_says_what_it_lacks(tmp_path: Path) -> None:
    result = run("bundle", tmp_path / "out", "--package", "vi")
    assert result.exit_code == 1
    assert "models install vi" in result.output
    empty = tmp_path / "empty"
    empty.mkdir()
    result = run("bundle", tmp_path / "out", "--wheels", empty)
    assert result.exit_code == 1
    assert "--wheels" in result.output
    assert not (tmp_path / "out").exists()


def test_no_progress_where_nobody_watches(archive: Path) -> None:
    assert "\r" not in run("install", archive).output


def test_the_commands_that_use_the_network_say_so() -> None:
    assert isinstance(models, click.Group)
    assert "Uses the network" in run("list", "--help").output
    for command in ("install", "bundle", "build"):
        assert "network" in run(command, "--help").output


def test_loading_the_commands_loads_nothing_heavy() -> None:
    code = (
        "import sys, normalise.cli.models.models\n"
        "heavy = ('argostranslate', 'ctranslate2', 'sentencepiece', 'numpy', 'urllib.request')\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    root = Path(folders.__file__).parents[2]
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, ""), (1, "1 kB"), (65_895_840, "65.9 MB"), (1_500_000_000, "1.5 GB")],
)
def test_sizes_are_readable(size: int, text: str) -> None:
    assert format_size(size) == text


def test_tables_align() -> None:
    assert format_table([["a", "bb", "c"], ["aaa", "b", "c"]]) == "a    bb  c\naaa  b   c"


def test_the_documentation_has_the_table_that_is_shipped() -> None:
    text = (Path(folders.__file__).parents[2] / "docs/models.md").read_text("utf-8")
    rows = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 5 and cells[1] in codes.LANGUAGES:
            rows[cells[1]] = cells
    assert rows.keys() == codes.LANGUAGES.keys() - {"en"}
    for code, (name, _, version, known, _) in rows.items():
        assert name == codes.LANGUAGES[code]
        assert version == catalogue.INTO_ENGLISH.get(code, "")
        assert (known == "yes") == ((code, "en", version) in catalogue.KNOWN_ARCHIVES)


def test_progress_counts_up_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show_progress("vi_en") is None
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    show = show_progress("vi_en")
    assert show is not None
    for done in (1_000_000, 1_000_001, 2_000_000):
        show(done, 2_000_000)
    shown = capsys.readouterr().err
    assert shown.count("\r") == 2  # once a percent
    assert shown.endswith("vi_en: 2.0 MB of 2.0 MB   \n")
