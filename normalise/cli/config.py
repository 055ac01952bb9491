"""``normalise config``: the settings in force."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from normalise.cli.options import config_option, explain_errors


@click.group()
def config() -> None:
    """Show what is set, and where.

    Settings stand in a file normalise.toml, or in the table [tool.normalise] of a pyproject.toml;
    the nearest one counts, from the current folder upwards. Options on the command line take
    precedence.
    """


@config.command(
    epilog="""\b
Example of a normalise.toml:
  glossaries = ["our-terms"]
  languages = ["en", "nb", "vi"]
  spelling = "en-US"
  strip_furniture = true
  memory = "memory.sqlite"
"""
)
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@explain_errors
def show(config: Path | None, as_json: bool) -> None:
    """Show every setting, its value, and whether a file or the program gives it."""
    from normalise.settings import Settings, find_settings, read_settings

    path = config or find_settings()
    given = read_settings(path) if path else {}
    settings = Settings.load(path) if path else Settings()
    values = {name: _plain(value) for name, value in asdict(settings).items()}
    if as_json:
        where = str(path) if path else None
        said = {"file": where, "settings": values, "from_file": sorted(given)}
        click.echo(json.dumps(said, ensure_ascii=False, indent=2))
        return
    click.echo(f"file: {path or 'none'}")
    width = max(map(len, values))
    for name, value in values.items():
        origin = "file" if name in given else "default"
        click.echo(f"{name:{width}}  {json.dumps(value, ensure_ascii=False)}  ({origin})")


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
