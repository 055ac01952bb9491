"""A result as plain data and back, and the terms it tells of."""

from __future__ import annotations

import json

import pytest

from normalise import Pipeline, Result


@pytest.fixture(scope="module")
def result() -> Result:
    return Pipeline.load(language="nb").run("Byen har 61  particeller nå.")


def test_there_and_back_through_json(result: Result) -> None:
    plain = json.loads(json.dumps(result.to_dict()))
    assert Result.from_dict(plain) == result
    with pytest.raises(ValueError, match="missing"):
        Result.from_dict({key: plain[key] for key in plain if key != "text"})


def test_terms_are_values_at_their_places(result: Result) -> None:
    before = next(stage.text for stage in result.stages if stage.name == "clean")
    (term,) = (term for term in result.terms if term.term == "party-cell")
    assert before[term.start : term.end] == "particeller"
    assert (term.rendering, term.step) == ("party cell", "decoded")
    assert set(result.statistics) == {"words", "words_out", "blocks", "sentences_translated"}
