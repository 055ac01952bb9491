"""Writing, importing and exporting terms: ``new``, ``import``, ``export``, ``schema``."""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from normalise.cli.options import (
    Function,
    explain_errors,
    glossary_option,
    standard_output,
    tell_glossary,
)

if TYPE_CHECKING:
    from normalise.glossary import Glossary
    from normalise.glossary.source.schema import Term
    from normalise.maintain.files.merge import Merge

PATH = click.Path(exists=True, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)


def use_glossary(command: Function) -> Function:
    """Add the option --glossary, and say which glossaries are used."""

    @functools.wraps(command)
    def wrapped(*args: Any, glossary: tuple[Path, ...], **rest: Any) -> Any:
        tell_glossary(glossary)
        return command(*args, glossary=glossary, **rest)

    return glossary_option(wrapped)  # type: ignore[return-value]


def load_glossary(paths: tuple[Path, ...]) -> Glossary:
    """The glossary of the paths given, or the one found (see `tell_glossary`)."""
    from normalise.glossary import Glossary

    return Glossary.load(paths or None)


def read_topics(paths: tuple[Path, ...]) -> list[tuple[str, tuple[Term, ...]]]:
    """The topics with their terms, in file order."""
    from normalise.glossary.source.load import read_files
    from normalise.glossary.source.schema import TermFile

    values = (file.value for file in read_files(paths or None))
    return [(value.topic, value.terms) for value in values if isinstance(value, TermFile)]


def write_out(path: Path | None, content: bytes) -> None:
    """To a file, or to standard output."""
    if path is None:
        standard_output().write(content)
        return
    from normalise.files import write_atomically

    write_atomically(path, content)
    click.echo(f"written: {path}", err=True)


@click.command()
@click.argument("file", type=FILE)
@click.argument("term_id", metavar="ID")
@click.argument("preferred")
@click.option("--variant", "variants", multiple=True, help="A form to rewrite; may be repeated.")
@click.option("--vi", "vietnamese", multiple=True, help="Vietnamese name; may be repeated.")
@click.option("--nb", "norwegian", multiple=True, help="Norwegian name; may be repeated.")
@click.option("--definition", default="", help="What the term means, in a sentence.")
@click.option("--source", default="", help="Who says so (provenance).")
@click.option(
    "--example", "examples", multiple=True, nargs=2, metavar="TEXT BECOMES",
    help="A sentence and what it must become; may be repeated.",
)  # fmt: skip
@click.option(
    "--keep", "keeps", multiple=True, help="A sentence that must not change; may be repeated."
)
@click.option("--after", default="", metavar="ID", help="Put it after this term; else at the end.")
@click.option("--topic", default="", help="Topic of the file, if the file is new.")
@explain_errors
def new(
    file: Path,
    term_id: str,
    preferred: str,
    variants: tuple[str, ...],
    vietnamese: tuple[str, ...],
    norwegian: tuple[str, ...],
    definition: str,
    source: str,
    examples: tuple[tuple[str, str], ...],
    keeps: tuple[str, ...],
    after: str,
    topic: str,
) -> None:
    """Add a term ID with the name PREFERRED to FILE, leaving everything else in it alone.

    The term's status is proposed until you change it to approved.
    """
    from datetime import date

    from normalise.glossary.source.schema import Term
    from normalise.maintain.files.merge import merge_terms
    from normalise.maintain.files.serialise import from_plain

    plain: dict[str, Any] = {
        "id": term_id,
        "preferred": preferred,
        "sources": {"vi": list(vietnamese), "nb": list(norwegian)},
        "variants": list(variants),
        "status": "proposed",
        "definition": definition,
        "provenance": [{"source": source, "date": date.today().isoformat()[:7]}] if source else [],
        "examples": [{"text": text, "becomes": becomes} for text, becomes in examples],
        "keeps": list(keeps),
    }
    plain["sources"] = {code: names for code, names in plain["sources"].items() if names}
    term = from_plain(plain, Term, where=term_id)
    _write(merge_terms([term], file.parent, file, after=after, topic=topic))
    click.echo(f"added: {term_id}; now run: normalise glossary check", err=True)


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--into", type=FILE, help="Glossary file for new terms; need not exist yet."
)
@click.option("--topic", default="", help="Topic of the file, if it is new.")
@click.option(
    "--update", is_flag=True,
    help="Replace terms that already exist, each in its own file.",
)  # fmt: skip
@explain_errors
def import_terms(file: Path, into: Path | None, topic: str, update: bool) -> None:
    """Import terms from TBX (.tbx, .xml), CSV or TSV into a glossary.

    The glossary is the folder of --into, or else the glossaries/ found from here upwards. A term
    that has not changed is left as it is, comments and all.
    """
    from normalise.glossary.source.load import find_folder
    from normalise.maintain.files.csv_files import read_table
    from normalise.maintain.files.merge import merge_terms
    from normalise.maintain.files.tbx import read_tbx

    ending = file.suffix.lower()
    if ending in (".tbx", ".xml"):
        terms = read_tbx(file.read_bytes(), where=str(file))
    elif ending in (".csv", ".tsv"):
        content = _read_utf8(file)
        terms = read_table(content, delimiter="\t" if ending == ".tsv" else ",", where=str(file))
    else:
        raise click.UsageError(f"{file.name}: only .tbx, .xml, .csv and .tsv can be imported")
    if into is None and not update:
        raise click.UsageError("name the file for the terms with --into")
    folder = into.parent if into is not None else find_folder()
    merge = merge_terms(terms, folder, into, update=update, topic=topic)
    _write(merge)
    told = f"{len(merge.new)} new, {len(merge.updated)} changed, {len(merge.same)} unchanged"
    click.echo(f"{told}; now run: normalise glossary check", err=True)


