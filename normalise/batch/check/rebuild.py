"""A document and its result as a record tells them, to look at again without converting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from normalise.data import (
    Block,
    Change,
    Document,
    Language,
    Result,
    RunPlace,
    Stage,
    TermOutcome,
)
from normalise.edits import Alignment, replay
from normalise.formats import Reading, Source, archives, read_document

_ANY_SIZE = 1 << 62


def read_input(path: Path | None, name: str) -> bytes | None:
    """The bytes of a document, also of one inside an archive; None if there is none.

    Raises:
        InputError: It, or the archive, cannot be read.
    """
    return archives.read_input(path, name, _ANY_SIZE) if path else None


def read_again(
    path: Path, raw: bytes, name: str, record: Mapping[str, Any]
) -> tuple[Document, Source]:
    """A document from its bytes, read with the options of its record.

    Raises:
        InputError: It cannot be read.
    """
    return read_document(path, name=name, reading=Reading.restore(record), raw=raw)


def rebuild(document: Document, record: Mapping[str, Any]) -> Result:
    """The result of a document from its record: all that its output is made of.

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
        tuple(map(_read_block, record["blocks"])),
        terms=tuple(_read_terms(record["terms"], stages)),
        status=record["status"],
        runs=tuple(RunPlace(*run["input"], *run["output"]) for run in record.get("runs", ())),
    )


def _read_block(item: Mapping[str, Any]) -> Block:
    start, end = item["output"]
    return Block(start, end, item["kind"], Language(item["language"], item["confidence"]))


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
