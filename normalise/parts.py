"""The parts of a pipeline: what it expects of each, and building them from settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from normalise.data import Block, Language, Request, Translation

if TYPE_CHECKING:
    from normalise.glossary.rewrite.standardise import Standardised
    from normalise.settings import Settings
    from normalise.stages.furniture import FurnitureRemover


class Detecting(Protocol):
    """Detects languages (see ``normalise.stages.detect.Detector``)."""

    def detect_document(self, text: str) -> Language:
        """The main language of a text."""

    def detect_block(self, text: str, document: Language) -> Language:
        """The language of one block of a document."""


class Translating(Protocol):
    """Translates sentences into English (see ``normalise.translate.translator.Translator``)."""

    def supports(self, code: str) -> bool:
        """Whether there is a package for the language."""

    def translate(self, requests: Sequence[Request]) -> list[Translation]:
        """One translation for each request, in order."""

    def package(self, code: str) -> str:
        """What would translate the language, as named in translations; empty for nothing."""

    def remedy(self, code: str) -> str:
        """The command that would install a package for the language."""

    def signature(self) -> tuple[tuple[str, str], ...]:
        """Everything that shapes its output: packages, options, versions."""


class Standardising(Protocol):
    """Applies the glossaries (see ``normalise.glossary.Glossary``)."""

    @property
    def version(self) -> str:
        """The glossaries' version."""

    @property
    def digest(self) -> str:
        """The glossaries' hash."""

    def apply(
        self,
        text: str,
        *,
        blocks: Sequence[Block] | None = ...,
        protected: Sequence[tuple[int, int]] = ...,
        language: str = ...,
        date: str | None = ...,
    ) -> Standardised:
        """The standardised text with changes, flags and citations."""


def in_spelling(glossary: Standardising, spelling: str) -> Standardising:
    """The glossary with its names in a spelling, if it is one of ours."""
    from normalise.glossary import Glossary

    return glossary.in_spelling(spelling) if isinstance(glossary, Glossary) else glossary


def default_translator(glossary: Standardising) -> Translating:
    """A translator with the packages on this machine and no memory."""
    from normalise.glossary import Glossary
    from normalise.translate.translator import Translator

    return Translator(glossary=glossary if isinstance(glossary, Glossary) else None)


def default_furniture() -> FurnitureRemover:
    """The shipped list of page furniture."""
    from normalise.glossary.source.load import load_furniture
    from normalise.stages.furniture import FurnitureRemover

    return FurnitureRemover(load_furniture())


def load_parts(settings: Settings) -> dict[str, Any]:
    """The parts of a pipeline for these settings, by argument name.

    Raises:
        NormaliseError: A glossary, package or memory cannot be used.
    """
    from normalise.glossary import Glossary
    from normalise.memory.store import Memory
    from normalise.stages.detect import check_languages
    from normalise.translate.translator import DEFAULT_BEAM, Translator

    paths = settings.glossaries or None
    glossary = Glossary.load(paths)
    translator = Translator(
        glossary=glossary,
        memory=Memory(settings.memory) if settings.use_memory else None,
        beam=settings.beam or DEFAULT_BEAM,
        device=settings.device,
        threads=settings.threads or None,
    )
    furniture = None
    if settings.strip_furniture:
        from normalise.glossary.source.load import load_furniture
        from normalise.stages.furniture import FurnitureRemover

        furniture = FurnitureRemover(load_furniture(paths))
    return {
        "glossary": glossary,
        "translator": translator,
        "strip_furniture": settings.strip_furniture,
        "furniture": furniture,
        "language": settings.language,
        "languages": check_languages(settings.languages),
        "spelling": settings.spelling,
    }
