"""One document as the report shows it: rows of cells with marks, flags and their explanations."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from normalise.data import Change
from normalise.formats import TEXTS
from normalise.memory.reviews import CheckedFlag, Review
from normalise.report.explain import FLAGS, RULES, Explainer, tell
from normalise.report.marks import Mark, Wash, show, show_plain
from normalise.report.retrace import STAGES, Span, Way
from normalise.report.rows import LAYOUT, Row, cut_rows, find_row
from normalise.stages.sentences import flatten

# The texts of a `Way` that the report's columns show.
_SOURCE, _ASKED = 0, STAGES.index("translate")
_ENGLISH, _FINAL = _ASKED + 1, len(STAGES)
_BEFORE = ("clean", "furniture")
_CONTEXT = 300  # characters on either side that an exemption keeps of a long sentence
_NOTHING = Markup()
_MOST_TOLD = 80  # characters of its text that a flag shows: it is in the row as well
# Flags of sentences that were left as they are, and that a person can translate.
_KEPT = frozenset(("empty", "garbled", "loop", "runaway", "dropped", "untranslated", "slot"))


@dataclass(frozen=True, slots=True)
class Flagged:
    """A flag of a row: what identifies it, what it says, and whether it was looked at before."""

    about: dict[str, Any]
    title: str
    text: Markup
    reason: str
    checked: bool


@dataclass(slots=True)
class RowView:
    """A row as shown. ``translated`` is None where there was nothing to translate.

    ``correct`` holds what a correction of its sentences needs. Its marks name the explanations from
    ``first_note`` up to ``last_note``.
    """

    number: int
    kind: str
    language: str
    source: Markup = _NOTHING
    translated: Markup | None = None
    output: Markup = _NOTHING
    origin: str = ""
    correct: list[dict[str, str]] = field(default_factory=list)
    flags: list[Flagged] = field(default_factory=list)
    changed: bool = False
    first_note: int = 0
    last_note: int = 0

    @property
    def size(self) -> int:
        """Roughly how many characters its HTML has."""
        texts = (self.source, self.translated or "", self.output)
        return sum(map(len, texts)) + 300 + 400 * len(self.flags)


@dataclass(slots=True)
class DocumentView:
    """A document as shown; ``problem`` says why there are no rows.

    ``notes`` are the explanations that the marks of its rows name by their number.
    """

    path: str
    raw_path: str
    record: Mapping[str, Any]
    rows: list[RowView] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    flags: list[Flagged] = field(default_factory=list)
    problem: str = ""
    terms: set[str] = field(default_factory=set)


def view_document(
    record: Mapping[str, Any],
    way: Way,
    explainer: Explainer,
    *,
    review: Review | None = None,
) -> DocumentView:
    """The view of a document whose source is at hand."""
    view = DocumentView(record["path"], record.get("raw_path", ""), record)
    return _Builder(view, way, explainer, review or Review()).build()


def view_without_source(
    record: Mapping[str, Any],
    explainer: Explainer,
    problem: str,
    *,
    review: Review | None = None,
) -> DocumentView:
    """The view of a document whose source is gone or has changed: only what its record says."""
    view = DocumentView(record["path"], record.get("raw_path", ""), record, problem=problem)
    for item in record.get("changes", ()):
        if item["stage"] != "translate":
            view.notes.append(_note(item, explainer))
            view.terms.add(item["term"])
    view.flags = _flags(record, review or Review(), explainer)
    return view


class _Builder:
    def __init__(
        self, view: DocumentView, way: Way, explainer: Explainer, review: Review
    ) -> None:
        self._view = view
        self._way = way
        self._explainer = explainer
        self._review = review
        self._rows = cut_rows(way, view.record["blocks"])
        self._early: dict[int, list[tuple[Span, Change]]] = defaultdict(list)
        self._late: dict[int, list[tuple[Span, Change]]] = defaultdict(list)
        self._washes: dict[tuple[int, int], list[Wash]] = defaultdict(list)

    def build(self) -> DocumentView:
        """The view with its rows, in the order of the text."""
        self._sort_changes()
        flags: dict[int, list[Flagged]] = defaultdict(list)
        record = self._view.record
        for item, flag in zip(
            record["flags"], _flags(record, self._review, self._explainer), strict=True
        ):
            text = _SOURCE if item["stage"] in (*_BEFORE, "translate") else _FINAL
            start, end = item["source" if text == _SOURCE else "output"]
            index = find_row(self._rows, start, text)
            flags[index].append(flag)
            if item["rule"] not in ("no-package", "exemption"):
                self._washes[index, text].append(Wash(start, end, "flagged"))
        for term in record.get("terms", ()):
            start, end = term["source"]
            index = find_row(self._rows, start, _SOURCE)
            self._washes[index, _SOURCE].append(Wash(start, end, "source-term"))
        for index, row in enumerate(self._rows):
            if row.kind != LAYOUT or self._early[index] or self._late[index] or flags[index]:
                self._view.rows.append(self._row(index, row, flags[index]))
        return self._view

    def _sort_changes(self) -> None:
        """Give each change to its row, with its place in the cell that shows it."""
        way = self._way
        for number, stage in enumerate(STAGES):
            for change in way.changes[number]:
                if stage in _BEFORE:
                    span = way.move(change.start, change.end, of=number, to=_SOURCE)
                    index = find_row(self._rows, span[0], _SOURCE)
                    self._early[index].append((span, change))
                elif stage != "translate":
                    span = way.move(change.out_start, change.out_end, of=number + 1, to=_FINAL)
                    index = find_row(self._rows, span[0], _FINAL)
                    self._late[index].append((span, change))
                    column = _ENGLISH if self._rows[index].translations else _SOURCE
                    old = way.move(change.start, change.end, of=number, to=column)
                    self._washes[index, column].append(Wash(*old, "was"))

    def _row(self, index: int, row: Row, flags: list[Flagged]) -> RowView:
        way, number = self._way, len(self._view.rows)
        view = RowView(number, row.kind, row.language, flags=flags)
        view.first_note = len(self._view.notes)
        early = self._marks(row, self._early[index])
        late = self._marks(row, self._late[index])
        view.last_note = len(self._view.notes)
        view.source = self._show(row, _SOURCE, early, index)
        if row.translations:
            view.translated = self._show(row, _ENGLISH, [], index)
            view.origin = "; ".join(dict.fromkeys(c.reason for c in row.translations))
        view.output = self._show(row, _FINAL, late, index)
        view.changed = bool(early or late or row.translations)
        form = self._view.record["format"]
        view.correct = [
            {
                "language": row.language,
                "source": flatten(change.before, form),
                "translation": flatten(change.after, form),
            }
            for change in row.translations
            if form in TEXTS or self._is_whole(row, change)
        ]
        if not row.translations and any(flag.about["rule"] in _KEPT for flag in flags):
            text = way.texts[_ASKED][slice(*row.spans[_ASKED])].strip()
            sentence = flatten(text, form)
            view.correct = [{"language": row.language, "source": sentence, "translation": ""}]
        return view

    def _is_whole(self, row: Row, change: Change) -> bool:
        """Whether a translated piece is a whole sentence: no word in it stays as it is."""
        sentence = self._way.texts[_ASKED][slice(*row.spans[_ASKED])]
        return sentence.strip() == change.before.strip()

    def _show(self, row: Row, column: int, marks: Sequence[Mark], index: int) -> Markup:
        text = self._way.texts[column]
        start, end = row.spans[column]
        if not marks or row.kind != LAYOUT:
            start, end = _strip(text, start, end, marks)
        return show(text, start, end, marks, self._washes[index, column])

    def _marks(self, row: Row, placed: list[tuple[Span, Change]]) -> list[Mark]:
        """The marks of a row's changes; those that overlap share one mark."""
        marks: list[Mark] = []
        for span, change in sorted(placed, key=_by_place):
            note = self._note(row, change)
            if marks and (
                span[0] < marks[-1].end or span == (marks[-1].start, marks[-1].end)
            ):
                last = marks[-1]
                self._view.notes[last.number].setdefault("also", []).append(note)
                kind = change.stage if change.stage == "standardise" else last.kind
                marks[-1] = Mark(
                    last.start, max(last.end, span[1]), kind, last.number, last.label
                )
                continue
            self._view.notes.append(note)
            label = RULES.get(change.rule, change.rule)
            marks.append(Mark(*span, change.stage, len(self._view.notes) - 1, label))
        return marks

    def _note(self, row: Row, change: Change) -> dict[str, Any]:
        item = {
            "stage": change.stage,
            "rule": change.rule,
            "term": change.term,
            "before": change.before,
            "after": change.after,
            "reason": change.reason,
        }
        note = _note(item, self._explainer)
        self._view.terms.add(change.term)
        if change.before and change.stage in ("punctuation", "spelling", "standardise"):
            number = STAGES.index(change.stage)
            text = self._way.texts[number]
            start, end = _strip(text, *row.spans[number], [])
            start = min(max(start, change.start - _CONTEXT), change.start)
            end = max(min(end, change.end + _CONTEXT), change.end)
            # As it is, so that an exemption finds it again; the page shows none of it.
            note["reject"] = {
                **self._sentence(row, change),
                "stage": change.stage,
                "rule": change.rule,
                "term": change.term,
                "before": change.before,
                "after": change.after,
                "context": text[start:end],
                "at": change.start - start,
            }
        return note

    def _sentence(self, row: Row, change: Change) -> dict[str, str]:
        """The finished sentence but for this change: what a glossary would have to keep."""
        if not change.term:
            return {}
        text = self._way.output
        start, end = row.output
        start, end = max(start, change.out_start - _CONTEXT), min(end, change.out_end + _CONTEXT)
        sentence = text[start : change.out_start] + change.before + text[change.out_end : end]
        return {"sentence": " ".join(sentence.split())}


