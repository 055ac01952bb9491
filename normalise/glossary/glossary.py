"""`Glossary`: the entry point to everything a set of glossary files can do."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from normalise.data import Block
from normalise.glossary.compiled.cache import load_compiled
from normalise.glossary.compiled.spelled import spell_names
from normalise.glossary.compiled.tables import Compiled
from normalise.glossary.match.matcher import Hit, Matcher
from normalise.glossary.match.source_terms import SourceHit, SourceIndex
from normalise.glossary.rewrite.decide import Decision, decide
from normalise.glossary.rewrite.explain import Explanation, explain
from normalise.glossary.rewrite.standardise import (
    MAX_ROUNDS,
    Input,
    Scene,
    Standardised,
    standardise,
    survey,
)
from normalise.glossary.source.load import list_files
from normalise.glossary.source.schema import FurnitureFile, Manifest, Place, Term

if TYPE_CHECKING:
    from normalise.glossary.citations.parser import CitationParser


class Glossary:
    """An immutable set of terms, ready to apply. Cheap to pickle and to share.

    >>> from normalise.glossary import Glossary
    >>> glossary = Glossary.load()
    >>> glossary.apply("The district has 61 party cells.").text
    'The district has 61 Party cells.'
    """

    def __init__(self, compiled: Compiled, files: tuple[Path, ...]) -> None:
        self._compiled = compiled
        self._files = files

    @classmethod
    def load(cls, paths: Sequence[Path | str] | None = None, *, cache: bool = True) -> Glossary:
        """Load glossary files or folders; without paths, the folder that `load.find_folder` finds.

        Raises:
            GlossaryError: A file is missing or wrong; the message names file and line.
        """
        files = list_files(paths)
        return cls(load_compiled(files, cache=cache), files)

    def in_spelling(self, spelling: str) -> Glossary:
        """The same glossary with its names in an English spelling.

        >>> glossary = Glossary.load().in_spelling("en-US")
        >>> glossary.apply("The Central Organization Department met.").text
        'The Central Organization Commission met.'
        """
        return Glossary(spell_names(self._compiled, spelling), self._files)

    def __reduce__(self) -> tuple[object, ...]:
        return Glossary, (self._compiled, self._files)

    @property
    def terms(self) -> tuple[Term, ...]:
        """All terms, in file order."""
        return self._compiled.terms

    @property
    def places(self) -> tuple[Place, ...]:
        """All places."""
        return self._compiled.places

    @property
    def place_names(self) -> Container[str]:
        """Their spellings in lower case, with and without diacritics."""
        return self._compiled.place_names

    @property
    def furniture(self) -> tuple[FurnitureFile, ...]:
        """Rules for page furniture."""
        return self._compiled.furniture

    @property
    def manifest(self) -> Manifest:
        """Name, version and word lists."""
        return self._compiled.manifest

    @property
    def version(self) -> str:
        """The version from the manifest."""
        return self._compiled.manifest.version

    @property
    def digest(self) -> str:
        """SHA-256 of the files, which identifies this glossary."""
        return self._compiled.digest

    @cached_property
    def _by_id(self) -> dict[str, int]:
        return {term.id: index for index, term in enumerate(self.terms)}

    @cached_property
    def _matcher(self) -> Matcher:
        return Matcher(self._compiled)

    @cached_property
    def citation_parser(self) -> CitationParser | None:
        """The parser for cited documents, or None if the glossary has no document types."""
        if self._compiled.citations is None:
            return None
        from normalise.glossary.citations.parser import CitationParser

        return CitationParser(self._compiled.citations)

    @cached_property
    def _sources(self) -> SourceIndex:
        return SourceIndex(self.terms)

    def term(self, term_id: str) -> Term:
        """The term with an id.

        Raises:
            KeyError: There is none.
        """
        return self.terms[self._by_id[term_id]]

    def where(self, term_id: str) -> str:
        """File and line of a term, as ``file.yaml:12``.

        Raises:
            KeyError: There is no such term.
        """
        file, line = self._compiled.lines[self._by_id[term_id]]
        return f"{self._files[file]}:{line}"

    def apply(
        self,
        text: str,
        *,
        blocks: Sequence[Block] | None = None,
        protected: Sequence[tuple[int, int]] = (),
        language: str = "en",
        date: str | None = None,
        rounds: int = MAX_ROUNDS,
    ) -> Standardised:
        """Standardise an English text.

        Args:
            text: The text; blank lines separate paragraphs.
            blocks: Where the prose is; hits stay within one block. Everything if None.
            protected: Spans that must not change.
            language: The document's own language, before translation.
            date: The document's ISO date, for dated conditions.
            rounds: The greatest number of passes; each sees what the previous one has written.
        """
        request = Input(text, blocks, protected, language, date, rounds)
        return standardise(self._compiled, self._matcher, self.citation_parser, request)

    def hits(
        self,
        text: str,
        *,
        blocks: Sequence[Block] | None = None,
        protected: Sequence[tuple[int, int]] = (),
        language: str = "en",
        date: str | None = None,
    ) -> list[Hit]:
        """The winning hits, including those of preferred names."""
        scene = self._survey(Input(text, blocks, protected, language, date))
        return [self._matcher.hit(scene.context, winner) for winner in scene.winners]

    def decisions(
        self,
        text: str,
        *,
        blocks: Sequence[Block] | None = None,
        protected: Sequence[tuple[int, int]] = (),
        language: str = "en",
        date: str | None = None,
    ) -> list[tuple[Hit, Decision]]:
        """The winning hits and what happens to each, in text order."""
        scene = self._survey(Input(text, blocks, protected, language, date))
        context = scene.context
        return [
            (self._matcher.hit(context, winner), decide(self._compiled, context, winner))
            for winner in scene.winners
        ]

    def explain(
        self, text: str, *, language: str = "en", date: str | None = None
    ) -> list[Explanation]:
        """Every candidate hit and what happened to it, in text order."""
        scene = self._survey(Input(text, language=language, date=date))
        return explain(self._compiled, self._matcher, scene)

    def _survey(self, request: Input) -> Scene:
        return survey(self._compiled, self._matcher, self.citation_parser, request)

    def patterns(self) -> Iterator[tuple[str, str, str, int]]:
        """Every compiled form: term id, rule, folded form with slots, index of the entry."""
        for number, pattern in self._compiled.patterns():
            entry = self._compiled.entries[number]
            yield self.terms[entry.term].id, entry.rule, pattern, entry.index

    def source_hits(self, text: str, language: str) -> list[SourceHit]:
        """Source-language terms in a sentence before translation, inflected forms included."""
        return self._sources.hits(text, language)

    def names(self, term_id: str, *, plural: bool = False) -> tuple[str, ...]:
        """Names a translation may use for a term, the preferred one first."""
        return self._compiled.renderings[self._by_id[term_id]][plural]
