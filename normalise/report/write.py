"""``normalise report``: from an output folder to the pages of its report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from normalise.errors import InputError
from normalise.files import printable
from normalise.memory.reviews import read_reviews
from normalise.report.document import view_document, view_without_source
from normalise.report.explain import Explainer
from normalise.report.folder import CONVERTED, OutFolder, open_folder
from normalise.report.pages import Pages
from normalise.report.tally import Tally

if TYPE_CHECKING:
    from normalise.glossary import Glossary

FILE_NAME = "report.html"


@dataclass(frozen=True, slots=True)
class Written:
    """The files of a report, the overview first, and the documents without their source."""

    files: tuple[Path, ...]
    documents: int
    without_source: tuple[tuple[str, str], ...]


def write_report(
    target: Path,
    glossary: Glossary,
    *,
    source: Path | None = None,
    output: Path | None = None,
    progress: Callable[[str], object] = lambda path: None,
) -> Written:
    """Write the report of the runs into an output folder.

    Args:
        target: The output folder.
        glossary: Explains the terms, and measures how consistently they are used.
        source: Where the sources are; by default where the run found them.
        output: The report's file; ``report.html`` in the output folder by default.
        progress: Called with the path of each document.

    Raises:
        InputError: The folder has no records, a run is writing there, the report would replace the
            output of a document, or it cannot be written.
        NormaliseError: Jinja2 is missing.
    """
    reviews = read_reviews(target)
    path = output or target / FILE_NAME
    explainer = Explainer(glossary)
    tally = Tally(glossary, explainer)
    name = printable(target.resolve().name) or "OUT"
    missing = []
    with open_folder(target, source) as folder:
        pages = Pages(path, name, folder.digest(), explainer)
        _refuse_outputs(folder, (path, pages.folder))
        for found in folder.read():
            record = found.record
            entry = tally.add(found)
            progress(record["path"])
            if record["status"] not in CONVERTED:
                continue
            review = reviews.get(record["path"])
            if found.way is not None:
                view = view_document(record, found.way, explainer, review=review)
            else:
                view = view_without_source(record, explainer, found.problem, review=review)
                missing.append((record["path"], found.problem))
            pages.add(view, entry)
    files = pages.finish(tally)
    return Written(tuple(files), len(tally.entries), tuple(missing))


def _refuse_outputs(folder: OutFolder, places: tuple[Path, Path]) -> None:
    """Refuse to write over outputs of documents.

    Raises:
        InputError: A document's output is where the report would be.
    """
    taken = {place.resolve() for place in places}
    for found in folder.records():
        output = found.output.resolve()
        if taken & {output, *output.parents}:
            raise InputError(
                "the report would replace the output of a document",
                where=printable(str(output)),
                remedy="choose another place: --output FILE",
            )
