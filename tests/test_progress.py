"""What a run says while it is at work: a bar, lines, JSON; never a text, never in the way."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from normalise.batch.summary import Outcome
from normalise.cli import main
from normalise.cli.folder.log import json_log
from normalise.cli.folder.progress import Lines, Names, bar


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("A secret party cell met.")
    (tmp_path / "in" / "b.txt").write_bytes(b"\0")
    (tmp_path / "in" / "c.txt").write_text("Bí mật của chi bộ: họp hôm nay.")
    return tmp_path / "in"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["convert", *map(str, arguments), "--no-memory"])


def events(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    now = 100.0
    lines = Lines(lambda: now)
    lines.started(3000)
    for _ in range(1000):
        now += 0.03
        lines.progress(Outcome(b"a", "done"))
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert said[0] == "334 of 3,000 documents (11 %), 33/s, about 80 s left"


def test_the_forecast_follows_the_last_minute(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    lines = Lines(lambda: now)
    lines.started(100_000)
    for pause, count in ((0.001, 50_000), (1.0, 120)):  # most were up to date
        for _ in range(count):
            now += pause
            lines.progress(Outcome(b"a", "done"))
    last = capsys.readouterr().err.splitlines()[-1]
    assert " 1/s, about 13 h" in last


def test_a_short_run_says_nothing_in_between(pages: Path, tmp_path: Path) -> None:
    said = run(pages, tmp_path / "out").stderr
    assert "documents (" not in said
    assert "converting" not in said


def test_the_bar_names_rate_and_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    with bar() as shown:
        shown.started(3)
        shown.tell("[a message]")
        shown.progress(Outcome(b"a", "done"))
    assert "[a message]" in capsys.readouterr().err


def test_a_watch_names_what_it_converts(capsys: pytest.CaptureFixture[str]) -> None:
    names = Names()
    names.progress(Outcome(b"a.txt", "done"))
    names.progress(Outcome(b"b.txt", "done", unchanged=True))
    names.progress(Outcome(b"c.txt", "failed", problem="it is binary", remedy="convert it"))
    names.progress(Outcome(b"d.txt", "untranslated", remedy="install vi"))
    names.progress(Outcome(b"e.txt", "done", edited=True))
    assert capsys.readouterr().err.splitlines() == [
        "converted: a.txt",
        "failed: c.txt: it is binary (remedy: convert it)",
        "not translated: d.txt (remedy: install vi)",
        "kept: e.txt: corrected by hand",
    ]


def test_the_log_is_json_line_by_line(pages: Path, tmp_path: Path) -> None:
    result = run(pages, tmp_path / "out", "--log-json")
    assert (result.exit_code, result.stdout) == (1, "")
    found = events(result.stderr)
    assert [one["event"] for one in found] == ["start", "document", "document", "document", "end"]
    assert found[0]["documents"] == 3
    documents = {one["path"]: one for one in found[1:4]}
    assert documents["a.txt"]["changes"] == 1
    assert documents["b.txt"]["status"] == "failed"
    assert documents["b.txt"]["remedy"]
    assert documents["c.txt"]["status"] == "untranslated"
    assert (found[4]["failed"], found[4]["converted"]) == (1, 1)
    for text in ("secret", "Party cell", "Bí mật"):
        assert text not in result.stderr


def test_a_crash_does_not_put_a_text_into_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    problem = "the conversion crashed (ValueError: bad value 'a secret (really)')"
    with json_log() as log:
        log.progress(Outcome(b"a.txt", "failed", problem=problem))
        logging.getLogger("normalise").warning("the memory %s cannot be written", "m")
    logging.getLogger("normalise").handlers.clear()
    crash, warning = events(capsys.readouterr().err)
    assert crash["problem"] == "the conversion crashed (ValueError)"
    assert (warning["event"], warning["message"]) == ("warning", "the memory m cannot be written")


def test_what_ends_a_run_is_an_event_too(pages: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("schema: 99\n")
    result = run(pages, tmp_path / "out", "--log-json", "--glossary", tmp_path / "bad.yaml")
    assert result.exit_code == 1
    (error,) = events(result.stderr)
    assert error["event"] == "error"
    assert error["problem"]


def test_quiet_means_quiet(pages: Path, tmp_path: Path) -> None:
    (pages / "b.txt").unlink()
    (pages / "c.txt").unlink()
    result = run(pages, tmp_path / "out", "--quiet")
    assert (result.exit_code, result.output) == (0, "")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
@pytest.mark.parametrize("options", [[], ["--log-json"], ["--quiet"]])
def test_a_reader_who_goes_away_does_not_end_a_run(
    pages: Path, tmp_path: Path, options: list[str]
) -> None:
    out = tmp_path / "out"
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "normalise", "convert", str(pages), str(out), "--no-memory"]
    done = subprocess.run([*command, *options], stderr=writing, stdout=subprocess.DEVNULL)
    os.close(writing)
    assert (out / "a.txt").exists()
    assert done.returncode == 1  # for the two documents, as it would be otherwise
    assert len((out / "audit.jsonl").read_bytes().splitlines()) == 3
