"""The audit: one JSON line per document, enough to replay and judge everything that was done.

Offsets count characters of the decoded file with ``\\n`` line endings: ``source`` in the original
text, ``output`` in the final one, ``input`` in the text the stage was given. All are half open.
``path`` is printable; if the file's name has bytes that are not, ``raw_path`` has the whole name,
percent-encoded. ``output_path`` (and ``raw_output_path``) say where the output is if its path is
not the document's.

``encoding_by`` says how the encoding was found if the text is not simply UTF-8 (byte order
``mark``, ``option``, what the ``page`` says, or its ``words``), ``reading`` which options decided
how the file was read, ``notes`` what a person should know about that. Apart from ``seconds`` a
record depends only on the document and the signature.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from normalise.data import Change, Citation, Result
from normalise.edits import Alignment, replay
from normalise.files import printable
from normalise.formats.json_lines import dump, split_lines

if TYPE_CHECKING:
    from normalise.formats import Source

Span = tuple[int, int]
FILE_NAME = "audit.jsonl"


def describe(
    key: bytes,
    result: Result,
    *,
    source: Source,
    output: bytes,
    encoding: str,
    seconds: float,
    place: bytes = b"",
) -> bytes:
    """The record of a converted document, as one line of JSON.

    ``key`` is its path as in the file system, ``encoding`` that of the output, ``place`` the
    output's path if it is another one.
    """
    other = {"output_encoding": encoding} if encoding != source.encoding else {}
    return _line(
        {
            **_name(key),
            **(_name(place, "output_path") if place else {}),
            "status": result.status,
            "format": result.document.format,
            "encoding": source.encoding,
            "encoding_confidence": source.confidence,
            **({"encoding_by": source.evidence} if source.evidence else {}),
            **other,
            **({"reading": source.reading} if source.reading else {}),
            **({"notes": source.notes} if source.notes else {}),
            "sha256": source.sha256,
            "output_sha256": hashlib.sha256(output).hexdigest(),
            **_summarise(result),
            "seconds": round(seconds, 3),
        }
    )


def describe_failure(
    key: bytes, problem: str, remedy: str, *, seconds: float = 0.0, trace: str = ""
) -> bytes:
    """The record of a document that could not be converted."""
    return _line(
        {
            **_name(key),
            "status": "failed",
            "error": problem,
            "remedy": remedy,
            **({"traceback": trace} if trace else {}),
            "seconds": round(seconds, 3),
        }
    )


def describe_skipped(key: bytes, reason: str) -> bytes:
    """The record of a file that is not a document."""
    return _line({**_name(key), "status": "skipped", "reason": reason, "seconds": 0.0})


def summarise(result: Result) -> dict[str, Any]:
    """A result without its texts, ready for JSON."""
    members = _summarise(result)
    return {k: [*v] if isinstance(v, Iterator) else v for k, v in members.items()}


def _summarise(result: Result) -> dict[str, Any]:
    """The members of a summary; the long ones item by item."""
    alignments = [Alignment(stage.changes) for stage in result.stages]
    return {
        "language": {"code": result.language.code, "confidence": result.language.confidence},
        "blocks": (
            {
                "kind": block.kind,
                "language": block.language.code if block.language else "und",
                "confidence": block.language.confidence if block.language else 0.0,
                "source": _carry_back(alignments, block.start, block.end),
                "output": (block.start, block.end),
            }
            for block in result.blocks
        ),
        "packages": list(result.packages),
        "changes": _changes(result, alignments),
        "citations": (_citation(citation, alignments) for citation in result.citations),
        "flags": _flags(result, alignments),
        "terms": _terms(result, alignments),
        "signature": str(result.signature),
        "statistics": dict(result.statistics),
    }


def _changes(result: Result, alignments: Sequence[Alignment]) -> Iterator[dict[str, Any]]:
    for index, stage in enumerate(result.stages):
        for change in stage.changes:
            yield {
                "stage": stage.name,
                "rule": change.rule,
                "term": change.term,
                **_spans(change.start, change.end, alignments[:index], alignments[index:]),
                "input": (change.start, change.end),
                "before": change.before,
                "after": change.after,
                "reason": change.reason,
            }


def _flags(result: Result, alignments: Sequence[Alignment]) -> Iterator[dict[str, Any]]:
    for index, stage in enumerate(result.stages):
        for flag in stage.flags:
            yield {
                "stage": stage.name,
                "rule": flag.rule,
                "term": flag.term,
                **_spans(flag.start, flag.end, alignments[:index], alignments[index:]),
                "text": flag.text,
                "reason": flag.reason,
                **({"candidates": list(flag.candidates)} if flag.candidates else {}),
            }


def _terms(result: Result, alignments: Sequence[Alignment]) -> Iterator[dict[str, Any]]:
    names = [stage.name for stage in result.stages]
    before = alignments[: names.index("translate")] if "translate" in names else alignments
    for term in result.terms:
        yield {
            "term": term.term,
            "rendering": term.rendering,
            "step": term.step,
            "source": _carry_back(before, term.start, term.end),
        }


def replay_record(text: str, record: Mapping[str, Any]) -> str:
    """Rebuild the final text from the original and its record in the audit.

    Raises:
        ValueError: The record does not fit the text.
    """
    stages: dict[str, list[Change]] = {}
    for item in record["changes"]:
        start, end = item["input"]
        change = Change(
            item["stage"], start, end, 0, 0, item["before"], item["after"], item["rule"]
        )
        stages.setdefault(item["stage"], []).append(change)
    for changes in stages.values():
        text = replay(text, changes)
    return text


def _name(key: bytes, member: str = "path") -> dict[str, str]:
    """The path as people read it and, if that leaves out a byte, the bytes themselves."""
    name = printable(os.fsdecode(key))
    raw = {} if os.fsencode(name) == key else {f"raw_{member}": quote(key)}
    return {member: name, **raw}


def _line(record: dict[str, Any]) -> bytes:
    """A record as a line of JSON; assembled piece by piece, because some are very long."""
    line = io.BytesIO()
    before = b"{"
    for key, value in record.items():
        line.write(before + _dump(key) + b":")
        if isinstance(value, Iterator):
            line.write(b"[")
            for number, item in enumerate(value):
                line.write(b"," * bool(number) + _dump(item))
            line.write(b"]")
        else:
            line.write(_dump(value))
        before = b","
    line.write(b"}\n")
    return line.getvalue()


def _dump(value: object) -> bytes:
    return dump(value).encode("utf-8")


def _spans(
    start: int, end: int, before: Sequence[Alignment], after: Sequence[Alignment]
) -> dict[str, Span]:
    return {
        "source": _carry_back(before, start, end),
        "output": _carry_forward(after, start, end),
    }


def _citation(citation: Citation, alignments: Sequence[Alignment]) -> dict[str, Any]:
    return {
        "text": citation.text,
        "type": citation.type,
        "number": citation.number,
        "code": citation.code,
        "issuer": citation.issuer,
        "date": citation.date,
        **_spans(citation.start, citation.end, alignments[:-1], alignments[-1:]),
    }


def _carry_back(alignments: Sequence[Alignment], start: int, end: int) -> Span:
    for alignment in reversed(alignments):
        start, end = alignment.back_span(start, end)
    return start, max(start, end)


def _carry_forward(alignments: Sequence[Alignment], start: int, end: int) -> Span:
    for alignment in alignments:
        start, end = alignment.forward_span(start, end)
    return start, max(start, end)


def read_audit(text: str) -> Iterator[dict[str, Any]]:
    """The records of an audit file, in order."""
    yield from map(json.loads, split_lines(text))
