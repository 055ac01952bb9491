"""JSON lines (.jsonl): the prose in their members; everything else byte for byte."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import islice

from normalise.data import Document
from normalise.errors import InputError
from normalise.formats import json_lines
from normalise.formats.pieces import Gathering, PieceSource
from normalise.formats.source import Reading, decode_characters
from normalise.formats.spans import Span, SpanSource, make_source
from normalise.formats.tables.columns import find_prose, is_prose, name_some

NAME = "jsonl"
HEEDS = ("encoding", "fields")

_SAMPLE = 5000
_MOST_NOTES = 20
_LINE = re.compile(r"[^\r\n]+")
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]:,]')
_SURROGATE = re.compile("[\ud800-\udfff]")

Member = tuple[str, Span, str]


def read(raw: bytes, name: str, reading: Reading) -> tuple[Document, SpanSource]:
    """The prose of some members of each line, a block each.

    A member inside others is named with dots (``meta.title``); that of an object in a list like one
    outside. Converted are those in ``reading.fields``, or else all that mostly hold several words.
    A line that is not JSON stays as it is, with a note.

    Raises:
        InputError: It is not text, no line is JSON, or no line has such a member.
    """
    file = decode_characters(raw, name=name, encoding=reading.encoding)
    members: list[Member] = []
    bad: list[str] = []
    count = 0
    for number, line in _lines(file.text):
        count += 1
        problem = _check(line[0])
        if problem:
            bad.append(f"line {number} is not JSON ({problem}) and stayed as it was")
        else:
            members += _find_members(line[0], line.start())
    if bad and len(bad) == count:
        raise InputError(
            f"no line is JSON; {bad[0]}",
            where=name,
            remedy="write one value per line, or give the file the ending of its real format",
        )
    chosen = _choose(members, reading.fields, name)
    found, spans = Gathering(), []
    for path, span, text in members:
        if path in chosen and is_prose(text) and not _SURROGATE.search(text):
            found.add_text(text.replace("\r\n", "\n").replace("\r", "\n"), "cell")
            spans.append(span)
    document = found.document(name, NAME)
    notes = [] if reading.fields else [f"members taken for prose: {name_some(chosen) or 'none'}"]
    notes += bad[:_MOST_NOTES]
    if len(bad) > _MOST_NOTES:
        notes.append(f"{len(bad) - _MOST_NOTES} more lines are not JSON")
    return document, make_source(raw, document, file, found, spans, notes)


def write(source: PieceSource, texts: Sequence[str]) -> bytes:
    """The lines with a new text for each of those members, escaped as the file escapes."""
    assert isinstance(source, SpanSource)
    escaped = source.file.text.isascii() and "\\u" in source.file.text
    written: list[str | None] = []
    for (start, end), old, new in zip(source.spans, source.old_texts(), texts, strict=True):
        if new == old:
            written.append(None)
            continue
        if "\\r\\n" in source.file.text[start:end]:
            new = new.replace("\n", "\r\n")
        written.append(json.dumps(new) if escaped else json_lines.dump(new))
    return source.put(written)


def _lines(text: str) -> Iterator[tuple[int, re.Match[str]]]:
    number, reached = 1, 0
    for line in _LINE.finditer(text):
        between = text[reached : line.start()]
        number += between.count("\n") + between.replace("\r\n", "").count("\r")
        reached = line.end()
        if not line[0].isspace():
            yield number, line


def _check(line: str) -> str:
    """What is wrong with a line of JSON."""
    try:
        json.loads(line)
    except json.JSONDecodeError as error:
        return f"{error.msg} at column {error.colno}"
    except RecursionError:
        return "nested too deeply"
    except ValueError as error:  # a number of more digits than Python reads
        return str(error).partition(";")[0]
    return ""


def _find_members(line: str, offset: int) -> Iterator[Member]:
    """The texts in a line that is JSON: path, span in the file, value."""
    opened: list[tuple[str, str]] = []  # the brackets, and the paths of what is in them
    path, is_key = "", False
    for token in _TOKEN.finditer(line):
        mark = token[0]
        if mark in "{[":
            opened.append((mark, path))
            is_key = mark == "{"
        elif mark in "}]":
            opened.pop()
            is_key = False
        elif mark == ",":
            bracket, path = opened[-1]
            is_key = bracket == "{"
        elif is_key:
            outer = opened[-1][1]
            key = json.loads(mark)
            path = f"{outer}.{key}" if outer else key
            is_key = False
        elif mark != ":":
            yield path, (offset + token.start(), offset + token.end()), json.loads(mark)


def _choose(members: Sequence[Member], fields: Sequence[str], name: str) -> list[str]:
    known = dict.fromkeys(path for path, _, _ in members)
    if not fields:
        prose = find_prose((path, text) for path, _, text in islice(members, _SAMPLE))
        return [path for path in known if path in prose]
    for field in fields:
        if field not in known:
            raise InputError(
                f"no line has a member {field!r} that is a text",
                where=name,
                remedy=f"choose with --field from those there are: {name_some(known)}",
            )
    return [*fields]
