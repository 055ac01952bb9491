"""Where the words of each piece of a file end up when its text is converted.

The edits of the stages seldom care where a piece ends. Where one reaches over such a place, its
words are divided: word by word if there are as many as before; else words whose counterpart is
certain (a glossary term by its name, a name or a figure as it is) stay in their piece; of the
others, those of the longest piece take everything between, except that firm pieces get a share
according to their length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from normalise.data import Change, Result, TermOutcome
from normalise.formats.pieces import Piece
from normalise.language.addresses import find_addresses

Span = tuple[int, int]

_WORD = re.compile(r"\S+")


def divide(result: Result, pieces: Sequence[Piece]) -> list[str]:
    """The new text of each piece; joined, they have every word of ``result.text``.

    ``pieces`` are those of ``result.document``, in order, without overlaps.
    """
    if not pieces:
        return []
    # A piece's end is a cut of its own, because there may be blank text before the next.
    cuts = [place for piece in pieces for place in (piece.start, piece.end)]
    firm = [kept for piece in pieces for kept in (piece.firm, False)]
    for stage in result.stages:
        terms = result.terms if stage.name == "translate" else ()
        cuts = _move(cuts, firm, stage.changes, terms)
    texts = []
    for index in range(0, len(cuts), 2):
        start, end = cuts[index], cuts[index + 1]
        following = cuts[index + 2] if index + 2 < len(cuts) else len(result.text)
        # Whatever came to be between two pieces, such as a full stop added at the end.
        texts.append(result.text[start:end] + result.text[end:following].rstrip())
    texts[0] = result.text[: cuts[0]].lstrip() + texts[0]
    return texts


def find_counterpart(words: str, rendering: str, translation: str) -> Span | None:
    """Where some words of a sentence are in its translation, if that is certain.

    A glossary term is looked for by the name it was given (``rendering``), words with a capital
    letter or a digit and addresses as they are; either must occur exactly once.

    >>> find_counterpart("Lào Cai", "", "The cell in Lào Cai met.")
    (12, 19)
    """
    if rendering:
        pattern = re.compile(rf"(?<!\w){re.escape(rendering)}(?:e?s)?(?!\w)", re.IGNORECASE)
    elif any(map(_is_telling, words)) or [*find_addresses(words)] == [(0, len(words))]:
        pattern = re.compile(rf"(?<!\w){re.escape(words)}(?!\w)")
    else:
        return None
    places = [found.span() for found in pattern.finditer(translation)]
    return places[0] if len(places) == 1 else None


def _is_telling(character: str) -> bool:
    return character.isupper() or character.isdigit()


def _move(
    cuts: Sequence[int],
    firm: Sequence[bool],
    changes: Sequence[Change],
    terms: Sequence[TermOutcome],
) -> list[int]:
    """The cuts' places in a stage's output; ``firm[i]`` is about what follows ``cuts[i]``."""
    renderings = {(term.start, term.end): term.rendering for term in terms}
    moved: list[int] = []
    shift = 0
    for change in changes:
        while len(moved) < len(cuts) and cuts[len(moved)] <= change.start:
            moved.append(cuts[len(moved)] + shift)
        first = last = len(moved)
        while last < len(cuts) and cuts[last] < change.end:
            last += 1
        if last > first:
            inside = [cut - change.start for cut in cuts[first:last]]
            kept = [first > 0 and firm[first - 1], *firm[first:last]]
            places = _place(change, inside, kept, renderings)
            moved += [change.out_start + place for place in places]
        shift = change.out_end - change.end
    moved += [cut + shift for cut in cuts[len(moved) :]]
    return moved


def _place(
    change: Change,
    cuts: Sequence[int],
    firm: Sequence[bool],
    renderings: Mapping[Span, str],
) -> list[int]:
    """The places in ``change.after`` of cuts in ``change.before``.

    ``firm`` is about the parts before, between and after the cuts.
    """
    before, after = change.before, change.after
    if change.rule != "translation" and (placed := _by_words(before, after, cuts)):
        return placed
    edges = [0, *cuts, len(before)]
    parts = [before[start:end] for start, end in pairwise(edges)]
    places: list[int | None] = [0, *[None] * len(cuts), len(after)]
    reached = 0
    for index, part in enumerate(parts):
        words = part.strip()
        if not words or words == before.strip():
            continue
        start = change.start + edges[index] + part.index(words)
        rendering = renderings.get((start, start + len(words)), "")
        found = find_counterpart(words, rendering, after)
        if found and found[0] >= reached:
            if index > 0:
                places[index] = found[0]
            if index < len(parts) - 1:
                places[index + 1] = found[1]
            reached = found[1]
    # The mark that ends a sentence after its last emphasis or link.
    last = parts[-1].strip()
    if places[-2] is None and _is_mark(last) and after.rstrip().endswith(last):
        end = len(after.rstrip()) - len(last)
        if end >= reached:
            places[-2] = end
    known = 0
    for index in range(1, len(places)):
        if places[index] is None:
            continue
        if index - known > 1:
            left, right = places[known] or 0, places[index] or 0
            shares = _share(parts[known:index], firm[known:index], after, left, right)
            places[known + 1 : index] = shares
        known = index
    return [place or 0 for place in places[1:-1]]


def _is_mark(words: str) -> bool:
    return bool(words) and not any(map(str.isalnum, words))


def _by_words(before: str, after: str, cuts: Sequence[int]) -> list[int] | None:
    """The cuts between the same words, if there are as many after as before."""
    old = [word.span() for word in _WORD.finditer(before)]
    new = [word.span() for word in _WORD.finditer(after)]
    if len(old) != len(new) or not old:
        return None
    placed = []
    for cut in cuts:
        index = sum(1 for start, _ in old if start < cut)  # the words begun before the cut
        if index and cut <= old[index - 1][1]:
            # At the end of a word, or inside it: then the greater part decides.
            start, end = old[index - 1]
            placed.append(new[index - 1][2 * (cut - start) >= end - start])
        else:
            placed.append(new[index][0] if index < len(new) else len(after))
    return placed


def _share(
    parts: Sequence[str], firm: Sequence[bool], after: str, left: int, right: int
) -> Iterator[int]:
    """Cuts that divide ``after[left:right]`` among parts; one fewer than the parts."""
    if not any(firm):
        longest = max(range(len(parts)), key=lambda index: len(parts[index].strip()))
        for index in range(len(parts) - 1):
            yield left if index < longest else right
        return
    starts = [left, *(word.start() + left for word in _WORD.finditer(after[left:right])), right]
    whole = sum(map(len, parts)) or 1
    done = 0
    for part in parts[:-1]:
        done += len(part)
        wanted = left + (right - left) * done / whole
        yield min(starts, key=lambda start: (abs(start - wanted), start))
