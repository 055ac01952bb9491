"""Numbers of cited Party and State documents: found however damaged, recorded, made uniform.

What is written: ``Resolution No. 18-NQ/TW, dated October 25, 2017`` for the Party, ``Decree No.
15/2023/NĐ-CP`` for the State. Nothing is invented: a type word is corrected only if there is one
and the code allows only one; a missing one stays missing. Contradictions are flagged and left
alone. A number without a code ("Resolution 18") is recorded and left as it is, except that a
damaged "No" is repaired ("Directive No3"). In languages other than English only the number itself
is rewritten, so that the words around it can be translated.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from normalise.data import Citation
from normalise.glossary.citations.dates import read_document_date, write_document_date
from normalise.glossary.citations.tables import Known, Tables, build_tables, fold_word
from normalise.glossary.source.schema import CitationFile

# All quantities are bounded, so that time stays linear whatever the text.
_S = r"[ \t\u00a0\u202f]?\n?[ \t\u00a0\u202f]?"
_HYPHEN = r"[-\u2010-\u2015\u2212]"
_LETTERS = r"[A-ZĐƯ][A-Za-zĐđƯư]{0,9}"
_ISSUER = rf"{_LETTERS}(?:\.[A-Z])?[0-9]{{0,2}}"
# Matched before a number, so that the search itself can skip to figures.
_BEFORE = re.compile(r"(?<![\w/-])(?<![0-9][.,])|(?<=\bNo)|(?<=\bno)|(?<=\bNO)|(?<=\bNr)|(?<=\bnr)")
_NUMBER = re.compile(
    rf"(?P<number>[0-9]{{1,5}})(?:"
    rf"{_S}{_HYPHEN}{_S}(?P<pcode>{_LETTERS}){_S}/{_S}(?P<pissuer>{_ISSUER}(?:{_HYPHEN}{_ISSUER}){{0,2}})"
    rf"|{_S}/{_S}(?:(?P<year>(?:19|20)[0-9]{{2}}){_S}/{_S})?"
    rf"(?P<scode>{_LETTERS}){_S}{_HYPHEN}{_S}(?P<sissuer>{_ISSUER}(?:{_HYPHEN}{_ISSUER}){{0,4}})"
    rf"|/(?P<lyear>(?:19|20)[0-9]{{2}})/(?P<lissuer>(?:QH|UBTVQH)[0-9]{{1,2}})"
    rf"|{_S}{_HYPHEN}{_S}/{_S}(?P<lost>{_LETTERS})"
    r")(?!\w)"
)
_NO = re.compile(
    r"(?<![^\W_])(?P<word>N[oº°]s?|n[oº°]s?|NO|Nr|nr|NR|№|Số|số|SỐ)(?P<rest>[ \u00a0]?[.:]?)"
    r"[ \t\u00a0\u202f]{0,2}\n?[ \t\u00a0]{0,2}\Z"
)
_PLAIN_NUMBER = re.compile(
    r"[0-9]{1,4}(?![\w%‰°])(?!(?:[-–/.,:][0-9A-Za-zĐđ])| ?(?:%|per cent|percent))"
)
_SCREEN = re.compile(
    r"[ \u00a0]?(?:dpi|ppi|px|pixels?|megapixels?|(?:x|×|by) ?[0-9])", re.IGNORECASE
)
_GAP = re.compile(r"[ \t\u00a0\u202f]{1,3}\n?[ \t\u00a0]{0,3}\Z|\n[ \t\u00a0]{0,3}\Z")
_WORDS_BACK = 48
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


@dataclass(frozen=True, slots=True)
class CitationHit:
    """One cited document: its record, and what to write at ``start:end``.

    ``rendered`` equals the text if nothing should change. ``flag`` is the reason why a person
    should look at it, or empty.
    """

    citation: Citation
    rendered: str
    flag: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Lead:
    """What precedes a number: the type word, the word for "number", where it begins."""

    start: int
    word: str = ""
    number_word: str = ""
    plural: bool = False


class CitationParser:
    """Finds cited documents by the types and issuers of a glossary; immutable and picklable.

    >>> from normalise.glossary.source.schema import CitationFile, DocumentType, Issuer
    >>> types = (DocumentType("HD", ("hướng dẫn",), ("Guidance",), words=("Instruction",)),)
    >>> parser = CitationParser(CitationFile(1, "Cited documents", types, (Issuer("TU", "Party"),)))
    >>> [hit.rendered for hit in parser.find("See Instruction 05-HD/ TU (May 18, 2023).")]
    ['Guidance No. 05-HD/TU, dated May 18, 2023']
    """

    __slots__ = ("_bare", "_file", "_foreign_after", "_foreign_before", "_issued_by", "_tables")

    def __init__(self, file: CitationFile) -> None:
        self._file = file
        self._tables: Tables = build_tables(file)
        self._bare = _compile_bare(self._tables)
        foreign = _alternatives(file.foreign)
        # Other bodies' resolutions and directives are not Vietnamese documents.
        self._foreign_before = re.compile(rf"(?<![^\W_])(?:{foreign})\s\Z")
        self._foreign_after = re.compile(rf",? (?:of|by|from) (?:the )?(?:{foreign})(?![^\W_])")
        called = _alternatives(name for issuer in file.issuers for name in issuer.called)
        self._issued_by = re.compile(
            rf",? (?:of|by|issued by|from) the (?P<body>{called})(?![^\W_])"
        )

    def __reduce__(self) -> tuple[type[CitationParser], tuple[CitationFile]]:
        return CitationParser, (self._file,)

    def find(self, text: str, language: str = "en") -> list[CitationHit]:
        """Cited documents in text order, without overlaps.

        Args:
            text: Any text.
            language: The text's language. In English the whole citation is written in the preferred
                form; elsewhere only the number.
        """
        coded = list(self._coded(text, language))
        starts = [hit.start for hit in coded]
        hits = list(coded)
        for hit in self._uncoded(text, language):
            before = bisect_right(starts, hit.end - 1)
            if not before or coded[before - 1].end <= hit.start:
                hits.append(hit)
        return sorted(hits, key=lambda hit: hit.start)

    def _coded(self, text: str, language: str) -> Iterator[CitationHit]:
        reached = 0
        for match in _NUMBER.finditer(text):
            if not _BEFORE.match(text, match.start()):
                continue
            lead = self._read_lead(text, reached, match.start(), language)
            hit = self._read_number(text, match, lead, language)
            if hit is not None:
                reached = hit.end
                yield hit

    def _read_number(
        self, text: str, match: re.Match[str], lead: _Lead, language: str
    ) -> CitationHit | None:
        tables = self._tables
        introduced = bool(lead.word or lead.number_word)
        if match["lost"]:
            return self._lost_code(text, match, lead)
        if match["lissuer"]:
            number, end = f"{match['number']}/{match['lyear']}/{match['lissuer']}", match.end()
            known = None
            code, issuer = "", match["lissuer"]
        else:
            code_written = match["pcode"] or match["scode"]
            known = tables.type(code_written)
            parts, end, recognised = self._read_issuer(match)
            sure = (known and recognised) or (introduced and (known or recognised))
            if not parts or not sure:
                return None
            code = known.code if known else code_written
            issuer = "-".join(parts)
            party = match["pcode"] or (tables.form(parts[0]) == "party" and not match["year"])
            if party:
                number = f"{match['number']}-{code}/{issuer}"
            else:
                year = f"/{match['year']}" if match["year"] else ""
                number = f"{match['number']}{year}/{code}-{issuer}"
        record_number = number.split(f"-{code}", 1)[0].split(f"/{code}", 1)[0] if code else number
        if not code:
            record_number = f"{match['number']}/{match['lyear']}"
        return self._write(
            text, lead, match.start(), end, number,
            Citation(0, 0, "", "", record_number, code, issuer), known, language,
        )  # fmt: skip

    def _read_issuer(self, match: re.Match[str]) -> tuple[list[str], int, bool]:
        """Issuer codes in their correct form, where they end, and whether the first is known."""
        group = "pissuer" if match["pissuer"] else "sissuer"
        end = match.start(group)
        parts: list[str] = []
        recognised = False
        for index, written in enumerate(re.split(_HYPHEN, match[group])):
            known = self._tables.issuer(written)
            if index == 0:
                recognised = known is not None
            elif known is None and not written.isupper():
                break  # "18-NQ/TW-Based"
            parts.append(known or written)
            end += len(written) + (1 if index else 0)
        return parts, end, recognised

    def _lost_code(self, text: str, match: re.Match[str], lead: _Lead) -> CitationHit | None:
        issuer = self._tables.issuer(match["lost"])
        if issuer is None or self._tables.form(issuer) != "party":
            return None
        start, end = lead.start, match.end()
        citation = Citation(
            start, end, text[start:end], self._tables.english_name(lead.word), match["number"],
            "", issuer,
        )  # fmt: skip
        return CitationHit(
            citation, text[start:end], "the code of the document's type is lost", start, end
        )

    def _write(
        self, text: str, lead: _Lead, core: int, end: int, number: str, record: Citation,
        known: Known | None, language: str,
    ) -> CitationHit:  # fmt: skip
        english = language == "en" and not self._is_foreign(lead)
        start = lead.start if english else core
        flag = self._contradiction(lead, known) if english else ""
        kind = self._type_name(lead, known, language)
        dated = read_document_date(text, end)
        iso = dated.value.isoformat() if dated else ""
        rendered, stop = number, end
        if english:
            capitals = lead.word.isupper()  # a heading in capitals stays in capitals
            word = "" if not lead.word else (self._house_word(lead, known) + " ")
            number_word = "Nos. " if lead.number_word.lower() == "nos" else "No. "
            if not lead.number_word and (lead.plural or not lead.word):
                number_word = ""
            rendered = f"{word}{number_word.upper() if capitals else number_word}{number}"
            if dated and dated.rewritable and not capitals:
                rendered += write_document_date(dated.value)
                stop = dated.end
        if flag:
            rendered = text[start:stop]
        citation = Citation(
            start, stop, text[start:stop], kind, record.number, record.code, record.issuer, iso
        )
        return CitationHit(citation, rendered, flag, start, stop)

    def _uncoded(self, text: str, language: str) -> Iterator[CitationHit]:
        """Type word and number without a code: "Resolution 18", "Conclusion No. 128"."""
        if language != "en":
            return
        for match in self._bare.finditer(text):
            digits = _PLAIN_NUMBER.match(text, match.end())
            if digits is None or _SCREEN.match(text, digits.end()):
                continue
            word = self._tables.word(match["word"])
            marked = bool(match["no"])
            doubtful = len(digits[0]) > 3 or _YEAR.fullmatch(digits[0])
            if word is None or not (marked or (word.strong and not doubtful)):
                continue
            head = text[max(0, match.start() - 20) : match.start()]
            if self._foreign_before.search(head) or self._foreign_after.match(
                text, digits.end()
            ):
                continue
            start, end = match.start(), digits.end()
            dated = read_document_date(text, end)
            rendered = f"{match['word']} No. {digits[0]}" if marked else text[start:end]
            issued = self._issued_by.match(text, end)
            stop = end
            if dated and dated.rewritable:
                rendered += write_document_date(dated.value)
                stop = dated.end
                issued = self._issued_by.match(text, stop)
            citation = Citation(
                start, stop, text[start:stop], word.name, digits[0], "",
                issued["body"] if issued else "", dated.value.isoformat() if dated else "",
            )  # fmt: skip
            yield CitationHit(citation, rendered, "", start, stop)

    def _read_lead(self, text: str, floor: int, core: int, language: str) -> _Lead:
        """The type word and "No." directly before a number."""
        floor = max(floor, core - _WORDS_BACK)
        head = text[floor:core]
        number = _NO.search(head)
        start = core
        number_word = ""
        if number:
            number_word = number["word"]
            start = floor + number.start()
            head = head[: number.start()]
        gap = _GAP.search(head)
        if gap:
            word = self._tables.last_word(head[: gap.start()], language)
            if word:
                begin = floor + gap.start() - len(word)
                return _Lead(begin, word, number_word, self._tables.is_plural(word))
        return _Lead(start, "", number_word)

    def _is_foreign(self, lead: _Lead) -> bool:
        """Whether the words before a number are another language's, left untranslated."""
        if lead.word:
            return self._tables.english_name(lead.word) == ""
        return lead.number_word.lower() == "số"

    def _contradiction(self, lead: _Lead, known: Known | None) -> str:
        if not lead.word or known is None:
            return ""
        words = {fold_word(lead.word), fold_word(self._tables.english_name(lead.word))}
        if words & known.accepted or words & known.corrects:
            return ""
        return f"“{lead.word}” does not go with the code {known.code}, {' or '.join(known.names)}"

    def _house_word(self, lead: _Lead, known: Known | None) -> str:
        folded = fold_word(lead.word)
        written = lead.word[0].upper() + lead.word[1:]
        if known and known.decides and folded in (known.corrects | known.accepted):
            written = known.names[0]
        return written.upper() if lead.word.isupper() else written

    def _type_name(self, lead: _Lead, known: Known | None, language: str) -> str:
        """The English type word the text gives: by a code, or in words."""
        if known and known.decides:
            return known.names[0]
        if name := self._tables.english_name(lead.word):
            return name
        return known.source_name(lead.word, language) if known and lead.word else ""


def _alternatives(phrases: Iterable[str]) -> str:
    """A pattern for any of the phrases, the longest first; one that never matches for none."""
    ordered = sorted(set(phrases), key=lambda phrase: (-len(phrase), phrase))
    return "|".join(map(re.escape, ordered)) or "(?!)"


def _compile_bare(tables: Tables) -> re.Pattern[str]:
    """Type words before a figure; the class of first letters lets the search skip to them."""
    by_letter: dict[str, list[str]] = {}
    for word in tables.bare_words():
        by_letter.setdefault(word[0], []).append(re.escape(word[1:]))
    first = f"[{''.join(map(re.escape, by_letter))}]" if by_letter else "(?!)"
    words = "|".join(
        rf"(?<={re.escape(letter)})(?:{'|'.join(rest)})" for letter, rest in by_letter.items()
    )
    return re.compile(
        rf"(?P<word>{first}(?<![^\W_].)(?:{words}))(?:[ \u00a0]\n?|\n)"
        r"(?P<no>(?:No|NO|no|Nr|N[º°])(?:[ \u00a0]?[.:])?[ \u00a0]{0,2})?(?=[0-9])"
    )
