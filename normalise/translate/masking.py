"""Spans that must come through a translation unchanged, and how this is done.

Addresses, code and Markdown marks are removed before the model sees the sentence: a short
placeholder takes their place and is replaced by them afterwards. What a model copies well, such as
document numbers, figures, dates and names, stays in the text and is verified.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from normalise.edits import Alignment, Edit, apply_edits
from normalise.language.addresses import find_addresses


@dataclass(frozen=True, slots=True)
class Slot:
    """A protected span of the sentence. ``kind``: link, image, code, address or number."""

    start: int
    end: int
    text: str
    kind: str


_PATTERNS = (
    ("code", r"(?P<tick>`+)(?!`).+?(?<!`)(?P=tick)(?!`)"),
    ("image", r"!\[[^\]\n]*\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+\"[^\"\n]*\")?\)"),
    # Only the address of a link is protected; its text is prose.
    ("link", r"(?<=\])\([^()\s]+(?:\([^()\s]*\)[^()\s]*)*(?:\s+\"[^\"\n]*\")?\)"),
    # 04-NQ/TU, 35-CT/TW, 204-QĐ/TW, 01/CT-TW, 58-NQ / TW, 1670/NQ-UBTVQH15, 12/2024/NĐ-CP
    (
        "number",
        r"(?<![\w/-])\d{1,5}(?:/\d{4})?\s?[-–/]\s?[A-ZĐƯ][A-Za-zĐđƯư]{0,7}\d{0,2}"
        r"(?:\s?[-–/]\s?[A-ZĐƯ][A-Za-zĐđƯư]{0,9}\d{0,2}){1,3}(?![\w])",
    ),
)
_SLOT = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _PATTERNS))


def find_slots(text: str) -> list[Slot]:
    """The protected spans of a sentence, in order and without overlaps.

    >>> [(s.kind, s.text) for s in find_slots("Vedtak nr. 04-NQ/TU, se https://a.vn/x.")]
    [('number', '04-NQ/TU'), ('address', 'https://a.vn/x')]
    """
    found = [(*match.span(), match.lastgroup or "") for match in _SLOT.finditer(text)]
    found += ((*_with_brackets(text, *span), "address") for span in find_addresses(text))
    slots: list[Slot] = []
    for start, end, kind in sorted(found):
        if not slots or start >= slots[-1].end:
            slots.append(Slot(start, end, text[start:end], kind))
    return slots


def _with_brackets(text: str, start: int, end: int) -> tuple[int, int]:
    """An address with the angle brackets of a Markdown autolink."""
    if text[start - 1 : start] == "<" and text[end : end + 1] == ">":
        return start - 1, end + 1
    return start, end


@dataclass(frozen=True, slots=True)
class Masked:
    """A sentence with placeholders: what the model reads, and what each placeholder replaces.

    ``alignment`` maps between the sentence and ``text``.
    """

    text: str
    slots: tuple[tuple[str, Slot], ...]
    alignment: Alignment

    def restore(self, output: str, change: Callable[[str], str] = str) -> str | None:
        """Put the slots back; None unless each placeholder occurs in the output exactly once.

        Args:
            output: The model's output for ``text``.
            change: Applied to the text between the slots (``str.upper`` for lines of capitals).
        """
        edits = []
        for token, slot in self.slots:
            places = [match.span() for match in re.finditer(_whole(token), output)]
            if len(places) != 1:
                return None
            edits.append((*places[0], slot.text))
        restored, cursor = "", 0
        for start, end, text in sorted(edits):
            restored += change(output[cursor:start]) + text
            cursor = end
        return restored + change(output[cursor:])

    def between(self) -> list[tuple[str, bool]]:
        """``text`` cut at its placeholders: (part, whether it is prose).

        >>> text = "Se 04-NQ/TU nå"
        >>> mask(text, find_slots(text)).between()
        [('Se ', True), ('04-NQ/TU', False), (' nå', True)]
        """
        if not self.slots:
            return [(self.text, True)]
        parts = re.split("(" + "|".join(_whole(token) for token, _ in self.slots) + ")", self.text)
        return [(part, index % 2 == 0) for index, part in enumerate(parts) if part]


def _whole(token: str) -> str:
    token = re.escape(token)
    if token.startswith("§"):
        token = token.replace("§", "§\\s?")
    return rf"(?<![\w]){token}(?![\w])"


def mask(text: str, slots: Sequence[Slot]) -> Masked:
    """Replace each slot by a placeholder.

    A placeholder is a section sign with a figure that occurs nowhere else in the sentence, which
    comes through more often than anything else that was tried (``benchmarks/slots.py``). Document
    numbers come through even better as they are, and are left alone.

    >>> masked = mask("Se https://a.vn/x for mer.", find_slots("Se https://a.vn/x for mer."))
    >>> masked.text
    'Se §1 for mer.'
    >>> masked.restore("For more see §1.")
    'For more see https://a.vn/x.'
    """
    tokens: list[str] = []
    figure = 1
    for slot in slots:
        if slot.kind == "number" and text.count(slot.text) == 1:
            tokens.append(slot.text)
            continue
        while f"§{figure}" in text or f"§ {figure}" in text:
            figure += 1
        tokens.append(f"§{figure}")
        figure += 1
    masked, changes = apply_edits(
        "translate",
        text,
        [
            Edit(slot.start, slot.end, token, "translation")
            for token, slot in zip(tokens, slots, strict=True)
        ],
    )
    return Masked(masked, tuple(zip(tokens, slots, strict=True)), Alignment(changes))
