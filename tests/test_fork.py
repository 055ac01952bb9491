"""A process forked after the first use translates on its own: the engine's threads stay behind."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from tiny_package import make_package

from normalise.packages.find import read_package
from normalise.translate.engine import Decoding, Engine

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows does not fork")


def test_a_forked_process_loads_its_own_model(tmp_path: Path) -> None:
    import multiprocessing

    engine = Engine(read_package(make_package(tmp_path)), threads=2)
    here = engine.decode(["hei verden"], Decoding(beam=1))
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(
        target=lambda: queue.put((os.getpid(), engine.decode(["hei verden"], Decoding(beam=1))))
    )
    child.start()
    try:
        process, there = queue.get(timeout=60)
        child.join(60)
        assert (process, there) == (child.pid, here)
        assert child.exitcode == 0
    finally:
        child.kill()
    assert engine.decode(["hei verden"], Decoding(beam=1)) == here
