"""What happened to the documents of a run: one outcome each, and the totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from normalise.batch.listing.plan import show
from normalise.data import TermOutcome
from normalise.translate.terms import TermStatistics

_EDITED = "corrected by hand, so it was kept"
_STALE = f"{_EDITED}; the document, the glossaries or the program have changed since"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to one document.

    ``key`` is its path (see ``Job``), ``line`` its record in the audit, ``output`` what to write
    for it (None for nothing). ``unchanged`` says that record and output are from an earlier run,
    ``edited`` that a person has corrected the output since and it was kept, ``stale`` that it would
    come out differently now. ``notes`` are about how it was read, ``trace`` is for debugging.
    """

    key: bytes
    status: str
    line: bytes = b""
    output: bytes | None = None
    language: str = ""
    words: int = 0
    changes: int = 0
    flags: int = 0
    problem: str = ""
    remedy: str = ""
    terms: tuple[TermOutcome, ...] = ()
    unchanged: bool = False
    edited: bool = False
    stale: bool = False
    trace: str = ""
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The document's path as messages show it."""
        return show(self.key)


@dataclass(slots=True)
class Summary:
    """The figures of a run. ``seconds`` is wall time.

    ``converted`` documents include those that were ``unchanged`` or ``edited``. ``edited`` lists
    outputs that were corrected by hand and kept, with a remark; ``pruned`` what was removed because
    its document is gone. ``limited`` says that the run ended at its limit, ``stopped`` that it
    ended because a document failed; there may be more documents.
    """

    converted: int = 0
    unchanged: int = 0
    untranslated: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    edited: list[tuple[str, str]] = field(default_factory=list)
    pruned: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    traces: list[tuple[str, str]] = field(default_factory=list)
    languages: Counter[str] = field(default_factory=Counter)
    words: int = 0
    unchanged_words: int = 0
    changes: int = 0
    flags: int = 0
    terms: TermStatistics = field(default_factory=TermStatistics)
    seconds: float = 0.0
    signature: str = ""
    limited: bool = False
    stopped: bool = False

    @property
    def words_per_second(self) -> float:
        """Words converted in this run per second."""
        return (self.words - self.unchanged_words) / self.seconds if self.seconds else 0.0

    @property
    def documents(self) -> int:
        """All documents found, whatever happened to them (skipped files are not documents)."""
        return self.converted + len(self.untranslated) + len(self.failed)

    def add(self, outcome: Outcome) -> None:
        """Count one document."""
        if outcome.trace:
            self.traces.append((outcome.name, outcome.trace))
        if outcome.status == "failed":
            self.failed.append((outcome.name, outcome.problem, outcome.remedy))
            return
        self.notes += ((outcome.name, note) for note in outcome.notes)
        if outcome.edited:
            self.edited.append((outcome.name, _STALE if outcome.stale else _EDITED))
        if outcome.status == "untranslated":
            self.untranslated.append((outcome.name, outcome.remedy))
        else:
            self.converted += 1
        if outcome.unchanged:
            self.unchanged += 1
            self.unchanged_words += outcome.words
        self.languages[outcome.language] += 1
        self.words += outcome.words
        self.changes += outcome.changes
        self.flags += outcome.flags
        self.terms.add(outcome.terms)

    def add_skipped(self, skipped: Iterable[tuple[bytes, str]]) -> None:
        """Note files that are not documents, each with the reason."""
        self.skipped += [(show(key), reason) for key, reason in skipped]

    def sort(self) -> None:
        """Sort the lists by name, whatever order documents finished in."""
        lists = (self.untranslated, self.failed, self.skipped, self.edited, self.notes, self.traces)
        for names in lists:
            names.sort()

    def exit_code(self, *, strict: bool = False) -> int:
        """0 done; 1 if a document failed, was not translated or, if strict, was flagged."""
        return int(bool(self.failed or self.untranslated or (strict and self.flags)))

    def as_json(self) -> dict[str, Any]:
        """The summary for programs."""
        return {
            "documents": self.documents,
            "converted": self.converted,
            "unchanged": self.unchanged,
            "languages": dict(sorted(self.languages.items())),
            "words": self.words,
            "changes": self.changes,
            "flags": self.flags,
            "terms": {
                "count": self.terms.terms,
                "success": round(self.terms.success, 4),
                "consistency": round(self.terms.consistency, 4),
            },
            "skipped": [{"path": name, "reason": reason} for name, reason in self.skipped],
            "notes": [{"path": name, "note": note} for name, note in self.notes],
            "edited": [{"path": name, "reason": reason} for name, reason in self.edited],
            "pruned": self.pruned,
            "limited": self.limited,
            "stopped": self.stopped,
            "untranslated": [
                {"path": name, "remedy": remedy} for name, remedy in self.untranslated
            ],
            "failed": [
                {"path": name, "error": problem, "remedy": remedy}
                for name, problem, remedy in self.failed
            ],
            "seconds": round(self.seconds, 3),
            "words_per_second": round(self.words_per_second),
            "signature": self.signature,
        }
