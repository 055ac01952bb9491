"""Ray: a class for ``Dataset.map_batches``, and a pool that converts a folder on a cluster.

Each actor loads the pipeline once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from normalise.integrations.arrow import convert_batch
from normalise.integrations.rows import Columns, need, open_pipeline
from normalise.settings import Settings

if TYPE_CHECKING:
    from normalise.batch.convert import MakePool
    from normalise.batch.listing.plan import Job
    from normalise.batch.summary import Outcome
    from normalise.batch.window import Reading

ray = need("ray", "ray")



class Normaliser:
    """Converts the batches of a Ray dataset.

        dataset.map_batches(
            Normaliser,
            fn_constructor_kwargs={"columns": Columns("body")},
            batch_format="pyarrow",
            concurrency=4,
        )

    The engine gets as many threads as the actor has CPUs (``num_cpus``), one by default.

    Args:
        settings: What the pipeline does.
        columns: Which columns to read and write.

    Raises:
        NormaliseError: A glossary, package or memory cannot be used.
    """

    def __init__(
        self, settings: Settings | None = None, columns: Columns | None = None
    ) -> None:
        settings = settings or Settings()
        if not settings.threads:
            settings = replace(settings, threads=_assigned_threads())
        self._pipeline = open_pipeline(settings)
        self._columns = columns or Columns()

    def __call__(self, batch: Any) -> Any:
        """A ``pyarrow.Table`` converted (see ``normalise.integrations.arrow``)."""
        return convert_batch(self._pipeline, batch, self._columns)


def _assigned_threads() -> int:
    if not ray.is_initialized():
        return 1
    assigned = ray.get_runtime_context().get_assigned_resources()
    return max(1, int(assigned.get("CPU", 1)))


class _Converter:
    """An actor that converts windows of a folder."""

    def __init__(self, settings: Settings, reading: Reading) -> None:
        self._pipeline = open_pipeline(settings)
        self._reading = reading

    def convert(self, jobs: tuple[Job, ...]) -> list[Outcome]:
        from normalise.batch.window import convert_window

        return convert_window(self._pipeline, jobs, self._reading)


class RayPool:
    """Converts windows on a cluster; ``convert`` once, then ``close``.

    An actor that is lost is started again, elsewhere if need be, and its window tried once more
    (Ray sees to both); if it is lost again, the documents are tried one by one, so that only the
    one responsible fails. Outputs and records are written here, so they are the same as those of
    any other run.

    Args:
        cut: The windows.
        settings: What the pipeline does.
        reading: How files are read.
        actors: How many actors, one CPU each; as many as the cluster has CPUs if 0.
    """

    def __init__(
        self,
        cut: Iterator[tuple[Job, ...]],
        settings: Settings,
        reading: Reading,
        actors: int = 0,
    ) -> None:
        self._windows = cut
        self._again: deque[tuple[Job, ...]] = deque()
        count = actors or max(1, int(ray.cluster_resources().get("CPU", 1)))
        settings = replace(settings, threads=settings.threads or 1)
        make = ray.remote(_Converter).options(num_cpus=1, max_restarts=-1, max_task_retries=1)
        self._actors = [make.remote(settings, reading) for _ in range(count)]

    def convert(self) -> Iterator[list[Outcome]]:
        """The outcomes, window by window, in the order in which they are finished."""
        busy: dict[Any, tuple[Any, tuple[Job, ...]]] = {}
        free = deque(self._actors)
        while True:
            while free and (jobs := self._next()):
                actor = free.popleft()
                busy[actor.convert.remote(jobs)] = (actor, jobs)
            if not busy:
                return
            for done in ray.wait(list(busy))[0]:
                actor, jobs = busy.pop(done)
                free.append(actor)
                try:
                    outcomes = ray.get(done)
                except ray.exceptions.RayError as error:
                    outcomes = self._part(jobs, error)
                if outcomes:
                    yield outcomes

    def close(self) -> None:
        """End all actors at once."""
        for actor in self._actors:
            ray.kill(actor)
        self._actors.clear()

    def _next(self) -> tuple[Job, ...] | None:
        return self._again.popleft() if self._again else next(self._windows, None)

    def _part(self, jobs: tuple[Job, ...], error: Exception) -> list[Outcome]:
        """Part a window that is lost again and again; the outcome of the document to blame."""
        from normalise.batch.window import fail
        from normalise.errors import NormaliseError

        if len(jobs) > 1:
            self._again.extend((job,) for job in jobs)
            return []
        lost = NormaliseError(
            f"the worker was lost on it ({type(error).__name__})",
            remedy="its memory may have run out: give actors more, or split the document",
        )
        return [fail(job.key, lost) for job in jobs]


def connect(address: str = "", actors: int = 0) -> MakePool:
    """What ``convert_folder`` needs to run on a cluster.

    Args:
        address: The cluster's; by default the one that Ray finds, or a new one on this machine.
        actors: How many actors; as many as there are CPUs if 0.

    Raises:
        NormaliseError: The cluster cannot be reached.
    """
    from normalise.errors import NormaliseError

    if not ray.is_initialized():
        try:
            ray.init(
                address=address or None,
                ignore_reinit_error=True,
                include_dashboard=None if address else False,
                logging_level="ERROR",
                log_to_driver=False,
            )
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise NormaliseError(
                f"the Ray cluster cannot be reached ({error})", remedy="check --address"
            ) from None

    def make(cut: Iterator[tuple[Job, ...]], settings: Settings, reading: Reading) -> RayPool:
        return RayPool(cut, settings, reading, actors)

    return make
