"""The decisions that a page saves: ``decisions.json``, read and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from normalise.data import ChangeRule, FlagRule, StageName
from normalise.errors import InputError
from normalise.files import printable

_MOST_BYTES = 100_000_000


class _Decision(msgspec.Struct, frozen=True, tag_field="kind", forbid_unknown_fields=True):
    pass


class Reject(_Decision, frozen=True, tag="reject"):
    """A change is not wanted in a document; with ``propose``, perhaps in none.

    ``before`` stands at ``at`` in ``context``, a sentence before the stage. ``sentence`` is the
    finished sentence without the change.
    """

    path: str
    stage: Literal["punctuation", "spelling", "standardise"]
    rule: ChangeRule
    term: str
    before: str
    after: str
    context: str
    at: int
    sentence: str = ""
    propose: bool = False
    raw_path: str = ""


class Correct(_Decision, frozen=True, tag="correct"):
    """A better translation of a sentence."""

    path: str
    language: str
    source: str
    translation: str
    correction: str
    raw_path: str = ""


class Accept(_Decision, frozen=True, tag="accept"):
    """A form is a variant of a term."""

    term: str
    form: str


class Check(_Decision, frozen=True, tag="check"):
    """A flag has been looked at; ``number`` counts those of a document that are alike."""

    path: str
    stage: StageName
    rule: FlagRule
    text: str
    number: int
    raw_path: str = ""


Decision = Reject | Correct | Accept | Check


class _File(msgspec.Struct, frozen=True):
    normalise: Literal["decisions"]
    version: Literal[1]
    decisions: tuple[Decision, ...]


def read_decisions(path: Path) -> tuple[Decision, ...]:
    """The decisions in a file, in order.

    Raises:
        InputError: The file cannot be read, or is not one that a report has saved.
    """
    where = printable(str(path))
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError("too large for a file of decisions", where=where)
        return msgspec.json.decode(path.read_bytes(), type=_File).decisions
    except OSError as error:
        raise InputError(
            f"it cannot be read ({error.strerror})", where=where, remedy="check the path"
        ) from None
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise InputError(
            f"not a file of decisions: {error}",
            where=where,
            remedy="save it again with the report's button, or mend it where the message says",
        ) from None


def describe(decision: Decision) -> str:
    """A decision in words, for messages."""
    if isinstance(decision, Reject):
        return f"{decision.path}: {_quote(decision.before)} stays"
    if isinstance(decision, Correct):
        return f"{decision.path}: {_quote(decision.source)} is {_quote(decision.correction)}"
    if isinstance(decision, Accept):
        return f"{decision.term}: {_quote(decision.form)} is a variant"
    return f"{decision.path}: {decision.rule} {_quote(decision.text)} looked at"


def _quote(text: str) -> str:
    text = printable(" ".join(text.split()))
    return f"'{text}'" if len(text) <= 60 else f"'{text[:59]}…'"
