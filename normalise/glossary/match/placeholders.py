"""Reading the slots of a variant: places, ordinals, years of a term of office, numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from normalise.glossary.match.context import Context
from normalise.language.letters import strip_marks
from normalise.language.numbers import CARDINALS, parse_ordinal, parse_years

MAX_PLACE_WORDS = 5

_WORD_AFTER = re.compile(r"[^\W_]+(?:['.][^\W_]+)*")
_WORDS_BEFORE = re.compile(r"[^\W_]+(?:['.][^\W_]+)*$")
_NUMBER = re.compile(
    r"\d[\d.,]*|" + "|".join(word for word, value in CARDINALS.items() if value <= 20)
)
_ADVERB = re.compile(r"^(?:\w+ly|also|then|after|before|since|when|while|at|in|on|by|from|as)$")


class SlotReader:
    """Reads slots forwards or backwards from a folded position, the best reading first."""

    def __init__(self, places: Mapping[str, int], not_in_places: frozenset[str]) -> None:
        self._places = places
        self._not_in_places = not_in_places

    def read(
        self, name: str, context: Context, position: int, step: int
    ) -> tuple[tuple[int, str], ...]:
        """Readings of the slot ``name``: the folded position reached, and the value to write."""
        key = (name, position, step)
        known = context.readings.get(key)
        if known is None:
            known = tuple(self._read(name, context, position, step))
            context.readings[key] = known
        return known

    def _read(
        self, name: str, context: Context, position: int, step: int
    ) -> Iterator[tuple[int, str]]:
        if name == "place":
            yield from self._place(context, position, step)
            return
        for start, end in _spans(context.folded.text, position, step, 3):
            begin, stop = context.folded.span(start, end)
            written = context.folded.source[begin:stop]
            value: str | None
            if name == "ordinal":
                value = parse_ordinal(written)
            elif name == "years":
                value = parse_years(written)
            else:
                folded = context.folded.text[start:end]
                value = written if _NUMBER.fullmatch(folded) else None
            if value is not None:
                yield (end if step > 0 else start), value
                return

    def _place(self, context: Context, position: int, step: int) -> Iterator[tuple[int, str]]:
        """Known places, longest first; otherwise runs of capitalised words, longest first."""
        folded = context.folded
        text, source = folded.text, folded.source
        known: list[tuple[int, int]] = []
        unknown: list[tuple[int, int]] = []
        run = True
        for start, end in _spans(text, position, step, MAX_PLACE_WORDS):
            low, high = _first_word(text, start, end) if step < 0 else _last_word(text, start, end)
            if not source[folded.start(low)].isupper():
                break
            words = text[start:end]
            if words in self._places or (
                not words.isascii() and strip_marks(words) in self._places
            ):
                known.append((start, end))
            word = text[low:high]
            run = run and not (
                word in self._not_in_places or word.isdigit() or _NUMBER.fullmatch(word)
            )
            if run and not (
                step < 0
                and len(words) > len(word)
                and _ADVERB.match(word)
                and context.starts_sentence(start)
            ):
                unknown.append((start, end))
        for start, end in (*reversed(known), *reversed(unknown)):
            begin, stop = folded.span(start, end)
            yield (end if step > 0 else start), " ".join(source[begin:stop].split())


def _spans(text: str, position: int, step: int, limit: int) -> Iterator[tuple[int, int]]:
    """Growing spans of one to ``limit`` words from a position, with only single spaces between."""
    edge = position
    for count in range(limit):
        if count:
            if step > 0:
                if not text.startswith(" ", edge):
                    return
                edge += 1
            else:
                if not edge or text[edge - 1] != " ":
                    return
                edge -= 1
        if step > 0:
            match = _WORD_AFTER.match(text, edge)
            if match is None:
                return
            edge = match.end()
            yield position, edge
        else:
            start = _word_before(text, edge)
            if start is None:
                return
            edge = start
            yield edge, position


def _word_before(text: str, edge: int) -> int | None:
    floor = max(0, edge - 40)
    start = max(text.rfind(" ", floor, edge) + 1, floor)
    if text[start:edge].isalnum():
        return start
    match = _WORDS_BEFORE.search(text, start, edge)  # much slower
    return match.start() if match else None


def _first_word(text: str, start: int, end: int) -> tuple[int, int]:
    stop = text.find(" ", start, end)
    return start, stop if stop >= 0 else end


def _last_word(text: str, start: int, end: int) -> tuple[int, int]:
    return text.rfind(" ", start, end) + 1 or start, end
