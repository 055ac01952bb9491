"""``normalise review``: carrying out what was decided in a report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from normalise.cli.options import FOLDER, config_option, explain_errors

if TYPE_CHECKING:
    from normalise.report.apply import Applied

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def review() -> None:
    """Carry out what was decided in a report.

    \b
    Example:
      normalise review apply decisions.json out
    """


@review.command()
@click.argument("decisions", nargs=-1, required=True, type=_FILE)
@click.argument("target", metavar="OUT", type=FOLDER)
@click.option(
    "--memory",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Translation memory for corrections, instead of your default one.",
)
@click.option(
    "--glossary",
    type=FOLDER,
    metavar="FOLDER",
    help="Your folder of glossaries, instead of the nearest glossaries/.",
)
@config_option
@click.option("--author", default="", help="Who has decided.")
@click.option(
    "--wait", is_flag=True, help="If a run is writing into OUT, wait for it to finish."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@click.pass_context
@explain_errors
def apply(
    ctx: click.Context,
    decisions: tuple[Path, ...],
    target: Path,
    memory: Path | None,
    glossary: Path | None,
    config: Path | None,
    author: str,
    wait: bool,
    as_json: bool,
) -> None:
    """Carry out the DECISIONS (files saved by a report) about the documents in OUT.

    A rejected change becomes an exemption of its document in OUT/review.json and, if proposed, a
    sentence to keep in the glossary. A corrected sentence goes to the translation memory, an
    accepted suggestion becomes a variant of its term. Flags that were looked at are ticked in the
    next report. Then run `normalise convert` again.

    Decisions that do not fit any more are listed, and the exit code is 1; the others are carried
    out. Applying a file twice does nothing new.
    """
    from normalise.glossary.source.load import find_working_folder
    from normalise.memory.store import Memory
    from normalise.report.apply import apply_decisions
    from normalise.report.decisions import Correct, read_decisions
    from normalise.settings import Settings

    settings = Settings.load(config)
    found = [decision for path in decisions for decision in read_decisions(path)]
    own = next((folder for folder in settings.glossaries if folder.is_dir()), None)
    applied = apply_decisions(
        found,
        target,
        memory=Memory(memory or settings.memory),
        glossary=glossary or own or find_working_folder(),
        author=author,
        wait=wait,
        tell=lambda message: click.echo(message, err=True),
    )
    if not settings.use_memory and any(isinstance(decision, Correct) for decision in found):
        click.echo("note: your settings use no translation memory, so no correction", err=True)
    if as_json:
        click.echo(json.dumps(_plain(applied), ensure_ascii=False, indent=2))
    else:
        _print(applied)
    ctx.exit(1 if applied.failed else 0)


def _print(applied: Applied) -> None:
    for told in applied.done:
        click.echo(f"done: {told}")
    for told in applied.already:
        click.echo(f"was so already: {told}")
    for told, why in applied.failed:
        click.echo(f"not done: {told}: {why}", err=True)
    counts = f"{len(applied.done)} done, {len(applied.already)} as before"
    click.echo(f"{counts}, {len(applied.failed)} not done")
    for path in applied.files:
        click.echo(f"written: {path}")


def _plain(applied: Applied) -> dict[str, object]:
    return {
        "done": applied.done,
        "already": applied.already,
        "failed": [{"decision": told, "reason": why} for told, why in applied.failed],
        "files": [str(path) for path in applied.files],
    }
