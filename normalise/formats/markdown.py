"""Markdown: prose blocks at their exact places, everything else kept as it is.

markdown-it-py finds the block structure and the lines of each block; the prose inside those lines
is then located in the source itself, so that offsets are those of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from normalise.data import Block, Document
from normalise.language.addresses import find_addresses

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

NAME = "md"

_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\n(?:.*\n)*?\1[ \t]*(?:\n|\Z)")
_DATE = re.compile(r"^date:[ \t]*[\"']?(\d{4}-\d{2}-\d{2})", re.MULTILINE)
_KINDS = {
    "heading_open": "heading",
    "td_open": "cell",
    "th_open": "cell",
}
# Inline marks and their content: everything matched here is protected. Only bounded repeats, so
# that a hostile line cannot make it slow.
_INLINE = re.compile(
    r"""(?P<code>(?<!`)(`{1,8})(?!`)[^`]{0,2000}?\2(?!`))
      | <!--.{0,5000}?-->
      | </?[A-Za-z][^<>]{0,2000}>
      | (?:\[\^[^\]\s]{1,60}\]:?)
      | !\[(?=[^\]]{0,2000}\])                          # the start of an image
      | \](?:\((?:[^()\\\n]|\\.|\([^()\n]{0,500}\)){0,2000}\)|\[[^\[\]]{0,200}\])
      | &(?:[A-Za-z]{2,32}|\#\d{1,7}|\#x[\dA-Fa-f]{1,6});
      | \{[:%\#.][^{}\n]{0,500}\}
      | \$\$?[^$\n]{1,500}\$\$?(?=\W|$)
      | \\[!-/:-@\[-`{-~]
    """,
    re.VERBOSE | re.DOTALL,
)
_WRAP = re.compile(r"\n[ \t>]*")
_WRAPPED = re.compile(r"(\*{1,3}|_{1,3}|~~)(?=\S)(.+)(?<=\S)\1", re.DOTALL)
_BAR = re.compile(r"(?<!\\)\|")
# Where a backslash keeps the start of a line from becoming a list, heading, quotation or fence.
_LINE_MARK = re.compile(
    r"\d{1,9}(?=[.)](?:\s|\Z))|(?=(?:#{1,6}|[-+*])(?:\s|\Z)|>|={3}|~{3}|`{3}|-{3})"
)
_NO_WORDS = re.compile(r"[\W_]*")


def parse(text: str, name: str = "") -> Document:
    """Find the prose and the protected spans of a Markdown text.

    Front matter, code, HTML, link and image targets, reference definitions and table rules are
    never part of the prose; link texts and image descriptions are.

    >>> page = parse("# A *title*\\n\\n> see [here](x.md) and `code`\\n")
    >>> [(block.kind, page.text[block.start:block.end]) for block in page.blocks]
    [('heading', 'A *title*'), ('paragraph', 'see [here](x.md) and `code`')]
    >>> [page.text[start:end] for start, end in page.protected]
    ['](x.md)', '`code`']
    """
    front = _FRONT_MATTER.match(text)
    first = front.end() if front else 0
    date = _DATE.search(text, 0, first) if front else None
    blocks: list[Block] = []
    protected: list[tuple[int, int]] = []
    for start, end, kind in _prose_runs(text, first):
        inside = list(find_protected(text, start, end))
        start, end = _trim(text, start, end, inside)
        if start < end and not _is_covered(text, start, end, inside):
            blocks.append(Block(start, end, kind))
            protected += [span for span in inside if span[0] < end and span[1] > start]
    return Document(
        text, tuple(blocks), name, NAME, tuple(protected), date[1] if date else None
    )


def escape(text: str, kind: str, *, at_start: bool) -> str:
    r"""The sentence with a backslash where Markdown would mistake its words for layout.

    >>> escape("2025. A year", "paragraph", at_start=True)
    '2025\\. A year'
    >>> escape("3.5 per cent | more", "cell", at_start=True)
    '3.5 per cent \\| more'
    """
    if kind == "cell":
        text = _BAR.sub(r"\\|", text)
    if at_start:
        mark = _LINE_MARK.match(text)
        if mark:
            text = f"{text[: mark.end()]}\\{text[mark.end() :]}"
    return text


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable("table")
    # Only block structure: the inline rules are slow and give no offsets.
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def _prose_runs(text: str, first: int) -> Iterator[tuple[int, int, str]]:
    """The spans of inline content, located in the source lines that markdown-it reports."""
    body = text[first:]
    lines = _line_starts(body)
    kind = "paragraph"
    items = 0
    row: tuple[int, int] = (-1, 0)
    for token in _parser().parse(body):
        if token.type == "list_item_open":
            items += 1
        elif token.type == "list_item_close":
            items -= 1
        elif token.type in _KINDS:
            kind = _KINDS[token.type]
        elif token.type == "paragraph_open":
            kind = "list-item" if items else "paragraph"
        elif token.type == "inline" and token.map and token.content.strip():
            top, bottom = token.map
            start = lines[top]
            if kind == "cell":
                start = max(start, row[1]) if row[0] == top else start
            found = _locate(body, token, start, lines[min(bottom, len(lines) - 1)])
            if found is not None:
                row = (top, found[1])
                yield first + found[0], first + found[1], kind


def _line_starts(text: str) -> list[int]:
    starts = [0]
    starts += [match.end() for match in re.finditer("\n", text)]
    starts.append(len(text))
    return starts


def _locate(text: str, token: Token, start: int, stop: int) -> tuple[int, int] | None:
    """Where the token's content is; None if markdown-it has changed it."""
    left = -1
    cursor = start
    for line in token.content.split("\n"):
        wanted = line.strip()
        if not wanted:
            continue
        at = text.find(wanted, cursor, stop)
        if at < 0:
            return None
        if left < 0:
            left = at
        cursor = at + len(wanted)
    return (left, cursor) if left >= 0 else None


def find_protected(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """What no stage may alter inside a block, in order and without overlaps.

    Code, HTML, entities, escapes, targets of links and images, and block quotation marks.
    """
    spans = [match.span() for match in _INLINE.finditer(text, start, end)]
    spans += [(start + left, start + right) for left, right in find_addresses(text[start:end])]
    # The marks on a block quotation's later lines; plain indentation is just space.
    spans += [m.span() for m in _WRAP.finditer(text, start, end) if ">" in m[0]]
    last = start
    for left, right in sorted(spans, key=lambda span: (span[0], -span[1])):
        if left >= last:
            yield left, right
            last = right
        elif right > last:
            yield last, right
            last = right


def _trim(
    text: str, start: int, end: int, inside: list[tuple[int, int]]
) -> tuple[int, int]:
    """Leave bars at the edges, and emphasis around the whole block, out of the prose."""
    taken = {left for left, _ in inside}
    while start < end and text[start] in " \t\n|":
        start += 1
    while end > start and text[end - 1] in " \t\n|":
        end -= 1
    wrapped = _WRAPPED.fullmatch(text, start, end)
    if wrapped and start not in taken and wrapped[1] not in wrapped[2]:
        return wrapped.span(2)
    return start, end


def _is_covered(text: str, start: int, end: int, inside: list[tuple[int, int]]) -> bool:
    """Whether only marks and protected spans are left, so that there is no prose to convert."""
    cursor = start
    for left, right in inside:
        if left > cursor and not _NO_WORDS.fullmatch(text, cursor, left):
            return False
        cursor = max(cursor, right)
    return _NO_WORDS.fullmatch(text, min(cursor, end), end) is not None
