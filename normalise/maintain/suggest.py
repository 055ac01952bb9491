"""Names similar to known terms that nothing in the glossary covers yet.

Two kinds of evidence, both from the documents only:

- a phrase that differs from a known name in one word (another word, or a spelling of it), found
  by leaving out each word in turn and looking up what is left;
- a capitalised phrase that ends in the head noun of a known body and shares another of its words
  ("Provincial Party Committee's Building Commission").

With a translation memory there is a third: the translation of a sentence that contains a term's
source name, if the term is not found in the translation.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING

from normalise.data import Document
from normalise.glossary.match.fold import fold
from normalise.maintain.corpus import line_number, one_line, sentence_spans

if TYPE_CHECKING:
    from normalise.glossary.glossary import Glossary
    from normalise.glossary.match.matcher import Hit

_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_SMALL = frozenset(
    "a an and as at by for from in into is of on or that the their this to was were with".split()
)
_LINKS = frozenset(("of", "for", "on", "the", "and", "in"))
_LONGEST = 9
_GAP = "\0"
_SIMILAR = 0.8
_EXAMPLES = 2
_MOST_EXAMPLE = 160


@dataclass(slots=True)
class Suggestion:
    """A surface form that no term covers, the term it resembles, and the evidence."""

    form: str
    term: str
    reason: str
    count: int = 0
    documents: set[str] = field(default_factory=set)
    examples: list[str] = field(default_factory=list)


class _Known:
    """The glossary's names, indexed to find what is nearly one of them."""

    def __init__(self, glossary: Glossary) -> None:
        self.names: dict[str, str] = {}
        # A phrase with one word left out, to the terms and that word.
        self.nearly: dict[tuple[str, ...], dict[tuple[str, str], None]] = defaultdict(dict)
        self.heads: dict[str, Counter[str]] = defaultdict(Counter)
        self.words: dict[str, set[str]] = defaultdict(set)
        for term_id, rule, form, _ in glossary.patterns():
            if rule in ("flag", "forbidden") or "{" in form:
                continue
            self.names[form] = term_id
            words = tuple(form.split())
            self.words[term_id].update(word for word in words if word not in _SMALL)
            if len(words) > 1:
                self.heads[_singular(words[_head(words)])][term_id] += 1
            for index, word in enumerate(words):
                rest = (*words[:index], _GAP, *words[index + 1 :])
                if sum(w not in _SMALL and w != _GAP for w in rest) > 0 and word not in _SMALL:
                    self.nearly[rest][term_id, word] = None


def suggest(
    glossary: Glossary, documents: Iterable[Document], *, least: int = 2
) -> list[Suggestion]:
    """Forms that nothing covers, most frequent first.

    Args:
        glossary: The glossary to extend.
        documents: English documents.
        least: Leave out forms seen fewer times.
    """
    collector = Collector(glossary)
    for document in documents:
        collector.add(document)
    return collector.suggestions(least=least)


class Collector:
    """Collects suggestions document by document; see `suggest`."""

    def __init__(self, glossary: Glossary) -> None:
        self._glossary = glossary
        self._known = _Known(glossary)
        self._found: dict[str, Suggestion] = {}

    def add(self, document: Document, hits: Sequence[Hit] | None = None) -> None:
        """Look for forms in one English document; ``hits`` are those in it, if they are known."""
        if hits is None:
            hits = self._glossary.hits(
                document.text,
                blocks=document.blocks,
                protected=document.protected,
                date=document.date,
            )
        covered = [(hit.start, hit.end) for hit in hits]
        text = document.text
        for start, end in sentence_spans(document):
            inside = [(a, b) for a, b in covered if a < end and start < b]
            for low, high, term, reason in _candidates(text, start, end, inside, self._known):
                _note(self._found, document, (start, end), (low, high), term, reason)

    def suggestions(self, *, least: int) -> list[Suggestion]:
        """Forms seen at least this often, most frequent first."""
        ranked = sorted(self._found.values(), key=lambda s: (-s.count, s.term, s.form))
        return [suggestion for suggestion in ranked if suggestion.count >= least]


