"""The command line: what it prints, where, and with which exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from normalise import __version__
from normalise.cli import _COMMANDS, main

GLOSSARY = """\
schema: 1
topic: Party cells
terms:
- id: party-cell
  preferred: Party cell
  flags:
  - text: doubtful unit
    reason: may be a cell or a committee
"""


@pytest.fixture
def glossary(tmp_path: Path) -> Path:
    folder = tmp_path / "glossary"
    folder.mkdir()
    (folder / "manifest.yaml").write_text("schema: 1\nname: test\nversion: '3'\n", "utf-8")
    (folder / "cells.yaml").write_text(GLOSSARY, "utf-8")
    return folder


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the user's own is read or written."""
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))


def call(*arguments: object, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)


class TestConvert:
    @pytest.fixture
    def pages(self, tmp_path: Path) -> Path:
        folder = tmp_path / "in"
        folder.mkdir()
        (folder / "a.txt").write_text("The district has 61 party cells.", "utf-8")
        (folder / "b.md").write_text("A *doubtful unit* in the report of the province.", "utf-8")
        (folder / "c.pdf").write_bytes(b"%PDF")
        return folder

    def test_done(self, pages: Path, tmp_path: Path, glossary: Path) -> None:
        result = call("convert", pages, tmp_path / "out", "--glossary", glossary)
        assert result.exit_code == 0, result.output
        assert (tmp_path / "out" / "a.txt").read_text() == "The district has 61 Party cells."
        assert result.stdout == ""
        for label in ("documents", "languages", "words", "changes", "flags", "failed", "words/s"):
            assert label in result.stderr
        assert "skipped: c.pdf: unknown type .pdf" in result.stderr

    def test_strict_counts_flags(self, pages: Path, tmp_path: Path, glossary: Path) -> None:
        options = ("--glossary", glossary, "--strict", "--quiet")
        result = call("convert", pages, tmp_path / "out", *options)
        assert (result.exit_code, result.output) == (1, "")

    def test_json(self, pages: Path, tmp_path: Path, glossary: Path) -> None:
        result = call("convert", pages, tmp_path / "out", "--glossary", glossary, "--json")
        assert result.stderr == ""
        summary = json.loads(result.stdout)
        assert summary["documents"] == summary["converted"] == 2
        assert summary["languages"] == {"en": 2}
        assert summary["flags"] == 1
        assert summary["skipped"] == [{"path": "c.pdf", "reason": "unknown type .pdf"}]
        assert "glossary:3:" in summary["signature"]

    def test_a_second_run_leaves_what_is_done(
        self, pages: Path, tmp_path: Path, glossary: Path
    ) -> None:
        arguments = ("convert", pages, tmp_path / "out", "--glossary", glossary)
        assert "unchanged" not in call(*arguments).stderr
        assert "of these unchanged" in call(*arguments).stderr
        assert json.loads(call(*arguments, "--json").stdout)["unchanged"] == 2
        assert json.loads(call(*arguments, "--json", "--anew").stdout)["unchanged"] == 0

    def test_failures(self, pages: Path, tmp_path: Path, glossary: Path) -> None:
        (pages / "empty.txt").touch()
        (pages / "vi.txt").write_text(
            "Sáng nay, Ban Thường vụ Tỉnh ủy tổ chức hội nghị triển khai nhiệm vụ.", "utf-8"
        )
        result = call("convert", pages, tmp_path / "out", "--glossary", glossary, "-q")
        assert result.exit_code == 1
        assert "empty.txt: the file is empty (remedy:" in result.stderr
        assert "vi.txt: not translated (remedy:" in result.stderr

    def test_wrong_usage(self, pages: Path, tmp_path: Path, glossary: Path) -> None:
        assert call("convert", pages).exit_code == 2
        assert call("convert", tmp_path / "missing", tmp_path / "out").exit_code == 2
        result = call("convert", pages, pages)
        assert result.exit_code == 2
        assert "same folder" in result.stderr
        assert call("convert", pages, tmp_path / "out", "--max-size", "much").exit_code == 2

    def test_a_broken_glossary(self, pages: Path, tmp_path: Path) -> None:
        broken = tmp_path / "broken.yaml"
        broken.write_text("schema: 1\ntopic: x\nterms:\n- id: a\n  prefered: b\n")
        result = call("convert", pages, tmp_path / "out", "--glossary", broken)
        assert result.exit_code == 1
        assert "broken.yaml" in result.stderr
        assert "Traceback" not in result.output

    def test_max_size(self, pages: Path, tmp_path: Path, glossary: Path) -> None:
        options = ("--glossary", glossary, "--max-size", "0.01k", "-q")
        result = call("convert", pages, tmp_path / "out", *options)
        assert result.exit_code == 1
        assert "--max-size" in result.stderr

    def test_workers_give_the_same(
        self, pages: Path, tmp_path: Path, glossary: Path
    ) -> None:
        runs = []
        for workers in (1, 2):
            out = tmp_path / f"out{workers}"
            options = ("--glossary", glossary, "--workers", workers, "-q", "--no-memory")
            assert call("convert", pages, out, *options).exit_code == 0
            records = [json.loads(line) for line in (out / "audit.jsonl").open(encoding="utf-8")]
            for record in records:
                del record["seconds"]
            runs.append((records, [(out / name).read_bytes() for name in ("a.txt", "b.md")]))
        assert runs[0] == runs[1]


