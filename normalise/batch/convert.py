"""Converting a folder: the steps of a run."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from normalise import audit
from normalise.batch.earlier import Earlier, place_taken
from normalise.batch.listing.choose import Choice
from normalise.batch.listing.plan import Job, Listed, PassedOver, Plan, Refused, Skipped, windows
from normalise.batch.records import lock
from normalise.batch.records.keep import Keeper
from normalise.batch.records.prune import prune_folder
from normalise.batch.records.store import Records
from normalise.batch.stop import Stop
from normalise.batch.summary import Outcome, Summary
from normalise.batch.window import Reading, convert_window, fail
from normalise.errors import InputError
from normalise.pipeline import build_pipeline
from normalise.settings import Settings

if TYPE_CHECKING:
    from normalise.pipeline import Pipeline

__all__ = ["MakePool", "Reading", "convert_folder"]

# A window of files goes through the pipeline together: full engine batches, bounded memory. It is
# also small enough that little is lost when a run is killed.
_WINDOW_BYTES = 250_000
_WINDOW_FILES = 100

_SETTINGS = Settings()
_READING = Reading()
_CHOICE = Choice()


class Pool(Protocol):
    """Converts windows of documents elsewhere (see ``normalise.batch.workers.Workers``)."""

    def convert(self) -> Iterator[list[Outcome]]:
        """The outcomes, window by window, in the order in which they are finished."""

    def close(self) -> None:
        """End everything at once."""


MakePool = Callable[[Iterator[tuple[Job, ...]], Settings, Reading], Pool]
"""Makes a pool for the windows of a run."""


def convert_folder(
    source: Path,
    target: Path,
    settings: Settings = _SETTINGS,
    *,
    choice: Choice = _CHOICE,
    reading: Reading = _READING,
    workers: int = 1,
    pool: MakePool | None = None,
    limit: int = 0,
    on_error: Literal["stop", "continue"] = "continue",
    anew: bool = False,
    overwrite_edited: bool = False,
    prune: bool = False,
    wait: bool = False,
    pipeline: Pipeline | None = None,
    built: Pipeline | None = None,
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
        choice: Which documents are wanted.
        reading: How files are read.
        workers: Number of processes; 0 for as many as the work is worth. It does not affect the
            outputs.
        pool: Makes what converts the windows instead of processes here, such as a cluster.
        limit: Convert at most this many documents, not counting those that are up to date; 0 for
            all.
        on_error: Whether a document that fails ends the run. What was finished is saved either way.
        anew: Convert every document, even those that an earlier run into ``target`` converted with
            the same settings and that would come out the same.
        overwrite_edited: Also replace outputs that someone has changed since they were written.
        prune: Remove the records and outputs of documents that are gone.
        wait: If another run is writing into ``target``, wait for it to finish.
        pipeline: A pipeline to use instead of one built from ``settings`` (one process only;
            implies ``anew``, because its signature may not cover all of it).
        built: The pipeline of ``settings``, where there is one already.
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
    plan = Plan(source, target, choice)
    total = plan.survey().documents
    foreign = pipeline is not None
    if pipeline is None:
        pipeline = built or build_pipeline(settings)
    summary = Summary(signature=str(pipeline.signature()))
    with lock.hold(target, wait=wait, tell=tell), Records(target) as records:
        started(total)
        earlier = Earlier(
            records, pipeline, reading, anew=anew or foreign, overwrite_edited=overwrite_edited
        )
        keeper = Keeper(plan.root, records, earlier, stop)

        def note(outcome: Outcome) -> None:
            summary.add(outcome)
            progress(outcome)

        try:
            run = _Run(plan, records, earlier, keeper, stop, summary, note, limit, on_error)
            cut = windows(run.todo(), _WINDOW_BYTES, _WINDOW_FILES)
            if foreign:
                done = _convert(cut, pipeline, settings, reading, 1, stop)
            elif pool is None:
                done = _convert(cut, pipeline, settings, reading, workers, stop)
            else:
                done = _empty(pool(cut, settings, reading), stop)
            with contextlib.closing(done):
                for window in done:
                    for outcome in keeper.keep(window):
                        note(outcome)
                    stop.check()
                    if run.has_failed():
                        break
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


@dataclass(slots=True)
class _Run:
    """One pass through a folder: notes what is left alone, hands on what must be converted."""

    plan: Plan
    records: Records
    earlier: Earlier
    keeper: Keeper
    stop: Stop
    summary: Summary
    note: Callable[[Outcome], object]
    limit: int
    on_error: Literal["stop", "continue"]

    def todo(self) -> Iterator[Job]:
        """The documents to convert; the others are dealt with on the way."""
        handed_out = 0
        places: dict[bytes, bytes] = {}
        for entry in self.plan:
            self.stop.check()
            if self.has_failed():
                return
            if isinstance(entry, Listed):
                self.keeper.list_folder(entry.key)
            elif isinstance(entry, Skipped):
                self.keeper.note(entry.key, audit.describe_skipped(entry.key, entry.reason))
                self.summary.add_skipped([(entry.key, entry.reason)])
            elif isinstance(entry, Refused):
                self._refuse(entry.key, entry.error)
            elif not isinstance(entry, PassedOver):
                found = self.earlier.find(entry)
                if self.plan.choice.flat and (
                    error := place_taken(entry, places, self.records.find_owner)
                ):
                    self._refuse(entry.key, error)
                elif found is not None:
                    self.keeper.leave(found)
                    self.note(found)
                elif self.limit and handed_out >= self.limit:
                    self.summary.limited = True
                    return
                else:
                    handed_out += 1
                    self.keeper.expect(entry)
                    yield entry

    def _refuse(self, key: bytes, error: InputError) -> None:
        outcome = fail(key, error)
        self.keeper.note(key, outcome.line)
        self.note(outcome)

    def has_failed(self) -> bool:
        """Whether the run is to end because a document has failed."""
        self.summary.stopped = self.on_error == "stop" and bool(self.summary.failed)
        return self.summary.stopped


def _convert(
    cut: Iterator[tuple[Job, ...]],
    pipeline: Pipeline,
    settings: Settings,
    reading: Reading,
    workers: int,
    stop: Stop,
) -> Generator[list[Outcome], None, None]:
    """The outcomes of documents, window by window."""
    if not workers:
        from normalise.batch.workers import choose_count

        workers, cut = choose_count(cut, settings)
    if workers == 1:
        for window in cut:
            yield convert_window(pipeline, window, reading, stop.check)
        return
    from normalise.batch.workers import Workers

    yield from _empty(Workers(cut, settings, reading, workers), stop)


def _empty(pool: Pool, stop: Stop) -> Generator[list[Outcome], None, None]:
    """Everything that a pool converts."""
    try:
        yield from pool.convert()
    finally:
        with stop.shield():
            pool.close()
