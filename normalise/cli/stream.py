"""``normalise text --jsonl``: JSON lines in, JSON lines out, one for one, in a live pipe."""

from __future__ import annotations

import codecs
import io
import json
import math
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import TYPE_CHECKING, Any, BinaryIO

from normalise.data import Document, Failure, Result
from normalise.errors import InputError, NormaliseError
from normalise.formats.json_lines import dump_line

if TYPE_CHECKING:
    from normalise.pipeline import Pipeline

# Seconds without another line before the lines read so far are answered.
IDLE = 0.05
# Lines read ahead; what is waiting to be converted is limited by characters instead.
_QUEUED = 64


@dataclass(frozen=True, slots=True)
class Fields:
    """Names of members: ``text``, ``id`` and ``language`` are read, ``out`` and ``key`` written."""

    text: str = "text"
    id: str = "id"
    language: str = ""
    out: str = ""
    key: str = "normalise"


@dataclass(slots=True)
class _Line:
    """One line of input: its object, and the document in it or the reason why there is none."""

    number: int
    record: dict[str, Any]
    document: Document | None = None
    error: NormaliseError | None = None


class Converter:
    """Converts JSON lines; a line that cannot be converted is replaced by an error record.

    Args:
        pipeline: What converts.
        fields: The members to read and write.
        encoding: The input's encoding; the output is UTF-8.
        markdown: Whether the texts are Markdown.
        strict: Whether flags make the exit code 1.
    """

    def __init__(
        self, pipeline: Pipeline, fields: Fields, *, encoding: str, markdown: bool, strict: bool
    ) -> None:
        self._pipeline = pipeline
        self._fields = fields
        self._encoding = encoding or "utf-8"
        self._markdown = markdown
        self._strict = strict

    def run(self, stream: BinaryIO, out: BinaryIO) -> int:
        """Convert all lines; returns the exit code."""
        from normalise.pipeline import MOST_DOCUMENTS, WINDOW

        code = 0
        for window in read_windows(cut_lines(stream, self._encoding), WINDOW, MOST_DOCUMENTS):
            lines = [self._read(number, raw) for number, raw in window]
            documents = [line.document for line in lines if line.document is not None]
            outcomes = self._pipeline.attempt(documents)
            for line in lines:
                written, failed = self._answer(line, outcomes)
                out.write(written.encode("utf-8"))
                code |= failed
            out.flush()
        return code

    def _read(self, number: int, raw: bytes | str) -> _Line:
        line = _Line(number, {})
        try:
            line.record = parse_line(raw, self._encoding)
            line.document = self._document(line.record, f"line {number}")
        except NormaliseError as error:
            line.error = error
        return line

    def _document(self, record: dict[str, Any], name: str) -> Document:
        from normalise.formats import markdown, read_text

        fields = self._fields
        text = read_string(record, fields.text)
        for written in {fields.key, fields.out} - {fields.text, ""}:
            if written in record:
                raise InputError(
                    f"there is already a member {written!r}",
                    remedy="choose another name with --key or --out-field",
                )
        if self._markdown:
            document = markdown.parse(text.replace("\r\n", "\n").replace("\r", "\n"), name)
        else:
            document = read_text(text, name)
        language = ""
        if fields.language and record.get(fields.language) is not None:
            language = read_language(read_string(record, fields.language))
        return Document(
            document.text, document.blocks, name, document.format, document.protected,
            language=language,
        )  # fmt: skip

    def _answer(self, line: _Line, outcomes: Iterator[Result | Failure]) -> tuple[str, bool]:
        """The line to write, and whether it counts as a failure."""
        from normalise.audit import summarise

        if line.error is not None:
            return self._describe(line, line.error), True
        outcome = next(outcomes)
        if isinstance(outcome, Failure):
            return self._describe(line, explain(outcome.error)), True
        fields = self._fields
        record = dict(line.record)
        record[fields.out or fields.text] = outcome.text
        record[fields.key] = {"status": outcome.status, **summarise(outcome)}
        failed = outcome.status != "done" or (self._strict and bool(outcome.flags))
        try:
            return dump_line(record), failed
        except RecursionError as error:
            return self._describe(line, explain(error)), True

    def _describe(self, line: _Line, error: NormaliseError) -> str:
        record: dict[str, Any] = {
            "error": {"problem": error.problem, "remedy": error.remedy},
            "line": line.number,
        }
        if self._fields.id in line.record:
            record[self._fields.id] = line.record[self._fields.id]
        try:
            return dump_line(record)
        except RecursionError:  # the id itself is nested too deeply
            return dump_line({"error": record["error"], "line": line.number})


def explain(error: Exception) -> NormaliseError:
    """Any exception as a ``NormaliseError`` with a remedy."""
    if isinstance(error, NormaliseError):
        return error
    if isinstance(error, RecursionError):
        return InputError("nested too deeply", remedy="put the text into a flat object")
    return NormaliseError(
        f"the conversion crashed ({type(error).__name__}: {error})",
        remedy="report this text as a bug",
    )


