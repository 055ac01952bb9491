"""Which documents a run converts, where to, how many at once, and what it says beforehand."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from stand_ins import BracketTranslator, OneTermGlossary, WordDetector

from normalise.batch.convert import convert_folder
from normalise.batch.listing.choose import Choice, parse_since
from normalise.batch.listing.plan import Job, Listed, Plan, Refused
from normalise.batch.workers import choose_count
from normalise.cli import main
from normalise.errors import InputError
from normalise.files import PRIVATE
from normalise.pipeline import Pipeline
from normalise.settings import Settings

NAMES = ("a.txt", "b/c.txt", "b/d.md", "b/x/e.txt", "b.txt")
TERMS = """\
schema: 1
topic: Cells
terms:
- {id: party-cell, preferred: Party cell, variants: [party cell]}
"""


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    for number, name in enumerate(NAMES):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"A party cell met, {number}.")
        os.utime(path, (1_000_000 + number, 1_000_000 + number))
    return tmp_path / "in"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def chosen(pages: Path, out: Path, **how: Any) -> list[str]:
    return [job.name for job in Plan(pages, out, Choice(**how)).jobs()]


def written(out: Path) -> list[str]:
    return sorted(
        path.relative_to(out).as_posix()
        for path in out.rglob("*")
        if path.is_file() and path.name != "audit.jsonl" and PRIVATE not in path.parts
    )


def read_audit(out: Path) -> dict[str, dict[str, Any]]:
    lines = (out / "audit.jsonl").read_bytes().splitlines()
    return {record["path"]: record for record in map(json.loads, lines)}


# -- which documents ---------------------------------------------------------------------------


def test_the_list_is_in_the_order_of_the_keys(pages: Path, out: Path) -> None:
    names = chosen(pages, out)
    assert names == sorted(NAMES, key=str.encode)
    assert names == ["a.txt", "b.txt", "b/c.txt", "b/d.md", "b/x/e.txt"]


def test_included_are_files_and_what_is_in_folders(pages: Path, out: Path) -> None:
    assert chosen(pages, out, include=["*.md"]) == ["b/d.md"]
    assert chosen(pages, out, include=["x"]) == ["b/x/e.txt"]
    assert chosen(pages, out, include=["b", "a.txt"], exclude=["x"]) == [
        "a.txt", "b/c.txt", "b/d.md"
    ]  # fmt: skip
    assert chosen(pages, out, include=["b/*.txt"], exclude=["x"]) == ["b/c.txt"]


def test_older_documents_are_left_out(pages: Path, out: Path) -> None:
    assert chosen(pages, out, since=1_000_003) == ["b.txt", "b/x/e.txt"]


def test_only_what_has_changed_is_looked_at(
    pages: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert chosen(pages, out, only=frozenset({b"b/x", b"a.txt"})) == ["a.txt", "b/x/e.txt"]
    looked: list[str] = []
    scan = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: looked.append(Path(path).name) or scan(path))
    assert chosen(pages, out, only=frozenset({b"a.txt"})) == ["a.txt"]
    assert looked == ["in"]


@pytest.mark.parametrize("text", ["yesterday", "7", "2026-13-01", "", "3 moons"])
def test_a_time_that_is_none_says_what_is_one(text: str) -> None:
    with pytest.raises(InputError, match="36h"):
        parse_since(text)


def test_a_folder_as_deep_as_paths_go_is_listed(tmp_path: Path) -> None:
    pages = tmp_path / "in"
    pages.mkdir()
    here = os.open(pages, os.O_RDONLY)
    for _ in range(1100):  # deeper than Python's own stack
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    listed = sum(isinstance(entry, Listed) for entry in Plan(pages, tmp_path / "out"))
    for depth in range(1100, 0, -1):
        os.rmdir(pages / "/".join("d" * depth))
    assert listed == 1101


def test_listing_takes_no_memory_for_each_file(tmp_path: Path) -> None:
    import tracemalloc

    def fill(folders: int) -> Path:
        pages = tmp_path / f"in{folders}"
        for number in range(folders):
            folder = pages / f"{number:03}"
            folder.mkdir(parents=True)
            for file in range(50):
                (folder / f"{file:02}.txt").touch()
        return pages

    def peak(pages: Path) -> int:
        tracemalloc.start()
        Plan(pages, tmp_path / "out").survey()
        reached = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return reached

    few, many = fill(6), fill(60)
    assert Plan(many, tmp_path / "out").survey().documents == 3000
    # The least of several: other things that happen meanwhile, such as imports, do not count.
    assert min(peak(many) for _ in range(3)) < 2 * min(peak(few) for _ in range(3))


# -- the limit and the first error -------------------------------------------------------------


def test_the_limit_counts_what_is_converted(pages: Path, out: Path, tmp_path: Path) -> None:
    (tmp_path / "cells.yaml").write_text(TERMS)
    settings = Settings(glossaries=(tmp_path / "cells.yaml",), use_memory=False)
    for expected in (2, 4, 5):
        summary = convert_folder(pages, out, settings, limit=2)
        assert len(written(out)) == summary.converted == expected
        assert summary.limited == (expected < 5)
    assert convert_folder(pages, out, settings, limit=2).unchanged == 5


def test_the_first_error_can_end_a_run(pages: Path, out: Path, pipeline: Pipeline) -> None:
    (pages / "b.txt").write_bytes(b"\0")
    for number in range(150):
        (pages / f"c{number:03}.txt").write_text("A party cell.")
    summary = convert_folder(pages, out, pipeline=pipeline, on_error="stop")
    assert summary.stopped
    assert [name for name, *_ in summary.failed] == ["b.txt"]
    assert summary.exit_code() == 1
    done = {name for name, record in read_audit(out).items() if record["status"] == "done"}
    assert done == set(written(out))
    assert "a.txt" in done
    assert "c149.txt" not in done
    summary = convert_folder(pages, out, pipeline=pipeline)
    assert not summary.stopped
    assert len(written(out)) == 154


# -- one folder for all outputs ----------------------------------------------------------------


def test_flat_outputs_keep_their_names(pages: Path, out: Path, pipeline: Pipeline) -> None:
    summary = convert_folder(pages, out, pipeline=pipeline, choice=Choice(flat=True))
    assert summary.failed == []
    assert written(out) == ["a.txt", "b.txt", "c.txt", "d.md", "e.txt"]
    records = read_audit(out)
    assert {name: record.get("output_path") for name, record in records.items()} == {
        "a.txt": None, "b.txt": None, "b/c.txt": "c.txt", "b/d.md": "d.md", "b/x/e.txt": "e.txt",
    }  # fmt: skip


def test_of_two_flat_outputs_with_one_name_the_second_fails(pages: Path, out: Path) -> None:
    (pages / "b" / "a.txt").write_text("Another party cell.")
    pipeline = Pipeline(
        glossary=OneTermGlossary(), translator=BracketTranslator(), detector=WordDetector()
    )
    for _ in range(2):
        summary = convert_folder(pages, out, pipeline=pipeline, choice=Choice(flat=True))
        assert [(name, problem) for name, problem, _ in summary.failed] == [
            ("b/a.txt", "its output would replace that of a.txt")
        ]
        assert (out / "a.txt").read_text() == "A Party cell met, 0."
    # Whose output is there keeps its place, whichever comes first in the list.
    (pages / "A").mkdir()
    (pages / "A" / "c.txt").write_text("A party cell.")
    summary = convert_folder(pages, out, pipeline=pipeline, choice=Choice(flat=True))
    assert [name for name, *_ in summary.failed] == ["A/c.txt", "b/a.txt"]
    # When the other is gone for good, the place is free.
    (pages / "a.txt").unlink()
    for _ in range(2):
        summary = convert_folder(pages, out, pipeline=pipeline, choice=Choice(flat=True), prune=True)
    assert [name for name, *_ in summary.failed] == ["A/c.txt"]
    assert (out / "a.txt").read_text() == "Another Party cell."


def test_flat_outputs_are_known_again(pages: Path, out: Path, tmp_path: Path) -> None:
    (tmp_path / "cells.yaml").write_text(TERMS)
    settings = Settings(glossaries=(tmp_path / "cells.yaml",), use_memory=False)
    flat = Choice(flat=True)
    convert_folder(pages, out, settings, choice=flat)
    (out / "e.txt").write_text("By hand.")
    summary = convert_folder(pages, out, settings, choice=flat)
    assert (summary.unchanged, [name for name, _ in summary.edited]) == (4, ["b/x/e.txt"])
    # Also from the audit alone.
    for file in sorted((out / PRIVATE).rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    assert convert_folder(pages, out, settings, choice=flat).unchanged == 4
    # And what is gone is removed where it is.
    (pages / "b" / "c.txt").unlink()
    assert convert_folder(pages, out, settings, choice=flat, prune=True).pruned == ["b/c.txt"]
    assert written(out) == ["a.txt", "b.txt", "d.md", "e.txt"]


def test_a_document_cannot_take_the_place_of_the_audit(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "audit.jsonl").write_text("{}")
    monkeypatch.setattr("normalise.batch.listing.plan.find_format", lambda path: object())
    (_, entry) = Plan(tmp_path / "in", out)
    assert isinstance(entry, Refused)
    assert "audit" in entry.error.problem


def test_outputs_do_not_follow_a_link_back_into_the_source(pages: Path, out: Path) -> None:
    out.mkdir()
    (out / "b").symlink_to(pages / "b", target_is_directory=True)
    with pytest.raises(InputError, match="overwrite"):
        Plan(pages, out).survey()


# -- how many processes ------------------------------------------------------------------------


def test_processes_are_started_only_for_work_that_pays_for_them() -> None:
    def count(cores: int, files: int, size: int) -> int:
        job = Job(Path("a"), b"a", Path("b"), size)
        cut = iter([(job,) * 10] * (files // 10))
        chosen, rest = choose_count(cut, Settings(), cores)
        assert sum(map(len, rest)) == files  # those that were looked at are not lost
        return chosen

    assert count(4, 100, 2_000) == 1
    assert count(2, 200, 300) == 1
    assert count(4, 20_000, 10_000) == 4
    assert 1 < count(64, 200, 20_000) < 16
    assert count(64, 20_000, 10_000) == 16
    assert count(1, 20_000, 10_000) == 1


def test_a_graphics_card_has_one_process() -> None:
    job = Job(Path("a"), b"a", Path("b"), 1_000_000)
    assert choose_count(iter([(job,)] * 1000), Settings(device="cuda"), 8)[0] == 1


# -- a dry run ---------------------------------------------------------------------------------


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["convert", *map(str, arguments), "--no-memory"])


def everything_in(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path): (path.read_bytes() if path.is_file() else b"", path.stat().st_mtime_ns)
        for path in folder.rglob("*")
    }


def steps(result: Result) -> dict[str, tuple[str, str]]:
    found = json.loads(result.stdout)["files"]
    return {step["path"]: (step["action"], step["reason"]) for step in found}


def test_a_dry_run_says_what_would_happen_and_writes_nothing(
    pages: Path, out: Path, tmp_path: Path
) -> None:
    terms = tmp_path / "cells.yaml"
    terms.write_text(TERMS)
    (pages / "f.pdf.bak").touch()
    how = (pages, out, "--glossary", terms)
    result = run(*how, "--dry-run", "--exclude", "x", "--limit", 2)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "convert: a.txt: new",
        "convert: b.txt: new",
        "leave out: b/c.txt: beyond --limit",
        "leave out: b/d.md: beyond --limit",
        "skip: f.pdf.bak: unknown type .bak",
    ]
    assert "nothing is written: 2 convert, 2 leave out, 1 skip" in result.stderr
    assert not out.exists()
    assert run(*how).exit_code == 0
    (out / "a.txt").write_text("By hand.")
    (out / "b" / "d.md").unlink()
    (pages / "b" / "c.txt").write_text("A party cell voted.")
    (pages / "b.txt").unlink()
    before = everything_in(tmp_path)
    found = steps(run(*how, "--dry-run", "--json", "--prune"))
    assert found == {
        "a.txt": ("keep", "corrected by hand"),
        "b.txt": ("prune", "its document is gone"),
        "b/c.txt": ("convert", "the document has changed"),
        "b/d.md": ("convert", "its output is missing or empty"),
        "b/x/e.txt": ("up to date", "nothing has changed"),
        "f.pdf.bak": ("skip", "unknown type .bak"),
    }
    terms.write_text(TERMS + "# another\n")
    found = steps(run(*how, "--dry-run", "--json", "--since", "1h"))
    assert found["a.txt"] == ("leave out", "last changed before --since")
    assert found["b/c.txt"] == ("convert", "the glossaries have changed")
    found = steps(run(*how, "--dry-run", "--json", "--strip-furniture", "--language", "en"))
    assert found["b/x/e.txt"][1] == (
        "the glossaries and the options (furniture, language) have changed"
    )
    assert {k: v for k, v in everything_in(tmp_path).items() if "cells.yaml" not in k} == {
        k: v for k, v in before.items() if "cells.yaml" not in k
    }


def test_a_dry_run_reads_what_a_killed_run_left(
    pages: Path, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from normalise.batch.records.store import Records

    terms = tmp_path / "cells.yaml"
    terms.write_text(TERMS)
    settings = Settings(glossaries=(terms,), use_memory=False)

    child = os.fork()
    if not child:
        monkeypatch.setattr(Records, "confirm", lambda self: os._exit(9))
        convert_folder(pages, out, settings)
        os._exit(0)
    os.waitpid(child, 0)
    assert (out / PRIVATE / "records.sqlite-wal").stat().st_size
    before = everything_in(tmp_path)
    found = steps(run(pages, out, "--glossary", terms, "--dry-run", "--json"))
    assert {action for action, _ in found.values()} == {"up to date"}
    assert everything_in(tmp_path) == before


def test_a_dry_run_does_not_disturb_another_run(pages: Path, out: Path) -> None:
    from normalise.batch.records import lock

    with lock.hold(out):
        result = run(pages, out, "--dry-run")
    assert result.exit_code == 1
    assert "a run is writing into this folder" in result.stderr


@pytest.mark.parametrize("more", [["--dry-run"], ["--limit", "3"], ["--json"]])
def test_what_does_not_go_with_a_watch_is_refused(pages: Path, out: Path, more: list[str]) -> None:
    result = run(pages, out, "--watch", *more)
    assert result.exit_code == 2
    assert not out.exists()
    assert run(pages / "a.txt", out, "--watch").exit_code == 2


def test_jobs_and_workers_are_one_option(pages: Path, out: Path) -> None:
    for name in ("--jobs", "--workers", "-j"):
        assert run(pages, out, name, 2, "--quiet").exit_code == 0
    assert run(pages, out, "--jobs", -1).exit_code == 2
