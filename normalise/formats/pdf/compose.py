"""From the lines of a PDF's pages to Markdown: paragraphs, headings, lists; running heads left out.

A PDF file says where letters are printed, not what belongs together. Lines are joined by their
distance, size and ends; where that leaves a doubt, they stay apart.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from normalise.formats import markdown

HYPHEN = "\x02"
"""What a line ends in that was broken at a hyphen."""

_EDGE_LINES = 2  # at the head and the foot of a page, where running heads are looked for
_FEWEST_PAGES = 3
_SHARE_OF_PAGES = 0.6
_LARGER = 1.15
_LONGEST_HEADING = 200
_DEEPEST_HEADING = 3
_WIDE_GAP = 1.35
_SHARE_OF_DISTANCES = 0.1
_SAME_SIZE = 0.08
_SHORT_LINE = 0.85
_ENDED = re.compile(r"[.!?:;…][\"'”’»)\]]*\Z")
_BULLET = re.compile(r"[•▪◦●■□–-][ \t]+(?=\S)")
_NUMBER = re.compile(r"(?:\d{1,3}|[a-zđ])[.)][ \t]+(?=\S)")
# Parts that are written with a hyphen where words go on after them.
_PREFIXES = frozenset("socio self vice non ex all well semi anti".split())
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
# What Markdown would take for its own, wherever it stands.
_MARKS = re.compile(
    r"[\\`*$]|(?<!\w)_|_(?!\w)|[<&](?=[A-Za-z/!#])|\[(?=[^\[\]\n]{0,200}\][(\[:])|~~"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line: its text, its edges and height on the page, the size of its letters."""

    text: str
    left: float
    right: float
    height: float
    size: float


@dataclass(slots=True)
class _Paragraph:
    """Lines that belong together."""

    page: int
    lines: list[Line] = field(default_factory=list)

    @property
    def size(self) -> float:
        return self.lines[0].size


def compose(pages: Sequence[Sequence[Line]]) -> tuple[str, list[str]]:
    """The pages as one Markdown text, and notes about what is not in it.

    >>> page = [Line("TITLE", 0, 50, 100, 18), Line("The cell of the hamlet", 0, 99, 80, 10)]
    >>> page += [Line("met and voted.", 0, 40, 68, 10)]
    >>> compose([page])[0]
    '# TITLE\\n\\nThe cell of the hamlet met and voted.\\n'
    """
    notes = []
    running = _find_running(pages)
    if running:
        shown = "; ".join(sorted(set(running.values()))[:5])
        notes.append(f"left out as repeated at the head or foot of pages: {shown}")
    kept = [
        [line for at, line in enumerate(page) if (number, at) not in running]
        for number, page in enumerate(pages)
    ]
    paragraphs = list(_join(kept))
    body = _common(line.size for p in paragraphs for line in p.lines for _ in line.text)
    sizes = sorted({p.size for p in paragraphs if _is_heading(p, body)}, reverse=True)
    known = Counter(
        word.lower() for page in kept for line in page for word in _WORD.findall(line.text)
    )
    parts: list[tuple[int, str]] = []
    for paragraph in paragraphs:
        text = _unwrap([line.text for line in paragraph.lines], known)
        if _is_heading(paragraph, body):
            level = min(sizes.index(paragraph.size) + 1, _DEEPEST_HEADING)
            parts.append((paragraph.page, f"{'#' * level} {_escape(text, 'heading')}"))
        elif bullet := _BULLET.match(text):
            parts.append((paragraph.page, f"- {_escape(text[bullet.end() :], 'list-item')}"))
        else:
            parts.append((paragraph.page, _escape(text, "paragraph")))
    for number, page in enumerate(pages):
        if not page:
            at = sum(1 for place, _ in parts if place < number)
            remark = f"page {number + 1} has no text: it was probably scanned, or shows a picture"
            notes.append(remark)
            parts.insert(at, (number, f"<!-- {remark} -->"))
    return "\n\n".join(text for _, text in parts) + "\n" * bool(parts), notes


