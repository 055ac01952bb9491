"""Spark: functions for ``DataFrame.mapInArrow`` and ``mapInPandas``, with their schema.

Every Python worker loads the pipeline once; its engine uses one thread, because Spark starts a
worker for every core (``Settings(threads=…)`` with ``spark.task.cpus`` for more).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from normalise.integrations.rows import MEMBERS, NUMBER, WHOLE, Columns, need, open_pipeline
from normalise.settings import Settings

types = need("pyspark.sql.types", "spark")


def _type(kind: Any) -> Any:
    if isinstance(kind, list):
        return types.ArrayType(_type(kind[0]))
    if isinstance(kind, dict):
        fields = [types.StructField(name, _type(inner)) for name, inner in kind.items()]
        return types.StructType(fields)
    return {NUMBER: types.DoubleType(), WHOLE: types.IntegerType()}.get(kind, types.StringType())


def output_schema(schema: Any, columns: Columns | None = None) -> Any:
    """The ``StructType`` of a converted data frame; ``schema`` is that of the input.

    Raises:
        InputError: A column is missing, or would be overwritten.
    """
    columns = columns or Columns()
    columns.check(schema.names)
    text = types.StructField(columns.target, types.StringType())
    fields = [text if field.name == columns.target else field for field in schema.fields]
    if columns.target not in schema.names:
        fields.append(text)
    return types.StructType([*fields, types.StructField(columns.key, _type(MEMBERS))])


def map_arrow(
    settings: Settings | None = None, columns: Columns | None = None
) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """A function for ``DataFrame.mapInArrow``: record batches in, record batches out."""
    chosen, what = settings or Settings(), columns or Columns()

    def convert(batches: Iterable[Any]) -> Iterator[Any]:
        from normalise.integrations.arrow import convert_batch

        pipeline = open_pipeline(chosen)
        for batch in batches:
            yield convert_batch(pipeline, batch, what)

    return convert


def map_pandas(
    settings: Settings | None = None, columns: Columns | None = None
) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """A function for ``DataFrame.mapInPandas``: data frames in, data frames out."""
    chosen, what = settings or Settings(), columns or Columns()

    def convert(frames: Iterable[Any]) -> Iterator[Any]:
        from normalise.integrations.pandas import convert_frame

        for frame in frames:
            yield convert_frame(frame, chosen, what)

    return convert


def convert(frame: Any, settings: Settings | None = None, columns: Columns | None = None) -> Any:
    """A Spark ``DataFrame`` with the new texts and a struct; nothing runs until it is used.

    Raises:
        InputError: A column is missing, or would be overwritten.
    """
    schema = output_schema(frame.schema, columns)
    return frame.mapInArrow(map_arrow(settings, columns), schema)
