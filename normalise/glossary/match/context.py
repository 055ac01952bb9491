"""What a hit's conditions can ask about the document around it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

import ahocorasick_rs

from normalise.glossary.compiled.tables import SINGULAR
from normalise.glossary.match.fold import Folded, in_word
from normalise.glossary.source.schema import Near, When
from normalise.language.numbers import CARDINALS

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_WORD_LENGTH = 12  # roughly, with the space: how far back to look at first, per word
_SENTENCE_END = re.compile(r"[.!?…\n](?:(?<=\n)|(?=\s)|\Z)")
# Full stops that do not end a sentence in these texts.
_NOT_AN_END = re.compile(r"(?:\b(?:no|nr|mr|mrs|ms|dr|prof|st|vs|e\.g|i\.e|etc)|\b[a-z])\.$")

_NUMBER_WORDS = "|".join(
    (
        *(word for word, value in CARDINALS.items() if 2 <= value < 100),
        *("hundreds?", "thousands?", "dozens?", "several", "numbers? of", "total of"),
    )
)
# A number, then at most two words up to the hit. Ordinals (12th) and years don't count, nor do the
# numbers of another noun ("12 members of the").
_COUNT_BEFORE = re.compile(
    rf"(?:(?<![\w.,/])(?!(?:19|20)\d\d\b)\d[\d.,]*|\b(?:{_NUMBER_WORDS})(?: (?:of|more|other))?)"
    r"(?: (?!(?:of|by|for|from|to|with|under) )[^\W\d_]+){0,2} $"
)
# Nothing is counted unless one of these is there, which is much faster to check.
_COUNTING = frozenset(re.sub(r"\?| of", "", _NUMBER_WORDS).split("|")) | {
    *("hundred", "thousand", "dozen", "number")
}
_DIGIT_OR_WORD = re.compile(r"\d|[^\W\d_]+")
_PLURAL_BEFORE = re.compile(
    r"\b(?:all|these|those|many|most|some|both|few|other|various) (?:[^\W\d_]+ )?$"
)
_PLURAL_AFTER = re.compile(r" (?:were|are|have|in which .{0,20} were)\b")


class Watch:
    """Words to know of in a whole document: lists of cues by name, and others.

    >>> Watch({"china": ("cpc", "xi jin*")}, ("cell",)).find("the cpc and its cells")
    frozenset({'cpc'})
    """

    def __init__(self, cues: Mapping[str, Sequence[str]], others: Iterable[str]) -> None:
        self.cues = cues
        listed = (word for words in cues.values() for word in words)
        self._words = list(dict.fromkeys((*listed, *others)))
        stems = [word.rstrip("*") for word in self._words]
        self._automaton = ahocorasick_rs.AhoCorasick(stems, store_patterns=False) if stems else None

    def find(self, text: str) -> frozenset[str]:
        """The words in a folded text; one that ends in ``*`` is a prefix."""
        if self._automaton is None:
            return frozenset()
        words = self._words
        return frozenset(
            words[number]
            for number, start, end in self._automaton.find_matches_as_indexes(
                text, overlapping=True
            )
            if _free_before(text, start) and (words[number][-1] == "*" or _free_after(text, end))
        )


@dataclass(frozen=True)
class Context:
    """A document as conditions see it.

    ``definitions`` maps abbreviation keys to the ids of the terms this document defines them as.
    """

    folded: Folded
    language: str = "en"
    date: str | None = None
    watch: Watch = field(default_factory=lambda: Watch({}, ()))
    definitions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    # Readings of slots, cached by `SlotReader`: hundreds of forms need the same one.
    readings: dict[tuple[str, int, int], tuple[tuple[int, str], ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    _ends: dict[int, list[int]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def watched(self) -> frozenset[str]:
        """The watched words that occur in the document."""
        return self.watch.find(self.folded.text)

    @cached_property
    def cues_present(self) -> frozenset[str]:
        """The names of the lists of cues with a word in the document."""
        return frozenset(
            name
            for name, words in self.watch.cues.items()
            if not self.watched.isdisjoint(words)
        )

    def starts_sentence(self, start: int) -> bool:
        """Whether a folded position opens a sentence or paragraph."""
        text = self.folded.text
        position = start
        while position and not (text[position - 1].isalnum() or text[position - 1] in ".!?…\n:,;)"):
            position -= 1
        return position == self._paragraph(position) or position in self._sentence_ends(position)

    def window(self, start: int, end: int, within: int | str) -> tuple[int, int]:
        """The folded span that ``near`` looks at for a hit."""
        text = self.folded.text
        if within == "document":
            return 0, len(text)
        if within == "paragraph":
            return self._paragraph(start), text.find("\n", end) + 1 or len(text)
        if within == "sentence":
            left, right = self._sentence_ends(start), self._sentence_ends(end)
            before, after = bisect_right(left, start), bisect_left(right, end)
            return (
                left[before - 1] if before else self._paragraph(start),
                right[after] if after < len(right) else len(text),
            )
        return self._words_before(start, int(within)), self._words_after(end, int(within))

    def _paragraph(self, position: int) -> int:
        """Where the paragraph of a folded position begins."""
        return self.folded.text.rfind("\n", 0, position) + 1

    def _sentence_ends(self, position: int) -> list[int]:
        """Where a paragraph's sentences end; few hits need this, so few paragraphs are split."""
        begin = self._paragraph(position)
        ends = self._ends.get(begin)
        if ends is None:
            text = self.folded.text
            stop = text.find("\n", begin) + 1 or len(text)
            ends = self._ends[begin] = [
                match.end()
                for match in _SENTENCE_END.finditer(text, begin, stop)
                if match.group() == "\n"
                or not _NOT_AN_END.search(text, max(0, match.end() - 6), match.end())
            ]
        return ends

    def _words_before(self, start: int, count: int) -> int:
        """Where the last ``count`` words before a position begin."""
        text = self.folded.text
        reach = _WORD_LENGTH * (count + 1)
        while True:
            low = text.rfind(" ", 0, max(0, start - reach)) + 1  # never cuts a word
            starts = [match.start() for match in _WORD.finditer(text, low, start)]
            if len(starts) >= count:
                return starts[-count]
            if low == 0:
                return starts[0] if starts else start
            reach *= 2

    def _words_after(self, end: int, count: int) -> int:
        """Where the first word begins that is separated from a position by ``count`` words."""
        text = self.folded.text
        words = _WORD.finditer(text, text.rfind(" ", 0, end) + 1)
        later = (match.start() for match in words if match.start() >= end)
        return next(islice(later, count, None), len(text))

    def near(self, start: int, end: int, near: Near) -> bool:
        """Whether one of the words is in the window, outside the hit itself."""
        low, high = self.window(start, end, near.within)
        text = self.folded.text
        return any(
            find_word(text, word, low, start) or find_word(text, word, end, high)
            for word in near.any
        )

    def counted(self, start: int) -> bool:
        """Whether a number or a quantity word precedes a folded position."""
        text, begin = self.folded.text, max(0, start - 60)
        words = _DIGIT_OR_WORD.findall(text, begin, start)
        if _COUNTING.isdisjoint(words) and not any(map(str.isdecimal, words)):
            return False
        return _COUNT_BEFORE.search(text, begin, start) is not None

    def reads_plural(self, start: int, end: int) -> bool:
        """Whether an uninflected abbreviation is plural, judging by its neighbours."""
        text = self.folded.text
        return (
            self.counted(start)
            or _PLURAL_BEFORE.search(text, max(0, start - 40), start) is not None
            or (
                _PLURAL_AFTER.match(text, end) is not None
                and not text.endswith(" of the ", 0, start)
            )
        )

    def preceded(self, start: int, words: Sequence[str]) -> bool:
        """Whether one of the words is directly before a folded position."""
        text = self.folded.text
        stop = start
        while stop and text[stop - 1] == " ":
            stop -= 1
        for word in words:
            stem = word.rstrip("*")
            if word.endswith("*"):
                begin = max(text.rfind(" ", 0, stop), text.rfind("\n", 0, stop)) + 1
                if text.startswith(stem, begin) and begin < stop:
                    return True
            elif text.endswith(stem, 0, stop) and _free_before(text, stop - len(stem)):
                return True
        return False

    def followed(self, end: int, words: Sequence[str]) -> bool:
        """Whether one of the words is directly after a folded position."""
        text = self.folded.text
        begin = end
        while begin < len(text) and text[begin] == " ":
            begin += 1
        for word in words:
            stem = word.rstrip("*")
            if text.startswith(stem, begin) and (
                word.endswith("*") or _free_after(text, begin + len(stem))
            ):
                return True
        return False

    def holds(
        self, when: When, start: int, end: int, number: int, *, exact: bool, defined: bool
    ) -> bool:
        """Whether all conditions in a set hold.

        ``exact`` says whether the case is as written, ``defined`` whether the document defines the
        abbreviation as this term; only the matcher knows both.
        """
        return all(held for _, held in self._answers(when, start, end, number, exact, defined))

    def verdicts(
        self, when: When, start: int, end: int, number: int, exact: bool, defined: bool
    ) -> list[tuple[str, bool]]:
        """Each condition in a set in words, and whether it holds."""
        return [
            (_describe(name, getattr(when, name)), held)
            for name, held in self._answers(when, start, end, number, exact, defined)
        ]

    def _answers(
        self, when: When, start: int, end: int, number: int, exact: bool, defined: bool
    ) -> Iterator[tuple[str, bool]]:
        """Each condition in a set and whether it holds, lazily: the first failure may be enough."""
        if when.exact_case:
            yield "exact_case", exact
        if when.counted is not None:
            yield "counted", self.counted(start) == when.counted
        if when.plural is not None:
            yield "plural", (number != SINGULAR) == when.plural
        if when.near is not None:
            yield "near", self.near(start, end, when.near)
        if when.not_near is not None:
            yield "not_near", not self.near(start, end, when.not_near)
        if when.preceded_by:
            yield "preceded_by", self.preceded(start, when.preceded_by)
        if when.not_preceded_by:
            yield "not_preceded_by", not self.preceded(start, when.not_preceded_by)
        if when.followed_by:
            yield "followed_by", self.followed(end, when.followed_by)
        if when.not_followed_by:
            yield "not_followed_by", not self.followed(end, when.not_followed_by)
        if when.defined is not None:
            yield "defined", defined == when.defined
        if when.language:
            yield "language", self.language in when.language
        if when.after is not None:
            yield "after", self.date is not None and self.date >= when.after
        if when.before is not None:
            yield "before", self.date is not None and self.date < when.before
        if when.cues_absent:
            yield "cues_absent", not self.cues_present.intersection(when.cues_absent)
        if when.cues_present:
            yield "cues_present", bool(self.cues_present.intersection(when.cues_present))