def _note(
    found: dict[str, Suggestion],
    document: Document,
    sentence: tuple[int, int],
    span: tuple[int, int],
    term: str,
    reason: str,
) -> None:
    form = one_line(document.text[slice(*span)])
    one = found.setdefault(fold(form).text, Suggestion(form, term, reason))
    one.count += 1
    one.documents.add(document.name)
    if len(one.examples) < _EXAMPLES:
        shown = one_line(document.text[slice(*sentence)])
        if len(shown) > _MOST_EXAMPLE:
            shown = shown[: _MOST_EXAMPLE - 1] + "…"
        example = f"{shown} ({document.name}:{line_number(document.text, span[0])})"
        if example not in one.examples:
            one.examples.append(example)


def _candidates(
    text: str, start: int, end: int, covered: list[tuple[int, int]], known: _Known
) -> Iterator[tuple[int, int, str, str]]:
    """Spans in a sentence that look like names: the widest, without overlaps.

    A span may contain a hit (the Provincial Party Committee of its Building Commission), but what
    makes it a new name must be outside all hits.
    """
    words = [(m.start(), m.end()) for m in _WORD.finditer(text, start, end)]
    folded = [fold(text[a:b]).text for a, b in words]
    free = [not any(a < high and low < b for a, b in covered) for low, high in words]
    # For each word but the first, whether a phrase must not run on into it.
    broken = [_broken(text[a:b]) for (_, a), (b, _) in pairwise(words)]
    proposals: list[tuple[int, int, str, str]] = []
    for first in range(len(words)):
        for last in range(first + 2, min(first + _LONGEST, len(words)) + 1):
            if broken[last - 2]:
                break
            span = words[first][0], words[last - 1][1]
            if folded[first] in _SMALL or folded[last - 1] in _SMALL or _cuts(span, covered):
                continue
            phrase = tuple(folded[first:last])
            telling = [
                is_free and text[low].isupper()
                for is_free, (low, _) in zip(free[first:last], words[first:last], strict=True)
            ]
            near = _near_name(phrase, telling, free[first:last], known) or _head_name(
                text, words[first:last], phrase, known
            )
            if near and free[first + near[2]]:
                proposals.append((*span, near[0], near[1]))
    taken: list[tuple[int, int]] = []
    for proposal in sorted(proposals, key=lambda p: (p[0] - p[1], p[0])):
        if not any(proposal[0] < b and a < proposal[1] for a, b in taken):
            taken.append(proposal[:2])
            yield proposal


def _broken(between: str) -> bool:
    """Whether there is more than spaces, hyphens and quotation marks between two words."""
    return re.fullmatch(r"[\s\-‐-―\"“”'’]*", between) is None or "\n\n" in between


def _cuts(span: tuple[int, int], covered: list[tuple[int, int]]) -> bool:
    """Whether the span is inside a hit, or contains only part of one."""
    return any(
        (a, b) == span or (a < span[1] and span[0] < b and not (span[0] <= a and b <= span[1]))
        for a, b in covered
    )


def _near_name(
    phrase: tuple[str, ...], telling: list[bool], free: list[bool], known: _Known
) -> tuple[str, str, int] | None:
    """The term whose name the phrase is except for one word; the reason; that word's index.

    A misspelt word is enough. A different word must be capitalised, as names are, and not merely be
    next to a name that is found anyway ("the Provincial Party Committee has").
    """
    if " ".join(phrase) in known.names or len(phrase) < 2:
        return None
    best: tuple[float, str, str, int] | None = None
    for index, word in enumerate(phrase):
        if word in _SMALL:
            continue
        rest = (*phrase[:index], _GAP, *phrase[index + 1 :])
        others = [i for i, w in enumerate(phrase) if w not in _SMALL and i != index]
        enough = len(others) > 1 and telling[index] and any(free[i] for i in others)
        for term, other in known.nearly.get(rest, ()):
            ratio = SequenceMatcher(None, word, other).ratio()
            if ratio >= _SIMILAR or enough:
                reason = f"'{word}' where a known name has '{other}'"
                if best is None or ratio > best[0]:
                    best = (ratio, term, reason, index)
    return best[1:] if best else None


