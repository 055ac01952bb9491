"""``normalise report``: pages for reviewing a run."""

from __future__ import annotations

from pathlib import Path

import click

from normalise.cli.options import (
    FOLDER,
    config_option,
    explain_errors,
    glossary_option,
    tell_glossary,
)

_MOST_LISTED = 20


@click.command(
    epilog="""\b
Examples:
  normalise report out
  normalise report out --source pages --output review.html"""
)
@click.argument("target", metavar="OUT", type=FOLDER)
@click.option(
    "--source",
    type=click.Path(exists=True, path_type=Path),
    metavar="IN",
    help="Where the sources are, if not where the run found them.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where to write the report. [default: OUT/report.html]",
)
@config_option
@glossary_option
@explain_errors
def report(
    target: Path,
    source: Path | None,
    output: Path | None,
    config: Path | None,
    glossary: tuple[Path, ...],
) -> None:
    """Write an HTML page that shows what the runs into OUT did, for reviewing it in a browser.

    For each document the source, its translation and the standardised English, sentence by
    sentence, with every change explained and flags to tick off. Large folders get an overview and
    further pages beside it. The pages load nothing and send nothing. What is decided there is saved
    as a file for `normalise review apply`.
    """
    from normalise.glossary import Glossary
    from normalise.report.write import write_report
    from normalise.settings import Settings

    settings = Settings.load(config, **({"glossaries": glossary} if glossary else {}))
    tell_glossary(settings.glossaries)
    terms = Glossary.load(settings.glossaries or None).in_spelling(settings.spelling)
    written = write_report(target, terms, source=source, output=output)
    for name, problem in written.without_source[:_MOST_LISTED]:
        click.echo(f"without its source: {name}: {problem}", err=True)
    if len(written.without_source) > _MOST_LISTED:
        click.echo(f"and {len(written.without_source) - _MOST_LISTED} more", err=True)
    pages = len(written.files) - 1
    more = f", and {pages} pages beside it" if pages else ""
    click.echo(f"{written.documents} documents: {written.files[0]}{more}")
