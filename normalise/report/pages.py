"""Writing the report: one page that holds everything, or an overview and pages of documents."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from markupsafe import Markup

from normalise import __version__
from normalise.errors import NormaliseError
from normalise.files import write_atomically
from normalise.language.codes import name_language
from normalise.report.document import DocumentView, RowView
from normalise.report.explain import Explainer, name_terms
from normalise.report.tally import MOST_CONCEPTS, Entry, Tally

if TYPE_CHECKING:
    from jinja2 import Environment

_HERE = Path(__file__).parent
# What one page may hold: more, and a telephone is slow to open it.
MOST_CHARACTERS = 700_000
MOST_DOCUMENTS = 40
_MOST_ROWS = 100  # rows of a table of counts
_TAG = re.compile(r"[a-z]{2,3}")
_PAGE = re.compile(r"[0-9]{4,}\.html")


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of a document that are on one page: all of them, or one part of a long document."""

    view: DocumentView
    rows: Sequence[RowView]
    anchor: str
    number: int = 1
    of: int = 1

    @property
    def wide(self) -> bool:
        """Whether a column for translations is needed."""
        return any(row.translated is not None for row in self.rows)

    @property
    def flag_starts(self) -> list[int]:
        """For each row, the number of its first flag in this part."""
        starts, start = [], 0
        for row in self.rows:
            starts.append(start)
            start += len(row.flags)
        return starts

    @property
    def data(self) -> dict[str, Any]:
        """What the page's script needs to know: explanations, flags, and what can be corrected."""
        view = self.view
        first = self.rows[0].first_note if self.rows else 0
        last = self.rows[-1].last_note if self.rows else len(view.notes)
        flags = [flag for row in self.rows for flag in row.flags] or view.flags
        raw = {"raw_path": view.raw_path} if view.raw_path else {}
        return {
            "document": {"path": view.path, **raw},
            "first": first,
            "notes": view.notes[first:last],
            "first_flag": 0,
            "flags": [flag.about for flag in flags],
            "corrections": {row.number: row.correct for row in self.rows if row.correct},
        }


def split_view(view: DocumentView, anchor: str) -> Iterator[Part]:
    """A document in parts that fit on a page."""
    groups: list[list[RowView]] = [[]]
    size = 0
    for row in view.rows:
        if groups[-1] and size + row.size > MOST_CHARACTERS:
            groups.append([])
            size = 0
        groups[-1].append(row)
        size += row.size
    for number, rows in enumerate(groups, 1):
        name = anchor if number == 1 else f"{anchor}-{number}"
        yield Part(view, rows, name, number, len(groups))


