"""Options that several commands share, and how errors reach the user."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click

from normalise.errors import InputError, NormaliseError

Function = TypeVar("Function", bound=Callable[..., Any])

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(|k|m|g)i?b?", re.IGNORECASE)
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


class Size(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.3 on
    """A number of bytes with an optional unit: 800k, 50MB, 1.5g (powers of 1024)."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The size in bytes."""
        if isinstance(value, int):
            return value
        match = _SIZE.fullmatch(str(value).strip())
        if match is None:
            self.fail(f"{value!r} is not a size; write 800k, 50MB or 1.5g", param, ctx)
        return int(float(match[1]) * _UNITS[match[2].lower()])


def pipeline_options(command: Function) -> Function:
    """Add the options that shape the pipeline; the command receives ``settings``."""

    @functools.wraps(command)
    def wrapped(
        *args: Any,
        glossary: tuple[Path, ...],
        strip_furniture: bool,
        memory: Path | None,
        no_memory: bool,
        beam: int,
        device: str,
        **rest: Any,
    ) -> Any:
        from normalise.settings import Settings

        settings = Settings(glossary, strip_furniture, not no_memory, memory, beam, device)
        return command(*args, settings=settings, **rest)

    options = [
        click.option(
            "--glossary",
            multiple=True,
            type=click.Path(exists=True, path_type=Path),
            metavar="PATH",
            help="Glossary file or folder, instead of the shipped ones; may be repeated.",
        ),
        click.option(
            "--strip-furniture", is_flag=True, help="Remove lines of page furniture as well."
        ),
        click.option(
            "--memory",
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="FILE",
            help="Translation memory to use, instead of your own one.",
        ),
        click.option("--no-memory", is_flag=True, help="Use no translation memory."),
        click.option(
            "--beam",
            type=click.IntRange(0, 32),
            default=0,
            help="Beam size of the translation engine; 0 for its default.",
        ),
        click.option(
            "--device",
            type=click.Choice(["cpu", "cuda"]),
            default="cpu",
            show_default=True,
            help="Where the translation engine runs.",
        ),
    ]
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[return-value]


def explain_errors(command: Function) -> Function:
    """Turn a ``NormaliseError`` into one line on standard error and exit code 1."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except NormaliseError as error:
            raise click.ClickException(str(error)) from None

    return wrapped  # type: ignore[return-value]


def standard_input() -> BinaryIO:
    """Standard input as bytes: a terminal's or pipe's locale must not change a letter.

    Raises:
        InputError: The program was started without any.
    """
    if sys.stdin is None:
        raise InputError("standard input is closed", remedy="name a file, or pipe a text in")
    return sys.stdin.buffer


def standard_output() -> BinaryIO:
    """Standard output as bytes.

    Raises:
        InputError: The program was started without any.
    """
    if sys.stdout is None:
        raise InputError("standard output is closed", remedy="send it to a file or program")
    return sys.stdout.buffer
