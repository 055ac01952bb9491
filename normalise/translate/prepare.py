"""Preparing a sentence for the model: layout set aside, capitals lowered, slots taken out.

Everything done here is undone after decoding, so that what the model did not need to see stays
exactly as it was.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace

from normalise.language.vietnamese import find_names
from normalise.translate.capitals import is_capitals, lower_capitals
from normalise.translate.masking import Masked, Slot, find_slots, mask
from normalise.translate.spans import Span
from normalise.translate.terms import Demand

_LEAD = re.compile(
    r"\s*(?:(?:[-–—•*·▪●◦‣○■>|#+~=_]+|\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})\))(?:\s+|$))*"
)
_TAIL = re.compile(r"[\s|]*$")


def split_layout(text: str) -> tuple[str, str, str]:
    """Leading spaces and bullets, the words, trailing spaces.

    >>> split_layout("  - a) Styrke partiet | ")
    ('  - a) ', 'Styrke partiet', ' | ')
    """
    lead = _LEAD.match(text)
    start = lead.end() if lead else 0
    tail = _TAIL.search(text, start)
    end = tail.start() if tail else len(text)
    return text[:start], text[start:end], text[end:]


def cut_long(text: str, count: Callable[[str], int], limit: int) -> list[Span]:
    """Cut a very long sentence between clauses into parts of at most ``limit`` pieces.

    Returns:
        Spans of the parts, without the spaces between them; one span if nothing needs cutting.

    >>> text = "a b c d, e f g h; i j k l, m n o p"
    >>> [text[start:end] for start, end in cut_long(text, lambda part: len(part.split()), 8)]
    ['a b c d, e f g h;', 'i j k l, m n o p']
    """
    # Even a four-byte character is at most four pieces.
    pieces = count(text) if len(text) * 4 > limit else 0
    if pieces <= limit:
        return [(0, len(text))]
    from normalise.segment import split_clauses

    # Parts of about equal length rather than a full one and a remainder of two words.
    room = int(len(text) / math.ceil(pieces / limit) * 1.15) + 1
    while True:
        parts = split_clauses(text, max(1, room))
        if room <= 1 or all(count(part.text) <= limit for part in parts):
            return [(part.start, part.end) for part in parts]
        room = room * 4 // 5


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the model reads, and what is needed to undo the preparation.

    ``demands`` are the terms and names the output must contain (a name is a demand without a term
    id); their offsets refer to ``masked.text``.
    """

    source: str
    language: str
    capitals: bool
    masked: Masked
    demands: tuple[Demand, ...]

    @property
    def text(self) -> str:
        """What the model reads."""
        return self.masked.text

    @property
    def names(self) -> list[str]:
        """The names of persons and places in the sentence."""
        return [demand.name for demand in self.demands if not demand.term]


def prepare(
    source: str, language: str, demands: Sequence[Demand] = (), places: Container[str] = ()
) -> Prepared:
    """Prepare a sentence.

    Args:
        source: The sentence without layout.
        language: Its language.
        demands: The terms in it, with offsets in ``source``.
        places: Names of places, for lines in capitals (see ``lower_capitals``).
    """
    capitals = is_capitals(source)
    text = lower_capitals(source, places) if capitals else source
    slots = find_slots(text)
    masked = mask(text, slots)
    wanted = [
        *(demand for demand in demands if not _touches((demand.start, demand.end), slots)),
        *(
            Demand(start, end, "", (text[start:end],), text[start:end])
            for start, end in find_names(text)
            if not _touches((start, end), slots)
            and not any(start < d.end and end > d.start for d in demands)
        ),
    ]
    moved = []
    for demand in sorted(wanted, key=lambda d: (d.start, d.end)):
        start, end = masked.alignment.forward_span(demand.start, demand.end)
        moved.append(replace(demand, start=start, end=end))
    return Prepared(source, language, capitals, masked, tuple(moved))


def _touches(span: Span, slots: Sequence[Slot]) -> bool:
    return any(span[0] < slot.end and span[1] > slot.start for slot in slots)


_STOP = re.compile(r"[.!?…。！？:;]['\"”’»)\]*_]*$")


def finish_marks(source: str, output: str) -> str:
    """Full stops as in the source: none added to a heading, none lost at the end of a sentence.

    >>> finish_marks("Styrke partiet", "Strengthening the Party.")
    'Strengthening the Party'
    >>> finish_marks("Partiet er sterkt.", "The Party is strong")
    'The Party is strong.'
    """
    if output.endswith(".") and not output.endswith("..") and not _STOP.search(source):
        return output[:-1].rstrip()
    if source.endswith(".") and output and (output[-1].isalnum() or output[-1] in ')%"”'):
        return output + "."
    if source.endswith(":") and output.endswith("."):
        return output[:-1].rstrip() + ":"
    if source.endswith((":", ";", ",")) and output and output[-1].isalnum():
        return output + source[-1]
    return output
