"""``normalise detect``: the language of documents and of their blocks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from normalise.cli import EXIT_CODES
from normalise.cli.options import languages_option
from normalise.errors import NormaliseError
from normalise.formats.json_lines import dump_line

if TYPE_CHECKING:
    from normalise.data import Document
    from normalise.stages.detect import Detector


@click.command(
    epilog=f"""\b
Examples:
  normalise detect pages
  normalise detect page.md --blocks
  normalise detect pages --json | jq .language

{EXIT_CODES}"""
)
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option(
    "--blocks", is_flag=True, help="Also print a line per block: offsets, language, kind, text."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per document.")
@click.option("--encoding", default="", help="Encoding of documents that are not UTF-8.")
@languages_option
@click.pass_context
def detect(
    ctx: click.Context,
    paths: tuple[Path, ...],
    blocks: bool,
    as_json: bool,
    encoding: str,
    languages: tuple[str, ...],
) -> None:
    """Print a line for each document: path, language, confidence, separated by tabs.

    Folders are searched for documents. Languages are given by their codes in Argos packages: en,
    nb, vi, zh, zt; und if there is too little text to tell.
    """
    from normalise.files import printable
    from normalise.formats import Reading, read_document
    from normalise.stages.detect import Detector

    detector = Detector(languages)
    failed = False
    for path in _documents(paths):
        try:
            document, _ = read_document(path, reading=Reading(encoding=encoding))
        except NormaliseError as error:
            failed = True
            click.echo(str(error), err=True)
            continue
        record = _describe(path, document, detector, blocks)
        if as_json:
            click.echo(dump_line(record), nl=False)
            continue
        shown = printable(str(path))
        click.echo(f"{shown}\t{record['language']}\t{record['confidence']:.2f}")
        for block in record.get("blocks", ()):
            click.echo(
                f"{shown}:{block['start']}-{block['end']}\t{block['language']}\t"
                f"{block['confidence']:.2f}\t{block['kind']}\t{block['text']}"
            )
    ctx.exit(int(failed))


def _documents(paths: tuple[Path, ...]) -> Iterator[Path]:
    from normalise.files import list_files
    from normalise.formats import find_format

    for path in paths:
        yield from filter(find_format, list_files(path)) if path.is_dir() else [path]


def _describe(
    path: Path, document: Document, detector: Detector, blocks: bool
) -> dict[str, Any]:
    from normalise.files import printable

    prose = [document.text[block.start : block.end] for block in document.blocks]
    main = detector.detect_document("\n".join(prose))
    record: dict[str, Any] = {
        "path": printable(str(path)), "language": main.code, "confidence": main.confidence
    }  # fmt: skip
    if blocks:
        record["blocks"] = []
        for block, text in zip(document.blocks, prose, strict=True):
            language = detector.detect_block(text, main)
            record["blocks"].append(
                {
                    "start": block.start,
                    "end": block.end,
                    "kind": block.kind,
                    "language": language.code,
                    "confidence": language.confidence,
                    "text": " ".join(text.split())[:60],
                }
            )
    return record
