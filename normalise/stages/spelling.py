"""One spelling: English words that Britain and America spell differently, written in one way.

Works like punctuation: inside the prose of English blocks, outside protected spans. What may be a
name stays: a capital in the middle of a sentence, a known organisation, a title in quotation
marks. So do addresses, code, and words whose sense decides their spelling but is not certain.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate
from typing import Final, Protocol, TypeVar

import ahocorasick_rs

from normalise.data import Block, Change, ChangeRule, Document, Stage
from normalise.edits import Alignment, Edit, apply_edits, compose
from normalise.language.spelling.senses import BRITISH, REACH, Sense
from normalise.language.spelling.variants import KEEP, certain_words, doubtful_words, fit_case
from normalise.stages.advance import advance, choose
from normalise.stages.exemptions import spare
from normalise.stages.prose import Prose, lower

SPELLING: Final = "spelling"

Span = tuple[int, int]

_REASONS = {
    "en-GB": "British spelling with -ise",
    "en-GB-oxendict": "British spelling with -ize",
    "en-US": "American spelling",
}


class Speller:
    """Writes English in one spelling.

    Args:
        spelling: One of ``normalise.language.spelling.variants.SPELLINGS``.
    """

    def __init__(self, spelling: str) -> None:
        self._certain = certain_words(spelling)
        senses = {} if spelling == "en-US" else BRITISH
        self._doubtful = {w: f for w, f in doubtful_words(spelling).items() if w in senses}
        self._senses = senses
        self._reason = _REASONS[spelling]
        self._words = (*self._certain, *self._doubtful)
        self._automaton = ahocorasick_rs.AhoCorasick(
            self._words, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest, store_patterns=False
        )

    def unify(self, document: Document, blocks: Iterable[Block]) -> Stage:
        """Write the document's English ``blocks`` in this spelling.

        >>> from normalise.formats.txt import parse
        >>> page = parse("They organize the labor of the World Health Organization.")
        >>> Speller("en-GB").unify(page, page.blocks).text
        'They organise the labour of the World Health Organization.'
        """
        text, changes = apply_edits(SPELLING, document.text, self._edits(document, blocks))
        return Stage(SPELLING, text, changes)

    def _edits(self, document: Document, blocks: Iterable[Block]) -> Iterator[Edit]:
        text = document.text
        lowered = lower(text)
        found = [
            (start, end, self._words[number])
            for number, start, end in self._automaton.find_matches_as_indexes(lowered)
            if not (start and _in_word(lowered[start - 1]))
            and not (end < len(lowered) and _in_word(lowered[end]))
        ]
        if not found:
            return
        prose = _Blocks(document, blocks)
        for start, end, word in found:
            place = prose.find(start, end)
            if place is None:
                continue
            offset, around = place
            begin, stop = start - offset, end - offset
            form, reason = self._certain.get(word), self._reason
            if form is None:
                sense = self._sense(word, around, begin, stop)
                if sense is None:
                    continue
                form, reason = self._doubtful[word], f"{reason}: {sense.meaning}"
            if around.admits(begin, stop):
                rule: ChangeRule = "spelling" if word in self._certain else "sense"
                yield Edit(start, end, fit_case(form, text[start:end]), rule, "", reason)

    def _sense(self, word: str, around: Prose, start: int, end: int) -> Sense | None:
        before = around.lowered[max(0, start - REACH) : start].replace("\n", " ")
        after = around.lowered[end : end + REACH].replace("\n", " ")
        return next((s for s in self._senses[word] if s.fits(before, after)), None)


@cache
def speller(spelling: str) -> Speller:
    """The speller of a spelling, made once."""
    return Speller(spelling)


class Written(Protocol):
    """What the stage after this one makes of a text."""

    @property
    def text(self) -> str:
        """Its output."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """Its changes to the spelt text."""


Next = TypeVar("Next", bound=Written)


def spell(
    spelling: str,
    document: Document,
    english: Sequence[bool],
    standardise: Callable[[Document], Next],
) -> tuple[Stage, Document, Next]:
    """Spell a document, and standardise it, until there is nothing left to spell.

    Whether a capital may be a name depends on the words around it, and the glossaries change
    those. What can only be spelt after they have is spelt before they start after all, so that a
    second run finds nothing.

    Args:
        spelling: One of ``normalise.language.spelling.variants.SPELLINGS``, or ``keep``.
        document: The document to spell.
        english: For each of its blocks, whether it is English.
        standardise: The stage that follows.

    Returns:
        The spelling stage, the spelt document, and what the next stage made of it.
    """
    if spelling == KEEP:
        return Stage(SPELLING, document.text), document, standardise(document)

    def unify(document: Document) -> Stage:
        # Words that a person wants left alone here are still the glossaries' to write.
        spared, _ = spare(document, SPELLING)
        return speller(spelling).unify(spared, choose(document.blocks, english))

    stage = unify(document)
    spelt = advance(document, stage)
    result = standardise(spelt)
    for _ in range(_MOST_ROUNDS):
        if not result.changes:
            break
        after = advance(spelt, Stage(SPELLING, result.text, result.changes))
        late = _carry_back(unify(after).changes, result.changes, spelt.text)
        if not late:
            break
        text, more = apply_edits(SPELLING, spelt.text, late)
        stage = Stage(SPELLING, text, compose(document.text, stage.changes, more))
        spelt = advance(document, stage)
        result = standardise(spelt)
    return stage, spelt, result


# A late spelling can let the glossaries find more, which can make another late one.
_MOST_ROUNDS = 4


def _carry_back(late: Sequence[Change], changes: Sequence[Change], text: str) -> list[Edit]:
    """Changes to the text after ``changes`` as edits of the text before, where it was the same."""
    alignment = Alignment(changes)
    edits = []
    for change in late:
        start, end = alignment.back_span(change.start, change.end)
        if text[start:end] == change.before:
            edits.append(Edit(start, end, change.after, change.rule, "", change.reason))
    return edits


class _Blocks:
    """The blocks to work on, each as its words are judged by."""

    def __init__(self, document: Document, blocks: Iterable[Block]) -> None:
        self._text = document.text
        self._blocks = sorted(blocks, key=lambda block: block.start)
        self._starts = [block.start for block in self._blocks]
        self._protected = sorted(document.protected)
        # How far protected spans reach up to each of them: where to begin for a block.
        self._ends = list(accumulate((end for _, end in self._protected), max))
        self._prose: dict[int, Prose] = {}

    def find(self, start: int, end: int) -> tuple[int, Prose] | None:
        """Where the block around a word begins, and its prose."""
        index = bisect_right(self._starts, start) - 1
        if index < 0 or self._blocks[index].end < end:
            return None
        block = self._blocks[index]
        if index not in self._prose:
            self._prose[index] = Prose(self._text[block.start : block.end], self._closed(block))
        return block.start, self._prose[index]

    def _closed(self, block: Block) -> list[Span]:
        """The protected spans of a block, relative to it."""
        closed = []
        for start, end in self._protected[bisect_right(self._ends, block.start) :]:
            if start >= block.end:
                break
            closed.append((start - block.start, end - block.start))
        return closed


def _in_word(character: str) -> bool:
    return character.isalnum()
