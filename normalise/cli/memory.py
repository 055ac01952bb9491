"""``normalise memory``: manage the translation memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from normalise.cli.options import explain_errors
from normalise.formats.json_lines import dump_line

if TYPE_CHECKING:
    from normalise.memory.store import Memory

_FILE = click.Path(dir_okay=False, path_type=Path)
_memory_option = click.option(
    "--memory",
    "path",
    type=_FILE,
    help="The memory's file. [default: $XDG_DATA_HOME/normalise/memory.sqlite]",
)


def _open(path: Path | None) -> Memory:
    from normalise.memory.store import Memory

    return Memory(path)


@click.group()
def memory() -> None:
    """Manage the translation memory.

    Every sentence is translated only once: machine translations are looked up by package, settings
    and sentence. A person's correction is used for its sentence from then on, whatever the package.

    \b
    Examples:
      normalise memory stats
      normalise memory correct "Møtet ble hevet." "The meeting was adjourned."
      normalise memory export memory.tmx
    """


@memory.command()
@_memory_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@explain_errors
def stats(path: Path | None, as_json: bool) -> None:
    """Show what the memory contains, by language pair and package."""
    store = _open(path)
    if not store.path.exists():
        click.echo(json.dumps({"entries": 0}) if as_json else f"{store.path}: no memory yet")
        return
    counts = store.statistics()
    if as_json:
        click.echo(dump_line({"path": str(store.path), **counts}), nl=False)
        return
    click.echo(store.path)
    width = max(len(name) for name in counts)
    for name, count in counts.items():
        click.echo(f"  {name:<{width}}  {count:>12,}")


@memory.command()
@_memory_option
@click.option(
    "--unused-for",
    "days",
    type=click.IntRange(min=0),
    metavar="DAYS",
    help="Only what no run has used for this many days.",
)
@click.option("--package", help="Only what this package translated; named as in stats.")
@click.option("--all", "everything", is_flag=True, help="All machine translations.")
@explain_errors
def prune(path: Path | None, days: int | None, package: str | None, everything: bool) -> None:
    """Delete machine translations and free the space. Corrections are never deleted."""
    if days is None and package is None and not everything:
        raise click.UsageError("say what to delete: --unused-for DAYS, --package NAME or --all")
    store = _open(path)
    if not store.path.exists():
        click.echo(f"{store.path}: no memory yet")
        return
    click.echo(f"{store.prune(unused_days=days, package=package)} deleted")


@memory.command("export")
@click.argument("file", type=_FILE)
@_memory_option
@click.option("--corrections", "corrections_only", is_flag=True, help="Export only corrections.")
@explain_errors
def export_memory(file: Path, path: Path | None, corrections_only: bool) -> None:
    """Write the memory to FILE as TMX, for translation tools and colleagues."""
    from normalise.memory.tmx import export_tmx

    count = export_tmx(_open(path), file, corrections_only=corrections_only)
    click.echo(f"{count} written to {file}")


@memory.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_memory_option
@click.option("--author", default="", help="Who vouches for the translations.")
@explain_errors
def import_memory(file: Path, path: Path | None, author: str) -> None:
    """Import the translations in a TMX FILE as corrections.

    Machine translations that were exported by this program and have not been edited are skipped;
    edit them in any translation tool and import the file.
    """
    from normalise.memory.tmx import import_tmx

    taken, passed = import_tmx(_open(path), file, author=author)
    click.echo(f"{taken} corrections imported, {passed} units skipped")


@memory.command()
@click.argument("source")
@click.argument("target", required=False)
@_memory_option
@click.option(
    "--from",
    "language",
    default="nb",
    show_default=True,
    metavar="CODE",
    help="The language of SOURCE.",
)
@click.option("--author", default="", help="Who vouches for the correction.")
@click.option("--remove", is_flag=True, help="Remove the correction of SOURCE.")
@explain_errors
def correct(
    source: str, target: str | None, path: Path | None, language: str, author: str, remove: bool
) -> None:
    """Record that SOURCE, a whole sentence, is TARGET in English from now on."""
    from normalise.language.codes import canonical_code
    from normalise.memory.store import Correction

    if remove == (target is not None):
        raise click.UsageError("give SOURCE and TARGET, or SOURCE with --remove")
    store, code = _open(path), canonical_code(language)
    if target is None:
        found = store.forget(code, "en", source)
        click.echo("correction removed" if found else "this sentence has no correction")
        return
    if not source.strip() or not target.strip():
        raise click.UsageError("neither SOURCE nor TARGET may be empty")
    store.correct([Correction(code, "en", source, target, author)])
    click.echo(f"saved for {code}: {target}")
