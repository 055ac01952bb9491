"""Documents that an earlier run has converted and that would come out the same again.

The audit of that run tells: same bytes in, same signature, and the output as it was left. The
result depends on nothing else, so it need not be made again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from normalise.audit import FILE_NAME
from normalise.batch.summary import Outcome
from normalise.data import Signature
from normalise.errors import NormaliseError
from normalise.files import Job
from normalise.formats.source import read_source

if TYPE_CHECKING:
    from normalise.pipeline import Pipeline


class _Language(msgspec.Struct):
    code: str


class _Block(msgspec.Struct):
    language: str


class _Record(msgspec.Struct):
    """What has to be known of a record; the many changes are counted, not read."""

    path: str
    status: str
    sha256: str
    output_sha256: str
    encoding: str
    language: _Language
    blocks: list[_Block]
    packages: list[str]
    changes: list[msgspec.Raw]
    flags: list[msgspec.Raw]
    signature: str
    statistics: dict[str, int]


_DECODER = msgspec.json.Decoder(_Record)


class Unchanged:
    """The documents among ``jobs`` that need no converting, by name.

    Args:
        target: The output folder with the audit of the run before.
        jobs: What is to be converted now.
        pipeline: What would convert it.
        encoding, max_size: How files are read (see ``normalise.formats.read_source``).

    Records stay in the audit until they are asked for, so that many of them cost little memory.
    """

    def __init__(
        self, target: Path, jobs: Iterable[Job], pipeline: Pipeline, encoding: str, max_size: int
    ) -> None:
        self._audit = target / FILE_NAME
        self._places: dict[str, tuple[int, int]] = {}
        wanted = {job.name: job for job in jobs}
        base = pipeline.signature()
        for start, line in self._read_lines() if wanted else ():
            try:
                record = _DECODER.decode(line)
                job = wanted.get(record.path)
                if job and _is_current(record, base, pipeline) and _is_there(
                    record, job, encoding, max_size
                ):
                    self._places[record.path] = (start, len(line))
            except (msgspec.DecodeError, msgspec.ValidationError, NormaliseError, OSError):
                continue  # a failed document, a damaged line, a file that is gone: convert it

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def outcome(self, name: str) -> Outcome:
        """What the run before noted of a document."""
        start, length = self._places[name]
        with self._audit.open("rb") as audit:
            audit.seek(start)
            line = audit.read(length)
        record = _DECODER.decode(line)
        return Outcome(
            name,
            record.status,
            line.decode("utf-8").rstrip() + "\n",  # an audit cut by hand may lack the last one
            language=record.language.code,
            words=record.statistics.get("words", 0),
            changes=len(record.changes),
            flags=len(record.flags),
            statistics=record.statistics,
            unchanged=True,
        )

    def _read_lines(self) -> Iterator[tuple[int, bytes]]:
        start = 0
        try:
            with self._audit.open("rb") as audit:
                for line in audit:
                    yield start, line
                    start += len(line)
        except OSError:
            return  # no run before this one


def _is_current(record: _Record, base: Signature, pipeline: Pipeline) -> bool:
    """Whether program, glossary and packages are those of the record."""
    if record.status != "done":  # a package may have been installed since
        return False
    packages = (("package", package) for package in record.packages)
    if record.signature != str(Signature((*base.parts, *packages))):
        return False
    translator = pipeline.translator
    languages = {block.language for block in record.blocks} - {"en"}
    return {*map(translator.package, languages)} - {""} == set(record.packages)


def _is_there(record: _Record, job: Job, encoding: str, max_size: int) -> bool:
    """Whether the document and its output are those of the record."""
    source = read_source(job.path, name=job.name, encoding=encoding, max_size=max_size)
    if (source.sha256, source.encoding) != (record.sha256, record.encoding):
        return False
    return hashlib.sha256(job.target.read_bytes()).hexdigest() == record.output_sha256
