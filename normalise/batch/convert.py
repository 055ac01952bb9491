"""Converting a folder: windows of documents through the pipeline, outputs, audit, summary."""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from normalise import audit
from normalise.batch.summary import Outcome, Summary
from normalise.batch.unchanged import Unchanged
from normalise.data import Document, Result
from normalise.errors import InputError, NormaliseError
from normalise.files import AtomicFile, Job, Plan, plan_jobs, windows, write_atomically
from normalise.formats import MAX_SIZE, Source, find_format, read_document
from normalise.settings import Settings, build_pipeline

if TYPE_CHECKING:
    from normalise.pipeline import Pipeline

# A window of files goes through the pipeline together: full engine batches, bounded memory.
# Small enough, too, that a run can be stopped within seconds.
_WINDOW_BYTES = 250_000
_WINDOW_FILES = 100


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: ``encoding`` where it is known, ``max_size`` in bytes."""

    encoding: str = ""
    max_size: int = MAX_SIZE


_SETTINGS = Settings()
_READING = Reading()


def convert_folder(
    source: Path,
    target: Path,
    settings: Settings = _SETTINGS,
    *,
    reading: Reading = _READING,
    workers: int = 1,
    exclude: Sequence[str] = (),
    anew: bool = False,
    pipeline: Pipeline | None = None,
    started: Callable[[int], object] = lambda total: None,
    progress: Callable[[Outcome], object] = lambda outcome: None,
) -> Summary:
    """Convert every document of ``source`` into ``target`` and write the audit there.

    Args:
        source: A file or folder.
        target: The output folder; made where it is missing.
        settings: What the pipeline does.
        reading: How files are read.
        workers: Processes; the outputs are the same whatever their number.
        exclude: Files and folders to pass over (see ``plan_jobs``).
        anew: Convert every document, also those that an earlier run into ``target`` converted
            with the same settings and that would come out the same.
        pipeline: A pipeline to use instead of one built from ``settings`` (one process only;
            always anew, because its signature need not tell all of it).
        started: Called once with the number of documents.
        progress: Called after each document, in order.

    Raises:
        InputError: Source and target do not go together, or the target cannot be written.
        NormaliseError: The pipeline cannot be built (glossary, package, memory).

    An interruption leaves finished outputs, an audit of them, and no half-written file.
    """
    began = time.perf_counter()
    plan = plan_jobs(source, target, exclude)
    summary = Summary(skipped=list(plan.skipped))
    candidates = () if anew or pipeline else plan.jobs
    if pipeline is None:
        pipeline = build_pipeline(settings)
    summary.signature = str(pipeline.signature())
    started(len(plan.jobs) + len(plan.failures))
    unchanged = Unchanged(target, candidates, pipeline, reading.encoding, reading.max_size)
    record = _open_audit(target)
    stop = Event()
    outcomes = _outcomes(plan, unchanged, settings, reading, workers, pipeline, stop)
    noted: set[str] = set()

    def note(outcome: Outcome) -> None:
        record.write(outcome.line.encode("utf-8", "backslashreplace"))
        summary.add(outcome)
        noted.add(outcome.name)

    try:
        for outcome in outcomes:
            note(outcome)
            progress(outcome)
    except KeyboardInterrupt:
        # What the workers have in hand is written: it gets its record as well.
        stop.set()
        for outcome in outcomes:
            note(outcome)
        # So do the documents that were not reached and need nothing done.
        for job in plan.jobs:
            if job.name in unchanged and job.name not in noted:
                note(unchanged.outcome(job.name))
        raise
    finally:
        # Also after an interruption: what was finished has its record.
        _close_audit(record)
    summary.seconds = time.perf_counter() - began
    return summary


def _open_audit(target: Path) -> AtomicFile:
    try:
        return AtomicFile(target / audit.FILE_NAME)
    except OSError as error:
        raise _cannot_write(target, error) from None


def _close_audit(record: AtomicFile) -> None:
    try:
        record.commit()
    except OSError as error:
        raise _cannot_write(record.path, error) from None


def _cannot_write(path: Path, error: OSError) -> InputError:
    return InputError(
        f"the output folder cannot be written ({error.strerror})",
        where=str(path),
        remedy="check the folder's permissions and free space",
    )


def _outcomes(
    plan: Plan,
    unchanged: Unchanged,
    settings: Settings,
    reading: Reading,
    workers: int,
    pipeline: Pipeline,
    stop: Event,
) -> Iterator[Outcome]:
    for name, error in plan.failures:
        yield _failed(name, error)
    jobs = tuple(job for job in plan.jobs if job.name not in unchanged)
    cut = windows(jobs, _WINDOW_BYTES, _WINDOW_FILES)
    if not jobs:
        converted: Iterator[Outcome] = iter(())
    elif workers <= 1:
        converted = _in_this_process(cut, pipeline, reading, stop)
    else:
        converted = _in_processes(cut, settings, reading, workers, stop)
    names = (job.name for job in plan.jobs)
    for outcome in converted:
        for name in names:
            if name == outcome.name:
                break
            yield unchanged.outcome(name)
        yield outcome
    if not stop.is_set():
        yield from map(unchanged.outcome, names)


def _in_this_process(
    cut: Iterator[tuple[Job, ...]], pipeline: Pipeline, reading: Reading, stop: Event
) -> Iterator[Outcome]:
    for window in cut:
        if stop.is_set():
            return
        yield from convert_window(pipeline, window, reading)


def convert_window(
    pipeline: Pipeline, window: Iterable[Job], reading: Reading
) -> Iterator[Outcome]:
    """Convert a few documents together; one that fails does not take the others along."""
    read: list[tuple[Job, Document, Source]] = []
    failures: dict[str, Outcome] = {}
    window = tuple(window)
    began = time.perf_counter()
    for job in window:
        try:
            document, source = read_document(
                job.path, name=job.name, encoding=reading.encoding, max_size=reading.max_size
            )
            read.append((job, document, source))
        except NormaliseError as error:
            failures[job.name] = _failed(job.name, error)
    results = _run_all(pipeline, [document for _, document, _ in read])
    spent = time.perf_counter() - began
    total = sum(len(document.text) for _, document, _ in read) or 1
    converted = zip(read, results, strict=True)
    for job in window:
        if job.name in failures:
            yield failures[job.name]
            continue
        (_, document, source), result = next(converted)
        seconds = spent * len(document.text) / total
        yield _write(job, source, result, pipeline, seconds)


def _run_all(pipeline: Pipeline, documents: list[Document]) -> list[Result | NormaliseError]:
    try:
        return list(pipeline.stream(documents))
    except Exception:
        # Something in the window failed: find out what, one document at a time.
        return [_run_one(pipeline, document) for document in documents]


def _run_one(pipeline: Pipeline, document: Document) -> Result | NormaliseError:
    try:
        return pipeline.run(document)
    except NormaliseError as error:
        return error
    except MemoryError:
        return NormaliseError(
            "not enough memory", where=document.name, remedy="split the document"
        )
    except Exception as error:
        return NormaliseError(
            f"the conversion broke off ({type(error).__name__}: {error})",
            where=document.name,
            remedy="report this document as a bug; it was left as it is",
        )


def _write(
    job: Job, source: Source, result: Result | NormaliseError, pipeline: Pipeline, seconds: float
) -> Outcome:
    if isinstance(result, NormaliseError):
        return _failed(job.name, result, seconds)
    form = find_format(job.path)
    assert form is not None  # only known formats are planned
    output = form.render(source, result.text)
    try:
        write_atomically(job.target, output)
    except InputError as error:
        return _failed(job.name, error, seconds)
    remedy = ""
    if result.status == "untranslated":
        remedy = pipeline.translator.remedy(result.language.code)
    return Outcome(
        job.name,
        result.status,
        audit.describe(job.name, result, source=source, output=output, seconds=seconds),
        language=result.language.code,
        words=result.statistics.get("words", 0),
        changes=len(result.changes),
        flags=len(result.flags),
        remedy=remedy,
        statistics=result.statistics,
    )


def _failed(name: str, error: NormaliseError, seconds: float = 0.0) -> Outcome:
    line = audit.describe_failure(name, error.problem, error.remedy, seconds=seconds)
    return Outcome(name, "failed", line, problem=error.problem, remedy=error.remedy)


# --- worker processes ----------------------------------------------------------------------

_worker_pipeline: Pipeline | None = None


def _start_worker(settings: Settings) -> None:
    global _worker_pipeline
    # The parent decides when to stop; a worker finishes the window it has.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker_pipeline = build_pipeline(settings)


def _work(window: tuple[Job, ...], reading: Reading) -> list[Outcome]:
    assert _worker_pipeline is not None
    return list(convert_window(_worker_pipeline, window, reading))


def _in_processes(
    cut: Iterator[tuple[Job, ...]],
    settings: Settings,
    reading: Reading,
    workers: int,
    stop: Event,
) -> Iterator[Outcome]:
    from multiprocessing import get_context

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    threads = settings.threads or max(1, (cores or 1) // workers)
    pool = ProcessPoolExecutor(
        workers,
        mp_context=get_context("spawn"),
        initializer=_start_worker,
        initargs=(replace(settings, threads=threads),),
    )
    pending: deque[tuple[tuple[Job, ...], Future[list[Outcome]]]] = deque()
    interrupted = False
    try:
        while not stop.is_set():
            window = next(cut, None)
            if window is None and not pending:
                break
            if window is not None:
                pending.append((window, _submit(pool, window, reading)))
            if window is None or len(pending) > 2 * workers:  # bounded look-ahead
                try:
                    wait([pending[0][1]])
                except KeyboardInterrupt:
                    interrupted = True
                    break
                yield from _collect(*pending.popleft())
        for window, future in [*pending]:  # stopped: what has begun is finished, the rest is not
            if not future.cancel():
                yield from _collect(window, future)
        if interrupted:
            raise KeyboardInterrupt
    finally:
        pool.shutdown(cancel_futures=True)


def _submit(
    pool: ProcessPoolExecutor, window: tuple[Job, ...], reading: Reading
) -> Future[list[Outcome]]:
    try:
        return pool.submit(_work, window, reading)
    except BrokenProcessPool as error:
        failed: Future[list[Outcome]] = Future()
        failed.set_exception(error)
        return failed


def _collect(window: tuple[Job, ...], future: Future[list[Outcome]]) -> list[Outcome]:
    try:
        return future.result()
    except BrokenProcessPool:
        error = NormaliseError(
            "the worker process died", remedy="use fewer --workers: memory may have run out"
        )
        return [_failed(job.name, error) for job in window]
