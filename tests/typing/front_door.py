"""What users write against the typed front door; checked by mypy --strict, never run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from typing_extensions import assert_type

from normalise import (
    Change,
    Citation,
    Document,
    Flag,
    Glossary,
    NormaliseError,
    Pipeline,
    Result,
    Settings,
    Signature,
    TermOutcome,
    replay,
)


def convert(texts: list[str]) -> Iterator[Result]:
    pipeline = Pipeline.load(glossaries=[Path("glossaries")], memory=Path("memory.sqlite"))
    assert_type(pipeline, Pipeline)
    yield from pipeline.stream(texts)


def tell(result: Result) -> str:
    assert_type(result.text, str)
    assert_type(result.changes, tuple[Change, ...])
    assert_type(result.flags, tuple[Flag, ...])
    assert_type(result.citations, tuple[Citation, ...])
    assert_type(result.terms, tuple[TermOutcome, ...])
    assert_type(result.signature, Signature)
    assert_type(result.document, Document)
    assert_type(Result.from_dict(result.to_dict()), Result)
    return replay(result.stages[0].text, result.stages[1].changes)


def standardise(text: str) -> str:
    try:
        return Glossary.load().apply(text).text
    except NormaliseError as error:
        return error.remedy


SETTINGS = Settings(strip_furniture=True)
