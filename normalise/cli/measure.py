"""``normalise measure``: how consistently documents name things, before and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from normalise.cli.glossary_files import use_glossary
from normalise.cli.options import explain_errors

if TYPE_CHECKING:
    from normalise.data import Document
    from normalise.maintain.corpus import Corpus

_MOST = 30


@click.command(
    epilog="""\b
Examples:
  normalise measure pages
  normalise measure pages --translate --html consistency.html
  normalise measure pages --json > consistency.json"""
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@use_glossary
@click.option(
    "--translate",
    is_flag=True,
    help="Measure translations of documents in other languages instead of skipping them.",
)
@click.option("--forms", is_flag=True, help="List every surface form with its share.")
@click.option(
    "--all", "every", is_flag=True, help=f"List all concepts, not just the first {_MOST}."
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write an HTML page with a plot.",
)
@explain_errors
def measure(
    paths: tuple[Path, ...],
    glossary: tuple[Path, ...],
    translate: bool,
    forms: bool,
    every: bool,
    as_json: bool,
    html: Path | None,
) -> None:
    """Measure how consistently the documents in PATHS name each concept.

    A mention of a concept is consistent if it has the preferred form. PATHS are documents,
    or folders of them; only English is measured.
    """
    from normalise.glossary import Glossary
    from normalise.maintain.corpus import Corpus
    from normalise.maintain.measure import measure as run
    from normalise.maintain.measure import show_json

    corpus = Corpus(paths, english_only=not translate)
    documents: Iterable[Document] = _translated(corpus, glossary) if translate else corpus
    measurement = run(Glossary.load(glossary or None), documents)
    for name, reason in corpus.skipped:
        why = f"not in English ({reason}); --translate measures it" if len(reason) < 4 else reason
        click.echo(f"skipped: {name}: {why}", err=True)
    if html is not None:
        from normalise.files import write_atomically
        from normalise.maintain.measure_view import write_html

        write_atomically(html, write_html(measurement).encode())
        click.echo(f"written: {html}", err=True)
    if as_json:
        click.echo(show_json(measurement), nl=False)
    elif html is None or forms or every:
        from rich.console import Console

        from normalise.maintain.measure_view import print_table

        print_table(measurement, Console(), forms=forms, most=0 if every else _MOST)


def _translated(corpus: Corpus, glossary: tuple[Path, ...]) -> Iterator[Document]:
    """The documents in English: translated by the pipeline, before the glossary is applied."""
    from normalise.data import Document
    from normalise.edits import move_blocks
    from normalise.pipeline import STANDARDISE, build_pipeline
    from normalise.settings import Settings

    pipeline = build_pipeline(Settings(glossary))
    for result in pipeline.stream(corpus):
        text, blocks = result.document.text, result.document.blocks
        for stage in result.stages:
            if stage.name == STANDARDISE:
                break
            text, blocks = stage.text, move_blocks(blocks, stage.changes)
        if result.status == "done":
            yield Document(text, blocks, result.document.name, result.document.format)
        else:
            corpus.skipped.append(
                (result.document.name, f"not translated ({result.language.code})")
            )
