"""``normalise diff``: what two runs made of the same documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from normalise.batch.check.diff import Difference, compare_runs
from normalise.batch.convert import convert_folder
from normalise.cli import main
from normalise.settings import Settings

HEAD = "schema: 1\ntopic: Cells\nterms:\n"
OLD = HEAD + "- {id: party-cell, preferred: Party cell, variants: [party cell]}\n"
NEW = (
    HEAD + "- {id: party-cell, preferred: Party unit, variants: [party cell, Party cell]}\n"
    "- {id: ward, preferred: commune-level ward, variants: [town ward]}\n"
)
PAGES = {
    "a.txt": "The party cell met. A party cell voted.",
    "b.txt": "The party cell of the town ward met.",
    "c.txt": "Nothing of the kind happened here.",
    "d.txt": "Another party cell.",
    "bad.txt": "A party cell.",
}


def convert(pages: Path, out: Path, terms: str, **settings: Any) -> Path:
    glossary = pages.parent / "cells.yaml"
    glossary.write_text(terms)
    convert_folder(pages, out, Settings((glossary,), use_memory=False, **settings))
    return out


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for name, text in PAGES.items():
        (tmp_path / "in" / name).write_text(text)
    return tmp_path / "in"


@pytest.fixture
def old(pages: Path, tmp_path: Path) -> Path:
    return convert(pages, tmp_path / "old", OLD)


def test_the_same_run_twice_has_no_differences(pages: Path, old: Path, tmp_path: Path) -> None:
    again = convert(pages, tmp_path / "new", OLD)
    assert compare_runs(old, again) == Difference(documents=5, same=5)


def test_another_glossary_shows_by_term_and_by_document(
    pages: Path, old: Path, tmp_path: Path
) -> None:
    found = compare_runs(old, convert(pages, tmp_path / "new", NEW))
    assert {part for part, _, _ in found.parts} == {"glossary"}
    assert set(found.parts.values()) == {5}
    (first, cells), (second, wards) = found.by_term()
    assert (first, cells.fewer, cells.more, cells.documents) == ("party-cell", 5, 5, 4)
    (example,) = cells.examples
    assert (example.before, example.old, example.new) == ("party cell", "Party cell", "Party unit")
    assert (example.document, example.count) == ("a.txt", 5)
    assert (second, wards.fewer, wards.more, wards.documents) == ("ward", 0, 1, 1)
    assert wards.examples[0].old is None
    assert [one.name for one in found.changed] == ["a.txt", "b.txt", "bad.txt", "d.txt"]
    assert found.changed[1].terms == ("party-cell", "ward")
    assert (found.documents, found.same) == (5, 1)


def test_options_shape_outputs_too(pages: Path, old: Path, tmp_path: Path) -> None:
    found = compare_runs(old, convert(pages, tmp_path / "new", OLD, language="en"))
    assert set(found.parts) == {("language", "", "en")}
    assert found.changed == []


def test_what_cannot_be_compared_is_named(pages: Path, old: Path, tmp_path: Path) -> None:
    (pages / "d.txt").unlink()
    (pages / "a.txt").write_text("Another document.")
    (pages / "bad.txt").write_bytes(b"\0")
    (pages / "e.txt").write_text("A new one.")
    new = convert(pages, tmp_path / "new", OLD)
    found = compare_runs(old, new)
    assert (found.only_old, found.only_new) == (["d.txt"], ["e.txt"])
    assert found.other_input == ["a.txt"]
    assert found.other_status == [("bad.txt", "done", "failed")]
    assert (found.documents, found.same, found.changed) == (6, 2, [])


def test_the_report_says_it_in_words(pages: Path, old: Path, tmp_path: Path) -> None:
    new = convert(pages, tmp_path / "new", NEW)
    result = CliRunner().invoke(main, ["diff", str(old), str(new)])
    assert result.exit_code == 0
    for line in (
        f"from {old} to {new}: 4 of 5 documents come out differently",
        "  party-cell: 5 changes more, 5 fewer, in 4 documents",
        "    “party cell”: “Party cell” → “Party unit” (5 times, first in a.txt)",
        "    “town ward”: left as it was → “commune-level ward” (b.txt)",
        "  b.txt: 2 changes more, 1 fewer (party-cell, ward)",
    ):
        assert line in result.stdout.splitlines()
    result = CliRunner().invoke(main, ["diff", str(old), str(new), "--json"])
    found = json.loads(result.stdout)
    assert [term["term"] for term in found["terms"]] == ["party-cell", "ward"]
    assert found["signature"][0]["part"] == "glossary"
    assert found["changed"][0] == {"name": "a.txt", "fewer": 2, "more": 2, "terms": ["party-cell"]}
    result = CliRunner().invoke(main, ["diff", str(old), str(pages)])
    assert result.exit_code == 1
    assert "no records of a run" in result.stderr


def test_translations_are_compared_as_well(tmp_path: Path) -> None:
    from stand_ins import BracketTranslator, OneTermGlossary, WordDetector

    from normalise.pipeline import Pipeline

    class Angles(BracketTranslator):
        def _translate(self, request: Any) -> Any:
            from dataclasses import replace

            return replace(super()._translate(request), text="other words")

    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("Møtet på bygda.")
    for name, translator in (("old", BracketTranslator()), ("new", Angles())):
        pipeline = Pipeline(
            glossary=OneTermGlossary(), translator=translator, detector=WordDetector()
        )
        convert_folder(tmp_path / "in", tmp_path / name, pipeline=pipeline)
    found = compare_runs(tmp_path / "old", tmp_path / "new")
    ((rule, one),) = found.by_term()
    assert rule == "translation"
    assert (one.examples[0].old, one.examples[0].new) == ("[Motet pa bygda.]", "other words")
