"""Worker processes: each takes a window of documents at a time; one may die without losing any.

A window whose worker died is tried once more; if that worker dies as well, its documents are tried
one by one, so that only the one responsible fails.
"""

from __future__ import annotations

import contextlib
import signal
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

from normalise.batch.listing.plan import Job
from normalise.batch.window import Reading, convert_window, fail
from normalise.errors import NormaliseError
from normalise.pipeline import build_pipeline
from normalise.settings import Settings
from normalise.translate.engine import available_threads

if TYPE_CHECKING:
    from normalise.batch.summary import Outcome

# A process of its own takes about 0.7 s of processor time before its first document. It is worth
# that if it has twice as much to do: what documents cost is measured on English ones full of terms
# (benchmarks/folder.py); what has to be translated costs more.
_WORTH_SECONDS = 1.5
_SECONDS_PER_BYTE = 3e-6
_SECONDS_PER_FILE = 0.0005
_MOST_CHOSEN = 16  # each takes memory for its own models
_TRIES = 2
_MOST_DEATHS_AT_START = 3


def choose_count(
    cut: Iterator[tuple[Job, ...]], settings: Settings, cores: int = 0
) -> tuple[int, Iterator[tuple[Job, ...]]]:
    """How many processes the work is worth, and the windows, of which a few had to be looked at.

    Args:
        cut: The windows to convert.
        settings: What the pipeline does; on a graphics card one process is enough.
        cores: Processor cores to use; 0 for all that this process may use.
    """
    most = min(cores or available_threads(), _MOST_CHOSEN) if settings.device == "cpu" else 1
    seen: list[tuple[Job, ...]] = []
    work = 0.0
    while work < most * _WORTH_SECONDS and (window := next(cut, None)):
        seen.append(window)
        work += sum(_SECONDS_PER_FILE + _SECONDS_PER_BYTE * job.size for job in window)
    return max(1, min(most, int(work / _WORTH_SECONDS))), chain(seen, cut)


@dataclass(slots=True)
class _Task:
    jobs: tuple[Job, ...]
    tries: int = 0


@dataclass(slots=True)
class _Worker:
    process: Any
    link: Connection[Any, Any]
    task: _Task | None = None
    ready: bool = False


class Workers:
    """A few processes that convert windows; ``convert`` once, then ``close``.

    Args:
        windows: The documents to convert.
        settings: What each process builds its pipeline from.
        reading: How files are read.
        count: Number of processes.
    """

    def __init__(
        self,
        windows: Iterator[tuple[Job, ...]],
        settings: Settings,
        reading: Reading,
        count: int,
    ) -> None:
        threads = settings.threads or max(1, available_threads() // count)
        self._windows = windows
        self._settings = replace(settings, threads=threads)
        self._reading = reading
        self._count = count
        self._again: deque[_Task] = deque()
        self._workers: list[_Worker] = []
        self._deaths_at_start = 0

    def convert(self) -> Iterator[list[Outcome]]:
        """The outcomes, window by window, in the order in which they are finished.

        Raises:
            NormaliseError: Workers cannot even start.
        """
        while self._hand_out():
            busy = [worker.link for worker in self._workers]
            for link in wait(busy):
                worker = next(worker for worker in self._workers if worker.link is link)
                try:
                    answer = worker.link.recv()
                except (EOFError, OSError):
                    yield from self._bury(worker)
                    continue
                if answer is None:
                    worker.ready = True
                    self._deaths_at_start = 0
                elif isinstance(answer, NormaliseError):
                    raise answer
                else:
                    worker.task = None
                    yield answer

    def close(self) -> None:
        """End all processes at once; nothing is lost, only left undone."""
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.link.close()
        self._workers.clear()

    def _hand_out(self) -> bool:
        """Give every idle worker a window, starting workers as needed; whether any is busy."""
        for worker in self._workers:
            if worker.task is None:
                self._give(worker)
        while len(self._workers) < self._count:
            task = self._next()
            if task is None:
                break
            worker = self._start()
            self._workers.append(worker)
            self._give(worker, task)
        return any(worker.task for worker in self._workers)

    def _give(self, worker: _Worker, task: _Task | None = None) -> None:
        worker.task = task or self._next()
        if worker.task is not None:
            with contextlib.suppress(OSError):  # it has died: reading from it will show
                worker.link.send(worker.task.jobs)

    def _next(self) -> _Task | None:
        if self._again:
            return self._again.popleft()
        window = next(self._windows, None)
        return _Task(window) if window else None

    def _start(self) -> _Worker:
        from multiprocessing import resource_tracker

        context = get_context("spawn")
        here, there = context.Pipe()
        process = context.Process(
            target=_serve, args=(self._settings, self._reading, there), daemon=True
        )
        if hasattr(signal, "pthread_sigmask"):
            # Workers ignore Ctrl-C, which a terminal sends to them as well: the parent decides.
            # (The tracker is started first, because starting it would undo this.)
            resource_tracker.ensure_running()
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                process.start()
            finally:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        else:
            process.start()
        there.close()  # so that reading here ends when the worker ends
        return _Worker(process, here)

    def _bury(self, worker: _Worker) -> Iterator[list[Outcome]]:
        """Clean up after a worker that died, and deal with the window it had."""
        self._workers.remove(worker)
        worker.link.close()
        worker.process.join()
        task = worker.task
        if not worker.ready:
            self._deaths_at_start += 1
            if self._deaths_at_start >= _MOST_DEATHS_AT_START:
                raise NormaliseError(
                    f"the worker processes cannot start ({_how(worker)})",
                    remedy="memory may have run out: use fewer --jobs",
                )
            if task is not None:
                self._again.append(task)  # not its fault
            return
        if task is None:
            return
        task.tries += 1
        if task.tries < _TRIES:
            self._again.append(task)
        elif len(task.jobs) > 1:
            self._again.extend(_Task((job,), _TRIES - 1) for job in task.jobs)
        else:
            error = NormaliseError(
                f"the worker process died on it ({_how(worker)})",
                remedy="memory may have run out: use fewer --jobs, or split the document",
            )
            yield [fail(job.key, error) for job in task.jobs]


def _how(worker: _Worker) -> str:
    code = worker.process.exitcode
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"


def _serve(settings: Settings, reading: Reading, link: Connection[Any, Any]) -> None:
    """A worker's loop, until its parent has no more work for it, or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        pipeline = build_pipeline(settings)
    except NormaliseError as error:
        link.send(error)
        return
    with contextlib.suppress(EOFError, OSError):  # the parent is gone: nobody is waiting
        link.send(None)
        while True:
            link.send(convert_window(pipeline, link.recv(), reading))
