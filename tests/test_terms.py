from __future__ import annotations

from dataclasses import dataclass

import pytest

from normalise.data import Stage
from normalise.edits import Edit, apply_edits
from normalise.translate.engine import Hypothesis
from normalise.translate.terms import (
    Demand,
    TermOutcome,
    TermStatistics,
    find_demands,
    locate,
    locate_rewritten,
    rendering,
    replace_aligned,
)


@dataclass(frozen=True)
class Hit:
    start: int
    end: int
    term: str
    plural: bool = False


class SmallGlossary:
    """One term: a Party cell, called "particelle" in Norwegian, rewritten from "Party branch"."""

    digest = "d1"

    def source_hits(self, text: str, language: str) -> list[Hit]:
        if language != "nb":
            return []
        hits = []
        for form in ("particellene", "particellen", "particeller", "particelle"):
            start = text.lower().find(form)
            if start >= 0 and not hits:
                hits.append(Hit(start, start + len(form), "cell", form.endswith(("er", "ene"))))
        return hits

    place_names: frozenset[str] = frozenset()

    def names(self, term_id: str, *, plural: bool = False) -> tuple[str, ...]:
        return ("Party cells", "Party chapters") if plural else ("Party cell", "Party chapter")

    def apply(self, text: str) -> Stage:
        start = text.find("Party branch")
        edits = [Edit(start, start + 12, "Party cell", "variant")] if start >= 0 else []
        return Stage("standardise", *apply_edits("standardise", text, edits))


CELL = Demand(4, 15, "cell", ("Party cell", "Party cells"), "Party cell", definite=True)


def hypothesis(text: str, weights: list[float]) -> Hypothesis:
    """A candidate of one piece a word; each word gives ``weight`` to source piece 1 of 2."""
    spans, cursor = [], 0
    for word in text.split(" "):
        spans.append((cursor, cursor + len(word)))
        cursor += len(word) + 1
    rows = tuple((1.0 - weight, weight) for weight in weights)
    return Hypothesis(text, 0.0, len(spans), tuple(spans), rows)


SOURCE_PIECES = [(0, 4), (4, 15)]


def test_demands_come_from_source_terms() -> None:
    (demand,) = find_demands(SmallGlossary(), "Alle particellene møttes", "nb")
    assert (demand.name, demand.plural) == ("Party cells", True)
    assert demand.names == ("Party cell", "Party chapter", "Party cells", "Party chapters")
    assert find_demands(SmallGlossary(), "Alle particellene møttes", "da") == []


def test_each_occurrence_needs_a_name_of_its_own() -> None:
    assert locate("The Party cell met.", [CELL, CELL]) == [(4, 14), None]


def test_longer_names_are_found_first() -> None:
    longer = Demand(0, 4, "ppc", ("Provincial Party cell",), "Provincial Party cell")
    assert locate("The Provincial Party cell met.", [CELL, longer]) == [None, (4, 25)]


@pytest.mark.parametrize(
    "text", ["the party-cell met", "PARTY CELL", "the party\u2011cell's work", "“Party cells”"]
)
def test_case_hyphens_and_endings_do_not_hide_a_name(text: str) -> None:
    assert locate(text, [CELL])[0] is not None


def test_other_words_are_no_name() -> None:
    assert locate("Party cellars and subParty cell", [CELL]) == [None]


def test_spelling_with_z_counts() -> None:
    demand = Demand(0, 1, "t", ("Organisation Commission",), "Organisation Commission")
    assert locate("the Organization Commission", [demand]) == [(4, 27)]


def test_what_the_glossary_will_rewrite_counts() -> None:
    glossary = SmallGlossary()
    found = locate_rewritten("The Party branch met.", [CELL], glossary.apply)
    assert found == [(4, 16)]
    assert locate_rewritten("The bank branch met.", [CELL], glossary.apply) == [None]


def test_rendering_is_the_singular_name() -> None:
    (demand,) = find_demands(SmallGlossary(), "particellene", "nb")
    assert rendering(demand, "Party Chapters") == "party chapter"
    assert rendering(demand, "Party branches") == "party cell"


@pytest.mark.parametrize(
    ("text", "weights", "expected"),
    [
        ("The partisel met today", [0.3, 0.9, 0.0, 0.0], "The Party cell met today"),
        ("Partisel met today", [0.9, 0.0, 0.0], "Party cell met today"),
        ("All of the party section met", [0, 0, 0.5, 0.9, 0.8, 0], "All of the Party cell met"),
        ("An agency, it said", [0.1, 0.9, 0, 0], "A Party cell, it said"),
        ("the section's work", [0.2, 0.9, 0.1], "the Party cell's work"),
        ("members of section", [0, 0.1, 0.8], "members of the Party cell"),
        ("the (section) met", [0, 0.9, 0], "the (Party cell) met"),
    ],
)
def test_aligned_words_are_replaced(text: str, weights: list[float], expected: str) -> None:
    assert replace_aligned(hypothesis(text, weights), SOURCE_PIECES, CELL) == expected


def test_number_is_repaired() -> None:
    many = Demand(4, 15, "cell", ("Party cell", "Party cells"), "Party cells", plural=True)
    text = replace_aligned(hypothesis("held a section open", [0, 0, 1, 0]), SOURCE_PIECES, many)
    assert text == "held Party cells open"


def test_unclear_alignment_changes_nothing() -> None:
    flat = hypothesis("the section met", [0.2, 0.3, 0.2])
    assert replace_aligned(flat, SOURCE_PIECES, CELL) is None
    assert replace_aligned(Hypothesis("the section"), SOURCE_PIECES, CELL) is None
    only_small = hypothesis("of the it", [0.9, 0.9, 0.0])
    assert replace_aligned(only_small, SOURCE_PIECES, CELL) is None


def test_words_that_answer_another_term_stay() -> None:
    text = "the Youth Union section met"
    made = hypothesis(text, [0, 0.9, 0.9, 0.8, 0])
    assert replace_aligned(made, SOURCE_PIECES, CELL, [(4, 15)]) == "the Youth Union Party cell met"


def test_success_and_consistency() -> None:
    statistics = TermStatistics()
    statistics.add([TermOutcome("cell", 0, 1, "party cell", "decoded")] * 6)
    statistics.add([TermOutcome("cell", 0, 1, "party chapter", "n-best")] * 2)
    statistics.add([TermOutcome("cell", 0, 1, "", "missing")] * 2)
    statistics.add([TermOutcome("cadre", 0, 1, "cadre", "attention")] * 10)
    assert statistics.success == pytest.approx(0.9)
    assert statistics.consistency == pytest.approx(0.8)
    assert TermStatistics().success == TermStatistics().consistency == 1.0
