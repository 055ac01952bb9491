"""Runs of the program as a user starts it, disturbed and undisturbed, and what must be equal."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from normalise.audit import replay_record
from normalise.files import PRIVATE

ROOT = Path(__file__).resolve().parent.parent.parent
TERMS = """\
schema: 1
topic: Cells
terms:
- {id: party-cell, preferred: Party cell, variants: [party cell, party group]}
"""
SENTENCES = (
    "The party cell of the commune met on Monday.",
    "Each party group admitted new members in the quarter.",
    "It has asked the district for a plan - before the end of June .",
    "The school praised the work of the villages and the teachers.",
)


def make_pages(folder: Path, count: int, size: int) -> Path:
    """A folder of documents of about ``size`` characters, some of them troubled."""
    choose = random.Random(1).choice
    for number in range(count):
        place = folder / f"d{number % 7}"
        place.mkdir(parents=True, exist_ok=True)
        text, end = "", "\r\n" if number % 5 == 0 else "\n"
        while len(text) < size:
            text += " ".join(choose(SENTENCES) for _ in range(4)) + end * 2
        name = f"p{number}.{'md' if number % 3 else 'txt'}"
        (place / name).write_bytes((text + f"Page {number}.").encode())
    (folder / "d0" / "binary.txt").write_bytes(b"\0\1")
    (folder / "d1" / "picture.png").write_bytes(b"\x89PNG")
    (folder / "empty.txt").touch()
    return folder


def start(pages: Path, out: Path, glossary: Path, *options: str) -> subprocess.Popen[bytes]:
    """Start the program, in a process group of its own."""
    command = [sys.executable, "-m", "normalise", "convert", str(pages), str(out), "--quiet"]
    return subprocess.Popen(
        [*command, "--no-memory", "--glossary", str(glossary), *options],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        # A test run in the background of a shell ignores Ctrl-C, which its children inherit.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def finish(run: subprocess.Popen[bytes]) -> str:
    """Wait for a run; what it printed."""
    return run.communicate()[0].decode()


def read_records(out: Path) -> dict[str, dict[str, Any]]:
    """The audit's records by path, without what time alone decides; every line must be whole."""
    audit = out / "audit.jsonl"
    records = [json.loads(line) for line in audit.read_bytes().splitlines()]
    for record in records:
        del record["seconds"]
    return {record["path"]: record for record in records}


def read_outputs(out: Path) -> dict[str, bytes]:
    """All files of an output folder but what the program keeps for itself."""
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in out.rglob("*")
        if path.is_file() and path.name != "audit.jsonl" and PRIVATE not in path.parts
    }


def check_truth(pages: Path, out: Path) -> int:
    """Every record must tell the truth about its document and output; how many there are."""
    records = read_records(out) if (out / "audit.jsonl").exists() else {}
    for path, record in records.items():
        if record["status"] != "done":
            continue
        output = (out / path).read_bytes()
        assert hashlib.sha256(output).hexdigest() == record["output_sha256"]
        text = (pages / path).read_bytes().decode().replace("\r\n", "\n")
        assert replay_record(text, record) == output.decode().replace("\r\n", "\n")
    return len(records)


def list_drafts(out: Path) -> list[Path]:
    """What a finished run must not leave."""
    return [path for path in out.rglob("*") if path.name.endswith(".tmp")]