def parse_line(raw: bytes | str, encoding: str) -> dict[str, Any]:
    """The JSON object of a line.

    Raises:
        InputError: It is not in the encoding, not JSON, or not an object.
    """
    try:
        line = raw if isinstance(raw, str) else raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            f"not {encoding.upper()} (byte {error.start} of the line)",
            remedy="give the input's encoding with --encoding",
        ) from None
    try:
        record = json.loads(line, parse_constant=_refuse_number, parse_float=_read_float)
    except RecursionError as error:
        raise explain(error) from None
    except ValueError as error:
        raise InputError(
            f"not JSON ({error})", remedy='write one {"text": "..."} per line'
        ) from None
    if not isinstance(record, dict):
        raise InputError("not a JSON object", remedy='write one {"text": "..."} per line')
    return record


def _refuse_number(text: str) -> float:
    raise ValueError(f"{text[:20]} is not a number that JSON can represent")


def _read_float(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse_number(text)


_KINDS = {dict: "an object", list: "a list", bool: "true or false", type(None): "null"}


def read_string(record: dict[str, Any], field: str) -> str:
    """A member that must be a string.

    Raises:
        InputError: It is missing, of another type, or not valid Unicode.
    """
    if field not in record:
        raise InputError(
            f"no {field!r} in the object", remedy="add it, or name the member with --text-field"
        )
    value = record[field]
    if not isinstance(value, str):
        kind = _KINDS.get(type(value), "a number")
        raise InputError(f"{field!r} is {kind}, not a text", remedy="put it in quotation marks")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(
            f"{field!r} contains half a surrogate pair (\\u{ord(value[error.start]):04x})",
            remedy="fix the program that wrote it: it has cut a character in two",
        ) from None
    return value


def read_language(code: str) -> str:
    """A language code, as Argos spells it.

    Raises:
        InputError: It is not a language code.
    """
    from normalise.language.codes import canonical_code
    from normalise.packages.catalogue import CODE

    plain = canonical_code(code)
    if plain and not CODE.fullmatch(plain):
        raise InputError(f"{code!r} is not a language code", remedy="use one such as vi")
    return plain


def open_input(file: Path | None) -> BinaryIO:
    """The bytes of a file, or of standard input.

    Raises:
        InputError: The file cannot be opened.
    """
    if file is not None and str(file) != "-":
        try:
            return file.open("rb")
        except OSError as error:
            raise InputError(
                f"cannot be opened ({error.strerror})", where=str(file), remedy="check the path"
            ) from None
    try:
        # A separate stream: at the end a thread may still be waiting on it, and that must not block
        # the interpreter's own standard input.
        return os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    except (AttributeError, OSError, ValueError):  # not a real file, as in tests
        return sys.stdin.buffer


def cut_lines(stream: BinaryIO, encoding: str) -> Iterator[bytes | str]:
    """The lines of a stream: as bytes, so that a wrongly encoded one does not affect the others.

    If a line feed is not one byte (UTF-16), as text; then a wrong byte ends the stream.

    Raises:
        InputError: The encoding is unknown.
    """
    try:
        codec = codecs.lookup(encoding).name
        plain = "\n".encode(codec) == b"\n"
    except (LookupError, UnicodeEncodeError):
        raise InputError(
            f"there is no encoding called {encoding}", remedy="try --encoding cp1252"
        ) from None
    if not plain:
        return io.TextIOWrapper(stream, codec, newline="\n")
    return _without_mark(stream)


def _without_mark(stream: BinaryIO) -> Iterator[bytes]:
    for index, line in enumerate(stream):
        yield line if index else line.removeprefix(codecs.BOM_UTF8)


def read_windows(
    lines: Iterator[bytes | str], most_characters: int, most_lines: int
) -> Iterator[list[tuple[int, bytes | str]]]:
    """Lines with their numbers, in windows: full ones, or whatever is there when the input pauses.

    A thread does the reading, so that waiting for the next line can time out.

    Raises:
        InputError: The input cannot be read to the end.
    """
    queue: Queue[tuple[int, bytes | str] | Exception | None] = Queue(_QUEUED)

    def read() -> None:
        try:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    queue.put((number, line))
            queue.put(None)
        except Exception as error:  # reported where the lines are used
            queue.put(error)

    Thread(target=read, daemon=True).start()
    window: list[tuple[int, bytes | str]] = []
    size = 0
    while True:
        try:
            item = queue.get(timeout=IDLE if window else None)
        except Empty:
            yield window
            window, size = [], 0
            continue
        if item is None or isinstance(item, Exception):
            break
        window.append(item)
        size += len(item[1])
        if size >= most_characters or len(window) >= most_lines:
            yield window
            window, size = [], 0
    if window:
        yield window
    if isinstance(item, Exception):
        raise InputError(
            f"the input could not be read to the end ({item})",
            remedy="check it, and its --encoding",
        )
