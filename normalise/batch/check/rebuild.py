"""A document and its result as a record tells them, to look at again without converting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from normalise.data import Change, Document, Language, Result, Stage, TermOutcome
from normalise.edits import Alignment, replay
from normalise.formats import Reading, Source, read_document
from normalise.formats.archives import find_member, read_member
from normalise.formats.source import read_bytes

_ANY_SIZE = 1 << 62


def read_input(path: Path | None, name: str) -> bytes | None:
    """The bytes of a document, also of one inside an archive; None if there is none."""
    if path is None or path.is_file():
        return read_bytes(path, name=name, max_size=_ANY_SIZE) if path else None
    archive, member = find_member(path) or (path, None)
    return read_member(archive, member.names, name, _ANY_SIZE) if member else None


def read_again(
    path: Path, raw: bytes, name: str, record: Mapping[str, Any]
) -> tuple[Document, Source]:
    """A document from its bytes, read with the options of its record.

    Raises:
        InputError: It cannot be read.
    """
    how = {"encoding": record["encoding"], **record.get("reading", {})}
    how["fields"] = tuple(how.get("fields", ()))
    reading = Reading(**how, max_size=_ANY_SIZE)
    return read_document(path, name=name, reading=reading, raw=raw)


def rebuild(document: Document, record: Mapping[str, Any]) -> Result:
    """The result of a document from its record: text, stages and terms; nothing else.

    Raises:
        ValueError: The record does not fit the document.
    """
    stages: list[Stage] = []
    text = document.text
    for name, items in groupby(record["changes"], key=lambda item: item["stage"]):
        changes = tuple(_read_changes(list(items)))
        text = replay(text, changes)
        stages.append(Stage(name, text, changes))
    return Result(
        document,
        text,
        tuple(stages),
        Language(record["language"]["code"], record["language"]["confidence"]),
        (),
        terms=tuple(_read_terms(record["terms"], stages)),
        status=record["status"],
    )


def _read_changes(items: Sequence[Mapping[str, Any]]) -> list[Change]:
    changes = []
    shift = 0
    for item in items:
        start, end = item["input"]
        out_start = start + shift
        out_end = out_start + len(item["after"])
        shift = out_end - end
        changes.append(
            Change(
                item["stage"], start, end, out_start, out_end, item["before"], item["after"],
                item["rule"], item["term"], item["reason"],
            )
        )  # fmt: skip
    return changes


def _read_terms(items: Sequence[Mapping[str, Any]], stages: Sequence[Stage]) -> list[TermOutcome]:
    """The terms, with their places in the text that was translated."""
    before = []
    for stage in stages:
        if stage.name == "translate":
            break
        before.append(Alignment(stage.changes))
    terms = []
    for item in items:
        start, end = item["source"]
        for alignment in before:
            start, end = alignment.forward_span(start, end)
        terms.append(TermOutcome(item["term"], start, end, item["rendering"], item["step"]))
    return terms
