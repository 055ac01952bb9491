"""Runs that are killed at random moments and resumed end like one that was not disturbed."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
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
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs the signals of POSIX")

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
WORKERS = (1, 2, 4)
FEW = [(signal.SIGKILL, 1), (signal.SIGKILL, 2), (signal.SIGTERM, 1), (signal.SIGINT, 2)]
KILLS = 100


class Undisturbed:
    """A folder, what comes of it, and how long that takes."""

    def __init__(self, folder: Path) -> None:
        self.glossary = folder / "cells.yaml"
        self.glossary.write_text(TERMS)
        self.pages = make_pages(folder / "in", 150, 5_000)
        began = time.monotonic()
        output = finish(start(self.pages, folder / "out", self.glossary))
        self.seconds = time.monotonic() - began
        assert "binary.txt" in output
        assert len(output.splitlines()) == 1, output
        self.records = read_records(folder / "out")
        self.outputs = read_outputs(folder / "out")
        assert len(self.records) == 153
        assert len(self.outputs) == 151


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    return Undisturbed(tmp_path_factory.mktemp("undisturbed"))


def disturb(run: Undisturbed, out: Path, number: signal.Signals, workers: int, delay: float) -> int:
    """Start a run and send it a signal after so many seconds; its exit code."""
    process = start(run.pages, out, run.glossary, "--workers", str(workers))
    with contextlib.suppress(Exception):
        process.wait(delay)
    with contextlib.suppress(ProcessLookupError):
        if number == signal.SIGINT:  # a terminal sends it to all processes
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
    output = finish(process)
    if process.returncode in (130, 143):
        assert output == "stopped; what was finished is in the output folder\n"
    wait_for_orphans(process.pid)
    return process.returncode


def wait_for_orphans(group: int) -> None:
    """Workers of a killed run must end by themselves."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    os.killpg(group, signal.SIGKILL)
    raise AssertionError("worker processes outlived their run")


def check_resumed(run: Undisturbed, out: Path, workers: int) -> None:
    """Resume, and compare everything with the undisturbed run."""
    process = start(run.pages, out, run.glossary, "--workers", str(workers))
    output = finish(process)
    assert process.returncode == 1, output  # the binary file
    assert read_outputs(out) == run.outputs
    assert read_records(out) == run.records
    assert not list_drafts(out)


@pytest.mark.parametrize(("number", "workers"), FEW)
def test_a_few_kills(
    undisturbed: Undisturbed, tmp_path: Path, number: signal.Signals, workers: int
) -> None:
    out = tmp_path / "out"
    delay = random.uniform(0.3, 0.9) * undisturbed.seconds
    code = disturb(undisturbed, out, number, workers, delay)
    # Where the run was through before the signal came, the binary file makes it 1. Python itself
    # ends by the signal (130 to a shell) where Ctrl-C met it inside an ``exec``.
    assert code in ({128 + number, -number, 1} if number != signal.SIGKILL else {-number, 1})
    check_truth(undisturbed.pages, out)
    check_resumed(undisturbed, out, workers)


@pytest.mark.skipif(not LONG, reason="part of NORMALISE_TRUST=long")
def test_a_hundred_kills(
    undisturbed: Undisturbed, tmp_path: Path, figure: Callable[[str, object], None]
) -> None:
    codes: Counter[str] = Counter()
    kept: list[int] = []
    kills = runs = 0
    while kills < KILLS:
        out = tmp_path / f"out{runs}"
        workers = WORKERS[runs % 3]
        # One to three kills before the run may end.
        for _ in range(1 + runs % 3):
            number = SIGNALS[kills % 3]
            delay = random.uniform(0, 1.2) * undisturbed.seconds
            code = disturb(undisturbed, out, number, workers, delay)
            codes[f"{number.name}: exit {code}"] += 1
            kept.append(check_truth(undisturbed.pages, out))
            kills += 1
        check_resumed(undisturbed, out, workers)
        runs += 1
    figure("kills", kills)
    figure("resumed runs that equal the undisturbed one, outputs and records", runs)
    figure("records in the audit after a kill, mean", f"{sum(kept) / len(kept):.0f} of 153")
    for what, count in sorted(codes.items()):
        figure(what, count)
