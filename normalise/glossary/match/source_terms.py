"""Terms in the source language: found before translation, checked after it.

Scandinavian, German and Dutch words are compared by stems, so that definite, plural and genitive
forms count as the term; other languages compare folded text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import ahocorasick_rs

from normalise.glossary.match.fold import fold
from normalise.glossary.source.phrase import expand
from normalise.glossary.source.schema import Term
from normalise.language.germanic import STEMMED, reads_plural, stem

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class SourceHit:
    """A term in a source sentence: span, term id, and whether it looks plural."""

    start: int
    end: int
    term: str
    plural: bool


class SourceIndex:
    """Finds source-language forms of terms; one automaton per language, built on first use."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self._terms = terms
        self._by_language: dict[str, _Language] = {}

    def hits(self, text: str, language: str) -> list[SourceHit]:
        """Leftmost-longest hits in a sentence."""
        if language not in self._by_language:
            self._by_language[language] = _Language(self._terms, language)
        return self._by_language[language].hits(text)


class _Language:
    def __init__(self, terms: Sequence[Term], language: str) -> None:
        self._stemmed = language in STEMMED
        patterns: dict[str, str] = {}
        for term in terms:
            if term.status == "deprecated":
                continue
            for written in term.sources.get(language, ()):
                for form in expand(written):
                    key = self._key(form)
                    if key:
                        patterns.setdefault(key, term.id)
        self._ids = list(patterns.values())
        self._automaton = (
            ahocorasick_rs.AhoCorasick(list(patterns), store_patterns=False) if patterns else None
        )

    def _key(self, form: str) -> str:
        if not self._stemmed:
            return fold(form).text
        return " ".join(("", *(stem(word) for word in _WORD.findall(fold(form).text)), ""))

    def hits(self, text: str) -> list[SourceHit]:
        if self._automaton is None:
            return []
        folded = fold(text)
        if not self._stemmed:
            plain: list[SourceHit] = []
            reach = 0
            rows = self._automaton.find_matches_as_indexes(folded.text, overlapping=True)
            for number, start, end in sorted(rows, key=lambda row: (row[1], -row[2])):
                if start >= reach and _whole(folded.text, start, end):
                    reach = end
                    plain.append(SourceHit(*folded.span(start, end), self._ids[number], False))
            return plain
        words = list(_WORD.finditer(folded.text))
        stems = [stem(word.group()) for word in words]
        joined = " ".join(("", *stems, ""))
        # Where each stem's leading space is; neighbouring hits share the space between them.
        spaces = list(accumulate((len(stem) + 1 for stem in stems), initial=0))
        order = {position: index for index, position in enumerate(spaces)}
        found: list[SourceHit] = []
        reach = 0
        rows = self._automaton.find_matches_as_indexes(joined, overlapping=True)
        for number, start, end in sorted(rows, key=lambda row: (row[1], -row[2])):
            if start < reach:
                continue
            reach = end - 1
            first, last = words[order[start]], words[order[end - 1] - 1]
            span = folded.span(first.start(), last.end())
            plural = reads_plural(last.group())
            found.append(SourceHit(*span, self._ids[number], plural))
        return found


def _whole(text: str, start: int, end: int) -> bool:
    """Whole words, in scripts that have spaces."""
    return not (
        (start and _joins(text[start - 1]) and _joins(text[start]))
        or (end < len(text) and _joins(text[end]) and _joins(text[end - 1]))
    )


def _joins(char: str) -> bool:
    # Thai, Lao, Chinese, Japanese and Korean have no spaces, or attach particles to words.
    return char.isalnum() and not ("\u0e00" <= char <= "\u0eff" or char >= "\u3040")