class Pages:
    """Takes documents one by one and writes them to pages; at the end, the overview.

    If everything fits on one page, that is all there is. Otherwise the documents are on pages of
    their own, in a folder beside the overview.

    Args:
        path: The overview's file; the folder is called after it (``report-pages``).
        name: What the report is called: the name of OUT.
        run: Identifies the run, so that a browser keeps its decisions apart.
        explainer: Says what terms are.
    """

    def __init__(self, path: Path, name: str, run: str, explainer: Explainer) -> None:
        self._path = path
        self.folder = path.with_name(f"{path.stem}-pages")
        self._name = name
        self._run = run
        self._explainer = explainer
        self._jinja = make_environment()
        self._section = self._jinja.get_template("document.html").module.section  # type: ignore[attr-defined]
        self._now = _Page(1)
        self._before: _Page | None = None
        self._links: list[tuple[Entry, int, str]] = []
        self._written: list[Path] = []

    def add(self, view: DocumentView, entry: Entry) -> None:
        """Add a document; its entry in the list gets a link at the end.

        Raises:
            InputError: A page cannot be written.
        """
        anchor = f"d{len(self._links) + 1}"
        for part in split_view(view, anchor):
            section = self._section(part)
            if self._now.sections and (
                self._now.size + len(section) > MOST_CHARACTERS
                or len(self._now.sections) >= MOST_DOCUMENTS
            ):
                self._turn()
            if part.number == 1:
                self._links.append((entry, self._now.number, anchor))
            self._now.sections.append(section)
            self._now.size += len(section)
            self._now.terms.update(view.terms)

    def finish(self, tally: Tally) -> list[Path]:
        """Write the last page and the overview; returns the files, the overview first.

        Raises:
            InputError: A page cannot be written.
        """
        alone = self._now.number == 1
        if not alone:
            self._turn()
            assert self._before is not None
            self._write_page(self._before, last=True)
        for entry, page, anchor in self._links:
            entry.link = f"#{anchor}" if alone else f"{self._address(page)}#{anchor}"
        overview = self._overview(tally)
        if alone:
            body, terms = Markup("\n").join([overview, *self._now.sections]), self._now.terms
            self._write(self._path, self._name, body, terms, home="#main")
        else:
            self._write(self._path, self._name, overview, set(), home="")
        self._written.insert(0, self._written.pop())
        self._remove_stale()
        return self._written

    def _turn(self) -> None:
        """Begin a new page. The one before is written now that it is known whether one follows."""
        if self._before is not None:
            self._write_page(self._before, last=False)
        self._before, self._now = self._now, _Page(self._now.number + 1)

    def _write_page(self, page: _Page, *, last: bool) -> None:
        turn = self._jinja.get_template("turn.html").render(
            number=page.number,
            before=f"{page.number - 1:04}.html" if page.number > 1 else "",
            after="" if last else f"{page.number + 1:04}.html",
            home=f"../{quote(self._path.name)}",
        )
        body = Markup("\n").join([Markup(turn), *page.sections, Markup(turn)])
        path = self.folder / f"{page.number:04}.html"
        title = f"{self._name}, page {page.number}"
        self._write(path, title, body, page.terms, home=f"../{quote(self._path.name)}")

    def _address(self, page: int) -> str:
        return f"{quote(self.folder.name)}/{page:04}.html"

    def _overview(self, tally: Tally) -> Markup:
        measured = tally.consistency()
        moved = [c for c in measured.concepts if c.before.consistency < 1 and c.before.mentions]
        names = self._explainer
        suggestions = tally.suggestions()[:_MOST_ROWS]
        shown = {*(one.term for one in suggestions), *(concept.term for concept in moved)}
        glossary = names.signature
        return Markup(
            self._jinja.get_template("overview.html").render(
                name=self._name,
                tally=tally,
                before=measured.total("before"),
                after=measured.total("after"),
                concepts=moved[:MOST_CONCEPTS],
                suggestions=suggestions,
                names={name: names.name(name) for name in shown},
                glossary=glossary,
                differs=any(f"glossary:{glossary}" not in one for one in tally.signatures),
                most=_MOST_ROWS,
            )
        )

    def _write(self, path: Path, title: str, body: Markup, terms: set[str], *, home: str) -> None:
        page = self._jinja.get_template("page.html").render(
            title=f"{title} – normalise report",
            name=self._name,
            home=home,
            run=self._run,
            body=body,
            terms=name_terms(self._explainer, terms),
        )
        write_atomically(path, page.encode("utf-8", "replace"))
        self._written.append(path)

    def _remove_stale(self) -> None:
        """Remove pages that a longer report has left behind."""
        for path in self.folder.glob("*.html"):
            if _PAGE.fullmatch(path.name) and path not in self._written:
                path.unlink()


@dataclass(slots=True)
class _Page:
    """What is on one page so far."""

    number: int
    sections: list[Markup] = field(default_factory=list)
    terms: set[str] = field(default_factory=set)
    size: int = 0


def make_environment() -> Environment:
    """The templates. Whatever is not marked as HTML is escaped.

    Style and script are written into each page, which allows exactly these two by their hashes and
    loads nothing.

    Raises:
        NormaliseError: Jinja2 is missing.
    """
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ImportError:
        raise NormaliseError(
            "reports need Jinja2, which is not installed", remedy="pip install jinja2"
        ) from None

    style = (_HERE / "assets" / "report.css").read_text("utf-8")
    script = (_HERE / "assets" / "report.js").read_text("utf-8")
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["language"] = name_language
    made.filters["count"] = lambda number, noun: f"{number:,} {noun}{'s' * (number != 1)}"
    made.filters["tag"] = lambda code: code if _TAG.fullmatch(code) else "und"
    made.globals.update(
        version=__version__,
        style=Markup(style),
        script=Markup(script),
        policy="; ".join(
            (
                "default-src 'none'",
                f"style-src '{_hash(style)}'",
                f"script-src '{_hash(script)}'",
                "base-uri 'none'",
                "form-action 'none'",
            )
        ),
    )
    return made


def _hash(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
