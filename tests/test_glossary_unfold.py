"""Terms written once for several levels, named conditions, and names with a time of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from normalise.errors import GlossaryError
from normalise.glossary import Glossary
from normalise.maintain.check.check import check
from normalise.maintain.files.merge import merge_terms

MANIFEST = """\
schema: 1
name: Test
version: 1.0.0
cues: {china: [CPC]}
conditions:
  ours: {cues-absent: [china]}
  not-banks: {not-near: {any: [bank]}, cues-absent: [china]}
levels:
  province: {id: provincial, name: Provincial, also: Province, noun: province, uy: Tỉnh ủy}
  district:
    id: district
    name: District
    noun: [district, county]
    uy: [Huyện ủy, Quận ủy]
    until: '2025-06-30'
"""
HEAD = "schema: 1\ntopic: Test\nterms:\n"
PATTERN = """\
- id: <id>-committee
  levels: [province, district]
  until: <until>
  preferred: <name> Committee
  sources: {vi: [<uy>, BCH <uy>]}
  variants:
  - <also> Committee
  - Committee of the <noun>
  definition: A committee of a <noun>.
  examples:
  - {text: The Committee of the <noun> met., becomes: The <name> Committee met.}
  - {text: The <also> Committee met., becomes: The <name> Committee met.}
"""

Loader = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Loader:
    def write(terms: str, manifest: str = MANIFEST) -> Path:
        (tmp_path / "manifest.yaml").write_text(manifest, "utf-8")
        (tmp_path / "terms.yaml").write_text(HEAD + terms, "utf-8")
        return tmp_path

    return write


def load(folder: Path) -> Glossary:
    return Glossary.load([folder], cache=False)


def test_a_pattern_is_one_term_a_level(folder: Loader) -> None:
    glossary = load(folder(PATTERN))
    assert [term.id for term in glossary.terms] == ["provincial-committee", "district-committee"]
    province, district = glossary.terms
    assert province.variants == ("Province Committee", "Committee of the province")
    assert glossary.where(province.id).endswith("terms.yaml:4")
    # A word with several values: a name for each, a group in variants, the first in prose.
    assert district.sources["vi"] == ("Huyện ủy", "Quận ủy", "BCH Huyện ủy", "BCH Quận ủy")
    assert district.variants == ("Committee of the (district|county)",)
    assert district.definition == "A committee of a district."
    # What needs a word that the level lacks is left out.
    assert (province.until, district.until) == (None, "2025-06-30")
    assert (len(province.examples), len(district.examples)) == (2, 1)
    assert glossary.apply("The Committee of the county met.").text == "The District Committee met."


def test_only_adds_to_lists_and_replaces_other_values(folder: Loader) -> None:
    only = "  only:\n    district:\n      preferred: County Committee\n      variants: [Parish <name>]\n"
    province, district = load(folder(PATTERN + only)).terms
    assert (province.preferred, district.preferred) == ("Provincial Committee", "County Committee")
    assert district.variants[-1] == "Parish District"


def test_named_conditions_stand_for_what_the_manifest_says(folder: Loader) -> None:
    terms = "- id: cell\n  preferred: Party cell\n  variants:\n  - text: cell\n"
    when = "    when: {named: [ours, not-banks], plural: false}\n"
    (term,) = load(folder(terms + when)).terms
    (variant,) = term.variants
    assert not isinstance(variant, str)
    assert variant.when is not None
    assert not isinstance(variant.when, tuple)
    assert variant.when.named == ()
    assert variant.when.cues_absent == ("china", "china")
    assert variant.when.plural is False
    assert variant.when.not_near is not None


@pytest.mark.parametrize(
    ("terms", "line", "problem", "remedy"),
    [
        (PATTERN.replace("[province,", "[provinse,"), 5, "no level 'provinse'", "did you mean"),
        (PATTERN.replace("<noun> met", "<nuon> met"), 14, "the word <nuon>", "did you mean <noun>"),
        (PATTERN.replace("<noun> met", "<xyz> met"), 14, "the word <xyz>", "add 'xyz' to the"),
        (PATTERN + "  only: {ward: {notes: x}}\n", 16, "names the level 'ward'", "add it there"),
        (PATTERN.replace("[province, district]", "province"), 5, "must be a list", "Stored once"),
        (
            "- id: a\n  preferred: A b\n  variants:\n  - text: a\n    when: {named: [our]}\n",
            8, "no condition 'our'", "did you mean 'ours'",
        ),
        (
            "- id: a\n  preferred: A b\n  variants:\n  - text: a\n"
            "    when: {named: [not-banks], not-near: {any: [x]}}\n",
            8, "both say 'not-near'", "keep one",
        ),
    ],
)  # fmt: skip
def test_mistakes_have_their_line_and_a_remedy(
    folder: Loader, terms: str, line: int, problem: str, remedy: str
) -> None:
    with pytest.raises(GlossaryError) as caught:
        load(folder(terms))
    assert caught.value.where.endswith(f"terms.yaml:{line}")
    assert problem in caught.value.problem
    assert remedy in caught.value.remedy


def test_a_mistake_in_a_pattern_is_reported_once(folder: Loader) -> None:
    findings = check([folder(PATTERN + "  notse: x\n")])
    assert [(f.line, f.rule) for f in findings] == [(16, "schema")]


def test_a_pattern_without_its_manifest_says_what_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "terms.yaml"
    file.write_text(HEAD + PATTERN, "utf-8")
    with pytest.raises(GlossaryError, match=r"terms.yaml:5.*give the folder with both"):
        Glossary.load([file], cache=False)


TWICE = """\
- id: old
  preferred: Old Board
  until: '2025-02-18'
  successor: new
  variants: [the Board]
- id: new
  preferred: New Board
  since: '2025-02-19'
  variants: [the Board]
"""


def test_the_date_decides_between_a_name_and_its_successor(folder: Loader) -> None:
    glossary = load(folder(TWICE))
    text = "He asked the Board."
    assert glossary.apply(text, date="2024-05-01").text == "He asked Old Board."
    assert glossary.apply(text, date="2025-02-18").text == "He asked Old Board."
    assert glossary.apply(text, date="2025-02-19").text == "He asked New Board."
    assert glossary.apply(text).text == "He asked New Board."
    assert not [f for f in check([folder(TWICE)]) if f.rule == "tie"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (TWICE.replace("successor: new", "successor: nwe"), "there is no such term"),
        (TWICE.replace("  until: '2025-02-18'\n", ""), "has no `until:`"),
        (TWICE.replace("since: '2025-02-19'", "since: '2024'"), "began on 2024, before this ended"),
        (
            TWICE.replace("until: '2025-02-18'", "until: '2025'\n  since: '2026'"),
            "before it began on 2026",
        ),
    ],
)
def test_impossible_times_are_errors(folder: Loader, wrong: str, told: str) -> None:
    assert any(f.rule == "period" and told in f.message for f in check([folder(wrong)]))


def test_an_import_leaves_patterns_alone_and_says_so(folder: Loader) -> None:
    place = folder(PATTERN)
    province, district = load(place).terms
    assert merge_terms([province, district], place, None, update=True).texts == {}
    changed = msgspec.structs.replace(district, definition="Another.")
    with pytest.raises(GlossaryError, match="no term 'district-committee'") as caught:
        merge_terms([changed], place, None, update=True)
    assert "change the pattern by hand" in caught.value.remedy
