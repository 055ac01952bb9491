"""Options that several commands share, and how errors are shown."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click
from click.core import ParameterSource

from normalise.errors import InputError, NormaliseError
from normalise.language.spelling.variants import HOUSE, KEEP, SPELLINGS

Function = TypeVar("Function", bound=Callable[..., Any])

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(|k|m|g)i?b?", re.IGNORECASE)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)

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


class Since(click.ParamType):  # type: ignore[type-arg]
    """A date, or how long ago, as seconds since 1970."""

    name = "when"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The time."""
        from normalise.batch.listing.choose import parse_since

        if isinstance(value, float):
            return value
        try:
            return parse_since(str(value))
        except InputError as error:
            self.fail(f"{error.problem}; {error.remedy}", param, ctx)


glossary_option = click.option(
    "--glossary",
    "--glossaries",
    "glossary",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="PATH",
    help="Glossary file or folder to use instead of the nearest glossaries/ or the program's "
    "own; may be repeated.",
)

config_option = click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Settings to use instead of the nearest normalise.toml or [tool.normalise]; options on "
    "the command line take precedence.",
)


field_option = click.option(
    "--field",
    multiple=True,
    metavar="NAME",
    help="Column of a table (heading or number) or member of JSON lines to convert, instead of all "
    "that look like prose; members inside others with dots (meta.title); may be repeated.",
)


to_option = click.option(
    "--to",
    type=click.Choice(["md", "txt", "html", "jsonl"]),
    callback=lambda ctx, parameter, value: value or "",
    help="Write this format instead of the document's own; report.docx becomes report.docx.md.",
)
main_text_option = click.option(
    "--main-text",
    is_flag=True,
    help="Of web pages only the article, without menus and teasers (needs normalise[web]).",
)


def tell_glossary(paths: tuple[Path, ...]) -> None:
    """Say on standard error which glossaries are used: those named, or those found."""
    from normalise.glossary.source.load import find_folder

    folders = paths or (find_folder(),)
    with suppress(OSError):  # whoever listened has gone away
        click.secho(f"glossaries: {', '.join(map(str, folders))}", dim=True, err=True)


class LanguageCode(click.ParamType):  # type: ignore[type-arg]
    """A language by its code; codes that other programs use for it are understood as well."""

    name = "code"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The code as Argos spells it."""
        from normalise.language.codes import canonical_code
        from normalise.packages.catalogue import CODE

        code = canonical_code(str(value).strip().lower())
        if code and not CODE.fullmatch(code):
            self.fail(f"{value!r} is not a language code; write for instance vi", param, ctx)
        return code


class LanguageCodes(click.ParamType):  # type: ignore[type-arg]
    """Languages that can be detected: their codes, separated by commas."""

    name = "codes"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """The codes, without repeats."""
        from normalise.stages.detect import check_languages

        if isinstance(value, tuple):
            return value
        try:
            return check_languages(str(value).split(","))
        except NormaliseError as error:
            self.fail(f"{error.problem}; {error.remedy}", param, ctx)


languages_option = click.option(
    "--languages",
    type=LanguageCodes(),
    default=(),
    metavar="CODES",
    help="Detect only these languages, e.g. en,nb,vi.",
)


def pipeline_options(command: Function) -> Function:
    """Add the options that shape the pipeline; the command receives ``settings``."""

    @functools.wraps(command)
    def wrapped(
        *args: Any,
        config: Path | None,
        glossary: tuple[Path, ...],
        strip_furniture: bool,
        memory: Path | None,
        no_memory: bool,
        beam: int,
        device: str,
        language: str,
        languages: tuple[str, ...],
        spelling: str,
        **rest: Any,
    ) -> Any:
        from normalise.settings import Settings

        options = {
            "glossary": ("glossaries", glossary),
            "strip_furniture": ("strip_furniture", strip_furniture),
            "memory": ("memory", memory),
            "no_memory": ("use_memory", not no_memory),
            "beam": ("beam", beam),
            "device": ("device", device),
            "language": ("language", language),
            "languages": ("languages", languages),
            "spelling": ("spelling", spelling),
        }
        # What is not on the command line may be in a file.
        given = {
            setting: value
            for option, (setting, value) in options.items()
            if click.get_current_context().get_parameter_source(option) != ParameterSource.DEFAULT
        }
        if given.get("memory"):
            given.setdefault("use_memory", True)
        with friendly():
            settings = Settings.load(config, **given)
        return command(*args, settings=settings, **rest)

    options = [
        config_option,
        glossary_option,
        click.option(
            "--strip-furniture", is_flag=True, help="Also remove lines of page furniture."
        ),
        click.option(
            "--memory",
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="FILE",
            help="Translation memory to use instead of your default one.",
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
        click.option(
            "--language",
            type=LanguageCode(),
            default="",
            metavar="CODE",
            help="The language of all the input (en, nb, vi); nothing is detected.",
        ),
        languages_option,
        click.option(
            "--spelling",
            type=click.Choice([*SPELLINGS, KEEP]),
            default=HOUSE,
            show_default=True,
            help="Spelling of English words and of the house names: British with -ise, British "
            "with -ize, American, or every word as it is.",
        ),
    ]
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[return-value]


@contextmanager
def friendly() -> Iterator[None]:
    """Report errors that the user can fix in one line, with exit code 1."""
    try:
        yield
    except NormaliseError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        raise click.ClickException(f"{place}{error.strerror or error}") from None


def explain_errors(command: Function) -> Function:
    """Report errors that the user can fix in one line on standard error, with exit code 1."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        with friendly():
            return command(*args, **kwargs)

    return wrapped  # type: ignore[return-value]


def format_size(size: int) -> str:
    """Bytes in the unit people read.

    >>> format_size(65_895_840), format_size(900), format_size(0)
    ('65.9 MB', '1 kB', '')
    """
    if size >= 1_000_000_000:
        return f"{size / 1e9:.1f} GB"
    if size >= 1_000_000:
        return f"{size / 1e6:.1f} MB"
    return f"{max(1, round(size / 1e3))} kB" if size else ""


def standard_input() -> BinaryIO:
    """Standard input as bytes, so that no locale can change a letter.

    Raises:
        InputError: The program was started without one.
    """
    if sys.stdin is None:
        raise InputError("standard input is closed", remedy="name a file, or pipe in a text")
    return sys.stdin.buffer


def standard_output() -> BinaryIO:
    """Standard output as bytes.

    Raises:
        InputError: The program was started without one.
    """
    if sys.stdout is None:
        raise InputError("standard output is closed", remedy="redirect it to a file or a program")
    return sys.stdout.buffer
