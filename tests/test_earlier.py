"""Running again: what would come out the same is left, everything else is converted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from normalise.batch.convert import Reading, convert_folder
from normalise.batch.summary import Outcome, Summary
from normalise.files import PRIVATE
from normalise.settings import Settings

TERMS = """\
schema: 1
topic: Cells
terms:
- {id: party-cell, preferred: Party cell, variants: [party cell]}
"""
TEXTS = {
    "a.txt": "Each party cell of the commune met on Monday.\r\n",
    "b.txt": "The party cell of the school has admitted four new members.\n",
    "c.md": "# Møtet\n\nPartiet har mange medlemmer i alle deler av landet.\n",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "glossary"
    folder.mkdir()
    (folder / "cells.yaml").write_text(TERMS, "utf-8")
    return Settings(glossaries=(folder,), use_memory=False, beam=1)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_bytes(text.encode())
    return folder


@pytest.fixture
def out(pages: Path, settings: Settings, tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    assert convert_folder(pages, folder, settings).unchanged == 0
    return folder


def read_audit(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "audit.jsonl").read_bytes().splitlines()]


def forget(out: Path) -> None:
    """Leave an output folder as earlier versions left it: with its audit alone."""
    shutil.rmtree(out / PRIVATE)


def again(pages: Path, out: Path, settings: Settings, **options: Any) -> tuple[Summary, set[str]]:
    """The summary of another run, and the documents it converted."""
    converted: set[str] = set()

    def note(outcome: Outcome) -> None:
        if not outcome.unchanged:
            converted.add(outcome.name)

    return convert_folder(pages, out, settings, progress=note, **options), converted


def test_nothing_is_done_twice(pages: Path, out: Path, settings: Settings) -> None:
    before = (out / "audit.jsonl").read_bytes()
    times = [path.stat().st_mtime_ns for path in sorted(out.glob("?.*"))]
    first, second = again(pages, out, settings, anew=True), again(pages, out, settings)
    assert first[1] == set(TEXTS)
    assert second[1] == set()
    assert (second[0].converted, second[0].unchanged) == (3, 3)
    assert times != [path.stat().st_mtime_ns for path in sorted(out.glob("?.*"))]  # by the first
    for figure in ("words", "changes", "flags", "languages", "terms"):
        assert getattr(first[0], figure) == getattr(second[0], figure)
    records = [json.loads(line) for line in before.splitlines()]
    assert [{**r, "seconds": 0} for r in read_audit(out)] == [{**r, "seconds": 0} for r in records]
    assert second[0].as_json()["unchanged"] == 3
    assert second[0].words_per_second == 0


def test_the_order_of_the_audit_stays(pages: Path, out: Path, settings: Settings) -> None:
    for name in ("a0.txt", "b0.txt", "z.txt"):
        (pages / name).write_text("One more party cell of the commune met.\n")
    (pages / "bad.txt").write_bytes(b"\0")
    summary, converted = again(pages, out, settings)
    assert converted == {"a0.txt", "b0.txt", "z.txt", "bad.txt"}
    names = ["a.txt", "a0.txt", "b.txt", "b0.txt", "bad.txt", "c.md", "z.txt"]
    assert [record["path"] for record in read_audit(out)] == names
    assert (summary.unchanged, summary.converted, len(summary.failed)) == (3, 6, 1)
    _, converted = again(pages, out, settings)
    assert converted == {"bad.txt"}


CHANGES: dict[str, tuple[Callable[[Path, Path], object], set[str]]] = {
    "document": (lambda pages, out: (pages / "a.txt").write_text("A party cell met."), {"a.txt"}),
    "output empty": (lambda pages, out: (out / "b.txt").write_text(""), {"b.txt"}),
    "output gone": (lambda pages, out: (out / "c.md").unlink(), {"c.md"}),
    "audit gone": (lambda pages, out: (out / "audit.jsonl").unlink(), set()),
    "records gone": (lambda pages, out: forget(out), set()),
    "both gone": (lambda pages, out: (forget(out), (out / "audit.jsonl").unlink()), set(TEXTS)),
    "records damaged": (
        lambda pages, out: (out / PRIVATE / "records.sqlite").write_bytes(b"x" * 9000), set()
    ),
    "glossary": (
        lambda pages, out: (pages.parent / "glossary" / "cells.yaml").write_text(TERMS + "# x\n"),
        set(TEXTS),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_is_converted(
    pages: Path, out: Path, settings: Settings, change: str
) -> None:
    expected = {name: (out / name).read_bytes() for name in TEXTS}
    act, names = CHANGES[change]
    act(pages, out)
    _, converted = again(pages, out, settings)
    assert converted == names
    if change != "document":
        assert {name: (out / name).read_bytes() for name in TEXTS} == expected


def test_options_and_packages_count(
    pages: Path, out: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert again(pages, out, replace(settings, strip_furniture=True))[1] == set(TEXTS)
    assert again(pages, out, settings)[1] == set(TEXTS)
    # Only documents that were translated depend on the packages.
    monkeypatch.setattr("normalise.packages.find.list_package_folders", list)
    summary, converted = again(pages, out, settings)
    assert converted == {"c.md"}
    assert [name for name, _ in summary.untranslated] == ["c.md"]
    monkeypatch.undo()
    assert again(pages, out, settings)[1] == {"c.md"}


def test_reading_options_count(pages: Path, out: Path, settings: Settings) -> None:
    assert again(pages, out, settings, reading=Reading(encoding="utf-8"))[1] == set()
    # What is UTF-8 is read as such whatever is said of the rest.
    cp1252 = Reading(encoding="cp1252")
    assert again(pages, out, settings, reading=cp1252)[1] == {"a.txt", "b.txt"}
    assert again(pages, out, settings)[1] == {"a.txt", "b.txt"}
    summary, converted = again(pages, out, settings, reading=Reading(max_size=50))
    assert converted == {"b.txt", "c.md"}
    assert {name for name, _, _ in summary.failed} == {"b.txt", "c.md"}


def test_columns_count_for_tables_alone(pages: Path, out: Path, settings: Settings) -> None:
    (pages / "t.csv").write_text("id,lead,body\n1,A party cell met,The party cell voted\n")
    assert again(pages, out, settings)[1] == {"t.csv"}
    body = Reading(fields=("body",))
    assert again(pages, out, settings, reading=body)[1] == {"t.csv"}
    assert again(pages, out, settings, reading=body)[1] == set()
    assert (out / "t.csv").read_text().endswith("1,A party cell met,The Party cell voted\n")
    assert again(pages, out, settings)[1] == {"t.csv"}


def test_a_damaged_audit_is_no_obstacle(pages: Path, out: Path, settings: Settings) -> None:
    lines = (out / "audit.jsonl").read_bytes().splitlines(keepends=True)
    forget(out)
    (out / "audit.jsonl").write_bytes(b"\xff\n{}\n" + lines[1] + lines[0][:100])
    assert again(pages, out, settings)[1] == {"a.txt", "c.md"}
    # The last line end is missing, and a record has to follow.
    forget(out)
    (out / "audit.jsonl").write_bytes(b"".join(lines[1:] + lines[:1]).rstrip())
    (pages / "a1.txt").write_text("One party cell met.\n")
    assert again(pages, out, settings)[1] == {"a1.txt"}
    assert [record["path"] for record in read_audit(out)] == ["a.txt", "a1.txt", "b.txt", "c.md"]


def test_an_interruption_forgets_nothing(pages: Path, out: Path, settings: Settings) -> None:
    (pages / "a.txt").write_text("The party cell of the ward met.\n")

    def stop(outcome: Outcome) -> None:
        if not outcome.unchanged:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert_folder(pages, out, settings, progress=stop)
    assert [record["path"] for record in read_audit(out)] == ["a.txt", "b.txt", "c.md"]
    assert again(pages, out, settings)[1] == set()