def _find_running(pages: Sequence[Sequence[Line]]) -> dict[tuple[int, int], str]:
    """Lines at the edge of most pages that differ only in numbers, by page and place."""
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, page in enumerate(pages):
        count = min(_EDGE_LINES, (len(page) - 1) // 2)
        for at in (*range(count), *range(len(page) - count, len(page))):
            places[re.sub(r"\d+", "#", page[at].text).casefold()].append((number, at))
    full = sum(1 for page in pages if page)
    return {
        place: pages[place[0]][place[1]].text
        for found in places.values()
        if len({number for number, _ in found}) >= max(_FEWEST_PAGES, _SHARE_OF_PAGES * full)
        for place in found
    }


def _join(pages: Sequence[Sequence[Line]]) -> Iterator[_Paragraph]:
    usual = _find_distance(pages)
    paragraph: _Paragraph | None = None
    for number, page in enumerate(pages):
        edges: dict[int, float] = defaultdict(float)
        for line in page:
            edges[round(line.left / 20)] = max(edges[round(line.left / 20)], line.right)
        for line in page:
            if paragraph and _goes_on(paragraph, line, number, usual, edges):
                paragraph.lines.append(line)
                continue
            if paragraph:
                yield paragraph
            paragraph = _Paragraph(number, [line])
    if paragraph:
        yield paragraph


def _find_distance(pages: Sequence[Sequence[Line]]) -> float:
    """The distance of lines in a paragraph, in sizes of letters: the least that is common."""
    distances = Counter(
        round(10 * (above.height - line.height) / line.size) / 10
        for page in pages
        for above, line in pairwise(page)
        if line.size and 0.8 * line.size < above.height - line.height < 3 * line.size
    )
    often = _SHARE_OF_DISTANCES * sum(distances.values())
    return min((distance for distance, count in distances.items() if count >= often), default=1.2)


def _goes_on(
    paragraph: _Paragraph, line: Line, page: int, usual: float, edges: dict[int, float]
) -> bool:
    """Whether a line is the next one of a paragraph."""
    last = paragraph.lines[-1]
    if abs(line.size - last.size) > _SAME_SIZE * last.size:
        return False
    if last.text.endswith(HYPHEN):
        return True
    if _BULLET.match(line.text) or _NUMBER.match(line.text):
        return False
    ended = _ENDED.search(last.text) is not None
    gap = last.height - line.height
    if page != paragraph.page or gap <= 0:  # the next column or page
        return not ended and line.text[0].islower()
    if gap > _WIDE_GAP * usual * line.size:
        return False
    if ended:
        width = edges.get(round(last.left / 20), last.right)
        if last.right < _SHORT_LINE * width or line.left > last.left + line.size:
            return False
    return True


def _is_heading(paragraph: _Paragraph, body: float) -> bool:
    length = sum(len(line.text) for line in paragraph.lines)
    return paragraph.size >= _LARGER * body and length <= _LONGEST_HEADING


def _unwrap(lines: Sequence[str], known: Counter[str]) -> str:
    """The lines of a paragraph as one, with words whole that were broken at a line's end."""
    text = lines[0]
    for line in lines[1:]:
        if not text.endswith(HYPHEN):
            text = f"{text} {line}"
            continue
        text = text[: -len(HYPHEN)]
        first, second = re.search(r"[^\W\d_-]*\Z", text), re.match(r"[^\W\d_]*", line)
        before, after = (first[0] if first else ""), (second[0] if second else "")
        joined, hyphened = (before + after).lower(), f"{before}-{after}".lower()
        # A word that stands somewhere else shows how it is written; most are not hyphenated.
        keeps = (
            not (before and after[:1].islower())
            or before.lower() in _PREFIXES
            or known[hyphened] > known[joined]
        )
        text += f"-{line}" if keeps else line
    return " ".join(text.replace(HYPHEN, "-").split())


def _escape(text: str, kind: str) -> str:
    text = _MARKS.sub(lambda mark: "".join(f"\\{c}" for c in mark[0]), text)
    return markdown.escape(text, kind, at_start=True)


def _common(values: Iterator[float]) -> float:
    """The commonest value; 0 if there is none."""
    counts = Counter(values)
    return max(counts, key=lambda value: (counts[value], -value)) if counts else 0.0
