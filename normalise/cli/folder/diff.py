"""``normalise diff``: what two runs made of the same documents."""

from __future__ import annotations

import json
from pathlib import Path

import click

from normalise.cli.options import FOLDER, explain_errors


@click.command(
    epilog="""\b
Examples:
  normalise convert pages old
  (edit a glossary, install a package, update normalise)
  normalise convert pages new
  normalise diff old new"""
)
@click.argument("old", metavar="A", type=FOLDER)
@click.argument("new", metavar="B", type=FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON.")
@explain_errors
def diff(old: Path, new: Path, as_json: bool) -> None:
    """Show how the output folders A and B differ, if both come from the same documents.

    First what shaped the outputs differently (program, glossaries, packages, options), then by term
    the changes that only one of the runs made, with examples, then the documents. The records are
    compared, not the files: corrections by hand do not count. Nothing is converted.
    """
    from normalise.batch.check.diff import compare_runs
    from normalise.batch.check.diff_view import show_text
    from normalise.files import printable

    difference = compare_runs(old, new)
    if as_json:
        click.echo(json.dumps(difference.as_json(), ensure_ascii=False, indent=2))
    else:
        click.echo(show_text(difference, printable(str(old)), printable(str(new))), nl=False)