def _write(merge: Merge) -> None:
    from normalise.files import write_atomically

    for path, text in merge.texts.items():
        write_atomically(path, text.encode())
        click.echo(f"written: {path}", err=True)


def _read_utf8(file: Path) -> str:
    from normalise.errors import GlossaryError

    try:
        return file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise GlossaryError(
            f"not UTF-8 at byte {error.start}", where=str(file), remedy="save the file as UTF-8"
        ) from None


@click.command()
@click.option(
    "--format", "form", type=click.Choice(["tbx", "csv", "tsv", "deepl", "html"]),
    help="What to write; by default judged by the ending of --output.",
)  # fmt: skip
@click.option("--html", "as_html", is_flag=True, help="Short for --format html.")
@click.option("--output", "-o", type=FILE, metavar="FILE", help="Standard output by default.")
@click.option(
    "--from", "language", default="vi", show_default=True,
    help="Source language for --format deepl.",
)  # fmt: skip
@use_glossary
@explain_errors
def export(
    form: str | None,
    as_html: bool,
    output: Path | None,
    language: str,
    glossary: tuple[Path, ...],
) -> None:
    """Export the glossary: TBX, CSV, TSV, a two-column glossary (deepl), or a browsable page."""
    form = "html" if as_html else form or (output.suffix[1:].lower() if output else None)
    topics = read_topics(glossary)
    terms = [term for _, some in topics for term in some]
    if form == "tbx":
        from normalise.maintain.files.tbx import write_tbx

        content = write_tbx(terms, title=load_glossary(glossary).manifest.name)
    elif form in ("csv", "tsv"):
        from normalise.maintain.files.csv_files import write_table

        content = write_table(terms, delimiter="\t" if form == "tsv" else ",").encode()
    elif form == "deepl":
        from normalise.maintain.files.csv_files import write_pairs

        pairs, left_out = write_pairs(terms, language)
        for line in left_out:
            click.echo(f"left out: {line}", err=True)
        content = pairs.encode()
    elif form == "html":
        from normalise.maintain.files.html_page import write_page

        content = write_page(load_glossary(glossary), topics).encode()
    else:
        raise click.UsageError("choose a format: --format tbx, csv, tsv, deepl or html")
    write_out(output, content)


@click.command()
def schema() -> None:
    """Print the JSON Schema of glossary files, which lets editors complete and validate them."""
    from normalise.maintain.files.serialise import json_schema

    sys.stdout.write(json_schema())
