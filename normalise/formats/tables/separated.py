"""Tables of separated values (.csv, .tsv): the prose in their cells.

The standard library's ``csv`` reads such files, but says neither where a cell stands nor how it was
quoted; so they are scanned here, and whatever does not change stays byte for byte.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice

from normalise.data import Document
from normalise.errors import InputError
from normalise.formats.pieces import Gathering, PieceSource
from normalise.formats.source import Reading, decode_characters
from normalise.formats.spans import Span, SpanSource, make_source
from normalise.formats.tables.columns import find_prose, is_prose, name_some

NAME = "csv"
HEEDS = ("encoding", "fields")

_DELIMITERS = ",;\t|"
_SAMPLE_ROWS = 1000
_SNIFFED_ROWS = 50
_LONGEST_HEADING = 4  # words
_SENTENCE_END = re.compile(r"[.!?…]\s*\Z")
_DECLARED = re.compile(r"\Asep=(.)\r?\n")

Row = list[Span]


def read(raw: bytes, name: str, reading: Reading) -> tuple[Document, SpanSource]:
    """The prose cells of a table, a block each.

    Converted are the columns in ``reading.fields``, by their heading or number (from 1), or else
    all whose cells are mostly of several words; a heading is never converted.

    Raises:
        InputError: It is not text, or has no such column.
    """
    file = decode_characters(raw, name=name, encoding=reading.encoding)
    text = file.text
    declared = _DECLARED.match(text)
    delimiter = "\t" if name.lower().endswith(".tsv") else _find_delimiter(text)
    start = 0
    if declared:
        delimiter, start = declared[1], declared.end()
    rows = list(_scan(text, delimiter, start))
    headings = [_value(text, span) for span in rows[0]] if rows else []
    has_header = _is_header(headings, reading.fields)
    columns = _choose(text, rows, headings, has_header, reading.fields, name)
    found, spans = Gathering(), []
    odd = 0
    for number, row in enumerate(rows[int(has_header) :]):
        if len(row) != len(headings):
            odd += row != [(row[0][0], row[0][0])]  # an empty line is no row
            continue
        for column in columns:
            cell = _value(text, row[column])
            if is_prose(cell):
                found.add_text(cell, "cell", cell=(0, number, column))
                spans.append(row[column])
    document = found.document(name, NAME)
    notes = []
    if not reading.fields:
        shown = (headings[c].strip() if has_header else str(c + 1) for c in columns)
        notes.append(f"columns taken for prose: {name_some(shown) or 'none'}")
    if odd:
        notes.append(
            f"{odd} {'row has' if odd == 1 else 'rows have'} another number of cells than the "
            "first, and stayed as they were"
        )
    return document, make_source(raw, document, file, found, spans, notes)


def write(source: PieceSource, texts: Sequence[str]) -> bytes:
    """The table with a new text in each of those cells, quoted where it needs to be."""
    assert isinstance(source, SpanSource)
    newline = source.newline
    written: list[str | None] = []
    for (start, end), old, new in zip(source.spans, source.old_texts(), texts, strict=True):
        if new == old:
            written.append(None)
            continue
        quoted = source.file.text.startswith('"', start) and end - start > 1
        new = new.replace("\n", newline)
        if quoted or any(mark in new for mark in (*_DELIMITERS, '"', "\n", "\r")):
            new = '"' + new.replace('"', '""') + '"'
        written.append(new)
    return source.put(written)


@lru_cache(maxsize=16)
def _cell(delimiter: str) -> re.Pattern[str]:
    mark = re.escape(delimiter)
    # A quotation mark that is never closed is a character like any other.
    return re.compile(rf'"[^"]*(?:""[^"]*)*"(?={mark}|[\r\n]|\Z)|[^{mark}\r\n]*')


def _scan(text: str, delimiter: str, start: int = 0) -> Iterator[Row]:
    """The rows of a table, as the spans of their cells with their quotation marks."""
    match = _cell(delimiter).match
    row: Row = []
    at, size = start, len(text)
    while True:
        found = match(text, at)
        assert found is not None  # it may be empty
        at = found.end()
        row.append(found.span())
        if at < size and text[at] == delimiter:
            at += 1
            continue
        if at < size or len(row) > 1 or row[0][0] < row[0][1]:
            yield row
        if at >= size:
            return
        at += 2 if text.startswith("\r\n", at) else 1
        row = []
        if at >= size:
            return


def _value(text: str, span: Span) -> str:
    cell = text[slice(*span)]
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        cell = cell[1:-1].replace('""', '"')
    return cell.replace("\r\n", "\n").replace("\r", "\n")


def _find_delimiter(text: str) -> str:
    """The delimiter that cuts most rows into the same number of cells, more than one."""
    best, most = ",", (0.0, 0)
    for delimiter in _DELIMITERS:
        rows = [row for row in islice(_scan(text, delimiter), _SNIFFED_ROWS) if row[-1][1]]
        if not rows:
            break
        width, count = Counter(map(len, rows)).most_common(1)[0]
        score = (count / len(rows), width)
        if width > 1 and len(rows[0]) == width and score > most:
            best, most = delimiter, score
    return best


def _is_header(headings: Sequence[str], fields: Sequence[str]) -> bool:
    """Whether the first row names the columns: short, different, and none a number or address."""
    if any(field in headings for field in fields):
        return True
    words = 2 if len(headings) == 1 else _LONGEST_HEADING
    return len({*headings}) == len(headings) and all(
        heading.strip()
        and len(heading.split()) <= words
        and any(map(str.isalpha, heading))
        and not _SENTENCE_END.search(heading)
        for heading in headings
    )


def _choose(
    text: str,
    rows: Sequence[Row],
    headings: Sequence[str],
    has_header: bool,
    fields: Sequence[str],
    name: str,
) -> list[int]:
    """The columns to convert, by their index."""
    chosen = set()
    for field in fields:
        names = {heading.strip().casefold(): at for at, heading in enumerate(headings)}
        if has_header and field.casefold() in names:
            chosen.add(names[field.casefold()])
        elif field.isascii() and field.isdigit() and 0 < int(field) <= len(headings):
            chosen.add(int(field) - 1)
        else:
            known = name_some(map(str.strip, headings)) if has_header else f"1 to {len(headings)}"
            raise InputError(
                f"the table has no column {field!r}",
                where=name,
                remedy=f"choose with --field from its columns: {known}",
            )
    if fields:
        return sorted(chosen)
    body = islice(rows, int(has_header), _SAMPLE_ROWS)
    cells = (
        (str(column), _value(text, span))
        for row in body
        if len(row) == len(headings)
        for column, span in enumerate(row)
    )
    return sorted(map(int, find_prose(cells)))
