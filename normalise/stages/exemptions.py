"""Changes that a person has rejected: where the words are that must stay, for each stage."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, replace

from normalise.data import Document, Exemption, Flag, Signature, StageName

Span = tuple[int, int]


def spare(document: Document, stage: StageName) -> tuple[Document, tuple[Flag, ...]]:
    """The document with the words protected that ``stage`` must leave as they are.

    An exemption that fits nowhere, because the text has changed since, becomes a flag.
    """
    spans: list[Span] = []
    flags: list[Flag] = []
    for exemption in document.exemptions:
        if exemption.stage != stage:
            continue
        found = locate(document.text, exemption)
        spans += found
        if not found:
            reason = "an exemption for these words fits nowhere: the text has changed since"
            flags.append(
                Flag(stage, 0, 0, exemption.before, "exemption", exemption.term, reason)
            )
    if spans:
        document = replace(document, protected=tuple(sorted((*document.protected, *spans))))
    return document, tuple(flags)


def locate(text: str, exemption: Exemption) -> list[Span]:
    """The places of an exemption's words in a stage's input.

    Where the whole context is not found, because a neighbouring word has changed since, a smaller
    part of it is looked for. Quotation marks and dashes of all kinds are alike in it.

    >>> exemption = Exemption("standardise", "cell", "a cell in the wall", 2)
    >>> locate("There is a cell in the wall of the cell.", exemption)
    [(11, 15)]
    >>> locate("a cell, cells", Exemption("standardise", "cell"))
    [(2, 6)]
    """
    before, context, at = exemption.before, exemption.context, exemption.at
    if not before:
        return []
    if not context:
        found = _find_all(text, before, 0, before)
        return [span for span in found if not _is_part_of_word(text, *span)]
    if context[at : at + len(before)] != before:
        return []
    for reach in (len(context), *_REACHES):
        start, end = max(0, at - reach), at + len(before) + reach
        if found := _find_all(text, context[start:end], at - start, before):
            return found
    return []


# Characters on either side that are enough to know a place again.
_REACHES = (40, 16)
_ALIKE = str.maketrans("“”„«»‘’‚–—−", '"' * 5 + "'" * 3 + "-" * 3)


def _find_all(text: str, context: str, at: int, before: str) -> list[Span]:
    alike, wanted = text.translate(_ALIKE), context.translate(_ALIKE)
    spans = []
    place = alike.find(wanted)
    while place >= 0:
        start, end = place + at, place + at + len(before)
        if text[start:end] == before:
            spans.append((start, end))
        place = alike.find(wanted, place + len(wanted))
    return spans


def _is_part_of_word(text: str, start: int, end: int) -> bool:
    first, last = text[start : start + 1].isalnum(), text[end - 1 : end].isalnum()
    return (first and text[max(start - 1, 0) : start].isalnum()) or (
        last and text[end : end + 1].isalnum()
    )


def sign_document(
    base: Signature, exemptions: Sequence[Exemption], packages: Iterable[str]
) -> Signature:
    """The signature of one document's result: the pipeline's, and what is the document's own."""
    parts = list(base.parts)
    if exemptions:
        plain = sorted(astuple(exemption)[:4] for exemption in exemptions)
        digest = hashlib.sha256(json.dumps(plain).encode()).hexdigest()
        parts.append(("exemptions", digest[:12]))
    return Signature((*parts, *(("package", package) for package in packages)))
