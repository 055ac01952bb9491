"""Where words that stand apart in a file, such as bold ones or a link, went in a translation."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from normalise.data import Document, RunPlace, Segment, Translation
from normalise.stages.sentences import Woven

Span = tuple[int, int]


@runtime_checkable
class Aligning(Protocol):
    """A translator that can say which words of a translation come from which of the sentence."""

    def align(
        self, language: str, sentence: str, translation: str, runs: Sequence[Span]
    ) -> list[Span | None]:
        """For each run, characters of the sentence, those of the translation, if it is known."""


def align_runs(
    translator: object,
    document: Document,
    sentences: Sequence[Segment],
    translations: Sequence[Translation],
    woven: Woven,
) -> tuple[RunPlace, ...]:
    """The places of a document's runs in translated sentences, as far as they are known.

    A sentence that is one run, or was put together around words that stay, needs none.
    """
    if not document.runs or not isinstance(translator, Aligning):
        return ()
    starts = [start for start, _ in document.runs]
    blocks = [block.start for block in document.blocks]
    made = {(change.start, change.end): change for change in woven.changes}
    places = []
    for sentence, translation in zip(sentences, translations, strict=True):
        change = made.get((sentence.start, sentence.end))
        if change is None or len(change.after) != len(translation.text):
            continue
        runs = list(_inside(document, starts, sentence))
        if len(runs) < 2 or len(sentence.text) != sentence.end - sentence.start:
            continue
        block = document.blocks[bisect_right(blocks, sentence.start) - 1]
        language = block.language.code if block.language else ""
        relative = [(a - sentence.start, b - sentence.start) for a, b in runs]
        found = translator.align(language, sentence.text, translation.text, relative)
        for (start, end), place in zip(runs, found, strict=True):
            if place is not None:
                out = change.out_start
                places.append(RunPlace(start, end, out + place[0], out + place[1]))
    return tuple(places)


def _inside(document: Document, starts: Sequence[int], sentence: Segment) -> list[Span]:
    """The parts of runs in a sentence, without spaces at their edges."""
    runs = []
    index = max(0, bisect_right(starts, sentence.start) - 1)
    for start, end in document.runs[index : bisect_left(starts, sentence.end)]:
        start, end = max(start, sentence.start), min(end, sentence.end)
        words = document.text[start:end].strip()
        if words:
            start += document.text[start:end].index(words)
            runs.append((start, start + len(words)))
    return runs
