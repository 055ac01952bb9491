"""What tests share: small stand-ins for the detector, the translator and the glossaries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from normalise.data import Block, Edit, Flag, Language, apply_edits
from normalise.glossary.standardise import Standardised
from normalise.pipeline import Pipeline
from normalise.translate.translator import Request, Translation

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


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


@pytest.fixture
def translator() -> BracketTranslator:
    return BracketTranslator()


@pytest.fixture
def pipeline(translator: BracketTranslator) -> Pipeline:
    """A pipeline of stand-ins: fast, and what it does is plain to see."""
    return Pipeline(
        glossary=OneTermGlossary(), translator=translator, detector=WordDetector()
    )


@pytest.fixture
def shared() -> Path:
    """The folder of other people's texts beside the repository, where there is one."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared folder beside the repository: it is not part of the project")
    return SHARED
