"""Reports in a real browser: reading, searching, deciding by mouse and by keyboard, saving."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import audit_access, open_browser, open_page

from normalise.batch.convert import convert_folder
from normalise.glossary import Glossary
from normalise.report import pages
from normalise.report.decisions import Accept, Check, Correct, Reject, read_decisions
from normalise.report.write import write_report
from normalise.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
HOSTILE = """# A page </script><script>document.title='bad'</script>

<img src=x onerror="document.title='bad'"> The party cells met. ${1+1} {{ 7*7 }} \u202etxet\u202c

The '-alert(1)-' "party members" met <b>here</b> &amp; there. ]]> <!-- --> </style></textarea>
"""


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    for name in ("mixed", "norwegian", "vietnamese"):
        shutil.copytree(ROOT / "samples" / name, folder / "in" / name)
    (folder / "in" / "english").mkdir()
    for name in ("discipline.txt", "grassroots-consolidation.txt"):
        shutil.copy(ROOT / "samples" / "english" / name, folder / "in" / "english")
    (folder / "in" / "hostile<").mkdir()
    (folder / "in" / "hostile</script><b>.md").write_text(HOSTILE, "utf-8")
    text = "The Party cel met. " * 3
    (folder / "in" / "near.txt").write_text(text, "utf-8")
    convert_folder(folder / "in", folder / "out", Settings(use_memory=False))
    write_report(folder / "out", Glossary.load())
    return folder / "out"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    yield from open_browser(tmp_path_factory.mktemp("profile"))


@pytest.fixture
def page(browser: Any, out: Path) -> Iterator[Any]:
    page = open_page(browser, out / "report.html")
    yield page
    page.evaluate("localStorage.clear()")
    assert page.trouble == []
    page.close()


def section(page: Any, name: str) -> Any:
    return page.locator("section.document", has=page.locator("h2", has_text=name))


def save(page: Any, folder: Path) -> Path:
    with page.expect_download() as download:
        page.click("#save")
    assert download.value.suggested_filename == "decisions.json"
    path = folder / "decisions.json"
    download.value.save_as(path)
    return path


def test_hostile_texts_are_shown_and_do_nothing(page: Any) -> None:
    assert page.title() == "out – normalise report"
    document = section(page, "hostile</script><b>.md")
    assert "<img src=x onerror=" in document.text_content()
    assert "{{ 7*7 }}" in document.text_content()
    assert document.locator(".source .ghost").first.text_content() == "202E"
    assert page.locator("img, iframe, object, section.document b b").count() == 0


def test_nothing_could_be_loaded_even_if_a_text_tried(page: Any) -> None:
    policy = page.get_attribute("meta[http-equiv]", "content")
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    blocked = page.evaluate(
        """() => new Promise(done => {
          document.addEventListener('securitypolicyviolation', event => done(event.violatedDirective));
          const node = document.createElement('script');
          node.textContent = 'window.bad = 1';
          document.body.append(node);
        })"""
    )
    assert blocked.startswith("script-src")
    assert page.evaluate("window.bad") is None
    page.trouble.clear()  # the browser has said so


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1300, 390])
def test_axe_finds_nothing_serious(page: Any, scheme: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    assert audit_access(page) == []
    page.keyboard.press("n")
    assert page.locator("#panel").is_visible()
    assert audit_access(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.locator("#guide").is_visible()
    assert audit_access(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_change_explains_itself_on_click_and_on_focus(page: Any) -> None:
    mark = section(page, "organisasjonskomiteen.txt").locator(".output .mark").first
    mark.click()
    panel = page.locator("#panel")
    told = panel.inner_text()
    for word in ("Rule", "Term", "Definition", "Provenance", "Entry"):
        assert word in told
    assert mark.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Escape")
    assert panel.is_hidden()
    assert page.evaluate("document.activeElement.className").startswith("mark")
    page.keyboard.press("n")
    assert panel.is_visible()


def test_conditions_are_told(page: Any) -> None:
    document = section(page, "page-in-three-languages.md")
    document.locator(".mark", has_text="Standing Board").first.click()
    assert "not-preceded-by CPC" in page.locator("#panel").inner_text()


def test_source_translation_and_english_stand_side_by_side(page: Any) -> None:
    document = section(page, "norwegian/organisasjonskomiteen.txt")
    heads = document.locator("[role=columnheader]").all_text_contents()
    assert heads == ["Source", "Translation", "Standardised English"]
    row = document.locator(".row:not(.heads)").first
    boxes = [row.locator(".cell").nth(index).bounding_box() for index in range(3)]
    assert boxes[0]["x"] < boxes[1]["x"] < boxes[2]["x"]
    assert len({box["y"] for box in boxes}) == 1
    page.set_viewport_size({"width": 390, "height": 844})
    boxes = [row.locator(".cell").nth(index).bounding_box() for index in range(3)]
    assert boxes[0]["y"] < boxes[1]["y"] < boxes[2]["y"]


def test_decisions_are_saved_kept_and_taken_back(page: Any, tmp_path: Path) -> None:
    english = section(page, "english/discipline.txt")
    mark = english.locator(".output .mark").first
    before = mark.text_content()
    mark.click()
    page.click("text=Reject in this document")
    assert "rejected" in mark.get_attribute("class")
    page.check("#propose")
    page.keyboard.press("Escape")
    document = section(page, "norwegian/organisasjonskomiteen.txt")
    document.locator(".correct").first.click()
    page.fill(".editor textarea", "A better sentence.")
    page.keyboard.press("Control+Enter")
    assert document.locator(".correction").inner_text() == "A better sentence."
    box = section(page, "page-in-three-languages.md").locator(".check").first
    box.check()
    page.locator(".accept").first.check()
    assert page.inner_text("#count") == "4"
    rejected, corrected, checked, accepted = read_decisions(save(page, tmp_path))
    assert isinstance(rejected, Reject)
    assert rejected.path == "english/discipline.txt"
    assert rejected.after == before
    assert rejected.propose
    assert isinstance(corrected, Correct)
    assert corrected.correction == "A better sentence."
    assert corrected.source.startswith("Organisasjonskomiteen i Tuyen Quang")
    assert isinstance(checked, Check)
    assert checked.rule == "no-package"
    assert isinstance(accepted, Accept)
    page.reload()
    assert page.inner_text("#count") == "4"
    assert page.locator(".mark.rejected").count() == 1
    page.locator(".mark.rejected").click()
    page.click("text=Take the rejection back")
    section(page, "page-in-three-languages.md").locator(".check").first.uncheck()
    assert page.inner_text("#count") == "2"


def test_everything_can_be_done_by_keyboard(page: Any, tmp_path: Path) -> None:
    page.keyboard.press("]")
    assert page.evaluate("document.activeElement.id") == "d1-title"
    page.keyboard.press("n")
    first = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("n")
    assert page.evaluate("document.activeElement.textContent") != first
    page.keyboard.press("p")
    assert page.evaluate("document.activeElement.textContent") == first
    page.keyboard.press("x")
    assert page.locator(".mark.rejected").count() == 1
    page.keyboard.press("x")
    assert page.locator(".mark.rejected").count() == 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('#panel').contains(document.activeElement)")
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == first
    page.keyboard.press("/")
    page.keyboard.type("discipline")
    page.wait_for_selector("#found:not(:empty)")
    assert page.locator("#list tbody tr:visible").count() == 1
    page.keyboard.press("Escape")


def test_search_knows_no_diacritics_and_the_filter_shows_flags(page: Any) -> None:
    page.fill("#search", "doi moi sinh hoat")
    page.wait_for_selector("#found:not(:empty)")
    visible = page.locator("section.document:visible h2").all_text_contents()
    assert visible == ["vietnamese/chi-bo-thon.txt"]
    page.fill("#search", "")
    page.select_option("#show", "flagged")
    rows = page.locator(".row:visible:not(.heads)")
    assert rows.count() > 0
    assert rows.count() == page.locator(".row.flagged").count()


def test_tables_sort_and_the_citations_are_downloaded(page: Any, tmp_path: Path) -> None:
    page.click("#list th:has-text('Changes') button")
    numbers = [int(text) for text in page.locator("#list td:nth-child(4)").all_inner_texts()]
    assert numbers == sorted(numbers, reverse=True)
    assert page.get_attribute("#list th:has-text('Changes')", "aria-sort") == "descending"
    page.click("#list th:has-text('Document') button")
    names = page.locator("#list td:first-child").all_inner_texts()
    assert names[0].startswith("english/")
    with page.expect_download() as download:
        page.click(".csv")
    download.value.save_as(tmp_path / "cited.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "cited.csv").read_text("utf-8-sig"))))
    assert rows[0] == ["Type", "Number", "Code", "Issuer", "Date", "Times", "Documents"]
    assert ["Resolution", "18", "NQ", "TW", ""] in [row[:5] for row in rows]


def test_light_and_dark_can_be_chosen(page: Any) -> None:
    def paper() -> str:
        return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    page.emulate_media(color_scheme="light")
    light = paper()
    page.click("#theme")
    assert paper() == light
    page.click("#theme")
    dark = paper()
    assert dark != light
    page.reload()
    assert paper() == dark


def test_pages_lead_to_each_other_and_share_their_decisions(
    browser: Any, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST_DOCUMENTS", 3)
    written = write_report(out, Glossary.load(), output=tmp_path / "big.html").files
    assert len(written) > 3
    page = open_page(browser, tmp_path / "big.html")
    page.click("#list a:has-text('discipline.txt')")
    assert page.locator("h2:has-text('discipline.txt')").is_visible()
    page.locator(".mark").first.focus()
    page.keyboard.press("x")
    page.locator(".turn a[rel=next]").first.click()
    assert page.inner_text("#count") == "1"
    page.locator(".mark").first.focus()
    page.keyboard.press("x")
    decisions = json.loads(save(page, tmp_path).read_text("utf-8"))["decisions"]
    assert len({decision["path"] for decision in decisions}) == 2
    page.locator(".turn a:has-text('Overview')").first.click()
    assert page.inner_text("#count") == "2"
    assert audit_access(page) == []
    page.evaluate("localStorage.clear()")
    assert page.trouble == []
    page.close()
