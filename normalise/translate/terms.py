"""Terms in translations: what a sentence demands, whether the output has it, and repairs.

For each of the glossary's source-language terms in the sentence, the output must contain the
preferred or an admitted name, or a form that the glossary will rewrite to it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from normalise.data import Change, TermOutcome
from normalise.edits import Alignment
from normalise.language.germanic import is_definite
from normalise.translate.engine import Hypothesis
from normalise.translate.spans import Span


class FoundTerm(Protocol):
    """A source-language form of a term found in a sentence."""

    @property
    def start(self) -> int:
        """Where it begins."""

    @property
    def end(self) -> int:
        """Where it ends."""

    @property
    def term(self) -> str:
        """The term's id."""

    @property
    def plural(self) -> bool:
        """Whether it looks plural."""


class Applied(Protocol):
    """A text after the glossary: ``normalise.data.Stage`` and the like."""

    @property
    def text(self) -> str:
        """The rewritten text."""

    @property
    def changes(self) -> Sequence[Change]:
        """The changes made."""


class TermSource(Protocol):
    """What the translator needs of a glossary (``normalise.glossary.Glossary``)."""

    def source_hits(self, text: str, language: str) -> Sequence[FoundTerm]:
        """Source-language terms in a sentence."""

    def names(self, term_id: str, *, plural: bool = False) -> tuple[str, ...]:
        """Names a translation may use, the preferred one first."""

    @property
    def place_names(self) -> Container[str]:
        """Names of places in lower case, with and without diacritics."""

    def apply(self, text: str) -> Applied:
        """Apply the glossary to an English text."""


@dataclass(frozen=True, slots=True)
class Demand:
    """A term in the source sentence and the names that satisfy it, the preferred one first.

    ``start`` and ``end`` are offsets in the source; ``name`` is what to write in its place,
    singular or plural like the source; ``definite`` says that the source has the definite form. The
    first ``singulars`` names are singulars, the rest their plurals in the same order.
    """

    start: int
    end: int
    term: str
    names: tuple[str, ...]
    name: str
    plural: bool = False
    definite: bool = False
    singulars: int = 1


def find_demands(glossary: TermSource, text: str, language: str) -> list[Demand]:
    """The demands of a source sentence on its translation, in text order."""
    demands = []
    for hit in glossary.source_hits(text, language):
        singular = glossary.names(hit.term)
        plural = glossary.names(hit.term, plural=True)
        names = tuple(dict.fromkeys((*singular, *plural)))
        if not names:
            continue
        name = (plural if hit.plural and plural else singular or plural)[0]
        surface = text[hit.start : hit.end]
        demands.append(
            Demand(
                hit.start, hit.end, hit.term, names, name, hit.plural,
                is_definite(surface, language), len(singular),
            )
        )  # fmt: skip
    return demands


@lru_cache(maxsize=4096)
def _name_pattern(name: str) -> re.Pattern[str]:
    words = [re.escape(word) for word in re.split(r"[\s\u2010-\u2015-]+", name)]
    joined = r"[\s\u2010-\u2015-]+".join(words)
    joined = re.sub(r"is(?=e|i|a)", "i[sz]", joined.replace("’", "'")).replace("'", "['’]")
    return re.compile(rf"(?<!\w){joined}(?!\w)", re.IGNORECASE)


def locate(output: str, demands: Sequence[Demand]) -> list[Span | None]:
    """Where each demand's name is in an output, using each place once, longest name first.

    >>> d = Demand(0, 4, "t", ("Party cell", "Party cells"), "Party cell")
    >>> locate("two party cells and a Party cell", [d, d, d])
    [(4, 15), (22, 32), None]
    """
    found: list[Span | None] = [None] * len(demands)
    taken: list[Span] = []
    order = sorted(range(len(demands)), key=lambda i: (-max(map(len, demands[i].names)), i))
    for index in order:
        places = sorted(
            (match.span() for name in demands[index].names
             for match in _name_pattern(name).finditer(output)),
            key=lambda span: (span[0], -span[1]),
        )  # fmt: skip
        for start, end in places:
            if all(end <= s or start >= e for s, e in taken):
                found[index] = (start, end)
                taken.append((start, end))
                break
    return found


def locate_rewritten(
    output: str, demands: Sequence[Demand], apply: Callable[[str], Applied]
) -> list[Span | None]:
    """Like `locate`, but also counting forms that the glossary will rewrite to the name."""
    found = locate(output, demands)
    if all(found):
        return found
    applied = apply(output)
    if applied.text == output:
        return found
    alignment = Alignment(applied.changes)
    rewritten = locate(applied.text, demands)
    if sum(map(bool, rewritten)) <= sum(map(bool, found)):
        return found
    return [None if span is None else alignment.back_span(*span) for span in rewritten]


def rendering(demand: Demand, text: str) -> str:
    """Which of a demand's names is in ``text``, in lower case and singular.

    A form that the glossary rewrites counts as the preferred name.
    """
    for index, name in enumerate(demand.names):
        if _name_pattern(name).fullmatch(text):
            return demand.names[index % max(1, demand.singulars)].lower()
    return demand.names[0].lower()


# -- repairs by attention ------------------------------------------------------------------------

_BEFORE = frozenset("the a an of in to for by and at on with from its their this that".split())
_AFTER = frozenset("of the a an in to for by and at on with from that which".split())
_ASKS_THE = frozenset("of in to by for with from on at and under between within before".split())
_PUNCTUATION = '.,;:!?()[]"“”«»'
LEAST_WEIGHT = 0.35
"""The share of a target word's attention on the source term that makes it part of the term."""


