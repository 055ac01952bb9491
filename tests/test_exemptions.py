"""Changes that a person has rejected stay undone, in that document only, and reruns notice."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from normalise import Pipeline
from normalise.batch.convert import convert_folder
from normalise.data import Document, Exemption, Result
from normalise.errors import InputError
from normalise.formats import read_text
from normalise.memory.reviews import FILE_NAME, CheckedFlag, Review, read_reviews, write_reviews
from normalise.settings import Settings

TEXT = "The city has 61 party cells. The rural party cells met.\n"
SECOND = Exemption("standardise", "party cells", "The rural party cells met.", 10, "party-cell")
SETTINGS = Settings(use_memory=False, language="en")


def run(text: str, *exemptions: Exemption) -> Result:
    document = replace(read_text(text), exemptions=exemptions)
    return Pipeline(language="en").run(document)


def test_without_an_exemption_both_places_change() -> None:
    assert run(TEXT).text == "The city has 61 Party cells. The rural Party cells met.\n"


def test_only_the_place_that_was_rejected_stays() -> None:
    result = run(TEXT, SECOND)
    assert result.text == "The city has 61 Party cells. The rural party cells met.\n"
    assert not result.flags
    again = run(result.text, SECOND)
    assert again.text == result.text
    assert not again.flags


def test_without_a_context_the_words_stay_everywhere() -> None:
    assert run(TEXT, Exemption("standardise", "party cells")).text == TEXT


def test_a_dropped_bracket_can_be_rejected() -> None:
    text = "grassroots Party organisations (GPUs) have grown. Each of the GPUs met."
    (gloss,) = [change for change in run(text).changes if change.rule == "gloss"]
    assert "(GPUs)" not in run(text).text
    spared = run(text, Exemption("standardise", gloss.before, text, gloss.start))
    assert "organisations (GPUs) have" in spared.text
    assert "Each of the grassroots Party organisations met" in spared.text


def test_punctuation_can_be_rejected() -> None:
    text = "They said “yes” and “no”."
    assert run(text).text == 'They said "yes" and "no".'
    kept = [Exemption("punctuation", mark, "said “yes” and", at) for mark, at in (("“", 5), ("”", 9))]
    assert run(text, *kept).text == 'They said “yes” and "no".'


def test_an_exemption_that_fits_nowhere_is_flagged() -> None:
    result = run("The rural party cells have met.", SECOND)
    assert result.text == "The rural Party cells have met."
    (flag,) = result.flags
    assert (flag.rule, flag.text, flag.term) == ("exemption", "party cells", "party-cell")


def test_exemptions_are_in_the_signature_whatever_their_order() -> None:
    other = Exemption("standardise", "city")
    plain, one = str(run(TEXT).signature), str(run(TEXT, SECOND).signature)
    assert "exemptions" not in plain
    assert "|exemptions:" in one
    assert str(run(TEXT, SECOND, other).signature) == str(run(TEXT, other, SECOND).signature)
    assert str(run(TEXT, replace(SECOND, term="")).signature) == one


def test_a_rerun_notices_an_exemption_and_its_removal(tmp_path: Path) -> None:
    pages, out = tmp_path / "in", tmp_path / "out"
    pages.mkdir()
    for name in ("a.txt", "b.txt"):
        (pages / name).write_text(TEXT, "utf-8")
    convert_folder(pages, out, SETTINGS)
    write_reviews(out, {"a.txt": Review((SECOND,))})
    summary = convert_folder(pages, out, SETTINGS)
    assert (summary.converted, summary.unchanged) == (2, 1)
    assert "rural party cells" in (out / "a.txt").read_text("utf-8")
    assert "rural Party cells" in (out / "b.txt").read_text("utf-8")
    assert convert_folder(pages, out, SETTINGS).unchanged == 2
    (out / FILE_NAME).unlink()
    assert convert_folder(pages, out, SETTINGS).unchanged == 1
    assert "rural Party cells" in (out / "a.txt").read_text("utf-8")


def test_worker_processes_know_the_exemptions(tmp_path: Path) -> None:
    pages, out = tmp_path / "in", tmp_path / "out"
    pages.mkdir()
    out.mkdir()
    for number in range(3):
        (pages / f"{number}.txt").write_text(TEXT, "utf-8")
    write_reviews(out, {"1.txt": Review((SECOND,))})
    convert_folder(pages, out, SETTINGS, workers=2)
    kept = ["rural party" in (out / f"{n}.txt").read_text("utf-8") for n in range(3)]
    assert kept == [False, True, False]


def test_decisions_are_read_as_they_were_written(tmp_path: Path) -> None:
    reviews = {"b.txt": Review((SECOND,), (CheckedFlag("translate", "number", "61", 1),))}
    write_reviews(tmp_path, {**reviews, "a.txt": Review()})
    assert read_reviews(tmp_path) == reviews
    assert read_reviews(tmp_path / "nowhere") == {}


@pytest.mark.parametrize("content", ["{", "[]", json.dumps({"schema": 2, "documents": {}})])
def test_a_damaged_file_of_decisions_is_one_clear_error(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE_NAME).write_text(content, "utf-8")
    with pytest.raises(InputError, match="decisions of a review cannot be read"):
        read_reviews(tmp_path)


def test_spelling_can_be_rejected() -> None:
    text = "They organize the labor of the commune."
    assert run(text).text == "They organise the labour of the commune."
    assert run(text, Exemption("spelling", "labor", text, 18)).text == "They organise the labor of the commune."


def test_a_place_is_known_again_though_its_neighbours_have_changed() -> None:
    text = "They said “party cells”, with much labor in all the communes of this province."
    plain = run(text)
    (change,) = plain.stages[-1].changes
    context = plain.stages[-2].text
    exemptions = [
        Exemption("standardise", change.before, context, change.start),
        Exemption("punctuation", "“", text, 10),
        Exemption("punctuation", "”", text, 22),
        Exemption("spelling", "labor", text.replace("“", '"').replace("”", '"'), 35),
    ]
    result = run(text, *exemptions)
    assert result.text == text
    assert not result.flags


def test_page_furniture_takes_nothing_from_a_document() -> None:
    page = replace(read_text("Share\n\n" + TEXT), exemptions=(SECOND,), language="en")
    result = Pipeline(strip_furniture=True).run(page)
    assert "rural party cells" in result.text
    assert result.language.confidence == 1.0


def test_documents_have_no_exemptions_of_their_own() -> None:
    assert Document("", ()).exemptions == ()
