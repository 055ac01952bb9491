"""How consistently a set of documents names things, before and after applying the glossary.

A *mention* of a concept is a winning hit of its term: a variant, a preferred or admitted name, an
abbreviation, or a form that is flagged for a person. It is *consistent* if it has the preferred
form: the preferred name in a spelling that the glossary leaves as it is, or an abbreviation that
the term's policy keeps. Admitted names and flagged forms are not. Hits in `forbidden:` phrases are
not mentions. The consistency of a concept is the share of its mentions that are consistent; that of
a set of documents is the share over the mentions of all concepts.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from normalise.data import Document
from normalise.edits import Alignment, move_blocks
from normalise.maintain.corpus import one_line

if TYPE_CHECKING:
    from normalise.glossary.glossary import Glossary
    from normalise.glossary.match.matcher import Hit


@dataclass(slots=True)
class Usage:
    """The mentions of one concept: how often each surface form occurs, and which are consistent."""

    forms: Counter[str] = field(default_factory=Counter)
    consistent: int = 0
    flagged: int = 0

    @property
    def mentions(self) -> int:
        """The number of mentions."""
        return self.forms.total()

    @property
    def consistency(self) -> float:
        """The share of consistent mentions, 0 to 1; 1 if there are no mentions."""
        return self.consistent / self.mentions if self.forms else 1.0

    def shares(self) -> list[tuple[str, int, float]]:
        """Form, count and share, most frequent first."""
        ranked = sorted(self.forms.items(), key=lambda item: (-item[1], item[0]))
        return [(form, count, count / self.mentions) for form, count in ranked]


@dataclass(slots=True)
class Concept:
    """One term's use in the documents measured."""

    term: str
    preferred: str
    before: Usage = field(default_factory=Usage)
    after: Usage = field(default_factory=Usage)


@dataclass(slots=True)
class Measurement:
    """The use of all concepts found, most mentioned first."""

    concepts: list[Concept]
    documents: int

    def total(self, when: str) -> Usage:
        """All mentions ``"before"`` or ``"after"`` together, not broken down by form."""
        total = Usage()
        for concept in self.concepts:
            usage: Usage = getattr(concept, when)
            total.forms[""] += usage.mentions
            total.consistent += usage.consistent
            total.flagged += usage.flagged
        total.forms += Counter()  # drops the empty count
        return total


def measure(glossary: Glossary, documents: Iterable[Document]) -> Measurement:
    """Measure English documents as they are, and as the glossary leaves them."""
    concepts: dict[str, Concept] = {}
    count = 0
    for document in documents:
        count += 1
        result = glossary.apply(
            document.text, blocks=document.blocks, protected=document.protected, date=document.date
        )
        alignment = Alignment(result.changes)
        outcome = Document(
            result.text,
            move_blocks(document.blocks, result.changes),
            protected=tuple(alignment.forward_span(*span) for span in document.protected),
            date=document.date,
        )
        count_mentions(glossary, document, "before", concepts)
        count_mentions(glossary, outcome, "after", concepts)
    return Measurement(rank(concepts.values()), count)


def rank(concepts: Iterable[Concept]) -> list[Concept]:
    """The concepts, most mentioned first."""
    return sorted(concepts, key=lambda concept: (-concept.before.mentions, concept.term))


def count_mentions(
    glossary: Glossary,
    document: Document,
    when: Literal["before", "after"],
    concepts: dict[str, Concept],
) -> list[Hit]:
    """Add the mentions in one English document to the concepts, by term; returns its hits."""
    decisions = glossary.decisions(
        document.text, blocks=document.blocks, protected=document.protected, date=document.date
    )
    for hit, decision in decisions:
        if decision.verdict == "forbidden":
            continue
        if hit.term not in concepts:
            concepts[hit.term] = Concept(hit.term, glossary.term(hit.term).preferred)
        usage: Usage = getattr(concepts[hit.term], when)
        usage.forms[one_line(document.text[hit.start : hit.end])] += 1
        usage.flagged += decision.verdict == "flagged"
        usage.consistent += decision.verdict == "preferred"
    return [hit for hit, _ in decisions]


def show_json(measurement: Measurement) -> str:
    """The whole measurement as JSON."""

    def plain(usage: Usage) -> dict[str, Any]:
        return {
            "mentions": usage.mentions,
            "consistent": usage.consistent,
            "flagged": usage.flagged,
            "consistency": round(usage.consistency, 4),
        }

    def with_forms(usage: Usage) -> dict[str, Any]:
        rows = [{"form": f, "count": n, "share": round(s, 4)} for f, n, s in usage.shares()]
        return {**plain(usage), "forms": rows}

    content = {
        "documents": measurement.documents,
        "before": plain(measurement.total("before")),
        "after": plain(measurement.total("after")),
        "concepts": [
            {
                "term": concept.term,
                "preferred": concept.preferred,
                "before": with_forms(concept.before),
                "after": with_forms(concept.after),
            }
            for concept in measurement.concepts
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
