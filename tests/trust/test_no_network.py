"""A machine without any network, not even its own loopback, converts the samples all the same."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from trust_runs import ROOT, read_outputs, read_records

# Prints whether anything can be reached: no interface is up, so the kernel itself refuses.
REACH = """
import socket
for address in (("127.0.0.1", 9), ("192.0.2.1", 80)):
    try:
        socket.create_connection(address, 5)
    except OSError as error:
        print(error.errno)
"""


@pytest.fixture(scope="module")
def cut_off() -> list[str]:
    """What to put before a command for it to run in a network namespace of its own."""
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare, which makes network namespaces")
    for command in (["unshare", "-n"], ["unshare", "-rn"]):
        run = subprocess.run([*command, "true"], capture_output=True, check=False)
        if run.returncode == 0:
            return command
    pytest.skip(f"network namespaces are not allowed here: {run.stderr.decode().strip()}")


def test_the_namespace_is_cut_off(cut_off: list[str]) -> None:
    run = subprocess.run(
        [*cut_off, sys.executable, "-c", REACH], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["101", "101"]  # the network is unreachable


def test_samples_convert_without_a_network(
    cut_off: list[str], tmp_path: Path, figure: Callable[[str, object], None]
) -> None:
    for before, out in (([], "usual"), (cut_off, "offline")):
        run = subprocess.run(
            [
                *before, sys.executable, "-m", "normalise", "convert", str(ROOT / "samples"),
                str(tmp_path / out), "--exclude", "expected", "--no-memory", "--quiet",
            ],
            env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path / "home")},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        assert run.returncode in (0, 1), run.stderr  # 1 for a language without a package
    offline = read_records(tmp_path / "offline")
    assert len(offline) >= 10
    assert any(record["status"] == "done" and record["language"]["code"] == "nb"
               for record in offline.values())  # fmt: skip
    assert read_outputs(tmp_path / "offline") == read_outputs(tmp_path / "usual")
    assert offline == read_records(tmp_path / "usual")
    figure("documents converted without a network as with one", len(offline))
