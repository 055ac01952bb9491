"""The order of the stages, with small stand-ins for the engines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import repeat
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stand_ins import BracketTranslator, OneTermGlossary, WordDetector, check_replay

from normalise import pipeline as pipeline_module
from normalise.data import Failure, Language
from normalise.formats import markdown, read_text
from normalise.glossary.rewrite.standardise import Standardised
from normalise.glossary.source.schema import FurnitureRule
from normalise.pipeline import Pipeline
from normalise.stages.furniture import FurnitureRemover
from normalise.translate.translator import Request, Translation


def test_english_goes_to_the_glossary(pipeline: Pipeline) -> None:
    result = pipeline.run("Each  party cell met.")
    assert result.text == "Each Party cell met."
    assert [(c.stage, c.rule) for c in result.changes] == [
        ("clean", "space"),
        ("standardise", "variant"),
    ]
    assert result.status == "done"
    check_replay(result)


def test_other_languages_are_translated_sentence_by_sentence(pipeline: Pipeline) -> None:
    result = pipeline.run("Møtet ble holdt i går. Partiet har ﻿  mange lag på bygda.")
    assert result.text == "[Motet ble holdt i gar.] [Partiet har mange lag pa bygda.]"
    assert result.packages == ("nb_en-0",)
    assert "package:nb_en-0" in str(result.signature)
    assert [c.rule for c in result.changes if c.stage == "translate"] == ["translation"] * 2
    check_replay(result)


def test_what_comes_out_of_the_engine_is_standardised(pipeline: Pipeline) -> None:
    result = pipeline.run("En party cell på bygda – «god».")
    assert result.text == '[En Party cell pa bygda - "god".]'
    check_replay(result)


class NorwegianPage(WordDetector):
    def detect_document(self, text: str) -> Language:
        return Language("nb", 0.9) if len(text) > 25 else super().detect_document(text)


def test_a_block_without_a_package_stays_and_is_flagged(translator: BracketTranslator) -> None:
    text = "Møtet ble holdt.\n\nTỉnh ủy – party cell\n\n30/4 - 1/5"
    pipeline = Pipeline(
        glossary=OneTermGlossary(), translator=translator, detector=NorwegianPage()
    )
    result = pipeline.run(text)
    assert result.text == "[Motet ble holdt.]\n\nTỉnh ủy – party cell\n\n[30/4 - 1/5]"
    assert result.status == "done"
    (flag,) = result.flags
    assert (flag.rule, flag.text) == ("no-package", "Tỉnh ủy – party cell")
    assert flag.reason == "no package from vi into English; normalise models install vi"
    check_replay(result)


def test_a_page_without_a_package_is_not_translated(pipeline: Pipeline) -> None:
    result = pipeline.run("Tỉnh ủy họp.\n\nA party cell.\n\n30/4 - 1/5")
    assert result.text == "Tỉnh ủy họp.\n\nA Party cell.\n\n30/4 - 1/5"
    assert result.status == "untranslated"
    assert [flag.text for flag in result.flags] == ["Tỉnh ủy họp."]
    check_replay(result)


def test_a_sentence_the_engine_gives_up_is_kept_and_flagged(pipeline: Pipeline) -> None:
    result = pipeline.run("Dette må vi behold her. Møtet ble holdt i går.")
    assert result.text == "Dette må vi behold her. [Motet ble holdt i gar.]"
    (flag,) = result.flags
    assert (flag.start, flag.end, flag.rule) == (0, 23, "kept")
    check_replay(result)


def test_a_kept_sentence_is_not_treated_as_english(pipeline: Pipeline) -> None:
    kept = "En party cell på «bygda» må vi gjerne ha med\nog behold her."
    result = pipeline.run(f"{kept} Møtet ble «holdt» i går.")
    assert result.text == f'{kept} [Motet ble "holdt" i gar.]'
    assert result.flags[0].text == kept
    check_replay(result)


def test_layout_is_kept(pipeline: Pipeline) -> None:
    text = (
        "# På  bygda\n\n- en gård\n- ett tun på\n  bygda\n\n> sitat på\n> to linjer\n\n"
        "```\nkode på\n```\n"
    )
    result = pipeline.run(markdown.parse(text))
    assert result.text == (
        "# [Pa bygda]\n\n- [en gard]\n- [ett tun pa bygda]\n\n> [sitat pa to linjer]\n\n"
        "```\nkode på\n```\n"
    )
    check_replay(result)


def test_html_and_emphasis_never_reach_the_engine(
    pipeline: Pipeline, translator: BracketTranslator
) -> None:
    result = pipeline.run(markdown.parse("Et **møte** på <b>bygda</b> i går."))
    assert result.text == "[Et mote pa] <b>[bygda]</b> [i gar.]"
    assert all("*" not in r.text and "<" not in r.text for call in translator.calls for r in call)
    check_replay(result)


def test_furniture_goes_only_when_asked_for() -> None:
    text = "Share\n\nA party cell.\n\nComment (0)\n\nEnd.\n"
    rules = [
        FurnitureRule("share", lines=("Share",)),
        FurnitureRule("comments", pattern=r"\w+ \(\d+\)", reason="comment counter"),
    ]
    parts = {
        "glossary": OneTermGlossary(),
        "translator": BracketTranslator(),
        "detector": WordDetector(),
        "furniture": FurnitureRemover(rules),
    }
    assert Pipeline(**parts).run(text).text == text.replace("party cell", "Party cell")
    result = Pipeline(**parts, strip_furniture=True).run(text)
    assert result.text == "A Party cell.\n\nEnd.\n"
    assert [(c.rule, c.term) for c in result.changes if c.stage == "furniture"] == [
        ("furniture", "share"),
        ("furniture", "comments"),
    ]
    assert "furniture:stripped" in str(result.signature)
    check_replay(result)


def test_a_stream_gives_the_results_of_single_runs(
    pipeline: Pipeline, translator: BracketTranslator, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"Møte nummer {n} på bygda.\n\nA party cell." for n in range(20)]
    single = [pipeline.run(text) for text in texts]
    translator.calls.clear()
    assert list(pipeline.stream(texts)) == single
    assert len(translator.calls) == 1  # one full window, one call
    translator.calls.clear()
    monkeypatch.setattr(pipeline_module, "MOST_SENTENCES", 2)
    assert list(pipeline.stream(texts, most_characters=100)) == single
    assert max(len(call) for call in translator.calls) <= 2


def count_taken(texts: Iterable[str], taken: list[str]) -> Iterator[str]:
    for text in texts:
        taken.append(text)
        yield text


def test_a_stream_looks_no_further_ahead_than_it_may(pipeline: Pipeline) -> None:
    met, taken = "A party cell met.", []  # type: str, list[str]
    next(pipeline.stream(count_taken(repeat(met), taken), most_characters=10))
    assert len(taken) == 1
    taken.clear()
    next(pipeline.stream(count_taken(repeat(met), taken), most_characters=2 * len(met)))
    assert len(taken) == 2
    taken.clear()
    # Texts without a character are bounded as well.
    next(pipeline.stream(count_taken(repeat(""), taken), most_documents=3))
    assert len(taken) == 3


class BreakingTranslator(BracketTranslator):
    """Breaks off at a sentence with the word "sprekk", whatever else is in the call."""

    def translate(self, requests: Sequence[Request]) -> list[Translation]:
        if any("sprekk" in request.text for request in requests):
            raise RuntimeError("broke off")
        return super().translate(requests)


class BreakingGlossary(OneTermGlossary):
    def apply(self, text: str, **rest: Any) -> Standardised:
        if "sprukket" in text:
            raise ValueError("broke off late")
        return super().apply(text, **rest)


def test_a_document_that_breaks_a_stage_fails_alone() -> None:
    pipeline = Pipeline(
        glossary=BreakingGlossary(), translator=BreakingTranslator(), detector=WordDetector()
    )
    texts = ["Møte på bygda.", "Møte, sprekk nå på bygda.", "A party cell.", "sprukket", "Møte på."]
    outcomes = list(pipeline.attempt(texts))
    assert [getattr(outcome, "text", None) for outcome in outcomes] == [
        "[Mote pa bygda.]", None, "A Party cell.", None, "[Mote pa.]",
    ]  # fmt: skip
    failures = [outcome for outcome in outcomes if isinstance(outcome, Failure)]
    assert [failure.document for failure in failures] == [texts[1], texts[3]]
    assert [str(failure.error) for failure in failures] == ["broke off", "broke off late"]
    stream = pipeline.stream(texts)
    assert next(stream).text == "[Mote pa bygda.]"  # what went before is not lost
    with pytest.raises(RuntimeError, match="broke off"):
        next(stream)


def test_a_language_that_is_given_is_not_detected(translator: BracketTranslator) -> None:
    parts = {"glossary": OneTermGlossary(), "translator": translator, "detector": WordDetector()}
    text = "Møte på bygda.\n\nTỉnh ủy"
    result = Pipeline(**parts, language="en").run(text)
    assert (result.text, result.language) == (text, Language("en", 1.0))
    assert "language:en" in str(result.signature)
    own = replace(read_text("party cell"), language="nb")
    assert Pipeline(**parts, language="en").run(own).text == "[party cell]".replace("p", "P", 1)


def test_only_the_languages_asked_for_are_found() -> None:
    heading = "Cadre planning"
    narrow = Pipeline(languages=("en", "vi"))
    assert narrow.detector.detect_document(heading).code == "en"
    assert "languages:en+vi" in str(narrow.signature())


def test_a_text_without_words(pipeline: Pipeline) -> None:
    for text in ("", "\n", "12 345", "***", "---\n"):
        result = pipeline.run(text)
        assert (result.text, result.status, result.changes) == (text, "done", ())


@given(
    st.lists(
        st.sampled_from(
            ["A party cell met.", "Møte  på bygda!", "Tỉnh ủy", "`x  y`", "“so”", "…", "- ", "# ",
             "> ", "\n", "\n\n", " ", "*", "https://a.vn/x", "<br>", "| a | b |", "doubtful"]
        ),
        max_size=12,
    )
)  # fmt: skip
def test_any_page_replays_and_is_settled_after_one_run(parts: list[str]) -> None:
    pipeline = Pipeline(
        glossary=OneTermGlossary(), translator=BracketTranslator(), detector=WordDetector()
    )
    page = markdown.parse("".join(parts))
    result = pipeline.run(page)
    check_replay(result)
    again = pipeline.run(markdown.parse(result.text))
    assert again.text == result.text
