"""The browsable page: whole, escaped, searchable, and needing nothing from elsewhere."""

from __future__ import annotations

import re

import pytest
from lxml import html

from normalise.glossary import Glossary
from normalise.maintain.files.html_page import write_page

TERMS = """\
schema: 1
topic: Cells & <committees>
terms:
- id: party-cell
  preferred: Party <cell>
  admitted: [cell]
  abbreviations: [{text: CB, language: vi}]
  sources: {vi: [chi bộ], nb: [particelle]}
  variants:
  - Party branch
  - text: branch
    when: {counted: true, near: {any: [Party, member], within: 8}, preceded-by: [of, under]}
    becomes: Party cells & more
  forbidden: [cell phone]
  flags: [{text: unit, reason: what unit?}]
  status: proposed
  definition: "The <b>smallest</b> unit."
  provenance: [{source: house, date: 2026-11, reviewer: Lan}]
  tags: [grassroots]
  examples: [{text: The Party branch met., becomes: The Party cell met.}]
  keeps: [A bank branch., {text: A unit., flagged: true}]
- id: bare
  preferred: Bare term
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("glossary") / "terms.yaml"
    file.write_text(TERMS, "utf-8")
    glossary = Glossary.load([file], cache=False)
    return write_page(glossary, [("Cells & <committees>", glossary.terms), ("Empty", ())])


def test_every_term_has_its_place(page: str) -> None:
    root = html.fromstring(page)
    assert [node.get("id") for node in root.iter("article")] == ["party-cell", "bare"]
    targets = {link.get("href") for link in root.iter("a")}
    assert targets == {"#main", "#topic-1", "#party-cell", "#bare"}
    for target in targets:
        assert len(root.xpath(f"//*[@id='{target[1:]}']")) == 1


def test_a_term_says_all_it_knows(page: str) -> None:
    article = html.fromstring(page).get_element_by_id("party-cell")
    text = re.sub(r"\s+", " ", article.text_content())
    for words in (
        "Party <cell>", "proposed", "grassroots", "The <b>smallest</b> unit.", "Vietnamesechi bộ",
        "CB (Vietnamese)", "branch → Party cells & more if counted: true, "
        "near Party / member (within 8 words), preceded-by of / under",
        "Left alone incell phone", "unit: what unit?", "A unit. (flagged)",
        "house, 2026-11, reviewed by Lan",
    ):  # fmt: skip
        assert words in text
    assert [node.get("lang") for node in article.iter("span") if node.get("lang")] == [
        "vi", "vi", "nb",
    ]  # fmt: skip
    assert [node.text for node in article.iter("del", "ins")] == ["branch", "cell"]


def test_a_term_without_details_has_no_empty_rows(page: str) -> None:
    article = html.fromstring(page).get_element_by_id("bare")
    assert list(article.iter("dt")) == []


def test_nothing_comes_from_elsewhere(page: str) -> None:
    root = html.fromstring(page)
    assert root.xpath("//@src | //link | //iframe | //object | //img") == []
    assert re.search(r"https?:|@import|url\(", page) is None


def test_people_who_do_not_see_or_point_can_use_it(page: str) -> None:
    root = html.fromstring(page)
    assert root.get("lang") == "en"
    (box,) = root.xpath("//input")
    assert root.xpath(f"//label[@for='{box.get('id')}']")
    assert root.xpath("//*[@aria-live='polite']")
    assert root.xpath("//main[@id='main']")
    levels = [int(node.tag[1]) for node in root.iter("h1", "h2", "h3")]
    assert levels == [1, 2, 3, 3]
    assert "prefers-color-scheme:dark" in page


def test_the_shipped_glossary_makes_a_page() -> None:
    glossary = Glossary.load()
    root = html.fromstring(write_page(glossary, [("All", glossary.terms)]))
    ids = [node.get("id") for node in root.iter("article")]
    assert ids == [term.id for term in glossary.terms]
