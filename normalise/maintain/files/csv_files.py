"""Terms as CSV or TSV for spreadsheets, and as two-column glossaries for translation services.

One row per term. Cells with several values have one per line. Columns ``source:vi``, ``source:nb``,
… contain the names in other languages; ``more`` contains, as JSON, whatever a cell cannot express,
so that a round trip loses nothing.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from normalise.errors import GlossaryError
from normalise.glossary.source.phrase import SLOTS, fill
from normalise.glossary.source.schema import Term
from normalise.language.letters import strip_marks
from normalise.maintain.files.serialise import from_plain, parse_json, to_plain

_SINGLE = ("id", "preferred", "plural", "status", "definition", "notes")
_LISTS = (
    "admitted", "abbreviations", "variants", "forbidden", "tags", "provenance", "examples", "keeps",
)  # fmt: skip
_MORE = "more"
_SOURCE = "source:"


def write_table(terms: Iterable[Term], *, delimiter: str = ",") -> str:
    """The terms as CSV (``delimiter=","``) or TSV (``"\\t"``), with a header row."""
    rows = [to_plain(term) for term in terms]
    languages = sorted({code for row in rows for code in row.get("sources", {})})
    columns = [*_SINGLE, *(_SOURCE + code for code in languages), *_LISTS, _MORE]
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, columns, delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        sources = row.pop("sources", {})
        # An empty list of names has no cell of its own.
        empty: dict[str, Any] = {code: [] for code, names in sources.items() if not names}
        cells = {name: row.pop(name) for name in _SINGLE if name in row}
        cells |= {_SOURCE + code: _join(names) for code, names in sources.items()}
        cells |= {name: _join(row.pop(name)) for name in _LISTS if name in row}
        rest = row | ({"sources": empty} if empty else {})
        cells[_MORE] = json.dumps(rest, ensure_ascii=False) if rest else ""
        writer.writerow(cells)
    return stream.getvalue()


def read_table(text: str, *, delimiter: str = ",", where: str = "") -> tuple[Term, ...]:
    """The terms in a CSV or TSV with the columns of `write_table`; ``id`` may be left out.

    Raises:
        GlossaryError: A column is unknown or missing, or a row does not fit the schema.
    """
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    reader = csv.DictReader(
        io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter
    )
    _check_columns(reader.fieldnames, where)
    terms = []
    try:
        for row in reader:
            place = f"{where}:{reader.line_num}"
            if None in row:
                raise GlossaryError(
                    "the row has more cells than the header", where=place,
                    remedy="put cells that contain the delimiter in quotation marks",
                )  # fmt: skip
            if any(row.values()):
                terms.append(_read_row(row, place))
    except csv.Error as error:
        raise GlossaryError(
            f"not readable as a table: {error}", where=f"{where}:{reader.line_num}",
            remedy="save it as UTF-8 CSV or TSV",
        ) from None  # fmt: skip
    return tuple(terms)


def _check_columns(names: Sequence[str] | None, where: str) -> None:
    known = {*_SINGLE, *_LISTS, _MORE}
    unknown = [name for name in names or () if name not in known and not name.startswith(_SOURCE)]
    if names is None or "preferred" not in names or unknown:
        wrong = f"unknown column {unknown[0]!r}" if unknown else "there is no column 'preferred'"
        raise GlossaryError(
            wrong, where=f"{where}:1",
            remedy="columns are " + ", ".join([*_SINGLE, "source:vi", *_LISTS, _MORE]),
        )  # fmt: skip


def _read_row(row: dict[str, str | None], place: str) -> Term:
    plain: dict[str, Any] = {}
    if more := row.get(_MORE):
        plain = _read_json(more, place)
        if not isinstance(plain, dict):
            raise GlossaryError(
                f"the cell {_MORE!r} is not a JSON object", where=place,
                remedy="correct or empty the cell",
            )  # fmt: skip
    for name in _SINGLE:
        if value := row.get(name):
            plain[name] = value
    for name in _LISTS:
        if cell := row.get(name):
            plain[name] = _split(cell, place)
    sources = plain.get("sources", {})
    if isinstance(sources, dict):  # anything else is refused with the rest of the term
        for name, cell in row.items():
            if name.startswith(_SOURCE) and cell:
                sources[name.removeprefix(_SOURCE)] = _split(cell, place)
        if sources:
            plain["sources"] = dict(sorted(sources.items()))
    plain.setdefault("id", slug(str(plain.get("preferred", ""))))
    return from_plain(plain, Term, where=place)


def _join(values: list[Any]) -> str:
    """One value per line; whatever is not a plain line is written as JSON."""
    return "\n".join(
        value if _is_plain_line(value) else json.dumps(value, ensure_ascii=False)
        for value in values
    )


def _is_plain_line(value: Any) -> bool:
    return (
        isinstance(value, str)
        and value == value.strip()
        and bool(value)
        and len(value.splitlines()) == 1
        and not value.startswith(('{"', '"'))
    )


def _read_json(text: str, place: str) -> Any:
    return parse_json(
        text, "a cell contains broken JSON", where=place, remedy="correct or empty the cell"
    )


def _split(cell: str, place: str) -> list[Any]:
    lines = (line.strip() for line in cell.splitlines())
    return [_read_line(line, place) for line in lines if line]


def _read_line(line: str, place: str) -> Any:
    if line.startswith('{"'):
        return _read_json(line, place)
    if line.startswith('"'):
        # A spreadsheet user may well put a name in quotation marks.
        try:
            return _read_json(line, place)
        except GlossaryError:
            return line
    return line


def slug(name: str) -> str:
    """An id made from a name: lower case, ASCII letters and digits, hyphens.

    >>> slug("4-good Đảng Party cell")
    '4-good-dang-party-cell'
    """
    import re

    plain = strip_marks(name.lower())
    return re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-")


def plain_name(preferred: str) -> str | None:
    """A preferred name without its optional slots; None if a slot cannot be left out.

    >>> plain_name("Standing Board of the ({place}) Provincial Party Committee")
    'Standing Board of the Provincial Party Committee'
    >>> plain_name("{ordinal} National Party Congress") is None
    True
    """
    name = fill(preferred, {})
    bare = fill(preferred, dict.fromkeys(SLOTS, "\0"))
    required = bare.count("\0") - _optional_slots(preferred)
    return None if required else name


def _optional_slots(preferred: str) -> int:
    import re

    return sum(group.count("{") for group in re.findall(r"\(([^()]*)\)", preferred))


def write_pairs(terms: Iterable[Term], language: str) -> tuple[str, tuple[str, ...]]:
    """A two-column glossary (source name, preferred name; tab between), as DeepL imports it.

    A source name may occur only once, so if two terms share one, the first approved term keeps it.
    Deprecated terms and names with a slot that must be filled are left out.

    Returns:
        The table, and a line for each pair left out.
    """
    pairs: dict[str, str] = {}
    left_out = []
    ranked = sorted(
        terms, key=lambda term: ("approved", "proposed", "deprecated").index(term.status)
    )
    for term in ranked:
        name = plain_name(term.preferred)
        for source in term.sources.get(language, ()):
            if term.status == "deprecated":
                left_out.append(f"{term.id}: {source!r}: the term is deprecated")
            elif name is None or "{" in source:
                left_out.append(f"{term.id}: {source!r}: the name needs a value for its slot")
            elif pairs.get(source, name) != name:
                left_out.append(f"{term.id}: {source!r}: already means {pairs[source]!r}")
            else:
                pairs[source] = name
    lines = (f"{_one_line(source)}\t{_one_line(name)}\n" for source, name in sorted(pairs.items()))
    return "".join(lines), tuple(left_out)


def _one_line(text: str) -> str:
    return " ".join(text.split())
