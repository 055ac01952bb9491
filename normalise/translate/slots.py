"""Spans that must come through a translation as they are, and how they get there.

Addresses, code, Markdown marks and document numbers are taken out before the model sees the
sentence: a short stand-in takes their place and is put back afterwards. What a model copies well
and needs for grammar (figures, dates, names) stays in the text and is verified instead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from normalise.data import Alignment, Edit, apply_edits


@dataclass(frozen=True, slots=True)
class Slot:
    """A protected span of the sentence. ``kind``: link, image, code, url, mail or number."""

    start: int
    end: int
    text: str
    kind: str


_PATTERNS = (
    ("code", r"(?P<tick>`+)(?!`).+?(?<!`)(?P=tick)(?!`)"),
    ("image", r"!\[[^\]\n]*\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+\"[^\"\n]*\")?\)"),
    # Only the address of a link is protected; its words are prose.
    ("link", r"(?<=\])\([^()\s]+(?:\([^()\s]*\)[^()\s]*)*(?:\s+\"[^\"\n]*\")?\)"),
    ("url", r"<?(?:https?://|ftp://|www\.)[^\s<>\"«»“”]+>?"),
    ("mail", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    # 04-NQ/TU, 35-CT/TW, 204-QĐ/TW, 01/CT-TW, 58-NQ / TW, 1670/NQ-UBTVQH15, 12/2024/NĐ-CP
    (
        "number",
        r"(?<![\w/-])\d{1,5}(?:/\d{4})?\s?[-–/]\s?[A-ZĐƯ][A-Za-zĐđƯư]{0,7}\d{0,2}"
        r"(?:\s?[-–/]\s?[A-ZĐƯ][A-Za-zĐđƯư]{0,9}\d{0,2}){1,3}(?![\w])",
    ),
)
_SLOT = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _PATTERNS))
_TRAILING = ".,;:!?)]}'\"”»*_"


def find_slots(text: str) -> list[Slot]:
    """The protected spans of a sentence, in order and without overlap.

    >>> [(s.kind, s.text) for s in find_slots("Vedtak nr. 04-NQ/TU, se https://a.vn/x.")]
    [('number', '04-NQ/TU'), ('url', 'https://a.vn/x')]
    """
    slots: list[Slot] = []
    for match in _SLOT.finditer(text):
        kind = match.lastgroup or ""
        start, end = match.span()
        if kind == "url":
            end = _trim_url(text, start, end)
        if end > start:
            slots.append(Slot(start, end, text[start:end], kind))
    return slots


def _trim_url(text: str, start: int, end: int) -> int:
    """Full stops and brackets after an address belong to the sentence."""
    while end > start and text[end - 1] in _TRAILING:
        if text[end - 1] == ")" and text.count("(", start, end) >= text.count(")", start, end):
            break
        end -= 1
    return end


@dataclass(frozen=True, slots=True)
class Masked:
    """A sentence with stand-ins: what the model reads, and what each stand-in is for.

    ``alignment`` leads from the sentence to ``text`` and back.
    """

    text: str
    slots: tuple[tuple[str, Slot], ...]
    alignment: Alignment

    def restore(self, output: str) -> str | None:
        """Put the slots back; None unless each stand-in stands in the output exactly once."""
        edits = []
        for token, slot in self.slots:
            places = [match.span() for match in re.finditer(_whole(token), output)]
            if len(places) != 1:
                return None
            edits.append(Edit(*places[0], slot.text, "slot"))
        return apply_edits("slots", output, edits)[0]

    def between(self) -> list[tuple[str, bool]]:
        """``text`` cut at its stand-ins: (part, whether it is prose).

        >>> text = "Se 04-NQ/TU nå"
        >>> mask(text, find_slots(text)).between()
        [('Se ', True), ('7301', False), (' nå', True)]
        """
        if not self.slots:
            return [(self.text, True)]
        parts = re.split("(" + "|".join(_whole(token) for token, _ in self.slots) + ")", self.text)
        return [(part, index % 2 == 0) for index, part in enumerate(parts) if part]


def _whole(token: str) -> str:
    return rf"(?<![\w]){re.escape(token)}(?![\w])"


def mask(text: str, slots: Sequence[Slot]) -> Masked:
    """Replace each slot by its stand-in.

    A stand-in is a plain four-figure number that occurs nowhere else in the sentence: models copy
    figures far more faithfully than invented tokens (measured in ``benchmarks/README.md``).

    >>> found = find_slots("Se https://a.vn/x for mer.")
    >>> masked = mask("Se https://a.vn/x for mer.", found)
    >>> masked.restore(masked.text.replace("Se", "See"))
    'See https://a.vn/x for mer.'
    """
    tokens: list[str] = []
    candidate = 7301
    for _ in slots:
        while str(candidate) in text:
            candidate += 11
        tokens.append(str(candidate))
        candidate += 11
    masked, changes = apply_edits(
        "slots",
        text,
        [
            Edit(slot.start, slot.end, token, "slot")
            for token, slot in zip(tokens, slots, strict=True)
        ],
    )
    return Masked(masked, tuple(zip(tokens, slots, strict=True)), Alignment(changes))
