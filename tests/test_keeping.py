"""Nothing lost: what a run keeps of others' work, of people's work, and of its own when it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from stand_ins import BracketTranslator, OneTermGlossary, WordDetector

from normalise.audit import replay_record
from normalise.batch.convert import Reading, convert_folder
from normalise.batch.listing.choose import Choice
from normalise.batch.listing.plan import Job, Plan
from normalise.batch.records import lock
from normalise.batch.records.prune import prune_folder
from normalise.batch.records.store import Record, Records
from normalise.batch.stop import Stop
from normalise.batch.summary import Outcome, Summary
from normalise.batch.window import convert_window
from normalise.errors import InputError
from normalise.files import PRIVATE, AtomicFile
from normalise.pipeline import Pipeline

PAGES = {"a.txt": "A party cell met.", "b/c.txt": "A party cell of the ward.", "d.md": "# Plan"}


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    return fill(tmp_path / "in", PAGES)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def fill(folder: Path, pages: dict[str, str]) -> Path:
    for name, text in pages.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def read_audit(folder: Path) -> dict[str, dict[str, Any]]:
    lines = (folder / "audit.jsonl").read_bytes().splitlines()
    return {record["path"]: record for record in map(json.loads, lines)}


# -- whose record is whose ---------------------------------------------------------------------


def test_a_narrower_run_keeps_the_records_of_others(
    pages: Path, out: Path, pipeline: Pipeline
) -> None:
    convert_folder(pages, out, pipeline=pipeline)
    before = read_audit(out)
    convert_folder(pages / "a.txt", out, pipeline=pipeline)
    assert set(read_audit(out)) == set(PAGES)
    convert_folder(pages, out, pipeline=pipeline, choice=Choice(exclude=("b", "*.md")))
    after = read_audit(out)
    assert set(after) == set(PAGES)
    assert after["b/c.txt"] == before["b/c.txt"]


def test_two_sources_share_an_output_folder(
    pages: Path, out: Path, pipeline: Pipeline, tmp_path: Path
) -> None:
    other = fill(tmp_path / "other", {"e.txt": "One more party cell."})
    convert_folder(pages, out, pipeline=pipeline)
    convert_folder(other, out, pipeline=pipeline)
    assert set(read_audit(out)) == {*PAGES, "e.txt"}
    # What is gone from one source is dropped; the other is none of this run's business, but what
    # is gone from there is gone as well.
    (pages / "a.txt").unlink()
    summary = convert_folder(other, out, pipeline=pipeline, prune=True)
    assert summary.pruned == ["a.txt"]
    # A whole source that is away says nothing of its documents.
    other.rename(tmp_path / "away")
    assert convert_folder(pages, out, pipeline=pipeline, prune=True).pruned == []
    assert set(read_audit(out)) == {"b/c.txt", "d.md", "e.txt"}


def test_only_prune_drops_what_is_gone(pages: Path, out: Path, pipeline: Pipeline) -> None:
    convert_folder(pages, out, pipeline=pipeline)
    (pages / "b" / "c.txt").unlink()
    (out / "b" / ".0123456789abcdef.tmp").touch()
    (out / ".audit.jsonl.4711-0.tmp").touch()  # as earlier versions left them
    (out / "b" / ".c.txt.4711-3.tmp").touch()
    convert_folder(pages, out, pipeline=pipeline)
    assert set(read_audit(out)) == set(PAGES)
    assert (out / "b" / "c.txt").exists()
    assert not (out / ".audit.jsonl.4711-0.tmp").exists()
    without = Choice(exclude=("d.md",))
    summary = convert_folder(pages, out, pipeline=pipeline, choice=without, prune=True)
    assert summary.pruned == ["b/c.txt", "b/.0123456789abcdef.tmp", "b/.c.txt.4711-3.tmp"]
    assert set(read_audit(out)) == {"a.txt", "d.md"}
    assert not (out / "b" / "c.txt").exists()


def test_what_cannot_be_seen_is_not_gone(
    pages: Path, out: Path, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    convert_folder(pages, out, pipeline=pipeline)
    look = os.lstat

    def refuse(path: Any, **rest: Any) -> os.stat_result:
        if "b" in Path(os.fsdecode(path)).parts:
            raise PermissionError(13, "Permission denied", str(path))
        return look(path, **rest)

    with lock.hold(out), Records(out) as records:
        monkeypatch.setattr(os, "lstat", refuse)
        assert prune_folder(out, pages, records) == []


def test_names_are_told_apart_by_their_bytes(tmp_path: Path, out: Path, pipeline: Pipeline) -> None:
    pages = tmp_path / "in"
    pages.mkdir()
    names = [b"a\xff.txt", b"a\\udcff.txt", b"a\\xff.txt", b"e\x1b[31m\n.txt", b"n" * 240 + b".txt"]
    try:
        for number, name in enumerate(names):
            (pages / os.fsdecode(name)).write_text(f"Party {number}: a party cell.")
    except OSError:
        pytest.skip("this file system takes no such names")
    summary = convert_folder(pages, out, pipeline=pipeline)
    assert (summary.converted, summary.failed) == (5, [])
    for number, name in enumerate(names):
        expected = f"Party {number}: a Party cell."
        assert (out / os.fsdecode(name)).read_text() == expected
    records = read_audit(out)
    assert {path: record.get("raw_path") for path, record in records.items()} == {
        "a\\xff.txt": "a%FF.txt",
        "a\\\\udcff.txt": "a%5Cudcff.txt",
        "a\\\\xff.txt": "a%5Cxff.txt",
        "e\\x1b[31m\\x0a.txt": "e%1B%5B31m%0A.txt",
        "n" * 240 + ".txt": None,
    }
    # An audit alone brings all of them back.
    for file in sorted((out / PRIVATE).rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    with lock.hold(out), Records(out) as kept:
        assert [record.key for record in kept.list_places()] == sorted(names)


def test_skipped_files_stand_in_the_audit(pages: Path, out: Path, pipeline: Pipeline) -> None:
    (pages / "e.xyz").touch()
    convert_folder(pages, out, pipeline=pipeline)
    record = read_audit(out)["e.xyz"]
    assert (record["status"], record["reason"]) == ("skipped", "unknown type .xyz")


# -- people's work -----------------------------------------------------------------------------


def test_a_corrected_output_is_kept(pages: Path, out: Path, pipeline: Pipeline) -> None:
    convert_folder(pages, out, pipeline=pipeline)
    (out / "a.txt").write_text("By hand.")
    for _ in range(2):
        summary = convert_folder(pages, out, pipeline=pipeline)
        assert [name for name, _ in summary.edited] == ["a.txt"]
        assert (out / "a.txt").read_text() == "By hand."
        assert read_audit(out)["a.txt"]["edited"] is True
        assert summary.exit_code() == 0
    # Also after the document failed meanwhile.
    (pages / "a.txt").write_bytes(b"\0")
    convert_folder(pages, out, pipeline=pipeline, overwrite_edited=True)
    (pages / "a.txt").write_text("A party cell voted.")
    summary = convert_folder(pages, out, pipeline=pipeline)
    assert (out / "a.txt").read_text() == "By hand."
    assert "changed since" in summary.edited[0][1]
    summary = convert_folder(pages, out, pipeline=pipeline, overwrite_edited=True)
    assert (out / "a.txt").read_text() == "A Party cell voted."
    assert "edited" not in read_audit(out)["a.txt"]
    assert summary.edited == []


def test_a_correction_made_during_the_run_is_kept(pages: Path, out: Path) -> None:
    class Slow(OneTermGlossary):
        def apply(self, text: str, **rest: Any) -> Any:
            if (out / "a.txt").exists():
                (out / "a.txt").write_text("By hand.")
            return super().apply(text, **rest)

    pipeline = Pipeline(glossary=Slow(), translator=BracketTranslator(), detector=WordDetector())
    convert_folder(pages, out, pipeline=pipeline)
    summary = convert_folder(pages, out, pipeline=pipeline)
    assert (out / "a.txt").read_text() == "By hand."
    assert [name for name, _ in summary.edited] == ["a.txt"]


def test_prune_keeps_a_correction(pages: Path, out: Path, pipeline: Pipeline) -> None:
    convert_folder(pages, out, pipeline=pipeline)
    (out / "a.txt").write_text("By hand.")
    (pages / "a.txt").unlink()
    assert convert_folder(pages, out, pipeline=pipeline, prune=True).pruned == []
    assert (out / "a.txt").exists()
    summary = convert_folder(pages, out, pipeline=pipeline, prune=True, overwrite_edited=True)
    assert summary.pruned == ["a.txt"]
    assert not (out / "a.txt").exists()


# -- one bad document --------------------------------------------------------------------------


@pytest.mark.parametrize("blank", "\x0b\x0c\x1c\x1d\x1e\x1f\x85\u1680\u2003\u2028\u2029\u202f\u205f")
def test_a_line_of_any_blank_is_a_blank_line(
    tmp_path: Path, out: Path, pipeline: Pipeline, blank: str
) -> None:
    text = f"The last line\n{blank}\n\nof the page\n{blank}"
    pages = fill(tmp_path / "in", {"a.txt": text})
    assert convert_folder(pages, out, pipeline=pipeline).failed == []
    assert (out / "a.txt").read_text("utf-8") == text


@pytest.mark.parametrize("where", ["read", "run", "render"])
@pytest.mark.parametrize("error", [RuntimeError("boom\nboom"), MemoryError(), BaseException("rust")])
def test_whatever_breaks_a_document_is_its_own_failure(
    pages: Path,
    out: Path,
    pipeline: Pipeline,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    error: BaseException,
) -> None:
    convert_folder(pages, out, pipeline=pipeline)
    before = read_audit(out)
    name = {"read": "read_document", "render": "render"}.get(where)

    def broken(*given: Any, **named: Any) -> Any:
        if "a.txt" in repr((given, named)):
            raise error
        return works(*given, **named)

    if name:
        import normalise.batch.window as module

        works = getattr(module, name)
        monkeypatch.setattr(module, name, broken)
    else:
        works = Pipeline._finish
        monkeypatch.setattr(Pipeline, "_finish", broken)
    summary = convert_folder(pages, out, pipeline=pipeline)
    assert [name for name, _, _ in summary.failed] == ["a.txt"]
    assert "\n" not in summary.failed[0][1]
    after = read_audit(out)
    assert after["a.txt"]["status"] == "failed"
    assert "traceback" not in after["a.txt"]
    assert {path for path, record in after.items() if record["status"] == "done"} == {
        path for path in before if path != "a.txt"
    }


def test_debug_shows_where(
    pages: Path, out: Path, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("normalise.batch.window.render", lambda *given: 1 // 0)
    summary = convert_folder(pages, out, pipeline=pipeline, reading=Reading(debug=True))
    assert len(summary.traces) == 3
    assert "ZeroDivisionError" in summary.traces[0][1]
    assert "Traceback" in read_audit(out)["a.txt"]["traceback"]


def test_a_folder_that_can_be_listed_again_leaves_no_failure(
    pages: Path, out: Path, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = os.scandir

    def refuse(path: Any = ".") -> Any:
        if str(path).endswith("/b"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    convert_folder(pages, out, pipeline=pipeline)
    assert read_audit(out)["b"]["status"] == "failed"
    monkeypatch.undo()
    convert_folder(pages, out, pipeline=pipeline)
    assert set(read_audit(out)) == set(PAGES)


# -- the end of a run --------------------------------------------------------------------------


def test_what_a_crash_left_open_is_settled_by_the_outputs(out: Path) -> None:
    import hashlib

    digests = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("old", "new")}
    with lock.hold(out), Records(out) as records:
        for key in (b"a", b"b", b"c"):
            records.intend([Record(key, b'{"is":"old"}\n', digests["old"])])
            (out / os.fsdecode(key)).write_text("old")
            records.confirm()
        records.intend([Record(k, b'{"is":"new"}\n', digests["new"]) for k in (b"a", b"b", b"d")])
        (out / "a").write_text("new")  # and here the power goes off
    with lock.hold(out), Records(out) as records:
        found = {record.key: records.find(record.key) for record in records.list_places()}
        assert {key: record and record.line for key, record in found.items()} == {
            b"a": b'{"is":"new"}\n', b"b": b'{"is":"old"}\n', b"c": b'{"is":"old"}\n'
        }  # fmt: skip


@pytest.mark.parametrize("fails", ["write", "replace", "intend", "reserve"])
def test_a_full_disk_ends_the_run_and_loses_nothing(
    out: Path, tmp_path: Path, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    pages = fill(tmp_path / "in", {f"{n:03}.txt": f"A party cell, {n}." for n in range(250)})
    full = OSError(28, "No space left on device")
    count = 0

    def later(works: Any, first: int) -> Any:
        def work(*given: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            # Once full, the disk takes the audit, whose room was kept, and nothing else.
            if count > first and "audit" not in str(getattr(given[0], "path", given[-1])):
                raise full
            return works(*given, **named)

        return work

    if fails == "write":
        monkeypatch.setattr(AtomicFile, "write", later(AtomicFile.write, 150))
    elif fails == "replace":
        monkeypatch.setattr(os, "replace", later(os.replace, 150))
    elif fails == "intend":
        monkeypatch.setattr(Records, "intend", later(Records.intend, 2))
    else:
        monkeypatch.setattr(Records, "_reserve", later(Records._reserve, 2))
    with pytest.raises((InputError, OSError), match="No space left"):
        convert_folder(pages, out, pipeline=pipeline)
    monkeypatch.undo()
    records = read_audit(out)
    assert 50 < len(records) < 250
    assert set(records) == {path.name for path in out.glob("*.txt")}
    for name, record in records.items():
        assert replay_record((pages / name).read_text(), record) == (out / name).read_text()
    assert not [path for path in out.rglob("*") if path.name.endswith(".tmp")]
    assert convert_folder(pages, out, pipeline=pipeline).converted == 250
    assert len(read_audit(out)) == 250


def test_an_output_that_cannot_be_written_fails_alone(
    pages: Path, out: Path, pipeline: Pipeline
) -> None:
    (out / "a.txt" / "in the way").mkdir(parents=True)
    summary = convert_folder(pages, out, pipeline=pipeline)
    assert [name for name, _, _ in summary.failed] == ["a.txt"]
    assert read_audit(out)["a.txt"]["status"] == "failed"
    assert summary.converted == 2


def test_a_swallowed_signal_is_raised_again(pages: Path, out: Path) -> None:
    class Swallowing(WordDetector):
        def detect_document(self, text: str) -> Any:
            try:
                os.kill(os.getpid(), signal.SIGTERM)
                time.sleep(1)
            except:  # noqa: E722  # as langdetect does while it loads
                raise RuntimeError("profile format error") from None

    pipeline = Pipeline(
        glossary=OneTermGlossary(), translator=BracketTranslator(), detector=Swallowing()
    )
    with Stop() as stop, pytest.raises(KeyboardInterrupt):
        convert_folder(pages, out, pipeline=pipeline, stop=stop)
    assert stop.exit_code == 143
    assert read_audit(out) == {}


def test_a_signal_waits_while_something_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    # Where the tests run in the background of a shell, Ctrl-C is ignored.
    monkeypatch.setattr(signal, "getsignal", lambda number: signal.SIG_DFL)
    with Stop() as stop:
        with stop.shield():
            os.kill(os.getpid(), signal.SIGINT)
        assert stop.exit_code == 130
        with pytest.raises(KeyboardInterrupt):
            stop.check()


def test_a_signal_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with Stop() as stop:
            os.kill(os.getpid(), signal.SIGTERM)
            stop.check()
    finally:
        signal.signal(signal.SIGTERM, before)


# -- one writer --------------------------------------------------------------------------------

HOLDER = """
import sys
from pathlib import Path
from normalise.batch.records import lock
with lock.hold(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_one_run_at_a_time(pages: Path, out: Path, pipeline: Pipeline) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(out)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(InputError, match=rf"another run .*process {holder.pid} on .*--wait"):
        convert_folder(pages, out, pipeline=pipeline)
    assert not (out / "audit.jsonl").exists()
    told: list[str] = []
    done: list[Summary] = []
    waiting = threading.Thread(
        target=lambda: done.append(
            convert_folder(pages, out, pipeline=pipeline, wait=True, tell=told.append)
        )
    )
    waiting.start()
    while not told and waiting.is_alive():
        time.sleep(0.01)
    holder.kill()  # a run that dies holds nothing
    holder.wait()
    holder.stdin.close()
    holder.stdout.close()
    waiting.join()
    assert done[0].converted == 3
    assert str(holder.pid) in told[0]


# -- windows -----------------------------------------------------------------------------------


def test_a_file_that_changes_while_it_is_read(
    pages: Path, out: Path, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    import normalise.formats.source as module

    (job,) = Plan(pages / "a.txt", out).jobs()
    times = 0
    limit = 1

    class Growing:
        def __init__(self, stream: Any) -> None:
            self.stream = stream

        def __getattr__(self, name: str) -> Any:
            return getattr(self.stream, name)

        def read(self) -> Any:
            nonlocal times
            times += 1
            content = self.stream.read()
            if times <= limit:
                with job.path.open("a") as more:
                    more.write(" And another party cell.")
            return content

    works = module._read_quietly
    monkeypatch.setattr(module, "_read_quietly", lambda stream: works(Growing(stream)))
    (outcome,) = convert(pipeline, job)
    assert outcome.output == b"A Party cell met. And another Party cell."
    limit = 100
    (outcome,) = convert(pipeline, job)
    assert outcome.problem == "the file cannot be read (another program is writing it)"


def convert(pipeline: Pipeline, *jobs: Job) -> list[Outcome]:
    return convert_window(pipeline, jobs, Reading())
