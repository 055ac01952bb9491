"""``normalise convert``: a folder in, a folder out."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from normalise.cli import EXIT_CODES
from normalise.cli.options import (
    Size,
    explain_errors,
    field_option,
    pipeline_options,
    tell_glossary,
)

if TYPE_CHECKING:
    from rich.console import Console

    from normalise.batch.summary import Outcome, Summary
    from normalise.settings import Settings

_MAX_SIZE = 50 * 1024 * 1024


@click.command(
    epilog=f"""\b
Examples:
  normalise convert pages out
  normalise convert report.md out --glossary our-terms.yaml
  normalise convert pages out --strip-furniture --workers 4 --json

{EXIT_CODES}"""
)
@click.argument("source", metavar="IN", type=click.Path(exists=True, path_type=Path))
@click.argument("target", metavar="OUT", type=click.Path(file_okay=False, path_type=Path))
@pipeline_options
@click.option("--encoding", default="", help="Encoding of documents that are not UTF-8.")
@field_option
@click.option(
    "--max-size",
    type=Size(),
    default=_MAX_SIZE,
    show_default="50MB",
    help="Largest document to convert.",
)
@click.option(
    "--exclude",
    multiple=True,
    metavar="NAME",
    help="File or folder to leave out; may contain * and ?; may be repeated.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    help="Number of processes; it does not affect the outputs.",
)
@click.option(
    "--anew", is_flag=True, help="Convert everything, including documents that are up to date."
)
@click.option(
    "--overwrite-edited",
    is_flag=True,
    help="Also replace outputs that someone has corrected since they were written.",
)
@click.option(
    "--prune",
    is_flag=True,
    help="Remove outputs and records of documents no longer in IN, and stale drafts.",
)
@click.option(
    "--wait", is_flag=True, help="If another run is writing into OUT, wait for it to finish."
)
@click.option("--strict", is_flag=True, help="Exit with 1 if anything was flagged.")
@click.option(
    "--debug", is_flag=True, help="Show the traceback of a crash, for bug reports."
)
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.pass_context
@explain_errors
def convert(
    ctx: click.Context,
    source: Path,
    target: Path,
    settings: Settings,
    encoding: str,
    field: tuple[str, ...],
    max_size: int,
    exclude: tuple[str, ...],
    workers: int,
    anew: bool,
    overwrite_edited: bool,
    prune: bool,
    wait: bool,
    debug: bool,
    strict: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Convert the file or folder IN into clean English under the folder OUT.

    Each document gets an output of the same name and format (docs/formats.md lists the formats);
    OUT/audit.jsonl holds one record per document, with every change and flag. Nothing is fetched
    from the network.

    Run it again when documents arrive, or after it was stopped or killed: documents that have not
    changed since they were converted with the same program, glossaries, packages and options are
    skipped. Outputs that someone has corrected are kept.
    """
    from normalise.batch.stop import Stop

    if not (quiet or as_json):
        tell_glossary(settings.glossaries)
    with Stop() as stop:
        try:
            summary = _run(
                source,
                target,
                settings,
                _make_console(quiet or as_json),
                reading={
                    "encoding": encoding, "fields": field, "max_size": max_size, "debug": debug
                },
                workers=workers,
                exclude=exclude,
                anew=anew,
                overwrite_edited=overwrite_edited,
                prune=prune,
                wait=wait,
                stop=stop,
            )
        except KeyboardInterrupt:
            click.echo("stopped; what was finished is in the output folder", err=True)
            ctx.exit(stop.exit_code)
    for name, trace in summary.traces:
        click.echo(f"{name}: {trace}", err=True)
    if as_json:
        click.echo(json.dumps(summary.as_json(), ensure_ascii=False, indent=2))
    elif quiet:
        for name, problem, remedy in summary.failed:
            click.echo(f"{name}: {problem} (remedy: {remedy})", err=True)
        for name, remedy in summary.untranslated:
            click.echo(f"{name}: not translated (remedy: {remedy})", err=True)
        for name, reason in summary.edited:
            click.echo(f"{name}: {reason} (remedy: --overwrite-edited replaces it)", err=True)
    else:
        from normalise.batch.report import print_summary

        print_summary(summary, _make_console())
    ctx.exit(summary.exit_code(strict=strict))


def _run(
    source: Path,
    target: Path,
    settings: Settings,
    console: Console,
    *,
    reading: dict[str, Any],
    **how: Any,
) -> Summary:
    from normalise.batch.convert import Reading, convert_folder
    from normalise.batch.plan import check_target
    from normalise.errors import InputError

    try:
        check_target(source, target)
    except InputError as error:
        raise click.UsageError(str(error)) from None
    with _progress(console) as (started, progress):
        return convert_folder(
            source,
            target,
            settings,
            reading=Reading(**reading),
            tell=lambda message: click.echo(message, err=True),
            started=started,
            progress=progress,
            **how,
        )


def _make_console(quiet: bool = False) -> Console:
    from rich.console import Console

    return Console(stderr=True, quiet=quiet)


@contextlib.contextmanager
def _progress(
    console: Console
) -> Iterator[tuple[Callable[[int], object], Callable[[Outcome], object]]]:
    """A bar on a terminal, nothing elsewhere."""
    if console.quiet or not console.is_terminal:
        yield (lambda total: None), (lambda outcome: None)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("converting"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("converting", total=None)
        yield (
            lambda total: bar.update(task, total=total),
            lambda outcome: bar.advance(task),
        )