class TestText:
    def test_standard_input(self, glossary: Path) -> None:
        result = call(
            "text", "--glossary", glossary, stdin=b"The district has 61 party cells.\n"
        )
        assert (result.exit_code, result.stdout) == (0, "The district has 61 Party cells.\n")

    def test_a_file(self, tmp_path: Path, glossary: Path) -> None:
        path = tmp_path / "a.md"
        path.write_text("# The party cell\n\n`party cell`\n", "utf-8")
        result = call("text", path, "--glossary", glossary)
        assert result.stdout == "# The Party cell\n\n`party cell`\n"

    def test_flags_go_to_standard_error(self, glossary: Path) -> None:
        page = b"Here is a doubtful unit of the province."
        result = call("text", "--glossary", glossary, "--strict", stdin=page)
        assert result.exit_code == 1
        assert "doubtful unit" in result.stderr
        assert "may be a cell" in result.stderr
        assert result.stdout.encode() == page

    def test_empty_input(self, glossary: Path) -> None:
        result = call("text", "--glossary", glossary, stdin=b"")
        assert result.exit_code == 1
        assert "standard input: the file is empty" in result.stderr


class TestDetect:
    @pytest.fixture
    def page(self, tmp_path: Path) -> Path:
        path = tmp_path / "a.txt"
        path.write_text(
            "Toàn cảnh hội nghị của Tỉnh ủy sáng nay\n\n"
            "The Provincial Party Committee held a conference on Monday to review the quarter.\n\n"
            "It praised the work of the cells in the villages and asked for more training.\n",
            "utf-8",
        )
        return path

    def test_lines(self, page: Path) -> None:
        result = call("detect", page)
        path, code, confidence = result.stdout.rstrip("\n").split("\t")
        assert (path, code) == (str(page), "en")
        assert 0 < float(confidence) <= 1

    def test_blocks(self, page: Path) -> None:
        lines = call("detect", page.parent, "--blocks").stdout.splitlines()
        assert [line.split("\t")[1] for line in lines] == ["en", "vi", "en", "en"]

    def test_json(self, page: Path) -> None:
        record = json.loads(call("detect", page, "--json", "--blocks").stdout)
        text = page.read_text("utf-8")
        block = record["blocks"][0]
        assert text[block["start"] : block["end"]].startswith("Toàn cảnh")

    def test_the_choice_of_languages_is_narrowed(self, page: Path) -> None:
        lines = call("detect", page, "--blocks", "--languages", "en,no").stdout.splitlines()
        assert {line.split("\t")[1] for line in lines} <= {"en", "nb"}
        only = call("detect", page, "--languages", "vi").stdout
        assert only.split("\t")[1] == "vi"
        wrong = call("detect", page, "--languages", "en,xx")
        assert wrong.exit_code == 2
        assert "'xx' is no language that can be detected; choose from ar" in wrong.stderr

    def test_a_language_that_is_told_is_not_detected(self, glossary: Path) -> None:
        page = "Møtet ble holdt i går kveld, og alle medlemmene var til stede."
        options = ("--no-memory", "--glossary", glossary)
        assert call("text", *options, "--language", "en", stdin=page).stdout == page
        assert call("text", *options, "--language", "??", stdin=page).exit_code == 2

    def test_what_cannot_be_read(self, page: Path) -> None:
        (page.parent / "b.txt").touch()
        result = call("detect", page.parent)
        assert result.exit_code == 1
        assert "b.txt: the file is empty" in result.stderr
        assert len(result.stdout.splitlines()) == 1


def test_version_prints_the_signature() -> None:
    result = call("--version")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"normalise {__version__}\n")
    assert "glossary:" in result.output
    assert "engine:" in result.output


@pytest.mark.parametrize("command", _COMMANDS)
def test_every_command_has_help(command: str) -> None:
    result = call(command, "--help")
    assert result.exit_code == 0, result.output
    assert "Usage:" in result.output


def test_help_tells_the_exit_codes() -> None:
    for command in ([], ["convert"], ["text"], ["detect"]):
        assert "wrong usage" in call(*command, "--help").output


def test_python_m_normalise() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "normalise", "--help"], capture_output=True, text=True, check=True
    )
    assert run.stdout.startswith("Usage: normalise ")