def _head(words: tuple[str, ...]) -> int:
    """The index of the head noun: the last word before the first link."""
    return next((i - 1 for i, word in enumerate(words) if word in _LINKS and i), len(words) - 1)


def _singular(word: str) -> str:
    return word.removesuffix("s")


def _head_name(
    text: str, spans: list[tuple[int, int]], phrase: tuple[str, ...], known: _Known
) -> tuple[str, str, int] | None:
    """The term that shares the capitalised phrase's head noun and most other words."""
    if len(spans) < 3 or not all(
        text[a].isupper() or text[a:b].lower() in _LINKS for a, b in spans
    ):
        return None
    index = _head(phrase)
    head = _singular(phrase[index])
    content = {word for word in phrase if word not in _SMALL} - {head, head + "s"}
    best = max(
        known.heads.get(head, ()),
        key=lambda term: (len(known.words[term] & content), -len(known.words[term]), term),
        default=None,
    )
    if best is None or len(known.words[best] & content) < 2:
        return None
    return best, f"has the head noun '{head}' of a known name", index


def from_memory(
    glossary: Glossary, pairs: Iterable[tuple[str, str, str]], *, least: int = 2
) -> list[Suggestion]:
    """Suggestions from a translation memory.

    Args:
        glossary: The glossary to extend.
        pairs: Language code, source sentence and English translation.
        least: Leave out forms seen fewer times.
    """
    found: dict[str, Suggestion] = {}
    for code, source, target in pairs:
        wanted = {hit.term for hit in glossary.source_hits(source, code)}
        hits = glossary.hits(target)
        missing = wanted - {hit.term for hit in hits}
        if not missing:
            continue
        document = Document(target, (), name="memory")
        covered = [(hit.start, hit.end) for hit in hits]
        for low, high in _capitalised(target):
            form = fold(target[low:high]).text
            if any(a < high and low < b for a, b in covered):
                continue
            for term in sorted(missing):
                if _related(form, glossary, term):
                    reason = "translates a sentence that contains the term"
                    _note(found, document, (0, len(target)), (low, high), term, reason)
                    break
    ranked = sorted(found.values(), key=lambda s: (-s.count, s.term, s.form))
    return [suggestion for suggestion in ranked if suggestion.count >= least]


_NAME = re.compile(
    r"(?:\b(?:The|An?)\s+)?"
    r"([^\W\d_a-z][\w'’-]*(?:\s+(?:(?:of|for|the|on|and)\s+){0,2}[^\W\d_a-z][\w'’-]*)+)"
)


def _capitalised(text: str) -> Iterator[tuple[int, int]]:
    """Runs of two or more capitalised words with the links between them, without an article."""
    for match in _NAME.finditer(text):
        yield match.span(1)


def _related(form: str, glossary: Glossary, term: str) -> bool:
    words = {word for word in form.split() if word not in _SMALL}
    name = {word for word in fold(glossary.term(term).preferred).text.split() if word not in _SMALL}
    return bool(words & name)


def show_yaml(suggestions: Iterable[Suggestion]) -> str:
    """The suggestions as YAML by term, each form with its count and examples in comments."""
    by_term: dict[str, list[Suggestion]] = defaultdict(list)
    for suggestion in suggestions:
        by_term[suggestion.term].append(suggestion)
    lines = ["# Copy what is right into the `variants:` of the term, and give it an example."]
    for term, rows in sorted(by_term.items(), key=lambda item: -sum(s.count for s in item[1])):
        lines += [f"- id: {term}", "  variants:"]
        for row in rows:
            where = f"{row.count} times in {len(row.documents)} documents"
            lines.append(f"  # {where}: {row.reason}")
            lines += (f"  #   {example}" for example in row.examples)
            lines.append(f"  - {_scalar(row.form)}")
    return "\n".join(lines) + "\n" if by_term else "# Nothing similar to a known term was found.\n"


def _scalar(text: str) -> str:
    """A YAML scalar, quoted: brackets and colons in a form have a meaning in YAML."""
    import json

    bare = re.fullmatch(r"[A-Za-zÀ-ỹ][\w '’-]*", text) and not text.endswith(" ")
    return text if bare else json.dumps(text, ensure_ascii=False)
