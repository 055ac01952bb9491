"""A disk that fills up: one error, everything so far kept and recorded, and the rest later."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from trust_runs import (
    TERMS,
    check_truth,
    finish,
    list_drafts,
    make_pages,
    read_outputs,
    read_records,
    start,
)

LONG = os.environ.get("NORMALISE_TRUST") == "long"
# KiB and processes.
FEW = [(1800, 2), (3300, 1)]
MANY = [(size, 1 + size // 300 % 2) for size in range(900, 6000, 300)]


@contextlib.contextmanager
def mount(folder: Path, size: int) -> Iterator[None]:
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no small disk can be made here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a disk of its own")
@pytest.mark.parametrize(("size", "workers"), MANY if LONG else FEW)
def test_a_full_disk(tmp_path: Path, size: int, workers: int) -> None:
    glossary = tmp_path / "cells.yaml"
    glossary.write_text(TERMS)
    pages = make_pages(tmp_path / "in", 150, 5_000)
    disk = tmp_path / "disk"
    with mount(disk, size):
        out = disk / "out"
        run = start(pages, out, glossary, "--workers", str(workers))
        output = finish(run)
        assert run.returncode == 1
        assert len(output.splitlines()) == 1, output
        assert output.startswith("Error: ")
        assert "No space left" in output or "disk is full" in output
        check_truth(pages, out)
        done = {path for path, r in read_records(out).items() if r["status"] == "done"}
        assert set(read_outputs(out)) == done
        assert not list_drafts(out)
        subprocess.run(["mount", "-o", "remount,size=60m", str(disk)], check=True)
        run = start(pages, out, glossary)
        assert "binary.txt" in finish(run)
        assert check_truth(pages, out) == 153
