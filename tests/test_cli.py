"""The command line: what it prints, where, and with which exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
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
        (folder / "c.xyz").write_bytes(b"%PDF")
        return folder

    def test_done(self, pages: Path, tmp_path: Path, glossary: Path) -> None:
        result = call("convert", pages, tmp_path / "out", "--glossary", glossary)
        assert result.exit_code == 0, result.output
        assert (tmp_path / "out" / "a.txt").read_text() == "The district has 61 Party cells."
        assert result.stdout == ""
        for label in ("documents", "languages", "words", "changes", "flags", "failed", "words/s"):
            assert label in result.stderr
        assert "skipped: c.xyz: unknown type .xyz" in result.stderr

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
        assert summary["skipped"] == [{"path": "c.xyz", "reason": "unknown type .xyz"}]
        assert "glossary:3:" in summary["signature"]

    def test_columns_and_notes(self, tmp_path: Path, glossary: Path) -> None:
        table = tmp_path / "a.csv"
        table.write_text("id,lead,body\n1,A party cell met,The party cells voted\n")
        options = ("--glossary", glossary, "--no-memory")
        result = call("convert", table, tmp_path / "out", *options)
        assert "note: a.csv: columns taken for prose: lead, body" in result.stderr
        result = call("convert", table, tmp_path / "out", *options, "--field", "body")
        assert "note:" not in result.stderr
        assert (tmp_path / "out" / "a.csv").read_text().endswith("1,A party cell met,The Party cells voted\n")
        result = call("convert", table, tmp_path / "out", *options, "--field", "text")
        assert result.exit_code == 1
        assert "choose with --field from its columns: id, lead, body" in result.stderr
        result = call("text", table, *options, "--field", "2")
        assert result.stdout == "id,lead,body\n1,A Party cell met,The party cells voted\n"

    def test_a_second_run_leaves_what_is_done(
        self, pages: Path, tmp_path: Path, glossary: Path
    ) -> None:
        arguments = ("convert", pages, tmp_path / "out", "--glossary", glossary)
        assert "unchanged" not in call(*arguments).stderr
        assert "of these unchanged" in call(*arguments).stderr
        assert json.loads(call(*arguments, "--json").stdout)["unchanged"] == 2
        assert json.loads(call(*arguments, "--json", "--anew").stdout)["unchanged"] == 0

    def test_failures(self, pages: Path, tmp_path: Path, glossary: Path) -> None:
        (pages / "binary.txt").write_bytes(b"\0")
        (pages / "vi.txt").write_text(
            "Sáng nay, Ban Thường vụ Tỉnh ủy tổ chức hội nghị triển khai nhiệm vụ.", "utf-8"
        )
        result = call("convert", pages, tmp_path / "out", "--glossary", glossary, "-q")
        assert result.exit_code == 1
        assert "binary.txt: the file is binary, not text (remedy:" in result.stderr
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


    def test_what_was_corrected_is_kept(
        self, pages: Path, tmp_path: Path, glossary: Path
    ) -> None:
        out = tmp_path / "out"
        arguments = ("convert", pages, out, "--glossary", glossary)
        call(*arguments)
        (out / "a.txt").write_text("By hand.")
        result = call(*arguments)
        assert result.exit_code == 0
        assert "kept: a.txt: corrected by hand" in result.stderr
        assert "--overwrite-edited" in call(*arguments, "-q").stderr
        edited = json.loads(call(*arguments, "--json").stdout)["edited"]
        assert [item["path"] for item in edited] == ["a.txt"]
        assert "kept:" not in call(*arguments, "--overwrite-edited").stderr
        assert (out / "a.txt").read_text() == "The district has 61 Party cells."

    def test_what_is_gone_is_pruned_and_named(
        self, pages: Path, tmp_path: Path, glossary: Path
    ) -> None:
        arguments = ("convert", pages, tmp_path / "out", "--glossary", glossary)
        call(*arguments)
        (pages / "a.txt").unlink()
        assert "pruned: " not in call(*arguments).stderr
        assert "pruned: a.txt" in call(*arguments, "--prune").stderr

    def test_names_cannot_play_with_the_terminal(
        self, pages: Path, tmp_path: Path, glossary: Path
    ) -> None:
        (pages / "x\x1b[31m\n.xyz").touch()
        (pages / "y\x1b[31m\n.txt").write_bytes(b"\0")
        result = call("convert", pages, tmp_path / "out", "--glossary", glossary)
        assert "skipped: x\\x1b[31m\\x0a.xyz" in result.stderr
        assert "failed: y\\x1b[31m\\x0a.txt" in result.stderr
        result = call("detect", pages)
        assert "\x1b" not in result.output
        assert len(result.output.splitlines()) == 3

    def test_an_output_folder_behind_a_closed_one(
        self, pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        exists = Path.exists

        def refuse(path: Path) -> bool:
            if "closed" in path.parts:
                raise PermissionError(13, "Permission denied", str(path))
            return exists(path)

        monkeypatch.setattr(Path, "exists", refuse)
        result = call("convert", pages, tmp_path / "closed" / "out")
        assert result.exit_code == 2
        assert "Permission denied" in result.stderr
        assert "Traceback" not in result.output


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
        assert (result.exit_code, result.stdout) == (0, "")


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
        (page.parent / "b.txt").write_bytes(b"\0")
        result = call("detect", page.parent)
        assert result.exit_code == 1
        assert "b.txt: the file is binary" in result.stderr
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


@pytest.mark.skipif(sys.platform == "win32", reason="needs the signals of POSIX")
def test_no_library_can_swallow_a_signal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def swallow(*given: object) -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(1)
        except:  # noqa: E722  # as langdetect does while it loads
            raise RuntimeError("profile format error") from None

    monkeypatch.setattr("normalise.stages.detect.Detector.detect_document", swallow)
    (tmp_path / "a.txt").write_text("The party cell met.")
    for command in (["detect"], ["text"]):
        result = call(*command, tmp_path / "a.txt")
        assert (result.exit_code, result.output) == (143, "stopped\n")


def run_shell(line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", f'exec "{sys.executable}" -m normalise {line}'],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
class TestStreams:
    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("text <&-", "Error: standard input is closed (remedy:"),
            ("text >&- </dev/null", "Error: standard output is closed (remedy:"),
            ("glossary explain <&-", "Error: standard input is closed (remedy:"),
        ],
    )
    def test_closed_streams_give_one_line(self, line: str, message: str) -> None:
        run = run_shell(line)
        assert run.returncode == 1
        told = [row for row in run.stderr.splitlines() if not row.startswith("glossaries: ")]
        assert len(told) == 1
        assert told[0].startswith(message)

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
    @pytest.mark.parametrize("line", ["--help", "--version", "detect README.md", "models list"])
    def test_a_full_standard_output_gives_one_line(self, line: str) -> None:
        run = run_shell(f"{line} >/dev/full")
        assert run.returncode == 1
        assert "No space left on device" in run.stderr
        assert len(run.stderr.splitlines()) == 1
