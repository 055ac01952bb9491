"""A few documents go through the pipeline together; if one fails, it fails alone."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from normalise import audit, formats
from normalise.batch.listing.plan import Job
from normalise.batch.summary import Outcome
from normalise.data import Document, Result
from normalise.errors import NormaliseError
from normalise.formats import Source, read_document, render

if TYPE_CHECKING:
    from normalise.pipeline import Pipeline

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Reading(formats.Reading):
    """How to read the files of a folder, and write them.

    ``debug`` adds the traceback to the record of a document that makes the program crash; ``to`` is
    the format of the outputs if not the documents' own.
    """

    debug: bool = False
    to: str = ""


@dataclass(frozen=True, slots=True)
class _Failure:
    error: NormaliseError
    trace: str = ""


def convert_window(
    pipeline: Pipeline,
    window: Sequence[Job],
    reading: Reading,
    check: Callable[[], object] = lambda: None,
) -> list[Outcome]:
    """Convert a few documents together; one that fails does not affect the others.

    Nothing is written: the outcomes contain the outputs. ``check`` is called now and then, and may
    raise to stop the work.
    """
    guard = _Guard(reading.debug, check)
    began = time.perf_counter()
    read = [guard.do(job.name, _read, job, reading) for job in window]
    documents = [found[0] for found in read if not isinstance(found, _Failure)]
    results = iter(_run_all(pipeline, documents, guard))
    spent = time.perf_counter() - began
    total = sum(len(document.text) for document in documents) or 1
    outcomes = []
    for job, found in zip(window, read, strict=True):
        seconds = 0.0
        made: Outcome | _Failure
        if isinstance(found, _Failure):
            made = found
        else:
            document, source = found
            seconds = spent * len(document.text) / total
            result = next(results)
            if isinstance(result, _Failure):
                made = result
            else:
                made = guard.do(
                    job.name, _describe, job, source, result, pipeline, seconds, reading.to
                )
        if isinstance(made, _Failure):
            made = fail(job.key, made.error, seconds, made.trace)
        outcomes.append(made)
    return outcomes


def fail(key: bytes, error: NormaliseError, seconds: float = 0.0, trace: str = "") -> Outcome:
    """The outcome of a document that could not be converted."""
    problem, remedy = error.problem, error.remedy
    line = audit.describe_failure(key, problem, remedy, seconds=seconds, trace=trace)
    return Outcome(key, "failed", line, problem=problem, remedy=remedy, trace=trace)


def _read(job: Job, reading: Reading) -> tuple[Document, Source]:
    raw = job.read(reading.max_size)
    document, source = read_document(job.file, name=job.name, reading=reading, raw=raw)
    return replace(document, exemptions=job.exemptions), source


def _run_all(
    pipeline: Pipeline, documents: list[Document], guard: _Guard
) -> Sequence[Result | _Failure]:
    together = guard.do("", lambda: list(pipeline.stream(documents)))
    if not isinstance(together, _Failure):
        return together
    # Something in the window failed: find out which document, one at a time.
    return [guard.do(document.name, pipeline.run, document) for document in documents]


def _describe(
    job: Job, source: Source, result: Result, pipeline: Pipeline, seconds: float, to: str
) -> Outcome:
    output = render(source, result, to)
    other = to not in ("", result.document.format)
    encoding = "utf-8" if other else source.encoding_for(result.text)
    remedy = ""
    if result.status == "untranslated":
        remedy = pipeline.translator.remedy(result.language.code)
    return Outcome(
        job.key,
        result.status,
        audit.describe(
            job.key, result, source=source, output=output, encoding=encoding, seconds=seconds,
            place=job.place,
        ),
        output,
        language=result.language.code,
        words=result.statistics.get("words", 0),
        changes=len(result.changes),
        flags=len(result.flags),
        remedy=remedy,
        terms=result.terms,
        notes=source.notes,
    )


class _Guard:
    """Does one piece of work; any exception becomes a failure with a readable reason."""

    def __init__(self, debug: bool, check: Callable[[], object]) -> None:
        self._debug = debug
        self._check = check

    def do(
        self, name: str, work: Callable[_Given, _Made], *given: _Given.args, **named: _Given.kwargs
    ) -> _Made | _Failure:
        """The result of the work, or why there is none; ``name`` is the document's."""
        self._check()
        try:
            return work(*given, **named)
        except (KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        except NormaliseError as error:
            return _Failure(error)
        except MemoryError:
            return _Failure(
                NormaliseError("not enough memory", where=name, remedy="split the document")
            )
        except BaseException as error:  # libraries in Rust raise things that are not an Exception
            self._check()  # in case a library that catches everything has swallowed a signal
            reason = " ".join(str(error).split())[:_LONGEST_REASON]
            problem = NormaliseError(
                f"the conversion crashed ({type(error).__name__}: {reason})",
                where=name,
                remedy="report this document as a bug (--debug shows where); it was left as it is",
            )
            return _Failure(problem, traceback.format_exc() if self._debug else "")
