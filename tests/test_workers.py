"""Worker processes: one that dies is replaced, and takes no document along but the guilty one."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
from poison import DeadSettings, PoisonedSettings

from normalise.batch.convert import convert_folder
from normalise.batch.summary import Outcome
from normalise.errors import NormaliseError
from normalise.settings import Settings

TERMS = """\
schema: 1
topic: Cells
terms:
- {id: party-cell, preferred: Party cell, variants: [party cell]}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "cells.yaml").write_text(TERMS, "utf-8")
    return Settings(glossaries=(tmp_path / "cells.yaml",), use_memory=False)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(330):
        (folder / f"{number:03}.txt").write_text(f"Party cell {number} met.")
    return folder


def test_a_killed_worker_costs_nothing(pages: Path, tmp_path: Path, settings: Settings) -> None:
    killed: list[int] = []

    def kill(outcome: Outcome) -> None:
        if not killed:
            worker = multiprocessing.active_children()[0]
            killed.append(worker.pid or 0)
            worker.kill()

    summary = convert_folder(pages, tmp_path / "out", settings, workers=2, progress=kill)
    assert killed
    assert (summary.converted, summary.failed) == (330, [])
    assert not multiprocessing.active_children()


def test_a_document_that_kills_workers_fails_alone(
    pages: Path, tmp_path: Path, settings: Settings
) -> None:
    (pages / "150-poison.txt").write_text("A party cell.")
    for number in range(60, 330):
        (pages / f"{number:03}.txt").unlink()
    poisoned = PoisonedSettings(settings.glossaries, use_memory=False)
    summary = convert_folder(pages, tmp_path / "out", poisoned, workers=2)
    assert [name for name, _, _ in summary.failed] == ["150-poison.txt"]
    assert "worker process died on it (exit code 7)" in summary.failed[0][1]
    assert summary.converted == 60


def test_workers_that_cannot_start_end_the_run(
    pages: Path, tmp_path: Path, settings: Settings
) -> None:
    dead = DeadSettings(settings.glossaries, use_memory=False)
    with pytest.raises(NormaliseError, match=r"cannot start \(exit code 9\)"):
        convert_folder(pages, tmp_path / "out", dead, workers=2)
