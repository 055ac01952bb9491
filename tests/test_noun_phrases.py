"""Names end where their noun phrase ends: crossing hits, guards, other parties, coordination."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from normalise.edits import replay
from normalise.glossary import Glossary

CLASSES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "data" / "noun-phrases.yaml").read_text("utf-8")
)


def cases(key: str) -> Iterator[object]:
    for kind in CLASSES:
        for number, case in enumerate(kind.get(key, ()), 1):
            text, becomes = (case, case) if isinstance(case, str) else case[:2]
            yield pytest.param(text, becomes, id=f"{kind['class']}-{number}")


@pytest.fixture(scope="module")
def glossary() -> Glossary:
    return Glossary.load()


@pytest.mark.parametrize(("text", "becomes"), list(cases("cases")))
def test_a_name_ends_where_its_noun_phrase_ends(
    glossary: Glossary, text: str, becomes: str
) -> None:
    result = glossary.apply(text)
    assert result.text == becomes
    assert replay(text, result.changes) == becomes
    assert glossary.apply(becomes).text == becomes


@pytest.mark.parametrize(("text", "becomes"), list(cases("known-failures")))
def test_a_known_failure_still_fails(glossary: Glossary, text: str, becomes: str) -> None:
    assert glossary.apply(text).text != becomes, "move it to `cases`"


CROSSING = """\
schema: 1
topic: Test
terms:
- id: board
  preferred: Standing Board of the Provincial Committee
  variants: [Provincial Standing Committee]
- id: clerk
  preferred: committee clerk
  variants: [Standing Committee clerk]
- id: member
  preferred: Party member
  variants: [member of the Party]
- id: cell
  preferred: Party cell
"""


@pytest.fixture(scope="module")
def crossing(tmp_path_factory: pytest.TempPathFactory) -> Glossary:
    file = tmp_path_factory.mktemp("crossing") / "terms.yaml"
    file.write_text(CROSSING, "utf-8")
    return Glossary.load([file], cache=False)


def test_two_compounds_that_cross_are_flagged_and_left(crossing: Glossary) -> None:
    text = "The Provincial Standing Committee clerk came."
    result = crossing.apply(text)
    assert result.text == text
    (flag,) = result.flags
    assert (flag.text, flag.candidates) == (text[4:39], ("board", "clerk"))
    assert "two names overlap" in flag.reason
    assert crossing.apply("The Provincial Standing Committee came.").text != text


def test_explain_says_why_a_hit_is_no_whole_name(crossing: Glossary) -> None:
    lost, won = crossing.explain("Members of the Party cells met.")
    assert (lost.verdict, lost.reason) == ("lost", "its last words belong to a later name")
    assert won.verdict == "preferred"
    for text, reason in (
        ("Members of the Party inspection met.", "part of a larger name"),
        ("The non-Party cell met.", "part of a word with a hyphen"),
    ):
        (row,) = crossing.explain(text)
        assert (row.verdict, row.reason) == ("condition failed", reason)


def test_without_lists_in_the_manifest_the_rules_of_grammar_hold(crossing: Glossary) -> None:
    assert crossing.apply("Members of the party left.").text == "Party members left."
    for text in ("Members of the Party Bureau left.", "Members of the party's choir left."):
        assert crossing.apply(text).text == text
