"""``normalise verify``: a folder that is whole passes, and whatever is done to it is found."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from normalise.batch.check.verify import verify_folder
from normalise.batch.convert import convert_folder
from normalise.batch.listing.choose import Choice
from normalise.batch.records import lock
from normalise.cli import main
from normalise.errors import InputError
from normalise.files import PRIVATE
from normalise.pipeline import Pipeline
from normalise.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PAGES = {
    "a.txt": "A party cell met.\r\nA party  cell voted.\r\n",
    "b/c.md": "# Møtet på bygda\n\nDet var doubtful i går, *og en party cell*.\n",
    "b/d.txt": "Tỉnh ủy họp hôm nay.",
    "e.txt": "",
}


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    for name, text in PAGES.items():
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(text.encode())
    (tmp_path / "in" / "latin.txt").write_bytes("Møtet på bygda.".encode("latin-1"))
    (tmp_path / "in" / "bad.txt").write_bytes(b"\0")
    (tmp_path / "in" / "picture.jpg").touch()
    return tmp_path / "in"


@pytest.fixture
def out(pages: Path, tmp_path: Path, pipeline: Pipeline) -> Path:
    from normalise.batch.convert import Reading

    reading = Reading(encoding="latin-1")
    convert_folder(pages, tmp_path / "out", pipeline=pipeline, reading=reading)
    return tmp_path / "out"


def states(out: Path, source: Path | None = None) -> dict[str, str]:
    return {check.name: check.state for check in verify_folder(out, source)}


WHOLE = {
    "a.txt": "replayed",
    "b/c.md": "replayed",
    "b/d.txt": "replayed",
    "bad.txt": "no output",
    "e.txt": "replayed",
    "latin.txt": "replayed",
}


def test_a_whole_folder_passes(out: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    assert states(out) == WHOLE
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before
    result = CliRunner().invoke(main, ["verify", str(out)])
    assert (result.exit_code, result.stdout) == (0, "")
    assert "everything is as recorded: 1 no output, 5 replayed" in result.stderr


def change_record(out: Path, old: str, new: str) -> None:
    with closing(sqlite3.connect(out / PRIVATE / "records.sqlite")) as database, database:
        for key, line in database.execute("SELECT key, line FROM records").fetchall():
            changed = line.replace(old.encode(), new.encode())
            database.execute("UPDATE records SET line=? WHERE key=?", (changed, key))
    path = out / "audit.jsonl"
    path.write_bytes(path.read_bytes().replace(old.encode(), new.encode()))


Act = Callable[[Path, Path], object]
DAMAGE: dict[str, tuple[Act, dict[str, str], int]] = {
    "output gone": (lambda pages, out: (out / "a.txt").unlink(), {"a.txt": "missing"}, 1),
    "output changed": (
        lambda pages, out: (out / "a.txt").write_text("?"), {"a.txt": "changed"}, 1
    ),
    "record changed": (
        lambda pages, out: change_record(out, '"after":"Party cell"', '"after":"Party call"'),
        {"a.txt": "broken", "b/c.md": "broken"}, 1,
    ),
    "record does not fit": (
        lambda pages, out: change_record(out, '"before":"  "', '"before":"xx"'),
        {"a.txt": "broken"}, 1,
    ),
    "audit changed": (
        lambda pages, out: (out / "audit.jsonl").write_text("{}\n"),
        {"audit.jsonl": "changed"}, 1,
    ),
    "audit gone": (
        lambda pages, out: (out / "audit.jsonl").unlink(), {"audit.jsonl": "missing"}, 1
    ),
    "document gone": (lambda pages, out: (pages / "a.txt").unlink(), {"a.txt": "input gone"}, 0),
    "document changed": (
        lambda pages, out: (pages / "a.txt").write_text("New."), {"a.txt": "input changed"}, 0
    ),
    "records gone": (
        lambda pages, out: shutil.rmtree(out / PRIVATE),
        {name: "input gone" for name, state in WHOLE.items() if state == "replayed"}, 0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_wrong_is_found(pages: Path, out: Path, damage: str) -> None:
    act, expected, code = DAMAGE[damage]
    act(pages, out)
    assert states(out) == {**WHOLE, **expected}
    result = CliRunner().invoke(main, ["verify", str(out), "--json"])
    assert result.exit_code == code
    found = json.loads(result.stdout)
    assert found["good"] == (code == 0)
    wrong = [one for one in found["documents"] if one["state"] in ("missing", "changed", "broken")]
    assert all(one["problem"] and one["remedy"] for one in wrong)
    result = CliRunner().invoke(main, ["verify", str(out), "--quiet"])
    assert len(result.stdout.splitlines()) == len(wrong)


def test_a_correction_that_was_noted_is_no_fault(
    pages: Path, out: Path, pipeline: Pipeline
) -> None:
    (out / "a.txt").write_text("By hand.")
    assert states(out)["a.txt"] == "changed"
    convert_folder(pages, out, pipeline=pipeline)
    assert states(out)["a.txt"] == "corrected"


def test_documents_may_have_moved(pages: Path, out: Path, tmp_path: Path) -> None:
    pages.rename(tmp_path / "elsewhere")
    assert states(out)["a.txt"] == "input gone"
    assert states(out, tmp_path / "elsewhere") == WHOLE


def test_flat_outputs_are_found(pages: Path, tmp_path: Path, pipeline: Pipeline) -> None:
    convert_folder(pages, tmp_path / "flat", pipeline=pipeline, choice=Choice(flat=True))
    assert states(tmp_path / "flat")["b/c.md"] == "replayed"


@pytest.mark.parametrize("to", ["md", "txt", "html", "jsonl"])
def test_outputs_in_another_format_are_made_again(
    to: str, pages: Path, tmp_path: Path, pipeline: Pipeline
) -> None:
    from normalise.batch.convert import Reading

    convert_folder(
        pages, tmp_path / "other", pipeline=pipeline, choice=Choice(to=to), reading=Reading(to=to)
    )
    assert states(tmp_path / "other")["b/c.md"] == "replayed"
    assert states(tmp_path / "other")["a.txt"] == "replayed"


def test_a_folder_without_records_is_refused(tmp_path: Path, out: Path) -> None:
    with pytest.raises(InputError, match="no records"):
        list(verify_folder(tmp_path / "in"))
    with lock.hold(out), pytest.raises(InputError, match="a run is writing"):
        list(verify_folder(out))


def test_every_sample_can_be_made_again(tmp_path: Path) -> None:
    out = tmp_path / "out"
    convert_folder(ROOT / "samples", out, Settings(use_memory=False, beam=1))
    checks = list(verify_folder(out))
    assert checks
    assert [check for check in checks if check.state not in ("replayed", "no output")] == []
