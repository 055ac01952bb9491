"""What became of the documents of a run: one outcome each, and their figures together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from normalise.translate.terms import TermStatistics


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document.

    ``line`` is its record in the audit; ``unchanged`` says that the record and the output are those
    of an earlier run.
    """

    name: str
    status: str
    line: str
    language: str = ""
    words: int = 0
    changes: int = 0
    flags: int = 0
    problem: str = ""
    remedy: str = ""
    statistics: Mapping[str, int] = field(default_factory=dict)
    unchanged: bool = False


@dataclass(slots=True)
class Summary:
    """The figures of a run. ``seconds`` is wall time.

    ``converted`` documents include those that were ``unchanged``.
    """

    converted: int = 0
    unchanged: int = 0
    untranslated: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    languages: Counter[str] = field(default_factory=Counter)
    words: int = 0
    unchanged_words: int = 0
    changes: int = 0
    flags: int = 0
    statistics: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    signature: str = ""

    @property
    def terms(self) -> TermStatistics:
        """How source-language terms came through translation, over the whole run."""
        from normalise.translate.terms import TermStatistics

        return TermStatistics.from_mapping(self.statistics)

    @property
    def words_per_second(self) -> float:
        """Words of documents converted in this run, a second of its time."""
        return (self.words - self.unchanged_words) / self.seconds if self.seconds else 0.0

    @property
    def documents(self) -> int:
        """All documents met, whatever became of them (skipped files are not documents)."""
        return self.converted + len(self.untranslated) + len(self.failed)

    def add(self, outcome: Outcome) -> None:
        """Count one document."""
        if outcome.status == "failed":
            self.failed.append((outcome.name, outcome.problem, outcome.remedy))
            return
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
        self.statistics.update(outcome.statistics)

    def exit_code(self, *, strict: bool = False) -> int:
        """0 done; 1 where a document failed or was not translated, or, if strict, was flagged."""
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
