"""``normalise text``: standard input or one file to standard output."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from normalise.cli import EXIT_CODES
from normalise.cli.options import (
    explain_errors,
    pipeline_options,
    standard_input,
    standard_output,
)

if TYPE_CHECKING:
    from normalise.data import Document
    from normalise.formats.source import Source
    from normalise.pipeline import Pipeline
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
@click.option("--encoding", default="", help="Encoding of the input, where not UTF-8.")
@click.option(
    "--markdown", is_flag=True, help="Read standard input as Markdown, not as plain text."
)
@click.option(
    "--jsonl",
    is_flag=True,
    help='Read one JSON object a line with "text"; write it back converted, with changes, '
    "flags and citations.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 where anything was flagged.")
@click.pass_context
@explain_errors
def text(
    ctx: click.Context,
    file: Path | None,
    settings: Settings,
    encoding: str,
    markdown: bool,
    jsonl: bool,
    strict: bool,
) -> None:
    """Convert FILE, or standard input, and write it to standard output.

    The same pipeline as convert. Flags are listed on standard error.
    """
    from normalise.formats import render
    from normalise.settings import build_pipeline

    if jsonl:
        stream = standard_input() if file is None or str(file) == "-" else file.open("rb")
        ctx.exit(_convert_lines(build_pipeline(settings), stream, strict))
    document, source = _read(file, encoding, markdown)
    pipeline = build_pipeline(settings)
    result = pipeline.run(document)
    standard_output().write(render(source, result))
    standard_output().flush()
    for flag in result.flags:
        reason = f": {flag.reason}" if flag.reason else ""
        click.echo(f"flag: {flag.rule}: {flag.text[:80]!r}{reason}", err=True)
    ctx.exit(int(result.status != "done" or (strict and bool(result.flags))))


def _read(file: Path | None, encoding: str, markdown: bool) -> tuple[Document, Source]:
    from normalise.formats import find_format, txt
    from normalise.formats import markdown as md
    from normalise.formats.source import decode, read_source

    if file is not None and str(file) != "-":
        source = read_source(file, encoding=encoding)
        form = md if markdown else find_format(file) or txt
        return form.parse(source.text, str(file)), source
    source = decode(standard_input().read(), name="standard input", encoding=encoding)
    return (md if markdown else txt).parse(source.text, "standard input"), source


def _convert_lines(pipeline: Pipeline, lines: Iterable[bytes], strict: bool) -> int:
    """Stream JSON lines through the pipeline; the other members of an object stay as they are."""
    from normalise.audit import summarise
    from normalise.pipeline import read_text

    waiting: deque[dict[str, object]] = deque()

    def documents() -> Iterator[Document]:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            record = _parse_line(line, number)
            waiting.append(record)
            yield read_text(str(record["text"]), f"line {number}")

    code = 0
    for result in pipeline.stream(documents()):
        record = waiting.popleft()
        record.update(text=result.text, status=result.status, **summarise(result))
        click.echo(json.dumps(record, ensure_ascii=False).encode("utf-8"))
        code |= int(result.status != "done" or (strict and bool(result.flags)))
    return code


def _parse_line(line: bytes, number: int) -> dict[str, object]:
    from normalise.errors import InputError

    try:
        record = json.loads(line)
    except ValueError as error:
        raise InputError(
            f"not JSON ({error})", where=f"line {number}", remedy="one object a line"
        ) from None
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        raise InputError(
            'no "text" in the object', where=f"line {number}", remedy='{"text": "..."}'
        )
    return record
