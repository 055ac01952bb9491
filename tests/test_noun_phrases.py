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
