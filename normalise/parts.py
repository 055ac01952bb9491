"""What a pipeline asks of its parts: the languages, the translation, the terminology."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from normalise.data import Block, Language, Request, Translation

if TYPE_CHECKING:
    from normalise.glossary.rewrite.standardise import Standardised


class Detecting(Protocol):
    """Finds languages (see ``normalise.stages.detect.Detector``)."""

    def detect_document(self, text: str) -> Language:
        """The main language of a text."""

    def detect_block(self, text: str, document: Language) -> Language:
        """The language of one block of a document."""


class Translating(Protocol):
    """Translates sentences into English (see ``normalise.translate.translator.Translator``)."""

    def supports(self, code: str) -> bool:
        """Whether a package for the language is there."""

    def translate(self, requests: Sequence[Request]) -> list[Translation]:
        """One translation for each request, in order."""

    def package(self, code: str) -> str:
        """What would translate from the language, as translations name it; empty for nothing."""

    def remedy(self, code: str) -> str:
        """The command that would make the language translatable."""

    def signature(self) -> tuple[tuple[str, str], ...]:
        """What shapes its output: packages, options, versions."""


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
