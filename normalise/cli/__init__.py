"""The ``normalise`` command. Subcommands are imported when they are called, not before."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import click

_COMMANDS = {
    "convert": ("normalise.cli.convert:convert", "Convert a file or folder into clean English."),
    "text": ("normalise.cli.text:text", "Convert standard input or one file to standard output."),
    "detect": ("normalise.cli.detect:detect", "Detect the language of documents."),
    "verify": (
        "normalise.cli.folder.verify:verify", "Check an output folder against its records."
    ),
    "diff": ("normalise.cli.folder.diff:diff", "Show how two output folders differ."),
    "report": ("normalise.cli.review.report:report", "Write an HTML page for reviewing a run."),
    "review": ("normalise.cli.review.apply:review", "Carry out what was decided in a report."),
    "glossary": ("normalise.cli.glossary:glossary", "Check, explain and maintain glossaries."),
    "measure": ("normalise.cli.measure:measure", "Measure how consistently terms are used."),
    "models": ("normalise.cli.models.models:models", "Manage the translation packages."),
    "memory": ("normalise.cli.memory:memory", "Manage the translation memory."),
    "config": ("normalise.cli.config:config", "Show the settings in force, and where they stand."),
}

EXIT_CODES = """\b
Exit codes:
  0  done
  1  some documents failed, or were not translated
  2  wrong usage
  130, 143  stopped by Ctrl-C, by SIGTERM"""


def _settle_output() -> bool:
    """Flush standard output; whether that worked.

    What cannot be written is discarded, so that Python does not try again at exit and print a
    traceback.
    """
    if sys.stdout is None:
        return True
    try:
        sys.stdout.flush()
    except OSError:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        return False
    return True


def _explain(error: OSError) -> None:
    from normalise.files import printable

    where = printable(str(error.filename)) if error.filename else "standard output or input"
    click.echo(f"Error: {where}: {error.strerror or error}", err=True)


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order people will want them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command asked for."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; Ctrl-C ends it with one line and the exit code that shells expect."""
        from normalise.batch.stop import Stop

        with Stop() as stop:
            try:
                return super().invoke(ctx)
            except KeyboardInterrupt:
                pass
            except Exception:
                if not stop.signal:  # otherwise a library has turned the signal into another error
                    raise
            click.echo("stopped", err=True)
            raise click.exceptions.Exit(stop.exit_code)

    def main(self, *args: Any, **extra: Any) -> Any:
        """The whole program; errors of the operating system become one line, not a traceback."""
        try:
            done = super().main(*args, **extra)
        except OSError as error:
            _explain(error)
            _settle_output()
            sys.exit(1)
        except SystemExit as end:
            if not _settle_output() and not end.code:
                click.echo("Error: cannot write to standard output", err=True)
                sys.exit(1)
            raise
        return done

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in _COMMANDS.items()])


def _print_version(ctx: click.Context, option: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from normalise import __version__
    from normalise.errors import NormaliseError
    from normalise.pipeline import build_pipeline
    from normalise.settings import Settings

    click.echo(f"normalise {__version__}")
    try:
        click.echo(str(build_pipeline(Settings()).signature()))
    except NormaliseError as error:
        click.echo(f"no signature: {error}", err=True)
    ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and the signature of everything that shapes the output.",
)
def main() -> None:
    """Turn machine-translated documents into clean, consistent English, offline.

    \b
    Examples:
      normalise convert pages out
      echo "The city has 61 4 good party cells." | normalise text
      normalise detect pages/*.md
    """
