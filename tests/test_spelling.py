"""One spelling: cases as data, and what the stage promises on any text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from stand_ins import BracketTranslator, OneTermGlossary, WordDetector, check_replay

from normalise.data import Document, Exemption
from normalise.edits import Edit, apply_edits, replay
from normalise.errors import InputError
from normalise.formats import markdown, read_text
from normalise.glossary import Glossary
from normalise.glossary.rewrite.standardise import Standardised
from normalise.language.spelling.variants import (
    HOUSE,
    SPELLINGS,
    both_spellings,
    certain_words,
    doubtful_words,
    respell,
)
from normalise.pipeline import Pipeline
from normalise.stages.spelling import spell as spell_and
from normalise.stages.spelling import speller

CASES: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("data").joinpath("spelling.yaml").read_text("utf-8")
)
REWRITES = [(s, *case) for s, cases in CASES["rewrites"].items() for case in cases]
KEEPS = [(s, text) for s, texts in CASES["keeps"].items() for text in texts]
FAILS = [(s, case) for s, cases in CASES["fails"].items() for case in cases]


def spell(text: str, spelling: str) -> str:
    page = read_text(text)
    stage = speller(spelling).unify(page, page.blocks)
    assert replay(text, stage.changes) == stage.text
    return stage.text


@pytest.mark.parametrize(("spelling", "text", "want"), REWRITES)
def test_a_word_is_respelt(spelling: str, text: str, want: str) -> None:
    assert spell(text, spelling) == want
    assert spell(want, spelling) == want


@pytest.mark.parametrize(("spelling", "text"), KEEPS)
def test_a_word_stays(spelling: str, text: str) -> None:
    assert spell(text, spelling) == text


@pytest.mark.parametrize(("spelling", "case"), FAILS)
def test_a_known_failure_still_fails(spelling: str, case: dict[str, str]) -> None:
    got = spell(case["text"], spelling)
    if "now" in case:
        assert got == case["now"], "mended? then move it to the other cases"
    else:
        assert got != case["want"], "mended? then move it to the other cases"


def test_there_are_more_negative_cases_than_positive_ones() -> None:
    assert len(KEEPS) > len(REWRITES) > 60


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_form_leads_on_to_another(spelling: str) -> None:
    words = {**certain_words(spelling), **doubtful_words(spelling)}
    assert not words.keys() & set(words.values())
    assert not certain_words(spelling).keys() & doubtful_words(spelling).keys()


def test_changes_say_what_and_why() -> None:
    page = read_text("They organize a wall of 3 meters.")
    changes = speller("en-GB").unify(page, page.blocks).changes
    assert [(c.stage, c.before, c.after, c.rule, c.reason) for c in changes] == [
        ("spelling", "organize", "organise", "spelling", "British spelling with -ise"),
        ("spelling", "meters", "metres", "sense", "British spelling with -ise: a length"),
    ]


def test_only_the_blocks_asked_for_and_no_protected_span() -> None:
    page = read_text("the color of labor\n\nthe color of labor")
    assert speller("en-GB").unify(page, page.blocks[1:]).text == (
        "the color of labor\n\nthe colour of labour"
    )
    page = markdown.parse("the color `of labor` and [color](color/labor.md) <b class=color>color</b>")
    assert speller("en-GB").unify(page, page.blocks).text == (
        "the colour `of labor` and [colour](color/labor.md) <b class=color>colour</b>"
    )


def test_letters_that_grow_in_lower_case_move_nothing() -> None:
    assert spell("İİİ organize İ labor", "en-GB") == "İİİ organise İ labour"
    assert spell("e\u0301 organize", "en-GB") == "e\u0301 organise"


@pytest.fixture(scope="module")
def house() -> Glossary:
    return Glossary.load()


def test_the_house_names_are_written_in_the_house_spelling(house: Glossary) -> None:
    for term in house.terms:
        for name in (term.preferred, *term.admitted, term.plural or ""):
            assert respell(name, HOUSE) == name, term.id


def test_house_names_follow_the_spelling(house: Glossary) -> None:
    said = "The Central Organization Department leads mass mobilization work."
    assert Pipeline(glossary=house, language="en").run(said).text == (
        "The Central Organisation Commission leads mass mobilisation work."
    )
    american = Pipeline(glossary=house, language="en", spelling="en-US")
    result = american.run(said)
    assert result.text == "The Central Organization Commission leads mass mobilization work."
    assert american.run(result.text).text == result.text
    assert "spelling:en-US" in str(result.signature)
    check_replay(result)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_example_is_settled_after_one_run(house: Glossary, spelling: str) -> None:
    glossary = house.in_spelling(spelling)

    def standardise(page: Document) -> Standardised:
        return glossary.apply(page.text, blocks=page.blocks)

    for term in house.terms:
        text = "\n\n".join(example.text for example in term.examples)
        for _ in range(2):
            page = read_text(text)
            stage, spelt, result = spell_and(spelling, page, [True] * len(page.blocks), standardise)
            assert replay(page.text, stage.changes) == spelt.text, term.id
            text, before = result.text, text
        assert text == before, term.id


def test_a_name_is_found_in_both_spellings(house: Glossary) -> None:
    for text in (
        "The Province Confederation of Labor met.", "The Province Confederation of Labour met.",
    ):  # fmt: skip
        assert house.apply(text).text == "The Provincial Confederation of Labour met."


OWN = """\
schema: 1
topic: spelling
terms:
- id: centre
  preferred: labour centre
  variants:
  - text: job center
    when: {near: {any: [labor], within: sentence}}
