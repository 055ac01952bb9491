"""Polars: an expression from a column of texts to a struct, eager and lazy."""

from __future__ import annotations

from typing import Any

from normalise.integrations.rows import (
    MEMBERS,
    NUMBER,
    WHOLE,
    convert_texts,
    need,
    open_pipeline,
)
from normalise.settings import Settings

pl = need("polars", "polars")


def _type(kind: Any) -> Any:
    if isinstance(kind, list):
        return pl.List(_type(kind[0]))
    if isinstance(kind, dict):
        return pl.Struct({name: _type(inner) for name, inner in kind.items()})
    return {NUMBER: pl.Float64, WHOLE: pl.Int32}.get(kind, pl.String)


RESULT = _type({"text": "string", **MEMBERS})
"""The type of the struct: the new ``text``, and the members of ``MEMBERS``."""


def convert(texts: Any, settings: Settings | None = None) -> Any:
    """A struct for each text of an expression (``pl.Expr``) or a series; null for null.

    In a lazy query the pipeline is loaded when the query runs.
    """
    chosen = settings or Settings()
    if isinstance(texts, pl.Series):
        return _convert(texts, chosen)
    return texts.map_batches(lambda series: _convert(series, chosen), return_dtype=RESULT)


def _convert(series: Any, settings: Settings) -> Any:
    converted = convert_texts(open_pipeline(settings), series.to_list())
    rows = [row and {"text": text, **row} for text, row in converted]
    return pl.Series(series.name, rows, dtype=RESULT)
