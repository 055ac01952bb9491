"""After the first look only what edits can have changed is looked at again: with the same result."""

from __future__ import annotations

from random import Random

import pytest

from normalise.edits import replay
from normalise.glossary import Glossary
from normalise.glossary.rewrite import standardise


def pages(glossary: Glossary, count: int) -> list[str]:
    """Pages made of the shipped examples, in which names and their surroundings get mixed."""
    random = Random(11)
    texts = [example.text for term in glossary.terms for example in term.examples]
    return [
        "\n\n".join(" ".join(random.sample(texts, random.randint(2, 7))) for _ in range(6))
        for _ in range(count)
    ]


def test_looking_again_at_less_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    glossary = Glossary.load()
    texts = pages(glossary, 60)
    quick = [glossary.apply(text) for text in texts]
    survey = standardise.survey
    narrowed = []

    def look_everywhere(*args: object) -> object:
        narrowed.append(args[4] is not None)
        return survey(*args[:4])  # type: ignore[arg-type]

    monkeypatch.setattr(standardise, "survey", look_everywhere)
    for text, result in zip(texts, quick, strict=True):
        assert glossary.apply(text) == result
        assert replay(text, result.changes) == result.text
    assert sum(narrowed) > len(texts) // 3  # or the test would show nothing


FAR = """\
schema: 1
topic: Test
terms:
- id: cell
  preferred: Party cell
  variants:
  - nucleus
  - text: unit
    when: {near: {any: [Party cell], within: paragraph}}
  - text: squad
    when: {near: {any: [Party cell], within: document}}
"""


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        # What a rewriting brings into a paragraph or document, others see: in any sentence.
        ("A unit met. The nucleus grew.", "A Party cell met. The Party cell grew."),
        ("A unit met.\n\nThe nucleus grew.", "A unit met.\n\nThe Party cell grew."),
        ("A squad met.\n\nThe nucleus grew.", "A Party cell met.\n\nThe Party cell grew."),
    ],
)
def test_hits_that_look_far_are_found_again(
    tmp_path_factory: pytest.TempPathFactory, text: str, becomes: str
) -> None:
    file = tmp_path_factory.mktemp("far") / "terms.yaml"
    file.write_text(FAR, "utf-8")
    glossary = Glossary.load([file], cache=False)
    assert glossary.apply(text).text == becomes
    assert glossary.apply(becomes).text == becomes
