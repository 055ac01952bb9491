"""A text as HTML with marks in it: the one place where texts of documents become mark-up.

Everything of the text is escaped, and characters that show nothing or turn the writing round are
made visible, so that no document can hide or reorder what a reviewer sees.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup, escape

# Control characters but for tab and line end, marks that hide or turn what follows, surrogates.
_GHOST = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
_EMPTY = "\u2205"


@dataclass(frozen=True, slots=True)
class Mark:
    """A highlighted span of a text that explains itself when it is chosen.

    ``kind`` becomes a CSS class, ``number`` names the explanation in the page's data; ``label`` is
    what a screen reader says of it. An empty span is shown as a sign for what was removed.
    """

    start: int
    end: int
    kind: str
    number: int
    label: str


@dataclass(frozen=True, slots=True)
class Wash:
    """A span with a background only: what was changed, a term, what a flag is about."""

    start: int
    end: int
    kind: str


def show(
    text: str, start: int, end: int, marks: Iterable[Mark] = (), washes: Iterable[Wash] = ()
) -> Markup:
    """A stretch of a text with its marks and washes, as HTML.

    Marks must not overlap. A wash is cut where a mark begins or ends.

    >>> print(show("<b> cells", 0, 9, [Mark(4, 9, "term", 0, "changed")]))
    &lt;b&gt; <span class="mark term" role="button" tabindex="0" data-note="0"
    aria-description="changed">cells</span>
    """
    pieces: list[str] = []
    washed = _Washes(washes)
    cursor = start
    for mark in sorted(marks, key=lambda m: (m.start, m.end)):
        low, high = max(mark.start, start), min(mark.end, end)
        pieces += washed.cut(text, cursor, low)
        inside = "".join(washed.cut(text, low, high))
        bare = text[low:high]
        if not bare.strip():
            inside = f'<span class="sign">{_EMPTY if not bare else "·" * len(bare)}</span>'
        # A name only where the content gives none.
        name = "" if bare.strip() else f' aria-label="{"space" if bare else "removed"}"'
        pieces.append(
            f'<span class="mark {escape(mark.kind)}" role="button" tabindex="0" '
            f'data-note="{mark.number}"{name} aria-description="{escape(mark.label)}">'
            f"{inside}</span>"
        )
        cursor = max(cursor, high)
    pieces += washed.cut(text, cursor, end)
    return Markup("".join(pieces))


def show_plain(text: str) -> Markup:
    """A text without marks, as HTML.

    >>> print(show_plain("a\\u202eb"))
    a<span class="ghost" title="U+202E" aria-label="U+202E" role="img">202E</span>b
    """
    pieces: list[str] = []
    cursor = 0
    for ghost in _GHOST.finditer(text):
        code = f"{ord(ghost[0]):04X}"
        pieces.append(str(escape(text[cursor : ghost.start()])))
        pieces.append(
            f'<span class="ghost" title="U+{code}" aria-label="U+{code}" role="img">{code}</span>'
        )
        cursor = ghost.end()
    pieces.append(str(escape(text[cursor:])))
    return Markup("".join(pieces))


def clear(text: str) -> str:
    """A text for an attribute or a data block: signs in place of what shows nothing.

    >>> clear("a\\u202eb")
    'a⟨U+202E⟩b'
    """
    return _GHOST.sub(lambda ghost: f"⟨U+{ord(ghost[0]):04X}⟩", text)


class _Washes:
    """Washes in text order, looked at from left to right."""

    def __init__(self, washes: Iterable[Wash]) -> None:
        self._washes = sorted(washes, key=lambda wash: (wash.start, wash.end))
        self._first = 0

    def cut(self, text: str, start: int, end: int) -> Iterator[str]:
        """A stretch of the text as HTML; later stretches must follow it."""
        washes = self._washes
        while self._first < len(washes) and washes[self._first].end <= start:
            self._first += 1
        cursor = start
        for index in range(self._first, len(washes)):
            wash = washes[index]
            if wash.start >= end:
                break
            low, high = max(wash.start, cursor), min(wash.end, end)
            if low < high:
                yield show_plain(text[cursor:low])
                yield f'<span class="wash {escape(wash.kind)}">'
                yield f"{show_plain(text[low:high])}</span>"
                cursor = high
        yield show_plain(text[cursor:end])
