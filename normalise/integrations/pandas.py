"""pandas: a data frame converted, or a column of texts turned into a frame of results."""

from __future__ import annotations

from typing import Any

from normalise.integrations.rows import MEMBERS, Columns, convert_texts, need, open_pipeline
from normalise.settings import Settings

pd = need("pandas", "pandas")


def convert_series(series: Any, settings: Settings | None = None) -> Any:
    """A ``DataFrame`` with the new texts and everything about them; the index is the series'.

    Its columns are ``text`` and those of ``normalise.integrations.rows.MEMBERS``; missing values
    stay missing.
    """
    pipeline = open_pipeline(settings or Settings())
    rows = [
        {"text": text, **(row or dict.fromkeys(MEMBERS))}
        for text, row in convert_texts(pipeline, _texts(series))
    ]
    return pd.DataFrame(rows, index=series.index, columns=["text", *MEMBERS])


def convert_frame(
    frame: Any, settings: Settings | None = None, columns: Columns | None = None
) -> Any:
    """A copy of a ``DataFrame`` with the new texts, and everything about each in a ``dict``.

    Raises:
        InputError: A column is missing, or would be overwritten.
    """
    columns = columns or Columns()
    columns.check([str(name) for name in frame.columns])
    languages = _texts(frame[columns.language]) if columns.language else None
    pipeline = open_pipeline(settings or Settings())
    converted = list(convert_texts(pipeline, _texts(frame[columns.text]), languages))
    texts = pd.Series([text for text, _ in converted], index=frame.index, dtype=object)
    rows = pd.Series([row for _, row in converted], index=frame.index, dtype=object)
    return frame.assign(**{columns.target: texts, columns.key: rows})


def _texts(series: Any) -> list[str | None]:
    return [None if pd.isna(value) else str(value) for value in series]
