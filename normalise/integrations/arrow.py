"""Arrow tables: the schema that all columnar engines share, and batches in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from normalise.integrations.rows import MEMBERS, Columns, convert_texts, need

if TYPE_CHECKING:
    from normalise.pipeline import Pipeline

pa = need("pyarrow", "arrow")

_COLUMNS = Columns()


def _type(kind: Any) -> Any:
    if isinstance(kind, list):
        return pa.list_(_type(kind[0]))
    if isinstance(kind, dict):
        return pa.struct([pa.field(name, _type(inner)) for name, inner in kind.items()])
    return pa.type_for_alias(kind)


RESULT = _type(MEMBERS)
"""The Arrow type of what is known about a conversion: a struct with the members of ``MEMBERS``."""


def output_schema(schema: Any, columns: Columns = _COLUMNS) -> Any:
    """The schema of a converted table: that of the input, the new text, and the struct.

    Raises:
        InputError: A column is missing, or would be overwritten.
    """
    columns.check(schema.names)
    text = pa.field(columns.target, pa.string())
    place = schema.get_field_index(columns.target)
    schema = schema.append(text) if place < 0 else schema.set(place, text)
    return schema.append(pa.field(columns.key, RESULT))


def convert_batch(pipeline: Pipeline, batch: Any, columns: Columns = _COLUMNS) -> Any:
    """A table or record batch with the new texts, and all that is known about them in a struct.

    Raises:
        InputError: A column is missing, or would be overwritten.
    """
    schema = output_schema(batch.schema, columns)
    texts = batch.column(columns.text).to_pylist()
    languages = batch.column(columns.language).to_pylist() if columns.language else None
    converted = list(convert_texts(pipeline, texts, languages))
    made = {
        columns.target: pa.array([text for text, _ in converted], pa.string()),
        columns.key: pa.array([row for _, row in converted], RESULT),
    }
    arrays = [
        made[name] if name in made else batch.column(name) for name in schema.names
    ]
    return type(batch).from_arrays(arrays, schema=schema)
