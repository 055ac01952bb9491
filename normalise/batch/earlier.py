"""What earlier runs have already done, and what people have corrected since: neither is redone.

The record shows it: same input bytes, same signature, and an unchanged output. The result depends
on nothing else, so there is no need to convert again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import msgspec

from normalise.batch.listing.plan import Job, show
from normalise.batch.records.changed import what_changed
from normalise.batch.records.store import Record
from normalise.batch.summary import Outcome
from normalise.data import TermOutcome, TermStep
from normalise.errors import InputError, NormaliseError
from normalise.files import hash_file
from normalise.formats import fingerprint
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
    language: _Language
    blocks: list[_Block]
    packages: list[str]
    changes: list[msgspec.Raw]
    flags: list[msgspec.Raw]
    signature: str
    terms: list[_Term]
    statistics: dict[str, int]
    reading: dict[str, object] = {}


_DECODER = msgspec.json.Decoder(_Line)


class Known(Protocol):
    """Where records are looked up (``Records``, or ``SavedRecords``)."""

    def find(self, key: bytes) -> Record | None:
        """What is known about a document."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a run would do with a document: the outcome if it is left, and the reason."""

    outcome: Outcome | None
    reason: str


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
        records: Known,
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
        return self.look(job).outcome

    def look(self, job: Job) -> Finding:
        """Whether a document must be converted, and why."""
        record = self._records.find(job.key)
        if record is None:
            return Finding(None, "new")
        if not record.output:
            return Finding(None, "it could not be converted before")
        edited = is_edited(job, record)
        if edited and self._overwrite_edited:
            return Finding(None, "corrected by hand, to be overwritten")
        line = _read(record)
        stale = "its last conversion failed" if line is None else self._what_changed(line, job)
        if edited:
            outcome = _outcome(job, line, edited=True, stale=bool(stale))
            return Finding(outcome, f"corrected by hand{f'; {stale}' if stale else ''}")
        if self._anew:
            return Finding(None, "everything is converted anew")
        if stale:
            return Finding(None, stale)
        if record.place != job.place:
            return Finding(None, "its output goes to another place now")
        if hash_file(job.target) != record.output:
            return Finding(None, "its output is missing or empty")
        return Finding(_outcome(job, line, unchanged=True), "nothing has changed")

    def is_edited(self, job: Job) -> bool:
        """Whether the output must be kept because it was corrected, perhaps just now."""
        record = self._records.find(job.key)
        return record is not None and not self._overwrite_edited and is_edited(job, record)

    def _what_changed(self, line: _Line, job: Job) -> str:
        """What of document, program, glossary and packages differs from the record, if anything."""
        if line.status != "done":  # a package may have been installed since
            return "it was not translated"
        signature = str(sign_document(self._base, job.exemptions, line.packages))
        if line.signature != signature:
            return what_changed(line.signature, signature)
        translator = self._pipeline.translator
        languages = {block.language for block in line.blocks} - {"en"}
        try:
            if {*map(translator.package, languages)} - {""} != set(line.packages):
                return "other translation packages are installed"
            found = fingerprint(
                job.file, name=job.name, reading=self._reading, raw=job.read(self._reading.max_size)
            )
        except NormaliseError:
            return "it cannot be read"  # converting it will say why
        return "" if found == (line.sha256, line.reading) else "the document has changed"


def is_edited(job: Job, record: Record) -> bool:
    """Whether someone has changed the output since it was written.

    An empty file is not a correction: a power failure may leave one.
    """
    if record.place != job.place:
        return False  # it is another file
    try:
        empty = job.target.stat().st_size == 0
    except OSError:
        return False
    return bool(record.output) and not empty and hash_file(job.target) != record.output


def place_taken(
    job: Job,
    places: dict[bytes, bytes],
    find_owner: Callable[[bytes, bytes], bytes | None],
) -> InputError | None:
    """The error if a document's output would replace another document's.

    Args:
        job: The document.
        places: The outputs' paths so far, with the documents' keys; this one is added.
        find_owner: Finds another document whose output an earlier run wrote to a path.
    """
    place = job.place or job.key
    owner = find_owner(job.key, place) or places.setdefault(place, job.key)
    if owner == job.key:
        return None
    return InputError(
        f"its output would replace that of {show(owner)}",
        where=job.name,
        remedy="rename one of them, or leave out --flat (if the other is gone, --prune forgets it)",
    )


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
