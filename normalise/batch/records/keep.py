"""Writing outputs and saving their records, so that the two always agree."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from normalise.batch.listing.plan import Job
from normalise.batch.records.store import Record, Records
from normalise.batch.summary import Outcome
from normalise.batch.window import fail
from normalise.files import AtomicFile, cannot_write

if TYPE_CHECKING:
    from normalise.batch.earlier import Earlier
    from normalise.batch.stop import Stop

# If one output cannot be written for one of these reasons, no other can be.
_DISK_TROUBLE = {errno.ENOSPC, errno.EROFS, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC)}
_MANY = 1000  # notes that are saved together


class Keeper:
    """Keeps what a run finds out and makes: notes, outputs and their records.

    Args:
        root: The folder that the documents' keys are relative to.
        records: The records of the output folder.
        earlier: What earlier runs have done.
        stop: Signals are held back while something is being saved.
    """

    def __init__(self, root: Path, records: Records, earlier: Earlier, stop: Stop) -> None:
        self._jobs: dict[bytes, Job] = {}
        self._root = os.fsencode(root)
        self._records = records
        self._earlier = earlier
        self._stop = stop
        self._edited: dict[bool, list[bytes]] = {True: [], False: []}
        self._notes: list[Record] = []
        self._listed: list[bytes] = []

    def expect(self, job: Job) -> None:
        """Note a document that is going to be converted."""
        self._jobs[job.key] = job

    def leave(self, outcome: Outcome) -> None:
        """Note a document that is left because it is up to date or corrected."""
        self._edited[outcome.edited].append(outcome.key)
        self._save_notes(_MANY)

    def note(self, key: bytes, line: bytes) -> None:
        """Note the record of what has no output: skipped or failed."""
        self._notes.append(Record(key, line, root=self._root))
        self._save_notes(_MANY)

    def list_folder(self, key: bytes) -> None:
        """Note a folder that can be listed: if it once could not be, that is over."""
        self._listed.append(key)
        self._save_notes(_MANY)

    def keep(self, window: Sequence[Outcome]) -> list[Outcome]:
        """Write the outputs of a window; returns the outcomes as they are then.

        Raises:
            InputError: The disk is full.
        """
        with self._stop.shield():
            kept = [self._spare(outcome) for outcome in window]
            made = [outcome for outcome in kept if outcome.output is not None]
            self._records.intend([self._record(outcome) for outcome in made])
            written = [self._write(outcome) if outcome.output is not None else outcome
                       for outcome in kept]  # fmt: skip
            self._records.confirm()
            self._records.note(
                self._record(outcome) for outcome in written if outcome.status == "failed"
            )
            for outcome in window:
                del self._jobs[outcome.key]
        return [replace(outcome, line=b"", output=None) for outcome in written]

    def finish(self) -> None:
        """Bring records and audit into agreement with the outputs."""
        self._records.free_reserve()
        self._records.settle()
        self._save_notes(1)
        self._records.write_audit()

    def _save_notes(self, least: int) -> None:
        if len(self._listed) >= least:
            self._records.forget(self._listed)
            self._listed.clear()
        if len(self._notes) >= least:
            self._records.note(self._notes)
            self._notes.clear()
        for edited, keys in self._edited.items():
            if len(keys) >= least:
                self._records.mark_edited(keys, edited)
                keys.clear()

    def _record(self, outcome: Outcome) -> Record:
        output = outcome.output
        digest = "" if output is None else hashlib.sha256(output).hexdigest()
        place = self._jobs[outcome.key].place
        return Record(outcome.key, outcome.line, digest, self._root, place)

    def _spare(self, outcome: Outcome) -> Outcome:
        """The outcome, without an output if someone has just corrected the file."""
        if outcome.output is None or not self._earlier.is_edited(self._jobs[outcome.key]):
            return outcome
        spared = replace(outcome, output=None, edited=True, stale=True)
        self._edited[True].append(outcome.key)
        return spared

    def _write(self, outcome: Outcome) -> Outcome:
        job = self._jobs[outcome.key]
        assert outcome.output is not None
        try:
            with AtomicFile(job.target, self._records.drafts) as file:
                file.write(outcome.output)
        except OSError as error:
            problem = cannot_write(job.target, error)
            if error.errno in _DISK_TROUBLE:
                raise problem from error
            self._records.withdraw(job.key)
            return fail(job.key, problem)
        return outcome