def replace_aligned(
    hypothesis: Hypothesis,
    source_pieces: Sequence[Span],
    demand: Demand,
    keep: Iterable[Span] = (),
) -> str | None:
    """The hypothesis with the words that attend to the source term replaced by its name.

    Args:
        hypothesis: Decoded with attention.
        source_pieces: The characters of the source that each source piece covers.
        demand: The term that is missing.
        keep: Spans of the hypothesis that satisfy other demands and must stay.

    Returns:
        The repaired text, None if no span clearly belongs to the term.
    """
    columns = [
        index
        for index, (start, end) in enumerate(source_pieces)
        if start < demand.end and end > demand.start and end > start
    ]
    if not columns or not hypothesis.attention:
        return None
    words = _weigh_words(hypothesis, columns)
    span = _best_run(words, list(keep), 3 * len(demand.name.split()) + 2)
    if span is None:
        return None
    return _write_name(hypothesis.text, span, demand)


def _weigh_words(hypothesis: Hypothesis, columns: Sequence[int]) -> list[tuple[Span, float]]:
    """Each target word with the greatest share of attention one of its pieces gives the term."""
    words: list[tuple[Span, float]] = []
    text = hypothesis.text
    shares = []
    for row in hypothesis.attention:
        total = sum(row)
        shares.append(sum(row[c] for c in columns if c < len(row)) / total if total else 0.0)
    for match in re.finditer(r"\S+", text):
        start, end = match.span()
        inside = [
            share
            for share, (s, e) in zip(shares, hypothesis.spans, strict=False)
            if s < end and e > start and text[s:e].strip()
        ]
        words.append(((start, end), sum(inside) / len(inside) if inside else 0.0))
    return words


def _best_run(
    words: Sequence[tuple[Span, float]], keep: Sequence[Span], longest: int
) -> Span | None:
    """The run of words with the greatest excess weight that does not touch ``keep``."""
    best: Span | None = None
    best_sum = 0.0
    for first in range(len(words)):
        total = 0.0
        for last in range(first, min(len(words), first + longest)):
            (start, end), weight = words[last]
            if any(start < e and end > s for s, e in keep):
                break
            total += weight - LEAST_WEIGHT
            if total > best_sum:
                best, best_sum = (words[first][0][0], end), total
    return best


def _write_name(text: str, span: Span, demand: Demand) -> str | None:
    start, end = span
    words = [(m.start() + start, m.end() + start) for m in re.finditer(r"\S+", text[start:end])]

    def bare(word: Span) -> str:
        return text[word[0] : word[1]].strip(_PUNCTUATION).lower()

    while words and bare(words[0]) in _BEFORE:
        words.pop(0)
    while words and bare(words[-1]) in _AFTER:
        words.pop()
    if not words:
        return None
    start, end = words[0][0], words[-1][1]
    while start < end and text[start] in _PUNCTUATION:
        start += 1
    while end > start and text[end - 1] in _PUNCTUATION:
        end -= 1
    old, name = text[start:end], demand.name
    before, after = text[:start], text[end:]
    if old.lower().endswith(("'s", "’s", "s'", "s’")):
        mark = "’" if "’" in old[-2:] else "'"
        name += mark if demand.plural and name.endswith("s") else f"{mark}s"
    before = _agree(before, name, demand)
    if not before.strip(_PUNCTUATION + " "):
        name = name[:1].upper() + name[1:]
    return before + name + after


def _agree(before: str, name: str, demand: Demand) -> str:
    """Repair the article before a name: a/an, none before a plural, "the" if the source has it.

    >>> d = Demand(0, 1, "t", ("office",), "office")
    >>> _agree("He leads a ", "office", d)
    'He leads an '
    """
    match = re.search(r"(?:^|(?<=\s))(an?)(\s+)$", before, re.IGNORECASE)
    if match:
        if demand.plural:
            return before[: match.start()]
        article = "an" if name[:1].lower() in "aeiou" else "a"
        article = article.capitalize() if match[1][0].isupper() else article
        return before[: match.start()] + article + match[2]
    last = re.search(r"(\w+)\s+$", before)
    if demand.definite and not demand.plural and last and last[1].lower() in _ASKS_THE:
        return before + "the "
    return before


# -- counting ------------------------------------------------------------------------------------


@dataclass
class TermStatistics:
    """Term success and consistency of a run, as WMT's terminology tasks (2023, 2025) define them.

    Success is the share of source terms whose name is in the output. Consistency takes each term's
    most frequent rendering in the run as its pseudo-reference and is the share of source terms
    rendered that way.
    """

    renderings: dict[str, Counter[str]] = field(default_factory=dict)
    steps: Counter[str] = field(default_factory=Counter)

    def add(self, outcomes: Iterable[TermOutcome]) -> None:
        """Count the terms in one sentence (once for each of its repetitions)."""
        for outcome in outcomes:
            self.renderings.setdefault(outcome.term, Counter())[outcome.rendering] += 1
            self.steps[outcome.step] += 1

    @property
    def terms(self) -> int:
        """The number of source terms."""
        return self.steps.total()

    @property
    def success(self) -> float:
        """Share of source terms that came out as one of their names; 1.0 if there are none."""
        return 1.0 - self.steps["missing"] / self.terms if self.terms else 1.0

    @property
    def consistency(self) -> float:
        """Share of source terms that came out as their term's most frequent rendering."""
        if not self.terms:
            return 1.0
        same = sum(
            max((n for name, n in counts.items() if name), default=0)
            for counts in self.renderings.values()
        )
        return same / self.terms
