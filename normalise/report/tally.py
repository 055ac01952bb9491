"""The figures of a whole run, added up document by document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from normalise.language.codes import name_language
from normalise.maintain.measure import Concept, Measurement, count_mentions, rank
from normalise.maintain.suggest import Collector, Suggestion
from normalise.report.explain import FLAGS, RULES, Explainer
from normalise.report.folder import Found, english

if TYPE_CHECKING:
    from normalise.glossary import Glossary

Citation = tuple[str, str, str, str, str]
MOST_CONCEPTS = 12


@dataclass(slots=True)
class Entry:
    """A document in the list of documents; ``link`` leads to it, empty if it has no page."""

    path: str
    status: str
    language: str = ""
    words: int = 0
    changes: int = 0
    flags: int = 0
    link: str = ""
    remark: str = ""


@dataclass(slots=True)
class Count:
    """How often something occurs, and in how many documents."""

    key: str
    name: str
    times: int = 0
    documents: int = 0


@dataclass(slots=True)
class Tally:
    """Everything the overview shows.

    Args:
        glossary: Measures consistency, and finds suggestions.
        explainer: Names the terms.
    """

    glossary: Glossary
    explainer: Explainer
    entries: list[Entry] = field(default_factory=list)
    languages: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    words: int = 0
    changes: int = 0
    flags: int = 0
    sentences: int = 0
    measured: int = 0
    signatures: Counter[str] = field(default_factory=Counter)
    _terms: dict[str, Count] = field(default_factory=dict)
    _rules: dict[str, Count] = field(default_factory=dict)
    _flags: dict[str, Count] = field(default_factory=dict)
    _citations: dict[Citation, Count] = field(default_factory=dict)
    _concepts: dict[str, Concept] = field(default_factory=dict)
    _collector: Collector | None = None

    def add(self, found: Found) -> Entry:
        """Count one document; returns its entry in the list."""
        record = found.record
        status = record["status"]
        self.statuses[status] += 1
        entry = Entry(record["path"], status)
        if status == "skipped":
            entry.remark = record["reason"]
            return entry
        self.entries.append(entry)
        if status == "failed":
            entry.remark = " ".join(filter(None, (record["error"], _remedy(record["remedy"]))))
            return entry
        entry.language = name_language(record["language"]["code"])
        entry.words = record["statistics"].get("words", 0)
        entry.changes, entry.flags = len(record["changes"]), len(record["flags"])
        if record.get("edited"):
            entry.remark = "corrected by hand since"
        self.languages[entry.language] += 1
        self.words += entry.words
        self.changes += entry.changes
        self.flags += entry.flags
        self.sentences += record["statistics"].get("sentences_translated", 0)
        self.signatures[_base(record["signature"])] += 1
        self._count(record)
        if found.way is not None:
            self._measure(found)
        return entry

    def _count(self, record: Mapping[str, Any]) -> None:
        changes = record["changes"]
        names = self.explainer
        _add(self._terms, (c["term"] for c in changes if c["term"]), names.name)
        rules = (c["rule"] for c in changes)
        _add(self._rules, rules, lambda rule: RULES.get(rule, rule))
        _add(self._flags, (f["rule"] for f in record["flags"]), lambda r: FLAGS.get(r, r))
        cited = [
            (c["type"], c["number"], c["code"], c["issuer"], c["date"])
            for c in record["citations"]
        ]
        _add(self._citations, cited, lambda key: " ".join(filter(None, key)))

    def _measure(self, found: Found) -> None:
        before, after = english(found)
        count_mentions(self.glossary, before, "before", self._concepts)
        hits = count_mentions(self.glossary, after, "after", self._concepts)
        self.measured += 1
        if self._collector is None:
            self._collector = Collector(self.glossary)
        self._collector.add(after, hits)

    @property
    def terms(self) -> list[Count]:
        """Changes by term, most frequent first."""
        return _rank(self._terms.values())

    @property
    def rules(self) -> list[Count]:
        """Changes by kind, most frequent first."""
        return _rank(self._rules.values())

    @property
    def flag_kinds(self) -> list[Count]:
        """Flags by kind, most frequent first."""
        return _rank(self._flags.values())

    @property
    def citations(self) -> list[tuple[Citation, Count]]:
        """Cited documents: type, number, code, issuer and date, most cited first."""
        return sorted(self._citations.items(), key=lambda one: (-one[1].times, one[0]))

    def consistency(self) -> Measurement:
        """How consistently terms are named, before and after the glossaries."""
        return Measurement(rank(self._concepts.values()), self.measured)

    def suggestions(self, least: int = 2) -> Sequence[Suggestion]:
        """Names like known ones that no term covers."""
        return self._collector.suggestions(least=least) if self._collector else ()


def _add(counts: dict[Any, Count], keys: Iterable[Any], name: Any) -> None:
    for key, times in Counter(keys).items():
        count = counts.setdefault(key, Count(str(key), name(key)))
        count.times += times
        count.documents += 1


def _rank(counts: Iterable[Count]) -> list[Count]:
    return sorted(counts, key=lambda count: (-count.times, count.name))


def _remedy(remedy: str) -> str:
    return f"(remedy: {remedy})" if remedy else ""


def _base(signature: str) -> str:
    """The signature without what is the document's own."""
    own = ("package:", "exemptions:")
    return "|".join(part for part in signature.split("|") if not part.startswith(own))
