"""Look-up tables of document types, issuers and type words, built from the glossary's data."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from normalise.glossary.source.schema import CitationFile, DocumentType
from normalise.language.letters import strip_marks

_LONGEST_WORD = 4
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Known:
    """A document type as the parser needs it; words are folded."""

    code: str
    names: tuple[str, ...]
    accepted: frozenset[str]
    corrects: frozenset[str]
    native: tuple[tuple[str, str], ...]

    @property
    def decides(self) -> bool:
        """Whether the code allows only one English type word."""
        return len(self.names) == 1

    def source_name(self, word: str, language: str) -> str:
        """The English name for a Vietnamese type word, if the data pairs them."""
        return dict(self.native).get(fold_word(word), "") if language == "vi" else ""


@dataclass(frozen=True, slots=True)
class TypeWord:
    """An English type word: its preferred spelling, and whether it counts without "No."."""

    name: str
    strong: bool


class Tables:
    """Types and issuers by every recognised spelling."""

    __slots__ = ("_english", "_foreign", "_forms", "_issuers", "_needs_code", "_types", "_words")

    def __init__(self, file: CitationFile) -> None:
        self._types = _index({known.code: known for known in map(_know, file.document_types)})
        for kind in file.document_types:
            for spelling in kind.damaged:
                self._types[spelling] = self._types[kind.code]
        self._issuers = _index({issuer.code: issuer.code for issuer in file.issuers})
        for issuer in file.issuers:
            self._issuers |= dict.fromkeys(issuer.damaged, issuer.code)
        self._forms = {issuer.code: issuer.form for issuer in file.issuers}
        self._words: dict[str, TypeWord] = {}
        self._needs_code = frozenset(map(fold_word, file.needs_code))
        standalone = frozenset(map(fold_word, file.standalone))
        self._english: dict[str, str] = {}
        self._foreign: dict[str, set[str]] = {}
        for kind in file.document_types:
            for name in kind.names:
                self._words[fold_word(name)] = TypeWord(name, fold_word(name) in standalone)
                self._english[fold_word(name)] = name
        for kind in file.document_types:
            for word in kind.words:
                self._english.setdefault(fold_word(word), word)
            for language, words in kind.sources.items():
                self._foreign.setdefault(language, set()).update(map(fold_word, words))
            self._foreign.setdefault("vi", set()).update(map(fold_word, kind.vi))

    def type(self, written: str) -> Known | None:
        """The document type for a code as written, with or without its diacritics."""
        return self._types.get(written) or self._types.get(_bare(written))

    def issuer(self, written: str) -> str | None:
        """The issuer's code for one as written; the number of a term of office after it is kept."""
        written = unicodedata.normalize("NFC", written)
        stem = written.rstrip("0123456789")
        code = self._issuers.get(stem) or self._issuers.get(_bare(stem))
        return None if code is None else code + written[len(stem) :]

    def form(self, issuer: str) -> str:
        """How an issuer's documents are numbered: ``party`` or ``state``."""
        return self._forms.get(issuer.rstrip("0123456789"), "state")

    def word(self, written: str) -> TypeWord | None:
        """The English type word, in any case, singular or plural."""
        folded = fold_word(written)
        return self._words.get(folded) or self._words.get(_singular(folded))

    def english_name(self, written: str) -> str:
        """The data's spelling of an English type word; nothing for any other word."""
        folded = fold_word(written)
        return self._english.get(folded) or self._english.get(_singular(folded), "")

    def is_plural(self, written: str) -> bool:
        """Whether a type word is an English plural that the data does not list itself."""
        folded = fold_word(written)
        return folded not in self._english and _singular(folded) in self._english

    def last_word(self, head: str, language: str) -> str:
        """The type word a text ends in, the longest one; empty for none."""
        ends = [match.start() for match in re.finditer(r"(?<![^\W_])[^\W_]", head)]
        for start in ends[-_LONGEST_WORD:]:
            written = head[start:]
            folded = fold_word(written)
            if self.english_name(written) or any(
                folded in words for words in self._foreign.values()
            ):
                return written
        return ""

    def bare_words(self) -> Iterator[str]:
        """Type words to look for before a number without a code, longest first."""
        for folded in sorted(self._words, key=lambda word: (-len(word), word)):
            if folded not in self._needs_code:
                name = self._words[folded].name
                yield name
                if " " in name:
                    yield name.title()


def build_tables(file: CitationFile) -> Tables:
    """Build the look-up tables for a file of types and issuers."""
    return Tables(file)


def fold_word(word: str) -> str:
    """A type word for comparison: NFC, lower case, single spaces.

    >>> fold_word("Official  Dispatch")
    'official dispatch'
    """
    return " ".join(unicodedata.normalize("NFC", word).lower().split())


def _know(kind: DocumentType) -> Known:
    accepted = frozenset(map(fold_word, kind.names))
    native = tuple(zip(map(fold_word, kind.vi), kind.names, strict=False))
    return Known(kind.code, kind.names, accepted, frozenset(map(fold_word, kind.words)), native)


def _bare(code: str) -> str:
    """A code without its diacritics and capitals."""
    return "~" + strip_marks(code).upper()


def _index(by_code: dict[str, _T]) -> dict[str, _T]:
    """Values by code, and by the code's damaged form if that is unambiguous."""
    looks: dict[str, set[str]] = {}
    for code in by_code:
        looks.setdefault(_bare(code), set()).add(code)
    unique = {look: by_code[next(iter(codes))] for look, codes in looks.items() if len(codes) == 1}
    return {**unique, **by_code}


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") else word
