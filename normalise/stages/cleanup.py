"""Cleaning up characters, spaces and punctuation without touching what a text says.

Two stages. ``clean`` is safe in any language: Unicode form NFC, invisible and control characters,
runs of spaces. ``punctuate`` is only for English: straight quotation marks, one form of dash,
spaces on the wrong side of a mark. Both work only inside the prose of blocks, never in protected
spans (code, links) and never on tabs or line endings, which are layout.

The form used: ``"`` and ``'`` for quotation marks and apostrophes; ``-`` for every dash, with a
space on either side for an em dash; ``...`` for the ellipsis; ASCII for full-width marks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from normalise.data import Block, ChangeRule, Document, Stage, StageName
from normalise.edits import Edit, apply_edits, compose, drop_overlaps

CLEAN: Final = "clean"
PUNCTUATE: Final = "punctuation"

Span = tuple[int, int]
# Finds the edits to a stretch of prose, given the characters before and after it.
FindEdits = Callable[[str, tuple[str, str]], Iterable[Edit]]

# Invisible characters that mean nothing in a left-to-right text. Joiners (U+200C, U+200D) stay:
# they shape Persian, Indic and emoji.
_INVISIBLE = "\u00ad\u180e\u200b\u2060\u2061\u2062\u2063\u2064\ufeff\ufff9\ufffa\ufffb"
_DIRECTION = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
# Control characters that separate words become a space; the others are removed.
_BREAKS = "\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029"
_CONTROLS = "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"

_REMOVED = re.compile(f"[{_INVISIBLE}{_CONTROLS}]")
_REMOVED_LTR = re.compile(f"[{_INVISIBLE}{_DIRECTION}{_CONTROLS}]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_ODD = re.compile(f"[{_INVISIBLE}{_DIRECTION}{_CONTROLS}{_BREAKS}{_SPACES}]|  ")
_BLANK = f"[ {_SPACES}{_BREAKS}]"
_TOKEN = re.compile(f"[^ \t\n\r{_SPACES}{_BREAKS}]+")
_SPACE_RUN = re.compile(f"{_BLANK}+")


def clean(document: Document) -> Stage:
    """Clean up the characters of every block, whatever its language.

    >>> from normalise.formats.txt import parse
    >>> clean(parse("A\\u00a0 b\\u200bc")).text
    'A bc'
    """
    return _rewrite(CLEAN, document, document.blocks, _clean_edits)


def punctuate(document: Document, blocks: Iterable[Block]) -> Stage:
    """Make the punctuation in the document's English ``blocks`` uniform.

    >>> from normalise.formats.txt import parse
    >>> page = parse("The “4 good” cells — socio -economic work , 2020–2025")
    >>> punctuate(page, page.blocks).text
    'The "4 good" cells - socio-economic work, 2020-2025'
    """
    return _rewrite(PUNCTUATE, document, blocks, _punctuation_edits)


def prose_spans(blocks: Iterable[Block], protected: Sequence[Span]) -> Iterator[Span]:
    """The parts of the blocks outside all protected spans, in order."""
    holes = sorted(protected)
    index = 0
    for block in sorted(blocks, key=lambda b: b.start):
        cursor = block.start
        while index < len(holes) and holes[index][1] <= block.start:
            index += 1
        at = index
        while at < len(holes) and holes[at][0] < block.end:
            if holes[at][0] > cursor:
                yield cursor, holes[at][0]
            cursor = max(cursor, holes[at][1])
            at += 1
        if cursor < block.end:
            yield cursor, block.end


def _rewrite(
    stage: StageName,
    document: Document,
    blocks: Iterable[Block],
    find_edits: FindEdits,
) -> Stage:
    edits: list[Edit] = []
    text = document.text
    for start, end in prose_spans(blocks, document.protected):
        around = (text[start - 1 : start] or "\n", text[end : end + 1] or "\n")
        edits += _settle(text[start:end], start, around, find_edits)
    text, changes = apply_edits(stage, text, edits)
    return Stage(stage, text, changes)


def _settle(
    prose: str, offset: int, around: tuple[str, str], find_edits: FindEdits
) -> list[Edit]:
    """Edit until nothing is left to edit; returns one list of edits to the first text.

    One rule may create work for another (a full-width comma becomes a comma with a space before
    it), and a second run on the output must find nothing.
    """
    text, changes = apply_edits(CLEAN, prose, find_edits(prose, around))
    while changes:
        after, more = apply_edits(CLEAN, text, find_edits(text, around))
        if not more:
            break
        changes = compose(prose, changes, more)
        text = after
    return [Edit(offset + c.start, offset + c.end, c.after, c.rule) for c in changes]


def _clean_edits(prose: str, around: tuple[str, str]) -> Iterator[Edit]:
    odd = _ODD.search(prose) is not None
    if not odd and unicodedata.is_normalized("NFC", prose):
        return
    removed = _REMOVED if _RIGHT_TO_LEFT.search(prose) else _REMOVED_LTR
    vanished: list[Span] = []
    for match in _TOKEN.finditer(prose):
        token = match[0]
        kept = removed.sub("", token)
        if not kept:
            vanished.append(match.span())
            continue
        after = unicodedata.normalize("NFC", kept)
        if after != token:
            rule: ChangeRule = "nfc" if kept == token else "invisible"
            yield _trim(Edit(match.start(), match.end(), after, rule), token)
    if odd:
        yield from _space_edits(prose, around, vanished)


def _space_edits(
    prose: str, around: tuple[str, str], vanished: list[Span]
) -> Iterator[Edit]:
    """One plain space for each run of spaces; a run next to a line ending or tab is layout."""
    blanked = prose
    if vanished:
        # Blank out what will be removed, so that the spaces around it count as one run.
        pieces = list(prose)
        for left, right in vanished:
            pieces[left:right] = " " * (right - left)
        blanked = "".join(pieces)
    for match in _SPACE_RUN.finditer(blanked):
        left, right = match.span()
        before = prose[left:right]
        after = " "
        neighbours = (
            prose[left - 1] if left else around[0],
            prose[right] if right < len(prose) else around[1],
        )
        if "\n" in neighbours or "\t" in neighbours:
            # Spaces at the end of a line mean a break in Markdown: keep their number.
            after = " " * sum(c.isspace() for c in before)
        if before != after:
            yield Edit(left, right, after, "space")


def _trim(edit: Edit, before: str) -> Edit:
    """The same edit without the characters that both sides share at the ends."""
    after = edit.after
    shortest = min(len(before), len(after))
    left = 0
    while left < shortest and before[left] == after[left]:
        left += 1
    right = 0
    while right < shortest - left and before[-1 - right] == after[-1 - right]:
        right += 1
    return Edit(edit.start + left, edit.end - right, after[left : len(after) - right], edit.rule)


# --- English punctuation -------------------------------------------------------------------

_DOUBLE = "“”„‟«»〝〞"
_SINGLE = "‘’‚‛´ʼ"
_FULL = "，、：∶？！（）；％０-９"
_PREFIXES = (
    "agro|anti|bio|co|cross|eco|ex|geo|inter|intra|macro|mass|micro|mid|multi|non|party|politico|"
    "post|pre|pro|re|self|semi|socio|sub|trans|ultra|vice|well"
)
_QUOTES = re.compile(f"« +(?=\\S)|(?<=\\S) +»|[{_DOUBLE}{_SINGLE}]")
_DASH = re.compile(" *[—―](?: *[—―])* *|[‐‑‒–−]")
_FULL_WIDTH = re.compile(f"[{_FULL}]")
_BROKEN_HYPHEN = re.compile(
    rf"\b(?:{_PREFIXES})( -)(?=[a-z])"
    r"|\b(?:socio|politico|agro)(- )(?!(?:and|or|to|as)\b)(?=[a-z])",
    re.IGNORECASE,
)
_BROKEN_SPACE = re.compile(
    r"(?<=[\w)\"'%]) +(?=[,;:!?.](?:[ \n]|$))"  # before a mark
    r"|(?<=\() +(?=[^\s)])"  # inside brackets
    r"|(?<=[^\s(]) +(?=\))"
)
_ANY = re.compile(f"[{_DOUBLE}{_SINGLE}{_FULL}—―‐‑‒–−…]| [-,;:!?.)]|\\( |- ")


def _punctuation_edits(prose: str, around: tuple[str, str]) -> list[Edit]:
    """The edits of one round; ``around`` is the characters before and after the prose."""
    if not _ANY.search(prose):
        return []
    found: list[Edit] = []

    def note(span: Span, after: str, rule: ChangeRule) -> None:
        if not (after[:1] in _MARKUP and _starts_line(prose, span[0])):
            found.append(Edit(*span, after, rule))

    for match in _QUOTES.finditer(prose):
        note(match.span(), "'" if match[0] in _SINGLE else '"', "quote")
    for match in _DASH.finditer(prose):
        note(match.span(), _plain_dash(prose, around, *match.span()), "dash")
    for match in re.finditer("…", prose):
        note(match.span(), "...", "ellipsis")
    for match in _FULL_WIDTH.finditer(prose):
        note(match.span(), _ascii_mark(match[0]), "full-width")
    for match in _BROKEN_HYPHEN.finditer(prose):
        note(match.span(match.lastindex or 1), "-", "broken space")
    for match in _BROKEN_SPACE.finditer(prose):
        if match.end() + 1 < len(prose) or around[1].isspace():
            note(match.span(), "", "broken space")
    return drop_overlaps(found)


def _plain_dash(prose: str, around: tuple[str, str], start: int, end: int) -> str:
    if prose[start:end].strip(" —―"):
        return "-"
    left = prose[start - 1] if start else around[0]
    right = prose[end] if end < len(prose) else around[1]
    before = "" if left in "\n\t([" else " "
    after = "" if right in "\n\t)],.;:!?" else " "
    return f"{before}-{after}"


# What Markdown and plain-text lists treat as layout at the start of a line.
_MARKUP = frozenset("-+*#>=~|:0123456789")


def _starts_line(prose: str, position: int) -> bool:
    return not prose[prose.rfind("\n", 0, position) + 1 : position].strip()


@lru_cache(maxsize=64)
def _ascii_mark(character: str) -> str:
    """The plain form of a full-width mark, as in sacremoses' punctuation normaliser.

    sacremoses is imported here because that takes most of a second and few pages need it. Its other
    rules move commas into quotation marks and put spaces before brackets, which would change
    addresses, code and document numbers, so they are not used.
    """
    from sacremoses.normalize import MosesPunctNormalizer

    plain: str = MosesPunctNormalizer().replace_unicode_punct(character)
    return plain
