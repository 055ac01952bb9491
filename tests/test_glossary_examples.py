"""The shipped terms do what they say: every example, every sentence to keep, every negative."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from normalise.glossary import Glossary
from normalise.glossary.source.load import read_files
from normalise.glossary.source.schema import Example, Keep, Term, TermFile

LEAST_NEGATIVES = 150


def negatives() -> Iterator[object]:
    """Sentences of the lists; an item is a sentence, or a trap (``why``) with its sentences."""
    for file in sorted((Path(__file__).parent / "data").glob("negatives-*.yaml")):
        number = 0
        for item in yaml.safe_load(file.read_text("utf-8")):
            for sentence in [item] if isinstance(item, str) else item["sentences"]:
                number += 1
                yield pytest.param(sentence, id=f"{file.stem}-{number}")


NEGATIVES = list(negatives())


def shipped_terms() -> Iterator[Term]:
    for file in read_files():
        if isinstance(file.value, TermFile):
            yield from (term for term in file.value.terms if term.status != "deprecated")


def cases() -> Iterator[object]:
    for term in shipped_terms():
        for number, example in enumerate(term.examples, 1):
            yield pytest.param(term.id, example, id=f"{term.id}-example-{number}")
        for number, keep in enumerate(term.keeps, 1):
            keep = Keep(text=keep) if isinstance(keep, str) else keep
            yield pytest.param(term.id, keep, id=f"{term.id}-keep-{number}")


@pytest.fixture(scope="module")
def glossary() -> Glossary:
    return Glossary.load()


@pytest.mark.parametrize(("term", "case"), list(cases()))
def test_a_shipped_term_does_what_it_says(
    glossary: Glossary, term: str, case: Example | Keep
) -> None:
    result = glossary.apply(case.text, language=case.language, date=case.date)
    assert result.text == (case.becomes if isinstance(case, Example) else case.text)
    if case.flagged:
        assert term in {name for flag in result.flags for name in flag.term.split(",")}
    again = glossary.apply(result.text, language=case.language, date=case.date)
    assert again.text == result.text


@pytest.mark.parametrize("sentence", NEGATIVES)
def test_what_only_looks_like_a_term_stays(glossary: Glossary, sentence: str) -> None:
    assert glossary.apply(sentence).text == sentence


def test_there_are_enough_negatives() -> None:
    assert len({case.values[0] for case in NEGATIVES}) >= LEAST_NEGATIVES
