"""``normalise text``: standard input or one file to standard output."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from normalise.cli import EXIT_CODES
from normalise.cli.options import (
    explain_errors,
    field_option,
    main_text_option,
    pipeline_options,
    standard_input,
    standard_output,
    tell_glossary,
    to_option,
)

if TYPE_CHECKING:
    from normalise.data import Document
    from normalise.formats.source import Reading, Source
    from normalise.settings import Settings


@click.command(
    epilog=f"""\b
Examples:
  normalise text page.md > clean.md
  echo "The city has 61 4 good party cells." | normalise text
  normalise text --jsonl < in.jsonl > out.jsonl

{EXIT_CODES}"""
)
@click.argument("file", required=False, type=click.Path(path_type=Path, allow_dash=True))
@pipeline_options
@click.option("--encoding", default="", help="Encoding of the input, if not UTF-8.")
@field_option
@main_text_option
@to_option
@click.option(
    "--markdown", is_flag=True, help="Read standard input as Markdown, not as plain text."
)
@click.option(
    "--jsonl",
    is_flag=True,
    help='Read one JSON object with "text" per line; write it back with the new text, and with '
    'changes, flags and citations under "normalise".',
)
@click.option(
    "--text-field", default="text", show_default=True, metavar="NAME",
    help="With --jsonl: the member that holds the text.",
)
@click.option(
    "--out-field", default="", metavar="NAME",
    help="With --jsonl: the member for the new text; by default it replaces the old text.",
)
@click.option(
    "--id-field", default="id", show_default=True, metavar="NAME",
    help="With --jsonl: the member that error records copy.",
)
@click.option(
    "--language-field", default="", metavar="NAME",
    help="With --jsonl: the member with the text's language (en, nb); none by default.",
)
@click.option(
    "--key", default="normalise", show_default=True, metavar="NAME",
    help="With --jsonl: the member for everything about the conversion.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 if anything was flagged.")
@click.pass_context
@explain_errors
def text(
    ctx: click.Context,
    file: Path | None,
    settings: Settings,
    encoding: str,
    field: tuple[str, ...],
    main_text: bool,
    to: str,
    markdown: bool,
    jsonl: bool,
    text_field: str,
    out_field: str,
    id_field: str,
    language_field: str,
    key: str,
    strict: bool,
) -> None:
    """Convert FILE, or standard input, and write it to standard output.

    The same pipeline as convert. Flags are listed on standard error.

    With --jsonl each line gets one line in reply, in order, as soon as no further line is waiting.
    A line that cannot be converted gets {"error": {...}, "line": n}, with its id if it has one; the
    rest are still converted, and the exit code at the end is 1.
    """
    from normalise.formats import Reading, render
    from normalise.pipeline import build_pipeline

    if sys.stderr is not None and sys.stderr.isatty():  # nobody is watching a pipe
        tell_glossary(settings.glossaries)
    if jsonl:
        from normalise.cli.stream import Converter, Fields, open_input

        if key in (text_field, out_field):
            raise click.UsageError(f"--key {key!r} is already the name of a text member")
        fields = Fields(text_field, id_field, language_field, out_field, key)
        stream = open_input(file)
        converter = Converter(
            build_pipeline(settings), fields, encoding=encoding, markdown=markdown, strict=strict
        )
        ctx.exit(converter.run(stream, standard_output()))
    document, source = _read(file, Reading(encoding, fields=field, main_text=main_text), markdown)
    pipeline = build_pipeline(settings)
    result = pipeline.run(document)
    # Only the words of a file that is no text of its own: nobody wants an archive on a terminal.
    is_text = bool(source.encoding)
    whole = is_text or to
    output = render(source, result, to) if whole else source.encode(result.text + "\n")
    standard_output().write(output)
    standard_output().flush()
    for note in source.notes:
        click.echo(f"note: {note}", err=True)
    for flag in result.flags:
        reason = f": {flag.reason}" if flag.reason else ""
        click.echo(f"flag: {flag.rule}: {flag.text[:80]!r}{reason}", err=True)
    ctx.exit(int(result.status != "done" or (strict and bool(result.flags))))


def _read(file: Path | None, reading: Reading, markdown: bool) -> tuple[Document, Source]:
    from normalise.formats import find_format, read_document, txt
    from normalise.formats import markdown as md
    from normalise.formats.source import decode, read_source

    name = "standard input"
    if file is None or str(file) == "-":
        source = decode(standard_input().read(), name=name, encoding=reading.encoding)
    elif find_format(file) and not markdown:
        return read_document(file, reading=reading)
    else:
        name, source = str(file), read_source(file, encoding=reading.encoding)
    return (md if markdown else txt).parse(source.text, name), source
