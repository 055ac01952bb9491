"""Whether an output folder is whole: each output is what its record says, and can be made again.

The record of a document, replayed on the document, must give the very bytes of the output.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final, Literal

from normalise import audit
from normalise.batch.check.rebuild import read_again, read_input, rebuild
from normalise.batch.listing.plan import show
from normalise.batch.records.saved import SavedRecords, open_saved
from normalise.batch.records.store import Record, audit_line
from normalise.errors import InputError, NormaliseError
from normalise.files import hash_file
from normalise.formats import render

State = Literal[
    "replayed", "input gone", "input changed", "corrected", "no output",
    "missing", "changed", "broken",
]  # fmt: skip
BAD: Final[frozenset[State]] = frozenset({"missing", "changed", "broken"})
"""What must not be; everything else is as it should be, or explained by the record."""


@dataclass(frozen=True, slots=True)
class Check:
    """How it is with one document; ``problem`` and ``remedy`` say more where something is wrong."""

    name: str
    state: State
    problem: str = ""
    remedy: str = ""


def verify_folder(target: Path, source: Path | None = None) -> Iterator[Check]:
    """Check an output folder, document by document, and its audit at the end.

    Args:
        target: The output folder.
        source: The folder of the documents; by default where each record says it was.

    Raises:
        InputError: There are no records, or a run is writing them.
    """
    with open_saved(target) as records:
        for record in records:
            line = json.loads(record.line)
            if line["status"] != "skipped":
                yield _check(record, line, target, source)
        yield from _check_audit(records, target)


def _check(record: Record, line: dict[str, Any], target: Path, source: Path | None) -> Check:
    name = show(record.key)
    if not record.output:
        return Check(name, "no output", line.get("error", ""), line.get("remedy", ""))
    output = record.find_output(target)
    found = hash_file(output)
    if not found:
        what = "cannot be read" if output.exists() else "is missing"
        return Check(name, "missing", f"its output {what}", "run normalise convert again")
    if record.edited:
        return Check(name, "corrected")
    if found != record.output:
        return Check(
            name,
            "changed",
            "its output has been changed since it was written",
            "if it was corrected, run normalise convert again, which notes it; if not, run it "
            "with --overwrite-edited",
        )
    if line["status"] == "failed":  # what is there is from an earlier run
        return Check(name, "no output", line["error"], line["remedy"])
    home = source or (Path(os.fsdecode(record.root)) if record.root else None)
    path = home / os.fsdecode(record.key) if home else None
    try:
        raw = read_input(path, name)
    except InputError:
        raw = None
    if path is None or raw is None:
        return Check(name, "input gone")
    return _replay(name, path, raw, line, record.output)


def _replay(name: str, path: Path, raw: bytes, line: dict[str, Any], output: str) -> Check:
    if hashlib.sha256(raw).hexdigest() != line["sha256"]:
        return Check(name, "input changed")
    try:
        document, source = read_again(path, raw, name, line)
        made = render(source, rebuild(document, line), line.get("output_format", ""))
    except (NormaliseError, ValueError, KeyError, TypeError, IndexError) as error:
        reason = error.problem if isinstance(error, NormaliseError) else str(error)[:200]
        problem = f"its record cannot be replayed ({reason})"
    else:
        if hashlib.sha256(made).hexdigest() == output:
            return Check(name, "replayed")
        problem = "its record, replayed, gives another output"
    return Check(name, "broken", problem, "convert it again: normalise convert --anew")


def _check_audit(records: SavedRecords, target: Path) -> Iterator[Check]:
    """Whether the audit says the same as the records."""
    path = target / audit.FILE_NAME
    remedy = "run normalise convert again: it writes the audit from the records"
    try:
        with path.open("rb") as lines:
            pairs = zip_longest(map(audit_line, records), lines)
            same = all(expected == found for expected, found in pairs)
    except OSError:
        yield Check(audit.FILE_NAME, "missing", "the audit is missing", remedy)
        return
    if not same:
        yield Check(audit.FILE_NAME, "changed", "the audit differs from the records", remedy)
