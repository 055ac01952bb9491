"""A whole run opens no socket and needs none of the packages that would bring PyTorch."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_package import make_package

ROOT = Path(__file__).resolve().parent.parent

# Runs a conversion with every way to a socket cut, then names modules that must not be there.
PROGRAM = """
import socket, sys

class NoSocket(socket.socket):
    def __init__(self, *args, **kwargs):
        raise AssertionError("a socket was opened")

def refuse(*args, **kwargs):
    raise AssertionError("a name was looked up")

socket.socket = NoSocket
socket.create_connection = socket.getaddrinfo = socket.gethostbyname = refuse
events = []
sys.addaudithook(lambda event, _: events.append(event) if event.startswith("socket.") else None)

from normalise.cli import main
try:
    main(sys.argv[1:])
except SystemExit as stop:
    code = stop.code
assert not [event for event in events if event != "socket.gethostname"], events
unwanted = {"torch", "stanza", "spacy", "minisbd"} & {name.partition(".")[0] for name in sys.modules}
assert not unwanted, unwanted
assert "normalise.translate.engine" in sys.modules
sys.exit(code)
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    packages = tmp_path / "packages"
    packages.mkdir()
    make_package(packages, from_code="nb")
    home = {name: str(tmp_path / "home") for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
    return {**os.environ, **home, "ARGOS_PACKAGES_DIR": str(packages), "PYTHONPATH": str(ROOT)}


def test_a_conversion_opens_no_socket_and_imports_no_torch(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    pages = tmp_path / "in"
    pages.mkdir()
    (pages / "a.txt").write_text("The district has 61 party cells.\n", "utf-8")
    (pages / "b.md").write_text("# Møtet\n\nPartiet har mange lag i byene og i bygdene.\n", "utf-8")
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, "convert", str(pages), str(tmp_path / "out"), "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert '"nb": 1' in run.stdout
    assert (tmp_path / "out" / "b.md").exists()
