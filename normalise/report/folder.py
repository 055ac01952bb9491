"""Reading what a run left in OUT: the records, and for each the source it was made from."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from normalise import audit
from normalise.batch.records import read_roots
from normalise.data import Block, Document, Language, Stage
from normalise.errors import InputError, NormaliseError
from normalise.files import printable
from normalise.formats import read_document
from normalise.report.retrace import STAGES, Way, retrace
from normalise.stages.advance import advance

ANY_SIZE = 1 << 60  # the run has already refused what is too large


@dataclass(frozen=True, slots=True)
class Found:
    """A record, and the document's way through the stages or why it cannot be shown."""

    record: Mapping[str, Any]
    way: Way | None = None
    source: Document | None = None
    problem: str = ""


class OutFolder:
    """An output folder, read document by document.

    Args:
        target: The output folder.
        source: Where the sources are; by default where the run found them.

    Raises:
        InputError: The folder has no audit.
    """

    def __init__(self, target: Path, source: Path | None = None) -> None:
        self._path = target / audit.FILE_NAME
        if not self._path.is_file():
            raise InputError(
                f"there is no {audit.FILE_NAME} here",
                where=printable(str(target)),
                remedy="name the OUT of a run: normalise convert IN OUT",
            )
        self._source = source.parent if source is not None and source.is_file() else source
        self._roots = {} if source is not None else read_roots(target)

    def digest(self) -> str:
        """What identifies the run: a hash of its audit."""
        digest = hashlib.sha256()
        with self._path.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
        return digest.hexdigest()[:16]

    def records(self) -> Iterator[dict[str, Any]]:
        """The records, in the order of the audit.

        Raises:
            InputError: A line of the audit is damaged.
        """
        with self._path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    record: dict[str, Any] = json.loads(line)
                    yield {**record, "path": record["path"], "status": record["status"]}
                except (ValueError, KeyError, TypeError):
                    raise InputError(
                        "this line of the audit is damaged",
                        where=f"{printable(str(self._path))}:{number}",
                        remedy="run normalise convert again: it writes the audit anew",
                    ) from None

    def read(self) -> Iterator[Found]:
        """The records, each with its source."""
        yield from map(self._find, self.records())

    def _find(self, record: dict[str, Any]) -> Found:
        if record["status"] not in ("done", "untranslated"):
            return Found(record)
        key = unquote_to_bytes(record.get("raw_path", "")) or os.fsencode(record["path"])
        root = self._source or self._roots.get(key)
        if root is None:
            problem = "The folder of its source is not known (name it with --source)"
            return Found(record, problem=problem)
        path = root / os.fsdecode(key)
        try:
            document, source = read_document(
                path, name=record["path"], encoding=record["encoding"], max_size=ANY_SIZE
            )
        except NormaliseError as error:
            gone = "is gone" if not path.exists() else f"cannot be read: {error.problem}"
            return Found(record, problem=f"Its source {gone} ({printable(str(path))})")
        if source.sha256 != record["sha256"]:
            problem = "Its source has changed since it was converted"
            return Found(record, problem=f"{problem} ({printable(str(path))})")
        try:
            way = retrace(document.text, record["changes"])
        except ValueError:
            problem = "Its record does not fit its source: it was made by another version"
            return Found(record, problem=problem)
        return Found(record, way, document)


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
