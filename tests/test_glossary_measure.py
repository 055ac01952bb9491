"""`measure` counts what stands in the text, and what the glossary leaves."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from normalise.formats.txt import parse
from normalise.glossary import Glossary
from normalise.maintain.measure import Measurement, measure, show_json
from normalise.maintain.measure_view import print_table, write_html

TERMS = """\
schema: 1
topic: Test
terms:
- id: cell
  preferred: Party cell
  admitted: [cell of the Party]
  variants:
  - Party branch
  - {text: branch, when: {counted: true}}
  forbidden: [Party branch office]
  flags: [{text: unit, reason: 'cell or agency'}]
- id: vietnam-party
  preferred: Communist Party of <Vietnam>
  abbreviations: [{text: CPV}]
  policy: {abbreviation: keep}
- id: council
  preferred: People's Council
  abbreviations: [{text: HĐND, language: vi}]
"""
TEXT = """\
The Party branch, the party branch and the Party cells met. The Party branch office was shut. A unit
of the CPV came, with the HĐND and "cell of the Party". The city has 12 branches; branches differ.
"""


@pytest.fixture(scope="module")
def measurement(tmp_path_factory: pytest.TempPathFactory) -> Measurement:
    file = tmp_path_factory.mktemp("glossary") / "terms.yaml"
    file.write_text(TERMS, "utf-8")
    documents = [parse(TEXT, "a.txt"), parse("PARTY CELL NEWS", "b.txt")]
    return measure(Glossary.load([file], cache=False), documents)


def test_forms_and_shares_of_a_concept(measurement: Measurement) -> None:
    cell = measurement.concepts[0]
    assert cell.term == "cell"
    assert dict(cell.before.forms) == {
        "Party branch": 1, "party branch": 1, "Party cells": 1, "unit": 1, "branches": 1,
        "cell of the Party": 1, "PARTY CELL": 1,
    }  # fmt: skip
    assert cell.before.mentions == 7
    # "Party cells" and the line of capitals stand as the house writes them.
    assert cell.before.consistent == 2
    assert dict(cell.after.forms) == {
        "Party cell": 2, "Party cells": 2, "unit": 1, "cell of the Party": 1, "PARTY CELL": 1,
    }  # fmt: skip
    # What a person must decide, and what is tolerated in quotation marks, is not consistent.
    assert (cell.after.consistent, cell.after.mentions, cell.after.flagged) == (5, 7, 1)


def test_an_abbreviation_counts_as_its_policy_says(measurement: Measurement) -> None:
    by_term = {concept.term: concept for concept in measurement.concepts}
    assert by_term["vietnam-party"].before.consistency == 1.0
    assert by_term["council"].before.consistency == 0.0
    assert by_term["council"].after.consistency == 1.0


def test_totals_are_over_all_mentions(measurement: Measurement) -> None:
    before, after = measurement.total("before"), measurement.total("after")
    assert (before.consistent, before.mentions) == (3, 9)
    assert (after.consistent, after.mentions) == (7, 9)
    assert measurement.documents == 2


def test_json_holds_everything(measurement: Measurement) -> None:
    data = json.loads(show_json(measurement))
    assert data["after"] == {
        "mentions": 9, "consistent": 7, "flagged": 1, "consistency": round(7 / 9, 4),
    }  # fmt: skip
    forms = data["concepts"][0]["before"]["forms"]
    assert sum(form["count"] for form in forms) == 7
    assert sum(form["share"] for form in forms) == pytest.approx(1, abs=0.001)


def test_nothing_measured_is_no_trouble(tmp_path: Path, measurement: Measurement) -> None:
    file = tmp_path / "terms.yaml"
    file.write_text(TERMS, "utf-8")
    empty = measure(Glossary.load([file], cache=False), [parse("Nothing here.", "a.txt")])
    assert json.loads(show_json(empty))["before"]["consistency"] == 1.0
    assert "0 mentions" in write_html(empty)


def test_the_table_and_the_page_show_figures(measurement: Measurement) -> None:
    console = Console(record=True, width=120, file=io.StringIO())
    print_table(measurement, console, forms=True, most=1)
    text = console.export_text()
    assert "29 %" in text
    assert "71 %" in text
    assert "party branch" in text
    assert "2 concepts with fewer mentions are not listed" in text
    html = write_html(measurement)
    assert "Communist Party of &lt;Vietnam&gt;" in html
    assert "width:71.4%" in html
    assert "http" not in html
