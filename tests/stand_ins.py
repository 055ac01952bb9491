"""Small stand-ins for the detector, the translator and the glossaries, and what all results owe."""

from __future__ import annotations

import re
from collections.abc import Sequence

from normalise.audit import replay_record, summarise
from normalise.data import Block, Flag, Language, Request, Result, Translation
from normalise.edits import Edit, apply_edits, replay
from normalise.glossary.rewrite.standardise import Standardised


def check_replay(result: Result) -> None:
    """Promise 1 for every stage, and for the audit's own record."""
    text = result.document.text
    for stage in result.stages:
        for change in stage.changes:
            assert text[change.start : change.end] == change.before
            assert stage.text[change.out_start : change.out_end] == change.after
        for flag in stage.flags:
            assert text[flag.start : flag.end] == flag.text
        text = replay(text, stage.changes)
        assert text == stage.text
    assert text == result.text
    assert replay_record(result.document.text, summarise(result)) == result.text


class WordDetector:
    """Tells three languages by their letters."""

    def detect_document(self, text: str) -> Language:
        if re.search("[ạ-ỹ]", text):
            return Language("vi", 0.9)
        if re.search("[æøå]", text):
            return Language("nb", 0.9)
        return Language("en" if re.search("[a-z]", text) else "und", 0.9)

    def detect_block(self, text: str, document: Language) -> Language:
        found = self.detect_document(text)
        return document if found.code == "und" else found


class BracketTranslator:
    """Translates Norwegian by putting brackets round it; keeps a sentence that says "behold"."""

    def __init__(self) -> None:
        self.calls: list[list[Request]] = []

    def supports(self, code: str) -> bool:
        return code == "nb"

    def package(self, code: str) -> str:
        return "nb_en-0" if code == "nb" else ""

    def remedy(self, code: str) -> str:
        return f"normalise models install {code}"

    def signature(self) -> tuple[tuple[str, str], ...]:
        return (("engine", "brackets"),)

    def translate(self, requests: Sequence[Request]) -> list[Translation]:
        self.calls.append(list(requests))
        return [self._translate(request) for request in requests]

    def _translate(self, request: Request) -> Translation:
        text = request.text
        if "behold" in text:
            flag = Flag("translate", 0, len(text), text, "kept", "", "looped")
            return Translation(text, "kept", flags=(flag,))
        plain = text.translate(str.maketrans("æøåÆØÅ", "eoaEOA"))
        return Translation(f"<{plain}>".replace("<", "[").replace(">", "]"), "engine", "nb_en-0")


class OneTermGlossary:
    """Knows one term: party cell becomes Party cell; flags the word ``doubtful``."""

    version = "1"
    digest = "0" * 64

    def apply(
        self,
        text: str,
        *,
        blocks: Sequence[Block] | None = None,
        protected: Sequence[tuple[int, int]] = (),
        language: str = "en",
        date: str | None = None,
    ) -> Standardised:
        edits, flags = [], []
        for block in blocks if blocks is not None else [Block(0, len(text))]:
            for match in re.finditer("party cell|doubtful", text[block.start : block.end]):
                start, end = block.start + match.start(), block.start + match.end()
                if any(left < end and start < right for left, right in protected):
                    continue
                if match[0] == "doubtful":
                    flags.append(Flag("standardise", start, end, match[0], "flag", "doubt"))
                else:
                    edits.append(Edit(start, end, "Party cell", "variant", "party-cell"))
        after, changes = apply_edits("standardise", text, edits)
        return Standardised(after, changes, tuple(flags))
