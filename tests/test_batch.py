"""Folders: what is converted, what is refused, what is left behind."""

from __future__ import annotations

import hashlib
import json
import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from stand_ins import BracketTranslator, OneTermGlossary, WordDetector

from normalise.audit import describe, replay_record
from normalise.batch.convert import Reading, convert_folder
from normalise.batch.listing.choose import Choice
from normalise.batch.listing.plan import Plan, Skipped
from normalise.batch.summary import Outcome, Summary
from normalise.data import Document, Result
from normalise.errors import InputError
from normalise.files import PRIVATE, write_atomically
from normalise.formats.source import decode
from normalise.pipeline import Pipeline


def read_audit(folder: Path) -> list[dict[str, Any]]:
    """The records of documents; those of skipped files are left out."""
    lines = (folder / "audit.jsonl").read_bytes().splitlines()
    records = [json.loads(line) for line in lines]
    return [record for record in records if record["status"] != "skipped"]


def outputs(folder: Path) -> dict[str, bytes]:
    """What a run has written, by name, but for the records."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "audit.jsonl" and PRIVATE not in path.parts
    }


def litter(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name.endswith(".tmp")]


def make_pages(folder: Path) -> Path:
    (folder / "b").mkdir(parents=True)
    (folder / "a.txt").write_bytes(b"A party cell met.\r\nA party cell voted.\r\n")
    (folder / "b" / "c.md").write_text("# Møtet på bygda\n\nDet var doubtful i går.\n", "utf-8")
    (folder / "b" / "d.txt").write_text("Tỉnh ủy họp hôm nay.", "utf-8")
    (folder / "e.xyz").write_bytes(b"PK\x03\x04")
    return folder


def test_a_folder(tmp_path: Path, pipeline: Pipeline) -> None:
    pages, out = make_pages(tmp_path / "in"), tmp_path / "out"
    summary = convert_folder(pages, out, pipeline=pipeline)
    assert (out / "a.txt").read_bytes() == b"A Party cell met.\r\nA Party cell voted.\r\n"
    assert (out / "b" / "c.md").read_text("utf-8") == (
        "# [Motet pa bygda]\n\n[Det var doubtful i gar.]\n"
    )
    assert (out / "b" / "d.txt").read_text("utf-8") == "Tỉnh ủy họp hôm nay."
    assert not (out / "e.xyz").exists()
    assert summary.documents == 3
    assert summary.converted == 2
    assert summary.languages == {"en": 1, "nb": 1, "vi": 1}
    assert summary.untranslated == [("b/d.txt", "normalise models install vi")]
    assert summary.skipped == [("e.xyz", "unknown type .xyz")]
    assert (summary.flags, summary.changes) == (2, 4)
    assert summary.exit_code() == 1
    assert not litter(tmp_path)


def test_the_audit_tells_everything(tmp_path: Path, pipeline: Pipeline) -> None:
    pages, out = make_pages(tmp_path / "in"), tmp_path / "out"
    convert_folder(pages, out, pipeline=pipeline)
    records = read_audit(out)
    assert [record["path"] for record in records] == ["a.txt", "b/c.md", "b/d.txt"]
    for record in records:
        raw = (pages / record["path"]).read_bytes()
        text = raw.decode("utf-8").replace("\r\n", "\n")
        final = (out / record["path"]).read_bytes().decode("utf-8").replace("\r\n", "\n")
        assert record["sha256"] == hashlib.sha256(raw).hexdigest()
        assert replay_record(text, record) == final
        for change in record["changes"]:
            start, end = change["source"]
            assert 0 <= start <= end <= len(text)
            start, end = change["output"]
            if change["stage"] == "standardise":
                assert final[start:end] == change["after"]
        for block in record["blocks"]:
            assert final[slice(*block["output"])].strip()
            assert text[slice(*block["source"])].strip()
    assert records[0]["changes"][0]["term"] == "party-cell"
    assert records[0]["changes"][0]["source"] == [2, 12]
    assert records[1]["language"] == {"code": "nb", "confidence": 0.9}
    assert records[1]["packages"] == ["nb_en-0"]
    assert records[1]["flags"][0]["term"] == "doubt"
    assert records[2]["status"] == "untranslated"
    assert "glossary:1:" in records[0]["signature"]


def test_a_second_run_gives_the_same(tmp_path: Path, pipeline: Pipeline) -> None:
    pages = make_pages(tmp_path / "in")
    made = []
    for name in ("one", "two", "one"):
        convert_folder(pages, tmp_path / name, pipeline=pipeline)
        records = read_audit(tmp_path / name)
        for record in records:
            del record["seconds"]
        made.append((records, outputs(tmp_path / name)))
    assert made[0] == made[1] == made[2]


def test_troubled_files_do_not_stop_the_others(tmp_path: Path, pipeline: Pipeline) -> None:
    pages, out = make_pages(tmp_path / "in"), tmp_path / "out"
    (pages / "full.txt").write_bytes(b"x" * 20_000)
    (pages / "binary.md").write_bytes(b"\x89PNG\0\0\0")
    (pages / "latin.txt").write_bytes("Møtet på bygda".encode("latin-1"))
    (pages / "gone.txt").symlink_to("nowhere")
    summary = convert_folder(pages, out, pipeline=pipeline, reading=Reading(max_size=10_000))
    failed = {name: (problem, remedy) for name, problem, remedy in summary.failed}
    assert set(failed) == {"full.txt", "binary.md", "latin.txt", "gone.txt"}
    assert all(remedy for _, remedy in failed.values())
    assert "latin-1" in failed["latin.txt"][1]
    assert summary.converted == 2
    errors = {r["path"]: r for r in read_audit(out) if r["status"] == "failed"}
    assert set(errors) == set(failed)
    assert errors["gone.txt"]["error"].startswith("the file cannot be opened")
    assert not (out / "latin.txt").exists()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_and_folder(tmp_path: Path, pipeline: Pipeline) -> None:
    pages, out = make_pages(tmp_path / "in"), tmp_path / "out"
    (pages / "a.txt").chmod(0)
    (pages / "b").chmod(0)
    try:
        summary = convert_folder(pages, out, pipeline=pipeline)
    finally:
        (pages / "b").chmod(0o755)
    assert [(name, "chmod" in remedy) for name, _, remedy in summary.failed] == [
        ("b", True),
        ("a.txt", True),
    ]


def test_a_very_long_document_beside_troubled_ones(tmp_path: Path, pipeline: Pipeline) -> None:
    pages, out = make_pages(tmp_path / "in"), tmp_path / "out"
    lines = [f"{n}. " + "The district has a party cell. " * 20 for n in range(30)]
    page = "\n".join([*lines, "Møtet ble holdt på bygda.\n\n"])
    (pages / "long.txt").write_text(page * (20_000_000 // len(page.encode()) + 1), "utf-8")
    (pages / "wide.txt").write_text("party cell, " * 200_000, "utf-8")
    (pages / "binary.txt").write_bytes(b"\0\1")
    summary = convert_folder(pages, out, pipeline=pipeline)
    assert [name for name, _, _ in summary.failed] == ["binary.txt"]
    assert summary.converted == 4
    assert (out / "long.txt").stat().st_size > 20_000_000
    assert b"party" not in (out / "wide.txt").read_bytes()


def test_what_may_not_be_opened_says_how_to_mend_it(
    tmp_path: Path, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages, out = make_pages(tmp_path / "in"), tmp_path / "out"
    opened = os.open

    def refuse(path: Any, *rest: Any, **named: Any) -> int:
        if Path(path) == pages / "a.txt":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *rest, **named)

    monkeypatch.setattr(os, "open", refuse)
    summary = convert_folder(pages, out, pipeline=pipeline)
    problem = "there is no permission to read the file"
    assert summary.failed == [("a.txt", problem, "allow it: chmod u+r 'a.txt'")]
    assert summary.converted == 1


def test_a_document_that_breaks_a_stage_fails_alone(tmp_path: Path) -> None:
    class Fragile(OneTermGlossary):
        def apply(self, text: str, **rest: Any) -> Any:
            if "boom" in text:
                raise RuntimeError("boom")
            return super().apply(text, **rest)

    pipeline = Pipeline(glossary=Fragile(), translator=BracketTranslator(), detector=WordDetector())
    pages = make_pages(tmp_path / "in")
    (pages / "x.txt").write_text("boom")
    summary = convert_folder(pages, tmp_path / "out", pipeline=pipeline)
    (failure,) = summary.failed
    assert failure[0] == "x.txt"
    assert "RuntimeError: boom" in failure[1]
    assert summary.converted == 2


def test_the_output_folder_inside_the_source_is_not_read(
    tmp_path: Path, pipeline: Pipeline
) -> None:
    pages = make_pages(tmp_path / "in")
    for _ in range(2):
        summary = convert_folder(pages, pages / "out", pipeline=pipeline)
        assert summary.documents == 3
    assert not (pages / "out" / "out").exists()


def test_the_source_is_never_overwritten(tmp_path: Path, pipeline: Pipeline) -> None:
    pages = make_pages(tmp_path / "in")
    before = (pages / "a.txt").read_bytes()
    with pytest.raises(InputError, match="same folder"):
        convert_folder(pages, pages, pipeline=pipeline)
    with pytest.raises(InputError, match="same folder"):
        convert_folder(pages / "a.txt", pages, pipeline=pipeline)
    (pages / "in").mkdir()
    (pages / "in" / "a.txt").write_text("A party cell.")
    with pytest.raises(InputError, match="OUT contains IN"):
        convert_folder(pages / "in", pages, pipeline=pipeline)
    (pages / "link.txt").symlink_to(tmp_path / "out" / "link.txt")
    with pytest.raises(InputError, match="overwrite"):
        convert_folder(pages, tmp_path / "out", pipeline=pipeline)
    assert (pages / "a.txt").read_bytes() == before


def test_what_is_excluded_is_passed_over(tmp_path: Path) -> None:
    pages = make_pages(tmp_path / "in")
    for exclude, left in {
        ("b",): ["a.txt"],
        ("*.txt",): ["b/c.md"],
        ("b/*.txt", "e.xyz"): ["a.txt", "b/c.md"],
    }.items():
        plan = Plan(pages, tmp_path / "out", Choice(exclude=exclude))
        assert [job.name for job in plan.jobs()] == left


def test_one_file(tmp_path: Path, pipeline: Pipeline) -> None:
    pages = make_pages(tmp_path / "in")
    summary = convert_folder(pages / "a.txt", tmp_path / "out", pipeline=pipeline)
    assert summary.converted == 1
    assert (tmp_path / "out" / "a.txt").exists()


def test_loops_of_links_end(tmp_path: Path) -> None:
    pages = make_pages(tmp_path / "in")
    (pages / "b" / "loop").symlink_to(pages, target_is_directory=True)
    (pages / "self.txt").symlink_to("self.txt")
    plan = Plan(pages, tmp_path / "out")
    assert [job.name for job in plan.jobs()] == ["a.txt", "b/c.md", "b/d.txt", "self.txt"]
    assert Skipped(b"b/loop", "link to a folder") in list(plan)


def test_an_interruption_leaves_what_was_finished(tmp_path: Path, pipeline: Pipeline) -> None:
    pages, out = make_pages(tmp_path / "in"), tmp_path / "out"

    def stop(outcome: Outcome) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert_folder(pages, out, pipeline=pipeline, progress=stop)
    recorded = [record["path"] for record in read_audit(out)]
    assert [*outputs(out)] == recorded
    assert "a.txt" in recorded
    assert not litter(tmp_path)


def test_a_write_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(InputError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_text() == "old"
    assert not litter(tmp_path)


def test_names_that_are_not_utf8(tmp_path: Path, pipeline: Pipeline) -> None:
    pages = make_pages(tmp_path / "in")
    try:
        (pages / os.fsdecode(b"caf\xe9.txt")).write_text("A party cell.")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    summary = convert_folder(pages, tmp_path / "out", pipeline=pipeline)
    assert summary.converted == 3
    assert any("caf" in record["path"] for record in read_audit(tmp_path / "out"))


def test_describing_takes_no_more_memory_than_the_record(pipeline: Pipeline) -> None:
    result = pipeline.run("A party cell. " * 20_000)
    source = decode(result.document.text.encode())
    tracemalloc.start()
    line = describe(b"a", result, source=source, output=b"", encoding="utf-8", seconds=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert json.loads(line)["changes"][-1]["after"] == "Party cell"
    assert peak < 2.5 * len(line)


def test_windows_hold_many_documents(
    tmp_path: Path, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = make_pages(tmp_path / "in")
    seen: list[int] = []
    stream = Pipeline.stream

    def watch(self: Pipeline, documents: list[Document]) -> list[Result]:
        seen.append(len(documents))
        return list(stream(self, documents))

    monkeypatch.setattr(Pipeline, "stream", watch)
    convert_folder(pages, tmp_path / "out", pipeline=pipeline)
    assert seen == [3]


def test_exit_codes() -> None:
    assert Summary().exit_code() == 0
    assert Summary(flags=1).exit_code() == 0
    assert Summary(flags=1).exit_code(strict=True) == 1
    assert Summary(failed=[("a", "b", "c")]).exit_code() == 1
    assert Summary(untranslated=[("a", "b")]).exit_code() == 1
