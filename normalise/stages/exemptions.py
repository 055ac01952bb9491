"""Changes that a person has rejected: where the words are that must stay, for each stage."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
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
        found = list(locate(document.text, exemption))
        spans += found
        if not found:
            reason = "an exemption for these words fits nowhere: the text has changed since"
            flags.append(
                Flag(stage, 0, 0, exemption.before, "exemption", exemption.term, reason)
            )
    if spans:
        document = replace(document, protected=tuple(sorted((*document.protected, *spans))))
    return document, tuple(flags)


def locate(text: str, exemption: Exemption) -> Iterator[Span]:
    """The places of an exemption's words in a stage's input.

    >>> exemption = Exemption("standardise", "cell", "a cell in the wall", 2)
    >>> list(locate("There is a cell in the wall of the cell.", exemption))
    [(11, 15)]
    >>> list(locate("a cell, cells", Exemption("standardise", "cell")))
    [(2, 6)]
    """
    before, context, at = exemption.before, exemption.context, exemption.at
    if not before or context[at : at + len(before)] not in ("", before):
        return
    wanted = context or before
    place = text.find(wanted)
    while place >= 0:
        start = place + at if context else place
        span = start, start + len(before)
        if context or not _is_part_of_word(text, *span):
            yield span
        place = text.find(wanted, place + len(wanted))


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
