"""A real browser for the tests of pages: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
ROOT = Path(__file__).resolve().parent.parent
# `npm install --no-save axe-core` in the repository, or another place.
AXE = Path(os.environ.get("AXE_CORE", ROOT / "node_modules" / "axe-core")) / "axe.min.js"


def open_browser(profile: Path) -> Iterator[Any]:
    """A browser with a profile of its own; skips the test where there is none."""
    api = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install playwright")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no Chromium: apt-get install chromium")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            str(profile), executable_path=program, headless=True, args=list(FLAGS),
            viewport={"width": 1300, "height": 900}, accept_downloads=True,
        )  # fmt: skip
        try:
            yield browser
        finally:
            browser.close()


def open_page(browser: Any, path: Path, fragment: str = "") -> Any:
    """A page that fails the test if its script does, or if it asks for anything."""
    page = browser.new_page()
    page.trouble = []
    page.on("pageerror", lambda error: page.trouble.append(str(error)))
    page.on("console", lambda message: page.trouble.append(message.text))
    page.on(
        "request",
        lambda request: None
        if request.url.startswith(("file:", "blob:"))
        else page.trouble.append(request.url),
    )
    page.goto(path.resolve().as_uri() + fragment)
    return page


def audit_access(page: Any) -> list[str]:
    """What axe-core finds serious or critical on a page."""
    if not AXE.is_file():
        pytest.skip("no axe-core: npm install --no-save axe-core")
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document)")
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}: {one['nodes'][0]['failureSummary'][:300]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]
