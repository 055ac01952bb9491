"""Taking sentences out of a document's blocks, and putting their translations back in."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from normalise.data import Block, Change, Document, Flag, Segment, TermOutcome
from normalise.edits import Edit, apply_edits
from normalise.formats import TEXTS, escape
from normalise.stages.emphasis import find_runs, put_back, split_labels, strip_marks
from normalise.stages.kept import between, can_show, find_kept, has_words, part_around, show

if TYPE_CHECKING:
    from normalise.data import Translation

TRANSLATE: Final = "translate"

Span = tuple[int, int]

# Protected spans that the engine has no slots for (HTML, formulas, footnotes, objects): sentences
# are cut there.
_CUTS = ("<", "$", "{", "[^", "\ufffc")
_PICTURE = re.compile(
    r"!\[(?P<words>[^\[\]\n]*[^\s\[\]])\]\((?:[^()\\\n]|\\.|\([^()\n]{0,500}\)){0,2000}\)"
)
_QUOTE_MARKS = re.compile(r"(?<=\n)[ \t]*>[ \t>]*")
_LINE_BREAK = re.compile(r"[ \t]*\n[ \t]*(?:>[ \t]?)*")


@dataclass(frozen=True, slots=True)
class Woven:
    """A text with translations in it.

    ``kept`` are the sentences that were flagged and left as they were (spans in the text before
    translation), ``packages`` those that translated anything, in order of appearance; ``terms``
    says how the terms came out, with places in the text before translation.
    """

    text: str
    changes: tuple[Change, ...]
    flags: tuple[Flag, ...]
    kept: tuple[Span, ...]
    packages: tuple[str, ...]
    terms: tuple[TermOutcome, ...]


def find_cuts(document: Document) -> list[Span]:
    """The protected spans at which sentences are cut, or around which they are put, in order."""
    if document.format not in TEXTS:
        return find_kept(document)
    text = document.text
    return sorted(span for span in document.protected if text.startswith(_CUTS, span[0]))


def take_sentences(
    document: Document, block: Block, language: str, cuts: Sequence[Span]
) -> list[Segment]:
    """The sentences of a block: their places in the document and the text the engine reads.

    A segment's ``text`` is on one line and without emphasis marks, so it may differ from the
    document's text at its place.
    """
    from normalise.segment import split

    if document.format not in TEXTS:
        return _take_around(document, block, language, between(cuts, block.start, block.end))
    prose = document.text[block.start : block.end]
    if document.format == "md":
        # The marks on a block quotation's later lines are not part of its sentences.
        prose = _QUOTE_MARKS.sub(lambda marks: " " * len(marks[0]), prose)
    return [
        Segment(start, end, flatten(document.text[start:end], document.format))
        for sentence in split(prose, language)
        for left, right in _parts(
            document.text, block.start + sentence.start, block.start + sentence.end, cuts
        )
        for start, end in _markdown_parts(document, left, right)
    ]


def _take_around(
    document: Document, block: Block, language: str, kept: Sequence[Span]
) -> list[Segment]:
    """The sentences of a block in which some words stay."""
    from normalise.segment import split

    text, segments = document.text, []
    shown = [span for span in kept if can_show(text, span)]
    cuts = [span for span in kept if not can_show(text, span)]
    for sentence in split(text[block.start : block.end], language):
        start, end = block.start + sentence.start, block.start + sentence.end
        for part in _parts(text, start, end, cuts):
            if has_words(text, *part, shown):
                words = flatten(show(text, *part, shown), document.format)
                segments.append(Segment(*part, words))
    return segments


def put_in(
    document: Document, sentences: Sequence[Segment], translations: Sequence[Translation]
) -> Woven:
    """Replace each sentence by its translation."""
    from normalise.segment import continue_sentence

    starts = [block.start for block in document.blocks]
    stay = [] if document.format in TEXTS else find_kept(document)
    edits: list[Edit] = []
    flags: list[Flag] = []
    kept: list[Span] = []
    packages: dict[str, None] = {}
    terms: list[TermOutcome] = []
    for sentence, translation in zip(sentences, translations, strict=True):
        original = document.text[sentence.start : sentence.end]
        flags += (_place(flag, sentence, original) for flag in translation.flags)
        for term in translation.terms:
            start, end = _span(term.start, term.end, sentence, original)
            terms.append(replace(term, start=start, end=end))
        if translation.origin == "kept":
            if translation.flags:
                kept.append((sentence.start, sentence.end))
            continue
        if translation.package:
            packages[translation.package] = None
        # The same for the engine and the memory, so that runs can be compared.
        corrected = translation.origin == "correction"
        reason = translation.reason if corrected else translation.package
        block = document.blocks[bisect_right(starts, sentence.start) - 1]
        at_start = sentence.start == block.start
        text = translation.text
        if sentence.text != original and document.format == "md":
            runs = find_runs(original, partial(flatten, form="md"))
            text = put_back(sentence.text, runs, translation)
        if not at_start and not corrected:
            text = continue_sentence(sentence.text, text)
        around = between(stay, sentence.start, sentence.end)
        if around:
            parts = part_around(document.text, sentence.start, sentence.end, around, text)
            if parts is None:
                flags.append(_flag_lost(sentence, original))
                kept.append((sentence.start, sentence.end))
                continue
            edits += (Edit(*span, new, "translation", "", reason) for span, new in parts)
            continue
        safe = escape(document.format, text, block.kind, at_start=at_start)
        edits.append(Edit(sentence.start, sentence.end, safe, "translation", "", reason))
    woven, changes = apply_edits(TRANSLATE, document.text, edits)
    return Woven(woven, changes, tuple(flags), tuple(kept), tuple(packages), tuple(terms))


def _parts(text: str, start: int, end: int, cuts: Sequence[Span]) -> Iterator[Span]:
    """The parts of a sentence between the cuts, without surrounding spaces."""
    index = max(bisect_left(cuts, (start, start)) - 1, 0)
    cursor = start
    inside = []
    while index < len(cuts) and cuts[index][0] < end:
        if cuts[index][1] > start:
            inside.append(cuts[index])
        index += 1
    for left, right in [*inside, (end, end)]:
        part = text[cursor:left]
        stripped = part.strip()
        if stripped:
            begin = cursor + part.index(stripped)
            yield begin, begin + len(stripped)
        cursor = max(cursor, right)


def _markdown_parts(document: Document, start: int, end: int) -> Iterable[Span]:
    """Labels separate, marks at the edges left out; for an image on its own, its description."""
    if document.format != "md":
        return [(start, end)]
    picture = _PICTURE.fullmatch(document.text, start, end)
    if picture:
        start, end = picture.span("words")
    return split_labels(document.text, start, end)


def flatten(text: str, form: str) -> str:
    """A sentence as the engine reads it: on one line, without the marks of emphasis."""
    text = _LINE_BREAK.sub(" ", text)
    return strip_marks(text) if form == "md" else text


def _flag_lost(sentence: Segment, original: str) -> Flag:
    reason = "the translation has lost a field, a formula or code in the sentence"
    return Flag(TRANSLATE, sentence.start, sentence.end, original, "slot", "", reason)


def _place(flag: Flag, sentence: Segment, original: str) -> Flag:
    """A sentence's flag as a flag of the document."""
    start, end = _span(flag.start, flag.end, sentence, original)
    text = flag.text if original == sentence.text else original
    return replace(flag, stage=TRANSLATE, start=start, end=end, text=text)


def _span(start: int, end: int, sentence: Segment, original: str) -> Span:
    """A span of a sentence, in the document; the whole sentence if joined from several lines."""
    if original == sentence.text:
        return sentence.start + start, sentence.start + end
    return sentence.start, sentence.end
