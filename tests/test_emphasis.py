"""Marks in translated Markdown: emphasis stays where its place is certain, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stand_ins import BracketTranslator, OneTermGlossary, WordDetector, check_replay

from normalise.data import Language, Request, TermOutcome, Translation
from normalise.formats import markdown
from normalise.pipeline import Pipeline

ENGLISH = {
    "Mål:": "Goal:",
    "Opplæring": "Training",
    "Møtet ble holdt i går.": "The meeting was held yesterday.",
    "kadrene på bygda får kurs.": "The cadres in the village get courses.",
    "Så gikk de hjem på jobb.": "Then they went home to work.",
    "Tô Lâm åpnet møtet i 2025.": "In 2025 the meeting was opened by Tô Lâm.",
    "Alle må på møte i dag.": "All must go to the meeting today, all of them.",
    "Particellene på bygda møttes.": "The Party cells in the village met.",
    "Partiet – grunnlagt på bygda – består.": "The Party, founded in the village, lasts.",
    "Særlig land på kysten.": "Land on the coast, above all.",
}
OUTCOMES = {"Particellene på bygda møttes.": [("Particellene", "Party cell")]}


class Dictionary(BracketTranslator):
    """Knows a few sentences, and how their terms came out."""

    def translate(self, requests: Sequence[Request]) -> list[Translation]:
        return [
            Translation(
                ENGLISH[request.text],
                "engine",
                "nb_en-0",
                terms=tuple(
                    TermOutcome("cell", start, start + len(words), rendering, "decoded")
                    for words, rendering in OUTCOMES.get(request.text, ())
                    for start in [request.text.index(words)]
                ),
            )
            for request in requests
        ]


class AlwaysNorwegian(WordDetector):
    def detect_document(self, text: str) -> Language:
        return Language("nb", 0.9)


def convert(text: str) -> str:
    pipeline = Pipeline(
        glossary=OneTermGlossary(), translator=Dictionary(), detector=AlwaysNorwegian()
    )
    result = pipeline.run(markdown.parse(text))
    check_replay(result)
    return result.text


@pytest.mark.parametrize(
    ("source", "english"),
    [
        # A label stands alone, and the sentence after it goes on in small letters.
        ("**Mål:** Møtet ble holdt i går.", "**Goal:** The meeting was held yesterday."),
        ("**Mål:** Tô Lâm åpnet møtet i *2025*.",
         "**Goal:** In *2025* the meeting was opened by Tô Lâm."),
        ("- **Opplæring**: kadrene på bygda får kurs.",
         "- **Training**: the cadres in the village get courses."),
        ("- __Opplæring__ – kadrene på bygda får kurs.",
         "- __Training__ - the cadres in the village get courses."),
        ("**Partiet** – grunnlagt på bygda – består.", "The Party, founded in the village, lasts."),
        # Whole sentences, one or several in a run.
        ("**Møtet ble holdt i går.** Så gikk de hjem på jobb.",
         "**The meeting was held yesterday.** Then they went home to work."),
        ("*Møtet ble holdt i går. Så gikk de hjem på jobb.* Alle må på møte i dag.",
         "*The meeting was held yesterday. Then they went home to work.* "
         "All must go to the meeting today, all of them."),
        # Names, figures, terms.
        ("**Tô Lâm** åpnet møtet i _2025_.", "In _2025_ the meeting was opened by **Tô Lâm**."),
        ("**Particellene** på bygda\nmøttes.", "The **Party cells** in the village met."),
        # No place is certain: the word stands twice, or is another word in English.
        ("**Alle** må på møte i dag.", "All must go to the meeting today, all of them."),
        ("Særlig *land* på kysten.", "Land on the coast, above all."),
    ],
)  # fmt: skip
def test_emphasis_stays_where_its_place_is_certain(source: str, english: str) -> None:
    assert convert(source) == english


def test_the_words_of_a_picture_are_prose() -> None:
    picture = "![{}](a_(1).png 'x')"
    assert convert(picture.format("Opplæring")) == picture.format("Training")
    assert convert(picture.format("*Opplæring*")) == picture.format("*Training*")


@given(st.text("ab åØ12.:*_~\\ \n", max_size=60))
def test_any_marks_come_through_whole(text: str) -> None:
    pipeline = Pipeline(
        glossary=OneTermGlossary(), translator=BracketTranslator(), detector=WordDetector()
    )
    check_replay(pipeline.run(markdown.parse(text)))


def test_marks_at_the_edge_without_a_partner_are_kept(pipeline: Pipeline) -> None:
    result = pipeline.run(markdown.parse("Møtet på bygda*\n\n\\*Møtet på bygda"))
    assert result.text == "[Motet pa bygda]*\n\n[\\*Motet pa bygda]"
