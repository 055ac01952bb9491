"""Texts in, rows out: what all engines share. A row is plain data with a fixed set of members.

The members are those of ``text --jsonl``: the new text, and everything about the conversion. All
offsets count characters and are half open: ``source`` in the text given, ``output`` in the new one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import import_module
from itertools import repeat
from typing import TYPE_CHECKING, Any

from normalise.data import Document, Failure, Result
from normalise.errors import InputError, NormaliseError
from normalise.settings import Settings

if TYPE_CHECKING:
    from normalise.pipeline import Pipeline

Row = dict[str, Any]

STRING, NUMBER, WHOLE = "string", "double", "int32"
_PLACES = {
    "source_start": WHOLE, "source_end": WHOLE, "output_start": WHOLE, "output_end": WHOLE,
}  # fmt: skip
MEMBERS: dict[str, Any] = {
    "status": STRING,
    "language": STRING,
    "confidence": NUMBER,
    "changes": [
        {"stage": STRING, "rule": STRING, "term": STRING, **_PLACES,
         "before": STRING, "after": STRING, "reason": STRING}
    ],
    "flags": [
        {"stage": STRING, "rule": STRING, "term": STRING, **_PLACES,
         "text": STRING, "reason": STRING}
    ],
    "citations": [
        {"text": STRING, "type": STRING, "number": STRING, "code": STRING, "issuer": STRING,
         "date": STRING, **_PLACES}
    ],
    "terms": [
        {"term": STRING, "rendering": STRING, "step": STRING,
         "source_start": WHOLE, "source_end": WHOLE}
    ],
    "packages": [STRING],
    "problem": STRING,
    "remedy": STRING,
    "signature": STRING,
}  # fmt: skip
"""The members of a row beside its text, and their types; a list has its items' type.

``status`` is ``done``, ``untranslated`` (there is no package for its language) or ``failed``;
``problem`` and ``remedy`` are null unless it failed.
"""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns an engine reads and writes.

    ``text`` has the texts, ``language`` their languages' codes if they are known. The new text
    goes into ``out`` (over the old one if empty), everything else into ``key``.
    """

    text: str = "text"
    out: str = ""
    key: str = "normalise"
    language: str = ""

    @property
    def target(self) -> str:
        """The column of the new text."""
        return self.out or self.text

    def check(self, present: Sequence[str]) -> None:
        """Refuse tables that lack a column, or have one that would be overwritten.

        Raises:
            InputError: The table is such.
        """
        for wanted in filter(None, (self.text, self.language)):
            if wanted not in present:
                raise InputError(
                    f"there is no column {wanted!r}",
                    remedy=f"name one of {', '.join(map(repr, present)) or 'its columns'}",
                )
        for written in {self.key, self.target} - {self.text}:
            if written in present:
                raise InputError(
                    f"there is already a column {written!r}", remedy="name another with key or out"
                )


@lru_cache(maxsize=4)
def open_pipeline(settings: Settings) -> Pipeline:
    """The pipeline for these settings, built once in each process.

    Without a number of threads it uses one, because engines start a worker for every core.

    Raises:
        NormaliseError: A glossary, package or memory cannot be used.
    """
    from normalise.pipeline import build_pipeline

    return build_pipeline(replace(settings, threads=settings.threads or 1))


def convert_texts(
    pipeline: Pipeline,
    texts: Sequence[str | None],
    languages: Sequence[str | None] | None = None,
) -> Iterator[tuple[str | None, Row | None]]:
    """The new text and the row of each text; nothing for a null.

    A text that cannot be converted keeps its words, and its row says why.

    Args:
        pipeline: The pipeline.
        texts: The texts, converted together.
        languages: The code of each text's language; detected if null.
    """
    codes = languages if languages is not None else repeat(None, len(texts))
    known = [(text, code) for text, code in zip(texts, codes, strict=True) if text is not None]
    outcomes = pipeline.attempt([_document(text, code or "") for text, code in known])
    for text in texts:
        if text is None:
            yield None, None
        else:
            outcome = next(outcomes)
            yield (text if isinstance(outcome, Failure) else outcome.text), make_row(outcome)


def make_row(outcome: Result | Failure) -> Row:
    """Everything about a conversion but the texts, as plain data (see ``MEMBERS``)."""
    if isinstance(outcome, Failure):
        error = outcome.error
        if isinstance(error, NormaliseError):
            problem, remedy = error.problem, error.remedy
        else:
            problem = f"the conversion crashed ({type(error).__name__}: {error})"
            remedy = "report this text as a bug"
        empty: Row = {name: [] if isinstance(kind, list) else None
                      for name, kind in MEMBERS.items()}  # fmt: skip
        return {**empty, "status": "failed", "problem": problem, "remedy": remedy}
    from normalise.audit import summarise

    said = summarise(outcome)
    return {
        "status": outcome.status,
        "language": outcome.language.code,
        "confidence": outcome.language.confidence,
        **{name: [_flatten(item, MEMBERS[name][0]) for item in said[name]]
           for name in ("changes", "flags", "citations", "terms")},
        "packages": list(outcome.packages),
        "problem": None,
        "remedy": None,
        "signature": str(outcome.signature),
    }  # fmt: skip


def _flatten(item: Row, members: dict[str, str]) -> Row:
    for name in ("source", "output"):
        if name in item:
            item[f"{name}_start"], item[f"{name}_end"] = item[name]
    return {name: item[name] for name in members}


def _document(text: str, language: str) -> str | Document:
    if not language:
        return text
    from normalise.formats import read_text
    from normalise.language.codes import canonical_code

    return replace(read_text(text), language=canonical_code(language))


class MissingExtra(NormaliseError, ImportError):
    """An optional package is not installed."""


def need(module: str, extra: str) -> Any:
    """An optional package, imported.

    Raises:
        MissingExtra: It is not installed; the remedy is the command that installs it.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtra(
            f"{module} is not installed ({error})",
            remedy=f"pip install 'normalise[{extra}]' (or only {module.partition('.')[0]})",
        ) from None
