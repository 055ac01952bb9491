"""The walk of docs/review.md, word for word: its commands, its answers, and what it has one decide."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import open_browser, open_page
from test_docs import _FENCE, run

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "review.md").read_text("utf-8")


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the reader has: the samples and the glossaries, and no memory yet."""
    for name in ("samples", "glossaries"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


def walk(until: str = "") -> None:
    """Do what the page says, up to its part of this name; what it says is answered is answered."""
    answer = ""
    for fence in _FENCE.finditer(PAGE[: PAGE.index(f"## {until}")] if until else PAGE):
        if fence[1] == "sh":
            lines = fence[2].replace("\\\n", " ").splitlines()
            answer = "".join(run(line).output for line in lines)
        elif fence[1] == "text":
            for line in fence[2].splitlines():
                assert line in answer.splitlines()
        elif fence[1] == "json":
            Path("decisions.json").write_text(fence[2], "utf-8")


def decisions() -> list[dict[str, Any]]:
    (fence,) = [fence for fence in _FENCE.finditer(PAGE) if fence[1] == "json"]
    found: list[dict[str, Any]] = json.loads(fence[2])["decisions"]
    return found


def test_the_walk_ends_as_it_says(clone: Path) -> None:
    walk()
    english = (clone / "out" / "english" / "discipline.txt").read_text("utf-8")
    assert "tenure 2016-2021" in english
    norwegian = (clone / "out" / "norwegian" / "organisasjonskomiteen.txt").read_text("utf-8")
    corrected = next(one["correction"] for one in decisions() if one["kind"] == "correct")
    assert corrected in " ".join(PAGE.split())
    assert norwegian.startswith(corrected)
    report = (clone / "out" / "report.html").read_text("utf-8")
    assert "(looked at before)" in report


@pytest.fixture
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    yield from open_browser(tmp_path_factory.mktemp("profile"))


def test_the_browser_saves_what_the_page_shows(clone: Path, browser: Any) -> None:
    walk("3. Decide")
    page = open_page(browser, clone / "out" / "report.html")

    def section(name: str) -> Any:
        return page.locator("section.document", has=page.locator("h2", has_text=name))

    section("english/discipline.txt").locator(".mark", has_text="2016-2021 term").click()
    page.click("text=Reject in this document")
    page.keyboard.press("Escape")
    norwegian = section("norwegian/organisasjonskomiteen.txt")
    norwegian.locator(".translated").first.hover()
    norwegian.locator("button", has_text="Correct").first.click()
    corrected = next(one["correction"] for one in decisions() if one["kind"] == "correct")
    page.fill(".editor textarea", corrected)
    page.click(".editor button:has-text('Keep')")
    flag = section("english/anniversary-of-the-sector.md").locator("li", has_text="doubtful citation")
    flag.locator("input").check()
    with page.expect_download() as download:
        page.click("text=Save decisions")
    saved = json.loads(Path(download.value.path()).read_text("utf-8"))["decisions"]
    shown = decisions()
    assert [one["kind"] for one in saved] == [one["kind"] for one in shown]
    assert [{key: one[key] for key in other} for one, other in zip(saved, shown, strict=True)] == shown
    assert page.trouble == []
