"""What earlier runs have already done, and what people have corrected since: neither is redone.

The record shows it: same input bytes, same signature, and an unchanged output. The result depends
on nothing else, so there is no need to convert again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from normalise.batch.plan import Job
from normalise.batch.records import Record, Records
from normalise.batch.summary import Outcome
from normalise.data import TermOutcome, TermStep
from normalise.errors import NormaliseError
from normalise.files import hash_file
from normalise.formats import read_source
from normalise.stages.exemptions import sign_document

if TYPE_CHECKING:
    from normalise.batch.window import Reading
    from normalise.pipeline import Pipeline


class _Language(msgspec.Struct):
    code: str


class _Block(msgspec.Struct):
    language: str


class _Term(msgspec.Struct):
    term: str
    rendering: str
    step: TermStep


class _Line(msgspec.Struct):
    """What is needed of a record; the many changes are counted, not read."""

    status: str
    sha256: str
    encoding: str
    language: _Language
    blocks: list[_Block]
    packages: list[str]
    changes: list[msgspec.Raw]
    flags: list[msgspec.Raw]
    signature: str
    terms: list[_Term]
    statistics: dict[str, int]


_DECODER = msgspec.json.Decoder(_Line)


class Earlier:
    """Finds documents that need not, or must not, be converted.

    Args:
        records: The records of earlier runs.
        pipeline: The pipeline that would convert the documents.
        reading: How they would be read.
        anew: Also convert what would come out the same.
        overwrite_edited: Also replace outputs that a person has corrected.
    """

    def __init__(
        self,
        records: Records,
        pipeline: Pipeline,
        reading: Reading,
        *,
        anew: bool = False,
        overwrite_edited: bool = False,
    ) -> None:
        self._records = records
        self._pipeline = pipeline
        self._reading = reading
        self._anew = anew
        self._overwrite_edited = overwrite_edited
        self._base = pipeline.signature()

    def find(self, job: Job) -> Outcome | None:
        """The outcome of a document that is left as it is; None if it must be converted."""
        record = self._records.find(job.key)
        if record is None or not record.output:
            return None
        edited = is_edited(job, record)
        if edited and self._overwrite_edited:
            return None
        line = _read(record)
        current = line is not None and self._is_current(line, job)
        if edited:
            return _outcome(job, line, edited=True, stale=not current)
        if self._anew or not current or hash_file(job.target) != record.output:
            return None
        return _outcome(job, line, unchanged=True)

    def is_edited(self, job: Job) -> bool:
        """Whether the output must be kept because it was corrected, perhaps just now."""
        record = self._records.find(job.key)
        return record is not None and not self._overwrite_edited and is_edited(job, record)

    def _is_current(self, line: _Line, job: Job) -> bool:
        """Whether document, program, glossary and packages match the record."""
        if line.status != "done":  # a package may have been installed since
            return False
        signature = sign_document(self._base, job.exemptions, line.packages)
        if line.signature != str(signature):
            return False
        translator = self._pipeline.translator
        languages = {block.language for block in line.blocks} - {"en"}
        try:
            if {*map(translator.package, languages)} - {""} != set(line.packages):
                return False
            source = read_source(
                job.path,
                name=job.name,
                encoding=self._reading.encoding,
                max_size=self._reading.max_size,
            )
        except NormaliseError:
            return False  # converting it will say why
        return (source.sha256, source.encoding) == (line.sha256, line.encoding)


def is_edited(job: Job, record: Record) -> bool:
    """Whether someone has changed the output since it was written.

    An empty file is not a correction: a power failure may leave one.
    """
    try:
        empty = job.target.stat().st_size == 0
    except OSError:
        return False
    return bool(record.output) and not empty and hash_file(job.target) != record.output


def _read(record: Record) -> _Line | None:
    try:
        return _DECODER.decode(record.line)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None  # it failed, or was skipped


def _outcome(job: Job, line: _Line | None, **what: bool) -> Outcome:
    if line is None:
        return Outcome(job.key, "done", **what)  # type: ignore[arg-type]
    return Outcome(
        job.key,
        line.status,
        language=line.language.code,
        words=line.statistics.get("words", 0),
        changes=len(line.changes),
        flags=len(line.flags),
        terms=tuple(TermOutcome(t.term, 0, 0, t.rendering, t.step) for t in line.terms),
        **what,  # type: ignore[arg-type]
    )
