"""Hugging Face Datasets: a function for ``Dataset.map(…, batched=True)``."""

from __future__ import annotations

from typing import Any

from normalise.integrations.rows import Columns, convert_texts, open_pipeline
from normalise.settings import Settings


class Normaliser:
    """Converts batches of a dataset: ``dataset.map(Normaliser(), batched=True)``.

    It can be pickled, so ``num_proc`` works; each process loads the pipeline once, and its engine
    uses one thread. The same settings and columns have the same fingerprint in the dataset's cache.

    Args:
        settings: What the pipeline does.
        columns: Which columns to read and write.
    """

    def __init__(
        self, settings: Settings | None = None, columns: Columns | None = None
    ) -> None:
        self.settings = settings or Settings()
        self.columns = columns or Columns()

    def __call__(self, batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
        """The new texts, and a struct about each.

        Raises:
            InputError: A column is missing, or would be overwritten.
        """
        columns = self.columns
        columns.check(list(batch))
        languages = batch[columns.language] if columns.language else None
        converted = list(
            convert_texts(open_pipeline(self.settings), batch[columns.text], languages)
        )
        return {
            columns.target: [text for text, _ in converted],
            columns.key: [row for _, row in converted],
        }