- id: organisation
  preferred: Party organisation
  policy: {case: text}
  variants:
  - {text: party organisation, when: {exact-case: true}}
"""


def test_an_author_writes_one_spelling(tmp_path: Path) -> None:
    (tmp_path / "terms.yaml").write_text(OWN, "utf-8")
    own = Glossary.load([tmp_path], cache=False)
    for text, british, american in (
        ("A labor center.", "A labour centre.", "A labor center."),
        ("A job centre for labour.", "A labour centre for labour.", "A labor center for labour."),
        ("a party organization", "a Party organisation", "a Party organization"),
        ("a party organisation", "a Party organisation", "a Party organization"),
        ("a Party Organisation", "a Party Organisation", "a Party Organization"),
    ):
        assert own.apply(text).text == british
        assert own.in_spelling("en-US").apply(text).text == american


def test_both_spellings_of_a_phrase() -> None:
    assert both_spellings("Center of labour") == (
        "Center of labour", "Center of labor", "Centre of labour",
    )  # fmt: skip
    assert both_spellings("(center|committee) of {place}") == (
        "(center|committee) of {place}", "(centre|committee) of {place}",
    )  # fmt: skip


def pipeline(spelling: str) -> Pipeline:
    return Pipeline(
        glossary=OneTermGlossary(),
        translator=BracketTranslator(),
        detector=WordDetector(),
        spelling=spelling,
    )


def test_translated_text_is_spelt_and_kept_text_is_not() -> None:
    result = pipeline("en-GB").run("Møte om labor på bygda. Her må vi behold labor.")
    assert result.text == "[Mote om labour pa bygda.] Her må vi behold labor."
    assert [stage.name for stage in result.stages] == [
        "clean", "translate", "punctuation", "spelling", "standardise",
    ]  # fmt: skip
    check_replay(result)


def test_keep_changes_nothing() -> None:
    text = "They organize and organise the labor of party cell one."
    result = pipeline("keep").run(text)
    assert result.text == text.replace("party cell", "Party cell")
    assert "spelling:keep" in str(result.signature)


def test_another_spelling_is_refused() -> None:
    with pytest.raises(InputError, match="en-AU"):
        Pipeline(spelling="en-AU")


class CapitalGlossary(OneTermGlossary):
    """Writes its term with capitals, as the names of bodies are."""

    def apply(self, text: str, **rest: Any) -> Standardised:
        at = text.find("party cell")
        edits = [Edit(at, at + 10, "Party Cell", "case")] if at >= 0 else []
        return Standardised(*apply_edits("standardise", text, edits))


def test_what_the_glossary_brings_about_is_spelt_as_well() -> None:
    """Only the glossary's capitals make this line a headline."""
    line = Pipeline(
        glossary=CapitalGlossary(), translator=BracketTranslator(), detector=WordDetector()
    )
    result = line.run("The Grand Modernization by the party cell")
    assert result.text == "The Grand Modernisation by the Party Cell"
    assert [c.stage for c in result.changes] == ["spelling", "standardise"]
    check_replay(result)
    assert line.run(result.text).text == result.text


def test_a_word_exempt_from_spelling_is_still_the_glossaries_to_write() -> None:
    page = replace(
        read_text("They organize a party cell."),
        exemptions=(Exemption("spelling", "organize"), Exemption("spelling", "party cell")),
    )
    result = pipeline("en-GB").run(page)
    assert result.text == "They organize a Party cell."
    check_replay(result)


PARTS = st.sampled_from(
    ["organize", "Organization", "ORGANIZATION", "labour", "Labor", "party cell", "Party Cell",
     "of", "the", "Center", "Modernization", "meters", "100", "program", "action", '"', "'", "*",
     "_", "`", ".", ",", ":", "/", "-", "\n", "\n\n", "# ", "- ", "World Health", "https://a.vn/color"]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(PARTS, max_size=14), st.sampled_from(SPELLINGS))
def test_any_text_replays_and_is_settled_after_one_run(parts: list[str], spelling: str) -> None:
    line = pipeline(spelling)
    result = line.run(markdown.parse(" ".join(parts)))
    check_replay(result)
    assert line.run(markdown.parse(result.text)).text == result.text
