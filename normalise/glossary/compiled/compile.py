"""From glossary files to the tables used for matching.

Compiling expands groups, inflects, and folds every form once, so that applying a glossary needs
neither YAML nor the inflection library. The result is plain data (`cache` keeps it on disk).
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Sequence

import msgspec

from normalise.errors import GlossaryError
from normalise.glossary.compiled import inflection
from normalise.glossary.compiled.tables import (
    BOTH,
    PLURAL,
    SINGULAR,
    Compiled,
    EntryRow,
    EntryRule,
    Form,
    Name,
    PlainForms,
    abbreviation_key,
)
from normalise.glossary.match.fold import fold
from normalise.glossary.source import phrase
from normalise.glossary.source.load import ParsedFile
from normalise.glossary.source.schema import (
    Abbreviation,
    CitationFile,
    FurnitureFile,
    Manifest,
    Near,
    NounPhrases,
    Place,
    PlaceFile,
    Term,
    TermFile,
    Variant,
    When,
)
from normalise.language.letters import strip_marks
from normalise.language.spelling.variants import all_spellings, both_spellings

# Words that fold to themselves and occur in no text, used in place of slots while folding.
_SLOT_WORDS = {"{" + slot + "}": f"qq{slot}qq" for slot in phrase.SLOTS}
_SLOT_NAMES = {word: slot for slot, word in _SLOT_WORDS.items()}
_SLOT = re.compile(f"({'|'.join(_SLOT_NAMES)})")


def compile_files(files: Iterable[ParsedFile], digest: str = "") -> Compiled:
    """Compile parsed files.

    Raises:
        GlossaryError: Two terms share an id, or a variant cannot be read.
    """
    builder = _Builder()
    for number, file in enumerate(files):
        builder.add(number, file)
    return builder.build(digest)


class _Builder:
    def __init__(self) -> None:
        self.manifest = Manifest(schema=1, name="glossary", version="0")
        self.terms: list[Term] = []
        self.lines: list[tuple[int, int]] = []
        self.places: list[Place] = []
        self.citations: CitationFile | None = None
        self.furniture: list[FurnitureFile] = []
        self.names: list[Name] = []
        self.entries: list[EntryRow] = []
        self.forms: dict[tuple[object, ...], Form] = {}
        self.abbreviations: dict[str, list[int]] = {}
        self.defined_entries: list[int] = []
        self._ids: dict[str, str] = {}

    def add(self, number: int, file: ParsedFile) -> None:
        value = file.value
        if isinstance(value, TermFile):
            lines = file.lines("terms")
            for term, line in zip(value.terms, lines, strict=True):
                if term.id in self._ids:
                    raise GlossaryError(
                        f"the term id '{term.id}' is already used in {self._ids[term.id]}",
                        where=f"{file.path}:{line}",
                        remedy="give one of the two another id, or merge them",
                    )
                self._ids[term.id] = file.path.name
                self.lines.append((number, line))
                self.terms.append(term)
                if term.status == "deprecated":
                    self.defined_entries.append(-1)
                    continue
                try:
                    self._add_term(len(self.terms) - 1, term)
                except phrase.PhraseError as error:
                    raise GlossaryError(
                        f"term '{term.id}': {error}",
                        where=f"{file.path}:{line}",
                        remedy="see 'Writing a variant' in docs/glossaries.md",
                    ) from None
        elif isinstance(value, PlaceFile):
            self.places += value.places
        elif isinstance(value, FurnitureFile):
            self.furniture.append(value)
        elif isinstance(value, CitationFile):
            self.citations = value
        elif isinstance(value, Manifest):
            self.manifest = value

    def build(self, digest: str) -> Compiled:
        anchors: dict[str, list[Form]] = {}
        for form in self.forms.values():
            anchors.setdefault(form.items[form.anchor], []).append(form)
        return Compiled(
            digest=digest,
            manifest=self.manifest,
            terms=tuple(self.terms),
            lines=tuple(self.lines),
            renderings=tuple(map(_renderings, self.terms)),
            names=tuple(self.names),
            entries=tuple(self.entries),
            anchors="\n".join(anchors),
            plain=_pack(anchors.values()),
            slotted={
                number: slotted
                for number, forms in enumerate(anchors.values())
                if (slotted := tuple(form for form in forms if len(form.items) > 1))
            },
            abbreviations={key: tuple(rows) for key, rows in self.abbreviations.items()},
            defined_entries=tuple(self.defined_entries),
            places=tuple(self.places),
            place_names=_place_names(self.places),
            not_in_places=frozenset(
                fold(word).text
                for word in (
                    *self.manifest.not_in_places,
                    *self.manifest.noun_phrases.other_parties,
                )
            ),
            noun_phrases=_fold_lists(self.manifest.noun_phrases),
            cues={name: tuple(fold_words(words)) for name, words in self.manifest.cues.items()},
            citations=self.citations,
            furniture=tuple(self.furniture),
        )

    def _add_term(self, number: int, term: Term) -> None:
        name = self._name(term, term.preferred, term.plural)
        for index, entry in enumerate(term.variants):
            variant = Variant(text=entry) if isinstance(entry, str) else entry
            target = name if variant.becomes is None else self._name(term, variant.becomes, None)
            row = self._entry(number, "variant", variant.text, variant.when, target, "", index)
            self._forms(row, variant.text, term, variant.inflect, variant.when)
        for index, admitted in enumerate(term.admitted):
            row = self._entry(number, "admitted", admitted, None, name, "", index)
            self._forms(row, admitted, term, True, None)
        for index, abbreviation in enumerate(term.abbreviations):
            self._abbreviation(number, abbreviation, name, index)
        for index, flag in enumerate(term.flags):
            row = self._entry(number, "flag", flag.text, flag.when, name, flag.reason, index)
            self._forms(row, flag.text, term, flag.inflect, flag.when)
        for index, forbidden in enumerate(term.forbidden):
            row = self._entry(number, "forbidden", forbidden, None, name, "", index)
            self._forms(row, forbidden, term, True, None)
        row = self._entry(number, "preferred", term.preferred, None, name, "", 0)
        self.defined_entries.append(
            self._entry(number, "abbreviation", "defined in the text", None, name, "", 0)
        )
        self._forms(row, term.preferred, term, True, None, plural=term.plural)

    def _name(self, term: Term, preferred: str, plural: str | None) -> int:
        singular = preferred
        if term.countable and inflection.singularise(preferred) is None:
            plural = plural or inflection.pluralise(preferred) or preferred
            both = inflection.pluralise_both(preferred) or plural
        else:
            plural = both = preferred
        forms = (singular, plural, both)
        name = Name(forms, tuple(map(_article, forms)))  # type: ignore[arg-type]
        if name in self.names[-1:]:
            return len(self.names) - 1
        self.names.append(name)
        return len(self.names) - 1

    def _entry(
        self,
        term: int,
        rule: EntryRule,
        written: str,
        when: When | tuple[When, ...] | None,
        name: int,
        reason: str,
        index: int,
    ) -> int:
        sets = () if when is None else (when,) if isinstance(when, When) else when
        specificity = max((_count(conditions) for conditions in sets), default=0)
        folded = tuple(map(_fold_when, sets))
        self.entries.append(EntryRow(term, rule, written, folded, name, reason, index, specificity))
        return len(self.entries) - 1

    def _forms(
        self,
        entry: int,
        written: str,
        term: Term,
        inflect: bool,
        when: When | tuple[When, ...] | None,
        plural: str | None = None,
    ) -> None:
        sets = () if when is None else (when,) if isinstance(when, When) else when
        exact = any(conditions.exact_case for conditions in sets)
        surfaces = [
            row
            # Folding makes one of -ise and -ize, but an exact surface is compared as it is.
            for spelt in (all_spellings if exact else both_spellings)(written)
            for form in phrase.expand(spelt)
            for row in _numbers(form, term.countable and inflect, plural)
        ]
        folded = _fold_forms([surface for surface, _ in surfaces])
        for (surface, number), items in zip(surfaces, folded, strict=True):
            literals = [i for i, item in enumerate(items) if not item.startswith("{")]
            if not any(items[i].strip() for i in literals):
                raise phrase.PhraseError(f"a variant needs words besides its slots: {written!r}")
            anchor = max(literals, key=lambda i: len(items[i]))
            row = Form(items, anchor, entry, number, surface if exact else "")
            self.forms.setdefault((items, entry, row.exact), row)

    def _abbreviation(self, term: int, entry: Abbreviation, name: int, index: int) -> None:
        row = self._entry(term, "abbreviation", entry.text, entry.when, name, "", index)
        self.abbreviations.setdefault(abbreviation_key(entry.text), []).append(row)


def _renderings(term: Term) -> tuple[tuple[str, ...], tuple[str, ...]]:
    singulars = [phrase.fill(name, {}) for name in (term.preferred, *term.admitted)]
    if not term.countable:
        return tuple(dict.fromkeys(singulars)), tuple(dict.fromkeys(singulars))
    plurals = [inflection.pluralise(name) for name in singulars]
    if term.plural:
        plurals[0] = phrase.fill(term.plural, {})
    return tuple(dict.fromkeys(singulars)), tuple(dict.fromkeys(filter(None, plurals)))


def _pack(groups: Iterable[Sequence[Form]]) -> PlainForms:
    rows, ends = array("I"), array("I")
    exact: dict[int, str] = {}
    for forms in groups:
        for form in forms:
            if len(form.items) == 1:
                if form.exact:
                    exact[len(rows)] = form.exact
                rows.append(form.entry * 4 + form.number)
        ends.append(len(rows))
    return PlainForms(rows.tobytes(), ends.tobytes(), exact)


def fold_words(words: Iterable[str]) -> list[str]:
    """Fold the words of conditions, keeping a trailing ``*``."""
    return [
        fold(spelt.rstrip("*")).text.strip() + ("*" if word.endswith("*") else "")
        for word in words
        for spelt in both_spellings(word)
    ]


def _fold_lists(lists: NounPhrases) -> NounPhrases:
    return NounPhrases(
        **{name: tuple(fold_words(getattr(lists, name))) for name in NounPhrases.__struct_fields__}
    )


def _fold_when(when: When) -> When:
    changes: dict[str, object] = {}
    for field in ("near", "not_near"):
        near: Near | None = getattr(when, field)
        if near is not None:
            changes[field] = Near(any=tuple(fold_words(near.any)), within=near.within)
    for field in ("preceded_by", "not_preceded_by", "followed_by", "not_followed_by"):
        words = getattr(when, field)
        if words:
            changes[field] = tuple(fold_words(words))
    return msgspec.structs.replace(when, **changes) if changes else when


def _count(when: When) -> int:
    default = When()
    return sum(getattr(when, field) != getattr(default, field) for field in When.__struct_fields__)


def _numbers(form: str, inflect: bool, plural: str | None) -> list[tuple[str, int]]:
    """The surface forms of one form with their grammatical number."""
    singular = inflection.singularise(form)
    if not inflect:
        return [(form, PLURAL if singular else SINGULAR)]
    base = singular or form
    rows = [(base, SINGULAR)]
    for surface, number in (
        (plural and phrase.fill(plural, {}) if plural and "{" not in form else None, PLURAL),
        (form if singular else inflection.pluralise(form), PLURAL),
        (inflection.pluralise_both(base), BOTH),
    ):
        if surface and all(surface != known for known, _ in rows):
            rows.append((surface, number))
    return rows


def _fold_forms(surfaces: Sequence[str]) -> list[tuple[str, ...]]:
    """Fold forms into literals and slots; slot neighbours keep their spaces.

    All forms are folded together, as paragraphs of one text: one by one would take ten times as
    long.
    """
    text = "\n\n".join(" ".join(surface.split()) for surface in surfaces)
    for slot, word in _SLOT_WORDS.items():
        text = text.replace(slot, word)
    lines = fold(text).text.split("\n")
    return [
        tuple(_SLOT_NAMES.get(item, item) for item in _SLOT.split(line.strip()) if item)
        for line in lines
    ]


def _article(name: str) -> str:
    shown = phrase.fill(name, {})
    return inflection.article(shown) if shown else "a"


def _place_names(places: Iterable[Place]) -> dict[str, int]:
    """Folded spellings of places, with and without diacritics, to the place's index."""
    names: dict[str, int] = {}
    for index, place in enumerate(places):
        for spelling in (place.name, *place.other_spellings):
            folded = fold(spelling).text
            names.setdefault(folded, index)
            if place.ascii:
                names.setdefault(strip_marks(folded), index)
    return names
