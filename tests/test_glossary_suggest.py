"""`suggest` finds names near known ones, ranks them, and writes YAML that can be pasted."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from normalise.data import Document
from normalise.formats.txt import parse
from normalise.glossary import Glossary
from normalise.maintain.suggest import Suggestion, from_memory, show_yaml, suggest

TERMS = """\
schema: 1
topic: Test
terms:
- id: committee
  preferred: Provincial Party Committee
  sources: {nb: [provinspartikomiteen]}
- id: commission
  preferred: Organisation Commission of the Provincial Party Committee
  variants: [Provincial Party Committee's Organisation Department]
- id: board
  preferred: Standing Board of the Provincial Party Committee
  variants: [Provincial Party Standing Committee]
- id: cell
  preferred: Party cell
"""


@pytest.fixture(scope="module")
def glossary(tmp_path_factory: pytest.TempPathFactory) -> Glossary:
    file = tmp_path_factory.mktemp("glossary") / "terms.yaml"
    file.write_text(TERMS, "utf-8")
    return Glossary.load([file], cache=False)


def found(glossary: Glossary, *texts: str, least: int = 1) -> dict[str, Suggestion]:
    documents = [parse(text, f"{number}.txt") for number, text in enumerate(texts)]
    return {one.form: one for one in suggest(glossary, documents, least=least)}


def test_a_misspelt_name_is_near_its_term(glossary: Glossary) -> None:
    forms = found(glossary, "The Provincal Party Committee met.")
    assert forms["Provincal Party Committee"].term == "committee"


def test_a_body_with_another_word_in_its_name_is_near(glossary: Glossary) -> None:
    forms = found(glossary, "The Standing Bureau of the Provincial Party Committee met.")
    assert forms["Standing Bureau of the Provincial Party Committee"].term == "board"


def test_a_head_noun_of_known_bodies_is_near(glossary: Glossary) -> None:
    text = "The Provincial Party Committee's Personnel Planning Commission met."
    (form,) = found(glossary, text).values()
    assert form.form == "Provincial Party Committee's Personnel Planning Commission"
    assert form.term == "commission"


@pytest.mark.parametrize(
    "text",
    [
        "The Provincial Party Committee has met, and its Standing Board of the Provincial Party "
        "Committee will meet.",
        "The provincial party committee's organization department met.",
        "The consolidation of the Provincial Party Committee went on.",
        "The weather committee of the festival met. A jail cell was built.",
        "A Party. Cell phones rang in the Provincial. Party Committee Road is long.",
    ],
)
def test_what_is_known_or_unrelated_is_not_suggested(glossary: Glossary, text: str) -> None:
    assert found(glossary, text) == {}


def test_the_most_frequent_come_first_with_their_places(glossary: Glossary) -> None:
    twice = "One line.\n\nThe Provincal Party Committee met. Provincal Party Committees meet."
    rows = suggest(
        glossary,
        [parse(twice, "a.txt"), parse("A Provincal Party Committee, and Party cels.", "b.txt")],
        least=1,
    )
    assert [(row.form, row.count, len(row.documents)) for row in rows] == [
        ("Provincal Party Committee", 2, 2),
        ("Party cels", 1, 1),
        ("Provincal Party Committees", 1, 1),
    ]
    assert rows[0].examples[0] == "The Provincal Party Committee met. (a.txt:3)"
    assert len(suggest(glossary, [parse(twice, "a.txt")], least=2)) == 0


def test_the_memory_tells_what_a_source_name_became(glossary: Glossary) -> None:
    pairs = [
        ("nb", "Provinspartikomiteen møttes i går.", "The Province Party Board met yesterday."),
        ("nb", "Provinspartikomiteen møttes.", "The Provincial Party Committee met."),
        ("nb", "Været var fint.", "The Old Party House was fine."),
    ]
    (row,) = from_memory(glossary, pairs, least=1)
    assert (row.form, row.term) == ("Province Party Board", "committee")


def test_the_yaml_can_be_pasted_as_it_is(tmp_path: Path, glossary: Glossary) -> None:
    rows = [
        Suggestion("Provincal Party Committee", "committee", "misspelt", 2, {"a"}, ["# odd: one"]),
        Suggestion('Committee "of" {it} (now)', "committee", "odd", 1, {"a"}),
    ]
    text = show_yaml(rows)
    assert yaml.safe_load(text) == [
        {"id": "committee", "variants": ["Provincal Party Committee", 'Committee "of" {it} (now)']}
    ]
    assert "# 2 times in 1 documents: misspelt" in text
    assert show_yaml([]).startswith("# Nothing")


def test_documents_without_prose_are_no_trouble(glossary: Glossary) -> None:
    assert suggest(glossary, [Document("", ())], least=1) == []