def _by_place(placed: tuple[Span, Change]) -> tuple[Span, int]:
    """By place; of changes at one place, what a later stage did is the one that shows."""
    return placed[0], -STAGES.index(placed[1].stage)


def _note(item: Mapping[str, Any], explainer: Explainer) -> dict[str, Any]:
    rule, term, reason = item["rule"], item["term"], item["reason"]
    return tell(
        {
            "rule": RULES.get(rule, rule),
            "stage": item["stage"],
            "term": term,
            "before": item["before"],
            "after": item["after"],
            "reason": reason,
            "conditions": explainer.conditions(term, rule, reason),
        }
    )


def _flags(record: Mapping[str, Any], review: Review, explainer: Explainer) -> list[Flagged]:
    """The flags of a record; of those that are alike, each has its own number."""
    seen: Counter[tuple[str, str, str]] = Counter()
    flags = []
    for item in record.get("flags", ()):
        alike = item["stage"], item["rule"], item["text"]
        number = seen[alike]
        seen[alike] += 1
        done = CheckedFlag(alike[0], alike[1], alike[2], number) in review.checked
        names = [item["term"], *item.get("candidates", ())]
        told = [explainer.name(name) for name in names if name]
        flags.append(
            Flagged(
                {"stage": alike[0], "rule": alike[1], "text": alike[2], "number": number},
                FLAGS.get(item["rule"], item["rule"]),
                show_plain(_short(item["text"])),
                "; ".join(filter(None, (item["reason"], " or ".join(told)))),
                done,
            )
        )
    return flags


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _MOST_TOLD else text[: _MOST_TOLD - 1] + "…"


def _strip(text: str, start: int, end: int, marks: Sequence[Mark]) -> Span:
    """A stretch of a text without the spaces around it, but with all of its marks."""
    first = min((mark.start for mark in marks), default=end)
    last = max((mark.end for mark in marks), default=start)
    while start < min(end, first) and text[start].isspace():
        start += 1
    while end > max(start, last) and text[end - 1].isspace():
        end -= 1
    return start, end
