"""Reading what a run left in OUT: the records, and for each the source it was made from."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from normalise.batch.check.rebuild import read_again, read_input
from normalise.batch.records.saved import SavedRecords, open_saved
from normalise.batch.records.store import Record, audit_line
from normalise.data import Block, Document, Language, Stage
from normalise.errors import NormaliseError
from normalise.files import printable
from normalise.report.retrace import STAGES, Way, retrace
from normalise.stages.advance import advance

CONVERTED = ("done", "untranslated")
"""The statuses of records of documents that have texts."""


@dataclass(frozen=True, slots=True)
class Found:
    """A record, and the document's way through the stages or why it cannot be shown.

    ``output`` is the file that was written for it.
    """

    record: Mapping[str, Any]
    output: Path
    way: Way | None = None
    source: Document | None = None
    problem: str = ""


@contextlib.contextmanager
def open_folder(target: Path, source: Path | None = None) -> Iterator[OutFolder]:
    """An output folder to read; no run may write into it meanwhile.

    Args:
        target: The output folder.
        source: Where the sources are; by default where the run found them.

    Raises:
        InputError: The folder has no records, or a run is writing them.
    """
    with open_saved(target) as saved:
        yield OutFolder(saved, target, source)


class OutFolder:
    """What runs have left in an output folder, document by document; see ``open_folder``."""

    def __init__(self, saved: SavedRecords, target: Path, source: Path | None) -> None:
        self._saved = saved
        self._target = target
        self._source = source.parent if source is not None and source.is_file() else source

    def digest(self) -> str:
        """What identifies the state of the folder: a hash of its records."""
        digest = hashlib.sha256()
        for record in self._saved:
            digest.update(audit_line(record))
        return digest.hexdigest()[:16]

    def records(self) -> Iterator[Found]:
        """The records in the order of their keys, without their sources."""
        for record in self._saved:
            line: dict[str, Any] = json.loads(audit_line(record))
            yield Found(line, record.find_output(self._target))

    def read(self) -> Iterator[Found]:
        """The records, each with its source."""
        for found, record in zip(self.records(), self._saved, strict=True):
            converted = found.record["status"] in CONVERTED
            yield self._find(found, record) if converted else found

    def _find(self, found: Found, saved: Record) -> Found:
        record = found.record
        root = self._source or (Path(os.fsdecode(saved.root)) if saved.root else None)
        if root is None:
            return replace(found, problem="The folder of its source is not known (see --source)")
        path = root / os.fsdecode(saved.key)
        place = printable(str(path))
        try:
            raw = read_input(path, record["path"])
            if raw is None:
                return replace(found, problem=f"Its source is gone ({place})")
            if hashlib.sha256(raw).hexdigest() != record["sha256"]:
                problem = f"Its source has changed since it was converted ({place})"
                return replace(found, problem=problem)
            document, _ = read_again(path, raw, record["path"], record)
            way = retrace(document.text, record["changes"])
        except NormaliseError as error:
            return replace(found, problem=f"Its source cannot be read: {error.problem} ({place})")
        except ValueError:
            problem = "Its record does not fit its source: another version has read it"
            return replace(found, problem=problem)
        return replace(found, way=way, source=document)


def english(found: Found) -> tuple[Document, Document]:
    """The English text of a document before and after the glossaries, as the pipeline had it."""
    record, way, document = found.record, found.way, found.source
    assert way is not None
    assert document is not None
    unread = {tuple(f["source"]) for f in record["flags"] if f["rule"] == "no-package"}
    blocks = [block for block in record["blocks"] if tuple(block["source"]) not in unread]
    made = []
    last = len(STAGES)
    for number, stage in enumerate(STAGES):
        if stage == "standardise":
            made.append(_with_blocks(document, way, blocks, number))
        text = way.texts[number + 1]
        document = advance(document, Stage(stage, text, way.changes[number]))
    return made[0], _with_blocks(document, way, blocks, last)


def _with_blocks(
    document: Document, way: Way, blocks: list[dict[str, Any]], number: int
) -> Document:
    last = len(STAGES)
    return replace(
        document,
        blocks=tuple(
            Block(
                *way.move(*block["output"], of=last, to=number),
                block["kind"],
                Language(block["language"], block["confidence"]),
            )
            for block in blocks
        ),
    )
