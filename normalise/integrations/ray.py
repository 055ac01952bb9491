"""Ray Data: a class for ``Dataset.map_batches``; each actor loads the pipeline once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from normalise.integrations.arrow import convert_batch
from normalise.integrations.rows import Columns, need, open_pipeline
from normalise.settings import Settings

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
