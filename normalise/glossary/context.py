"""What a hit's conditions can ask of the document around it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from normalise.glossary.compile import SINGULAR
from normalise.glossary.fold import Folded
from normalise.glossary.schema import Near, When

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?…](?=\s)|\n|[.!?…]$")
# Stops that end no sentence in these texts.
_NOT_AN_END = re.compile(r"(?:\b(?:no|nr|mr|mrs|ms|dr|prof|st|vs|e\.g|i\.e|etc)|\b[a-z])\.$")

_NUMBER_WORDS = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    "|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?"
    "|thousands?|dozens?|several|number of|numbers of|total of"
)
# A number, then at most two words up to the hit. Ordinals (12th) and years in dates don't count.
_COUNT_BEFORE = re.compile(
    rf"(?:(?<![\w.,/])\d[\d.,]*|\b(?:{_NUMBER_WORDS})(?: (?:of|more|other))?)"
    r"(?: (?:the )?[^\W\d_]+){0,2} $"
)
_PLURAL_BEFORE = re.compile(
    r"\b(?:all|these|those|many|most|some|both|few|other|various) (?:[^\W\d_]+ )?$"
)
_PLURAL_AFTER = re.compile(r" (?:were|are|have|in which .{0,20} were)\b")


@dataclass(frozen=True)
class Context:
    """A document as conditions see it.

    ``definitions`` maps abbreviation keys to the ids of the terms this document defines them as.
    """

    folded: Folded
    language: str = "en"
    date: str | None = None
    cues: Mapping[str, Sequence[str]] = field(default_factory=dict)
    definitions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    # Readings of slots, kept by `SlotReader`: hundreds of forms ask for the same one.
    readings: dict[tuple[str, int, int], tuple[tuple[int, str], ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    @cached_property
    def _word_starts(self) -> list[int]:
        return [match.start() for match in _WORD.finditer(self.folded.text)]

    @cached_property
    def _sentence_ends(self) -> list[int]:
        text = self.folded.text
        return [
            match.end()
            for match in _SENTENCE_END.finditer(text)
            if match.group() == "\n"
            or not _NOT_AN_END.search(text, max(0, match.end() - 6), match.end())
        ]

    @cached_property
    def _paragraph_ends(self) -> list[int]:
        return [match.end() for match in re.finditer("\n", self.folded.text)]

    @cached_property
    def _cues_present(self) -> frozenset[str]:
        text = self.folded.text
        return frozenset(
            name
            for name, words in self.cues.items()
            if any(find_word(text, word, 0, len(text)) for word in words)
        )

    def starts_sentence(self, start: int) -> bool:
        """Whether a folded position opens a sentence or paragraph."""
        text = self.folded.text
        position = start
        while position and not (text[position - 1].isalnum() or text[position - 1] in ".!?…\n:,;)"):
            position -= 1
        if position == 0:
            return True
        index = bisect_left(self._sentence_ends, position)
        return index < len(self._sentence_ends) and self._sentence_ends[index] == position

    def window(self, start: int, end: int, within: int | str) -> tuple[int, int]:
        """The folded span that ``near`` looks at for a hit."""
        text = self.folded.text
        if within == "document":
            return 0, len(text)
        if within in ("sentence", "paragraph"):
            ends = self._sentence_ends if within == "sentence" else self._paragraph_ends
            left = bisect_right(ends, start)
            right = bisect_left(ends, end)
            return (
                ends[left - 1] if left else 0,
                ends[right] if right < len(ends) else len(text),
            )
        starts = self._word_starts
        count = int(within)
        left = max(0, bisect_left(starts, start) - count)
        right = bisect_left(starts, end) + count
        return (
            starts[left] if left < len(starts) else 0,
            starts[right] if right < len(starts) else len(text),
        )

    def near(self, start: int, end: int, near: Near) -> bool:
        """Whether one of the words stands in the window, outside the hit itself."""
        low, high = self.window(start, end, near.within)
        text = self.folded.text
        return any(
            find_word(text, word, low, start) or find_word(text, word, end, high)
            for word in near.any
        )

    def counted(self, start: int) -> bool:
        """Whether a number or a word of quantity stands before a folded position."""
        return _COUNT_BEFORE.search(self.folded.text, max(0, start - 60), start) is not None

    def reads_plural(self, start: int, end: int) -> bool:
        """Whether an uninflected abbreviation is plural by its neighbours."""
        text = self.folded.text
        return (
            self.counted(start)
            or _PLURAL_BEFORE.search(text, max(0, start - 40), start) is not None
            or _PLURAL_AFTER.match(text, end) is not None
        )

    def preceded(self, start: int, words: Sequence[str]) -> bool:
        """Whether one of the words stands directly before a folded position."""
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
        """Whether one of the words stands directly after a folded position."""
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

    def failures(
        self, when: When, start: int, end: int, number: int, *, exact: bool, defined: bool
    ) -> list[str]:
        """The names of the conditions of one set that do not hold; empty when all hold.

        ``exact`` says whether the case is as written, ``defined`` whether the document defines
        the abbreviation as this term; both are known to the matcher only.
        """
        return [
            name
            for name, held in self.verdicts(when, start, end, number, exact, defined)
            if not held
        ]

    def verdicts(
        self, when: When, start: int, end: int, number: int, exact: bool, defined: bool
    ) -> list[tuple[str, bool]]:
        """Each condition of one set in words, and whether it holds."""
        rows: list[tuple[str, bool]] = []
        if when.exact_case:
            rows.append(("exact-case", exact))
        if when.counted is not None:
            rows.append((f"counted: {_yes(when.counted)}", self.counted(start) == when.counted))
        if when.plural is not None:
            rows.append((f"plural: {_yes(when.plural)}", (number != SINGULAR) == when.plural))
        if when.near is not None:
            rows.append((_describe("near", when.near), self.near(start, end, when.near)))
        if when.not_near is not None:
            rows.append(
                (_describe("not-near", when.not_near), not self.near(start, end, when.not_near))
            )
        if when.preceded_by:
            rows.append(
                (_listed("preceded-by", when.preceded_by), self.preceded(start, when.preceded_by))
            )
        if when.not_preceded_by:
            rows.append(
                (
                    _listed("not-preceded-by", when.not_preceded_by),
                    not self.preceded(start, when.not_preceded_by),
                )
            )
        if when.followed_by:
            rows.append(
                (_listed("followed-by", when.followed_by), self.followed(end, when.followed_by))
            )
        if when.not_followed_by:
            rows.append(
                (
                    _listed("not-followed-by", when.not_followed_by),
                    not self.followed(end, when.not_followed_by),
                )
            )
        if when.defined is not None:
            rows.append((f"defined: {_yes(when.defined)}", defined == when.defined))
        if when.language:
            rows.append((_listed("language", when.language), self.language in when.language))
        if when.after is not None:
            rows.append((f"after: {when.after}", self.date is not None and self.date >= when.after))
        if when.before is not None:
            rows.append(
                (f"before: {when.before}", self.date is not None and self.date < when.before)
            )
        if when.cues_absent:
            rows.append(
                (
                    _listed("cues-absent", when.cues_absent),
                    not self._cues_present.intersection(when.cues_absent),
                )
            )
        if when.cues_present:
            rows.append(
                (
                    _listed("cues-present", when.cues_present),
                    bool(self._cues_present.intersection(when.cues_present)),
                )
            )
        return rows


def find_word(text: str, word: str, low: int, high: int) -> bool:
    """Whether a folded word (``*`` at its end: a prefix) stands in ``text[low:high]``.

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
    return position <= 0 or not text[position - 1].isalnum()


def _free_after(text: str, position: int) -> bool:
    return position >= len(text) or not text[position].isalnum()


def _yes(value: bool) -> str:
    return "true" if value else "false"


def _listed(name: str, words: Sequence[str]) -> str:
    return f"{name}: {', '.join(words)}"


def _describe(name: str, near: Near) -> str:
    unit = f"{near.within} words" if isinstance(near.within, int) else near.within
    return f"{name} ({unit}): {', '.join(near.any)}"
