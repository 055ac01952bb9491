"""``normalise glossary``: tools for maintainers of terminology."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from normalise.cli.glossary_files import (
    FILE,
    PATH,
    export,
    import_terms,
    load_glossary,
    new,
    read_topics,
    schema,
    use_glossary,
    write_out,
)
from normalise.cli.options import explain_errors, standard_input, standard_output, tell_glossary


@click.group(
    epilog="""\b
Examples:
  normalise glossary check
  normalise glossary explain 'The city has 61 "4 good" party branches.'
  normalise glossary diff HEAD glossaries --on pages"""
)
def glossary() -> None:
    """Check, explain and maintain glossaries.

    docs/glossaries.md shows how to add a term in ten minutes.
    """


@glossary.command("list")
@click.argument("words", nargs=-1)
@use_glossary
@explain_errors
def list_terms(words: tuple[str, ...], glossary: tuple[Path, ...]) -> None:
    """List terms: id, preferred name, number of variants. WORDS narrow down the list.

    Every word must occur, in upper or lower case, in the id, a name in any language, or a tag.
    """
    from normalise.glossary.match.fold import fold

    wanted = [fold(word).text for word in words]
    for topic, terms in read_topics(glossary):
        shown = []
        for term in terms:
            names = (term.id, term.preferred, *term.admitted, *term.tags)
            foreign = (name for some in term.sources.values() for name in some)
            text = fold(" | ".join((*names, *foreign))).text
            if all(word in text for word in wanted):
                shown.append(term)
        if shown:
            click.secho(topic, bold=True)
        for term in shown:
            status = "" if term.status == "approved" else f"  [{term.status}]"
            variants = f"{len(term.variants)} variants"
            click.echo(f"  {term.id:<40} {term.preferred}  ({variants}){status}")


@glossary.command()
@click.argument("term_id", metavar="ID")
@use_glossary
@explain_errors
def show(term_id: str, glossary: tuple[Path, ...]) -> None:
    """Show one term in full, and where it is defined."""
    from difflib import get_close_matches

    from normalise.maintain.files.edit import render_term

    terms = load_glossary(glossary)
    try:
        term = terms.term(term_id)
    except KeyError:
        close = get_close_matches(term_id, [term.id for term in terms.terms], cutoff=0.4)
        hint = f"; did you mean {', '.join(close)}?" if close else ""
        raise click.ClickException(f"there is no term {term_id!r}{hint}") from None
    click.secho(terms.where(term_id), dim=True)
    click.echo(render_term(term), nl=False)


@glossary.command()
@click.argument("paths", nargs=-1, type=PATH)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="json for programs, github for annotations in a pull request.",
)
@click.option("--quiet", "-q", is_flag=True, help="Leave out warnings.")
@click.pass_context
@explain_errors
def check(ctx: click.Context, paths: tuple[Path, ...], form: str, quiet: bool) -> None:
    """Check glossary files or folders (by default the glossaries/ found from here upwards).

    The exit code is 1 if there are errors; warnings don't count. Each finding names file and line.
    """
    from normalise.maintain.check import check as checking

    tell_glossary(paths)
    findings = checking.check(paths or None)
    shown = [finding for finding in findings if not quiet or finding.severity == "error"]
    show_as = {
        "text": checking.show_text,
        "json": checking.show_json,
        "github": checking.show_github,
    }[form]
    click.echo(show_as(shown), nl=False)
    errors, warnings = checking.count(findings)
    click.echo(f"{errors} errors, {warnings} warnings", err=True)
    ctx.exit(1 if errors else 0)


@glossary.command()
@click.argument("text", required=False)
@use_glossary
@click.option("--language", default="en", show_default=True, help="The document's own language.")
@click.option("--date", help="The document's date (2025-07-01), for dated conditions.")
@explain_errors
def explain(text: str | None, glossary: tuple[Path, ...], language: str, date: str | None) -> None:
    """Explain what happens to TEXT (or standard input), hit by hit.

    Shows each hit with its entry, which conditions held or failed, what beat it, and the text
    before and after.
    """
    from normalise.maintain.explain import show_explanations

    if text is None:
        text = standard_input().read().decode("utf-8", "replace").rstrip("\r\n")
    terms = load_glossary(glossary)
    rows = terms.explain(text, language=language, date=date)
    result = terms.apply(text, language=language, date=date)
    click.echo(show_explanations(terms, text, rows, result), nl=False)


@glossary.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, allow_dash=True))
@use_glossary
@click.option("--language", default="en", show_default=True, help="The document's own language.")
@click.option("--date", help="The document's date (2025-07-01), for dated conditions.")
@explain_errors
def apply(file: Path | None, glossary: tuple[Path, ...], language: str, date: str | None) -> None:
    """Apply only the glossary to FILE or standard input; the text goes to standard output.

    No cleaning, no translation. Flags go to standard error.
    """
    from normalise.formats import find_format, read_document
    from normalise.formats.source import Source, decode, read_source

    terms = load_glossary(glossary)
    options: dict[str, Any] = {"language": language, "date": date}
    source: Source
    if file is None or str(file) == "-":
        source = decode(standard_input().read(), name="standard input")
    elif find_format(file) is None:
        source = read_source(file)
    else:
        document, source = read_document(file)
        options |= {"blocks": document.blocks, "protected": document.protected}
    result = terms.apply(source.text, **options)
    for flag in result.flags:
        line = source.text.count("\n", 0, flag.start) + 1
        click.echo(f"flag: line {line}: {flag.text!r}: {flag.reason} [{flag.term}]", err=True)
    standard_output().write(source.encode(result.text))


@glossary.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--on", "corpus", required=True, multiple=True, type=PATH, metavar="FOLDER",
    help="Documents to run both versions on; may be repeated.",
)  # fmt: skip
@click.option("--html", type=FILE, metavar="FILE", help="Write an HTML page instead of printing.")
@explain_errors
def diff(old: str, new: str, corpus: tuple[Path, ...], html: Path | None) -> None:
    """Show what a change to the glossary changes in your documents.

    OLD and NEW are folders, files, git revisions (HEAD or v1.0, meaning their folder glossaries),
    or revision:folder.
    """
    from normalise.maintain import diff as differ
    from normalise.maintain.corpus import Corpus

    with differ.open_version(old) as before, differ.open_version(new) as after:
        versions = load_glossary((before,)), load_glossary((after,))
        documents = Corpus(corpus)
        comparison = differ.compare(*versions, documents)
    for name, reason in documents.skipped:
        click.echo(f"skipped: {name}: {reason}", err=True)
    if html is None:
        click.echo(differ.show_text(comparison), nl=False)
    else:
        write_out(html, differ.show_html(comparison, old, new).encode())


@glossary.command()
@click.argument("paths", nargs=-1, required=True, type=PATH, metavar="FOLDER...")
@use_glossary
@click.option(
    "--least", type=click.IntRange(1), default=2, show_default=True, help="Leave out forms rarer "
    "than this."
)
@click.option("--most", type=click.IntRange(1), default=50, show_default=True, help="Show at most.")
@click.option(
    "--memory", type=FILE, metavar="FILE",
    help="Also search this translation memory, by source-language terms.",
)  # fmt: skip
@explain_errors
def suggest(
    paths: tuple[Path, ...],
    glossary: tuple[Path, ...],
    least: int,
    most: int,
    memory: Path | None,
) -> None:
    """Find names near known terms that no term covers, as YAML ready to paste.

    Most frequent first, each with example sentences.
    """
    from normalise.maintain.corpus import Corpus
    from normalise.maintain.suggest import from_memory, show_yaml
    from normalise.maintain.suggest import suggest as run

    terms = load_glossary(glossary)
    documents = Corpus(paths)
    found = run(terms, documents, least=least)
    if memory is not None:
        from normalise.memory.store import Memory

        entries = Memory(memory).entries()
        pairs = ((entry.from_code, entry.source, entry.target) for entry in entries)
        found += from_memory(terms, pairs, least=least)
    for name, reason in documents.skipped:
        click.echo(f"skipped: {name}: {reason}", err=True)
    found.sort(key=lambda one: (-one.count, one.term, one.form))
    click.echo(show_yaml(found[:most]), nl=False)


for command in (new, import_terms, export, schema):
    glossary.add_command(command)
