"""Many documents going through the stages: in windows, in which a bad one fails alone.

The sentences of a window go to the engine in one call, which fills its batches. The stages
themselves are the pipeline's; this module decides only how many documents go together, and what
happens to those that cannot be converted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

from normalise.data import Document, Failure, Result

Given = str | Document
Work = TypeVar("Work")
Translated = TypeVar("Translated")


class Windows(Generic[Work, Translated]):
    """Takes documents through ``prepare``, ``translate`` and ``finish``, a window at a time.

    Args:
        prepare: Everything before translation, for one document.
        translate: Translates several prepared documents; returns one value for each, in order.
        finish: Everything after it, for one document.
        most_characters: A window is full when its documents have this many characters.
        most_documents: Or when it has this many documents.
    """

    def __init__(
        self,
        prepare: Callable[[Given], Work],
        translate: Callable[[Sequence[Work]], Sequence[Translated]],
        finish: Callable[[Work, Translated], Result],
        *,
        most_characters: int,
        most_documents: int,
    ) -> None:
        self._prepare = prepare
        self._translate = translate
        self._finish = finish
        self._most_characters = most_characters
        self._most_documents = most_documents

    def run(self, documents: Iterable[Given]) -> Iterator[Result | Failure]:
        """A result or a failure for each document, in order."""
        window: list[tuple[Given, Work | Failure]] = []
        size = 0
        for given in documents:
            window.append((given, self._try_prepare(given)))
            size += len(given if isinstance(given, str) else given.text)
            if size >= self._most_characters or len(window) >= self._most_documents:
                yield from self._convert(window)
                window, size = [], 0
        yield from self._convert(window)

    def _try_prepare(self, given: Given) -> Work | Failure:
        try:
            return self._prepare(given)
        except Exception as error:
            return Failure(given, error)

    def _convert(
        self, window: Sequence[tuple[Given, Work | Failure]]
    ) -> Iterator[Result | Failure]:
        works = [work for _, work in window if not isinstance(work, Failure)]
        try:
            translated = iter(self._translate(works))
        except Exception as error:
            if len(window) == 1:
                yield Failure(window[0][0], error)
                return
            for one in window:  # trying each alone shows which one it was
                yield from self._convert([one])
            return
        for given, work in window:
            if isinstance(work, Failure):
                yield work
                continue
            try:
                yield self._finish(work, next(translated))
            except Exception as error:
                yield Failure(given, error)
