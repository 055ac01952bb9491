"""Converting a folder: the steps of a run."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from normalise import audit
from normalise.batch import lock
from normalise.batch.earlier import Earlier
from normalise.batch.plan import Job, Plan, plan_jobs, windows, with_exemptions
from normalise.batch.prune import prune_folder
from normalise.batch.records import Record, Records
from normalise.batch.stop import Stop
from normalise.batch.summary import Outcome, Summary
from normalise.batch.window import Reading, convert_window, fail
from normalise.errors import InputError
from normalise.files import AtomicFile, cannot_write
from normalise.pipeline import build_pipeline
from normalise.settings import Settings

if TYPE_CHECKING:
    from normalise.pipeline import Pipeline

__all__ = ["Reading", "convert_folder"]

# A window of files goes through the pipeline together: full engine batches, bounded memory. It is
# also small enough that little is lost when a run is killed.
_WINDOW_BYTES = 250_000
_WINDOW_FILES = 100

_SETTINGS = Settings()
_READING = Reading()
# If one output cannot be written for one of these reasons, no other can be.
_DISK_TROUBLE = {errno.ENOSPC, errno.EROFS, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC)}


def convert_folder(
    source: Path,
    target: Path,
    settings: Settings = _SETTINGS,
    *,
    reading: Reading = _READING,
    workers: int = 1,
    exclude: Sequence[str] = (),
    anew: bool = False,
    overwrite_edited: bool = False,
    prune: bool = False,
    wait: bool = False,
    pipeline: Pipeline | None = None,
    stop: Stop | None = None,
    tell: Callable[[str], object] = lambda message: None,
    started: Callable[[int], object] = lambda total: None,
    progress: Callable[[Outcome], object] = lambda outcome: None,
) -> Summary:
    """Convert every document of ``source`` into ``target`` and write the audit there.

    Args:
        source: A file or folder.
        target: The output folder; created if missing.
        settings: What the pipeline does.
        reading: How files are read.
        workers: Number of processes; it does not affect the outputs.
        exclude: Files and folders to leave out (see ``plan_jobs``).
        anew: Convert every document, even those that an earlier run into ``target`` converted with
            the same settings and that would come out the same.
        overwrite_edited: Also replace outputs that someone has changed since they were written.
        prune: Remove the records and outputs of documents that are gone.
        wait: If another run is writing into ``target``, wait for it to finish.
        pipeline: A pipeline to use instead of one built from ``settings`` (one process only;
            implies ``anew``, because its signature may not cover all of it).
        stop: What ends the run early; nothing but ``KeyboardInterrupt`` by default.
        tell: Called with each message for the user.
        started: Called once with the number of documents.
        progress: Called after each document.

    Raises:
        InputError: Source and target conflict, another run is writing into the target, or the
            target cannot be written (its disk is full).
        NormaliseError: The pipeline cannot be built (glossary, package, memory).

    However it ends, everything that was finished is saved with its record, and no file is half
    written.
    """
    began = time.perf_counter()
    stop = stop or Stop()
    plan = with_exemptions(plan_jobs(source, target, exclude), target)
    anew = anew or pipeline is not None
    if pipeline is None:
        pipeline = build_pipeline(settings)
    summary = Summary(signature=str(pipeline.signature()))
    with lock.hold(target, wait=wait, tell=tell), Records(target) as records:
        started(len(plan.jobs) + len(plan.failures))
        earlier = Earlier(
            records, pipeline, reading, anew=anew, overwrite_edited=overwrite_edited
        )
        keeper = _Keeper(plan, records, earlier, stop)
        try:
            for outcome in _note_others(plan, records, summary):
                progress(outcome)
            todo: list[Job] = []
            for job in plan.jobs:
                stop.check()
                found = earlier.find(job)
                if found is None:
                    todo.append(job)
                else:
                    keeper.leave(found)
                    summary.add(found)
                    progress(found)
            done = _convert(todo, pipeline, settings, reading, workers, stop)
            with contextlib.closing(done):
                for window in done:
                    for outcome in keeper.keep(window):
                        summary.add(outcome)
                        progress(outcome)
                    stop.check()
            if prune:
                summary.pruned += prune_folder(target, plan.root, records, overwrite_edited)
        except BaseException:
            # Report what ended the run, not the errors it causes here.
            with stop.shield(), contextlib.suppress(InputError):
                keeper.finish()
            raise
        with stop.shield():
            keeper.finish()
    stop.check()
    summary.sort()
    summary.seconds = time.perf_counter() - began
    return summary


def _note_others(plan: Plan, records: Records, summary: Summary) -> Iterator[Outcome]:
    """Record files that are not documents, and folders that cannot be listed."""
    root = os.fsencode(plan.root)
    records.forget((*plan.folders, b"."))  # those that could not be listed before, but can now
    failed = [fail(key, error) for key, error in plan.failures]
    records.note(
        [
            *(
                Record(key, audit.describe_skipped(key, reason), root=root)
                for key, reason in plan.skipped
            ),
            *(Record(outcome.key, outcome.line, root=root) for outcome in failed),
        ]
    )
    summary.add_skipped(plan.skipped)
    for outcome in failed:
        summary.add(outcome)
        yield outcome


def _convert(
    jobs: Sequence[Job],
    pipeline: Pipeline,
    settings: Settings,
    reading: Reading,
    workers: int,
    stop: Stop,
) -> Generator[list[Outcome], None, None]:
    """The outcomes of documents, window by window."""
    cut = windows(jobs, _WINDOW_BYTES, _WINDOW_FILES)
    if workers <= 1 or not jobs:
        for window in cut:
            yield convert_window(pipeline, window, reading, stop.check)
        return
    from normalise.batch.workers import Workers

    pool = Workers(cut, settings, reading, workers)
    try:
        yield from pool.convert()
    finally:
        with stop.shield():
            pool.close()


class _Keeper:
    """Writes outputs and saves their records, so that the two always agree."""

    def __init__(self, plan: Plan, records: Records, earlier: Earlier, stop: Stop) -> None:
        self._jobs = {job.key: job for job in plan.jobs}
        self._root = os.fsencode(plan.root)
        self._records = records
        self._earlier = earlier
        self._stop = stop
        self._edited: dict[bool, list[bytes]] = {True: [], False: []}

    def leave(self, outcome: Outcome) -> None:
        """Note a document that is skipped because it is up to date or corrected."""
        self._edited[outcome.edited].append(outcome.key)

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
        return [replace(outcome, line=b"", output=None) for outcome in written]

    def finish(self) -> None:
        """Bring records and audit into agreement with the outputs."""
        self._records.free_reserve()
        self._records.settle()
        for edited, keys in self._edited.items():
            self._records.mark_edited(keys, edited)
        self._records.write_audit()

    def _record(self, outcome: Outcome) -> Record:
        output = outcome.output
        digest = "" if output is None else hashlib.sha256(output).hexdigest()
        return Record(outcome.key, outcome.line, digest, self._root)

    def _spare(self, outcome: Outcome) -> Outcome:
        """The outcome, without an output if someone has just corrected the file."""
        if outcome.output is None or not self._earlier.is_edited(self._jobs[outcome.key]):
            return outcome
        spared = replace(outcome, output=None, edited=True, stale=True)
        self.leave(spared)
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