def looks_far(sets: Sequence[When]) -> bool:
    """Whether some set of conditions looks further than the hit's sentence."""
    return any(
        near is not None and near.within != "sentence"
        for when in sets
        for near in (when.near, when.not_near)
    )


def find_word(text: str, word: str, low: int, high: int) -> bool:
    """Whether a folded word (a prefix if it ends in ``*``) is in ``text[low:high]``.

    >>> find_word("they classify cells", "classif*", 0, 19), find_word("cells", "cell", 0, 5)
    (True, False)
    """
    stem = word.rstrip("*")
    prefix = word.endswith("*")
    position = text.find(stem, low, high)
    while position >= 0:
        end = position + len(stem)
        if _free_before(text, position) and (prefix or _free_after(text, end)):
            return True
        position = text.find(stem, position + 1, high)
    return False


def _free_before(text: str, position: int) -> bool:
    return position <= 0 or not in_word(text[position - 1])


def _free_after(text: str, position: int) -> bool:
    return position >= len(text) or not in_word(text[position])


def _describe(name: str, condition: object) -> str:
    """A condition as its author wrote it."""
    name = name.replace("_", "-")
    match condition:
        case True:
            return name if name == "exact-case" else f"{name}: true"
        case False:
            return f"{name}: false"
        case Near(any=words, within=within):
            unit = f"{within} words" if isinstance(within, int) else within
            return f"{name} ({unit}): {', '.join(words)}"
        case tuple():
            return f"{name}: {', '.join(condition)}"
    return f"{name}: {condition}"
