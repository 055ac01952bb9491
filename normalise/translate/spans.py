"""Mapping between text and SentencePiece pieces: exact character spans on both sides.

Attention refers to pieces, glossaries to characters; this module converts one into the other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

SPACE = "\u2581"
_BYTE = re.compile(r"<0x([0-9A-F]{2})>")
Span = tuple[int, int]


def join_pieces(pieces: Sequence[str]) -> tuple[str, list[Span]]:
    """The text that pieces spell, and the characters each piece covers.

    Byte pieces are joined into characters; all bytes of a run share the run's span. A piece that is
    not in any vocabulary (an unknown word copied from the source) is taken literally.

    >>> join_pieces(["\u2581Tr", "<0xE1>", "<0xBA>", "<0xA7>", "n", "\u2581S\u01a1n"])[0]
    'Trần Sơn'
    >>> join_pieces(["\u2581the", "\u2581cells", "."])
    ('the cells.', [(0, 3), (3, 9), (9, 10)])
    """
    out: list[str] = []
    spans: list[Span] = []
    length = 0
    index = 0
    while index < len(pieces):
        run: list[int] = []
        for piece in pieces[index:]:
            byte = _BYTE.fullmatch(piece)
            if byte is None:
                break
            run.append(int(byte[1], 16))
        if run:
            text = bytes(run).decode("utf-8", errors="replace")
            count = len(run)
        else:
            text = pieces[index].replace(SPACE, " ")
            count = 1
        if length == 0:
            text = text.lstrip(" ")
        out.append(text)
        spans += [(length, length + len(text))] * count
        length += len(text)
        index += count
    return "".join(out), spans


def find_pieces(pieces: Sequence[str], words: Sequence[str]) -> list[tuple[str, ...]]:
    """The pieces that spell each of some words, marks left out; nothing for words not found.

    >>> find_pieces(["\u2581the", "\u2581extreme", "ists", ",", "\u2581too"], ["extremeists"])
    [('\u2581extreme', 'ists')]
    """
    found: list[tuple[str, ...]] = []
    text, spans = join_pieces(pieces)
    for word in words:
        for match in re.finditer(rf"(?<![^\W\d_]){re.escape(word)}(?![^\W\d_])", text):
            inside = [
                index
                for index, (start, end) in enumerate(spans)
                if start < match.end() and end > match.start()
            ]
            sequence = tuple(pieces[inside[0] : inside[-1] + 1]) if inside else ()
            if sequence and sequence not in found:
                found.append(sequence)
    return found


def source_spans(pieces: Sequence[str], text: str) -> list[Span]:
    """The characters of ``text`` that each of its pieces was made from.

    SentencePiece folds widths and spaces before it splits, so the pieces may spell a slightly
    different text; differences are matched by their neighbours.

    >>> source_spans(["\u2581a", "\u2581fine", "\u2581day"], "a  \ufb01ne day")
    [(0, 1), (1, 6), (6, 10)]
    """
    spelt, spans = join_pieces(pieces)
    if spelt == text:
        return spans
    to_text = _positions(spelt, text)
    return [(to_text[start], to_text[end]) for start, end in spans]


def _positions(spelt: str, text: str) -> list[int]:
    """For each position in ``spelt`` (including its end), the position in ``text``."""
    positions = [0] * (len(spelt) + 1)
    matcher = SequenceMatcher(None, spelt, text, autojunk=False)
    for kind, start, end, text_start, text_end in matcher.get_opcodes():
        for offset in range(end - start):
            step = offset if kind == "equal" else min(offset, max(0, text_end - text_start - 1))
            positions[start + offset] = text_start + step
    positions[len(spelt)] = len(text)
    return positions
