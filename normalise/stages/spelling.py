"""One spelling: English words that Britain and America spell differently, written in one way.

Works like punctuation: inside the prose of English blocks, outside protected spans. What may be a
name stays: a capital in the middle of a sentence, a known organisation, a title in quotation
marks. So do addresses, code, and words whose sense decides their spelling but is not certain.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Final, Protocol, TypeVar

import ahocorasick_rs

from normalise.data import Block, Change, Document, Stage
from normalise.edits import Alignment, Edit, apply_edits, compose
from normalise.language.addresses import find_addresses
from normalise.language.spelling.senses import BRITISH, REACH, Sense
from normalise.language.spelling.variants import KEEP, certain_words, doubtful_words, fit_case
from normalise.stages.advance import advance, choose
from normalise.stages.prose import Prose, lower

SPELLING: Final = "spelling"

Span = tuple[int, int]

_REASONS = {
    "en-GB": "British spelling with -ise",
    "en-GB-oxendict": "British spelling with -ize",
    "en-US": "American spelling",
}
_CODE = re.compile(r"`[^`\n]+`")


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
        spans = _Spans(document, blocks)
        for start, end, word in found:
            block = spans.block(start, end)
            if block is None:
                continue
            scene = spans.scene(block)
            if not scene.admits(start - block.start, end - block.start):
                continue
            form = self._certain.get(word)
            written = text[start:end]
            if form is not None:
                yield Edit(start, end, fit_case(form, written), "spelling", "", self._reason)
                continue
            sense = self._sense(word, scene, start - block.start, end - block.start)
            if sense is not None:
                form = fit_case(self._doubtful[word], written)
                yield Edit(start, end, form, "sense", "", f"{self._reason}: {sense.meaning}")

    def _sense(self, word: str, scene: Prose, start: int, end: int) -> Sense | None:
        before = scene.lowered[max(0, start - REACH) : start].replace("\n", " ")
        after = scene.lowered[end : end + REACH].replace("\n", " ")
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
    unify = speller(spelling).unify
    stage = unify(document, choose(document.blocks, english))
    spelt = advance(document, stage)
    result = standardise(spelt)
    for _ in range(_MOST_ROUNDS):
        if not result.changes:
            break
        after = advance(spelt, Stage(SPELLING, result.text, result.changes))
        late = _carry_back(
            unify(after, choose(after.blocks, english)).changes, result.changes, spelt.text
        )
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


class _Spans:
    """The blocks to work on and what is closed in them."""

    def __init__(self, document: Document, blocks: Iterable[Block]) -> None:
        text = document.text
        code = _CODE.finditer(text) if "`" in text else ()
        closed = [*document.protected, *find_addresses(text), *(m.span() for m in code)]
        self._closed = sorted(closed)
        self._ends = _running_ends(self._closed)
        self._blocks = sorted(blocks, key=lambda block: block.start)
        self._starts = [block.start for block in self._blocks]
        self._text = text
        self._scenes: dict[int, Prose] = {}

    def block(self, start: int, end: int) -> Block | None:
        """The block that a word is in, if no closed span touches the word."""
        index = bisect_right(self._starts, start) - 1
        if index < 0 or self._blocks[index].end < end:
            return None
        last = bisect_right(self._closed, (end - 1, len(self._text) + 1)) - 1
        if last >= 0 and self._ends[last] > start:
            return None
        return self._blocks[index]

    def scene(self, block: Block) -> Prose:
        """The block as its words are judged by."""
        if block.start not in self._scenes:
            self._scenes[block.start] = Prose(self._open_text(block))
        return self._scenes[block.start]


    def _open_text(self, block: Block) -> str:
        """The text of a block with closed spans blanked, as long as before."""
        pieces: list[str] = []
        cursor = block.start
        index = bisect_right(self._ends, block.start)
        for start, end in self._closed[index:]:
            if start >= block.end:
                break
            start, end = max(start, cursor), min(end, block.end)
            if start < end:
                pieces += (self._text[cursor:start], " " * (end - start))
                cursor = end
        pieces.append(self._text[cursor : block.end])
        return "".join(pieces)


def _running_ends(spans: Sequence[Span]) -> list[int]:
    ends: list[int] = []
    for _, end in spans:
        ends.append(max(end, ends[-1]) if ends else end)
    return ends


def _in_word(character: str) -> bool:
    return character.isalnum()
