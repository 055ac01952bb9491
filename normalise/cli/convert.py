"""``normalise convert``: a folder in, a folder out."""

from __future__ import annotations

import contextlib
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from normalise.cli import EXIT_CODES
from normalise.cli.options import (
    Since,
    Size,
    explain_errors,
    field_option,
    main_text_option,
    pipeline_options,
    tell_glossary,
    to_option,
)
from normalise.errors import NormaliseError
from normalise.files import printable

if TYPE_CHECKING:
    from normalise.batch.listing.choose import Choice
    from normalise.batch.summary import Outcome, Summary
    from normalise.cli.folder.log import JsonLog
    from normalise.cli.folder.progress import Teller
    from normalise.settings import Settings

_MAX_SIZE = 50 * 1024 * 1024


@click.command(
    epilog=f"""\b
Examples:
  normalise convert pages out
  normalise convert pages out --dry-run
  normalise convert pages out --include "*.md" --since 7d
  normalise convert pages out --limit 20 --on-error stop
  normalise convert inbox out --watch
  normalise convert pages out --jobs 4 --json

{EXIT_CODES}"""
)
@click.argument("source", metavar="IN", type=click.Path(exists=True, path_type=Path))
@click.argument("target", metavar="OUT", type=click.Path(file_okay=False, path_type=Path))
@pipeline_options
@click.option("--encoding", default="", help="Encoding of documents that are not UTF-8.")
@field_option
@main_text_option
@to_option
@click.option(
    "--max-size",
    type=Size(),
    default=_MAX_SIZE,
    show_default="50MB",
    help="Largest document to convert.",
)
@click.option(
    "--include",
    multiple=True,
    metavar="NAME",
    help="Convert only these files, or the files in these folders; may contain * and ?; may be "
    "repeated.",
)
@click.option(
    "--exclude",
    multiple=True,
    metavar="NAME",
    help="File or folder to leave out; may contain * and ?; may be repeated; stronger than "
    "--include.",
)
@click.option(
    "--since",
    type=Since(),
    default=0.0,
    metavar="WHEN",
    help="Leave out documents last changed before this date (2026-11-01) or longer ago than this "
    "(36h, 7d, 2w).",
)
@click.option(
    "--limit",
    type=click.IntRange(1),
    metavar="N",
    help="Convert at most N documents; those that are up to date do not count, so that the next "
    "run takes the next N.",
)
@click.option(
    "--flat",
    is_flag=True,
    help="Put all outputs into OUT itself, without IN's folders; where two documents have the same "
    "name, the second one fails.",
)
@click.option(
    "--jobs",
    "--workers",
    "-j",
    "jobs",
    type=click.IntRange(0, 256),
    default=0,
    show_default="by the work",
    metavar="N",
    help="Number of processes; by default as many as the work is worth, and at most one for each "
    "processor core. It does not affect the outputs.",
)
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="Where documents are converted: in processes here, or on a Ray cluster whose machines see "
    "IN at the same path (pip install 'normalise[ray]'). It does not affect the outputs.",
)
@click.option(
    "--address",
    default="",
    metavar="HOST:PORT",
    help="The Ray cluster to use with --engine ray; by default the one that Ray finds, or a new "
    "one on this machine.",
)
@click.option(
    "--on-error",
    type=click.Choice(["continue", "stop"]),
    default="continue",
    show_default=True,
    help="What to do when a document fails: go on with the others, or end the run there; what was "
    "finished is saved.",
)
@click.option(
    "--anew", is_flag=True, help="Convert everything, including documents that are up to date."
)
@click.option(
    "--overwrite-edited",
    is_flag=True,
    help="Also replace outputs that someone has corrected since they were written.",
)
@click.option(
    "--prune",
    is_flag=True,
    help="Remove outputs and records of documents no longer in IN, and stale drafts.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Write nothing into OUT; list what would be converted, what is up to date, and why.",
)
@click.option(
    "--watch",
    is_flag=True,
    help="Afterwards wait for documents to arrive or change, and convert each as soon as it has "
    "been complete for two seconds; Ctrl-C or SIGTERM ends it.",
)
@click.option(
    "--wait", is_flag=True, help="If another run is writing into OUT, wait for it to finish."
)
@click.option("--strict", is_flag=True, help="Exit with 1 if anything was flagged.")
@click.option("--debug", is_flag=True, help="Show the traceback of a crash, for bug reports.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.option(
    "--log-json",
    is_flag=True,
    help="Write what happens to standard error, one JSON object a line; never the texts.",
)
@click.pass_context
@explain_errors
def convert(
    ctx: click.Context,
    source: Path,
    target: Path,
    settings: Settings,
    encoding: str,
    field: tuple[str, ...],
    main_text: bool,
    to: str,
    max_size: int,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    since: float,
    limit: int | None,
    flat: bool,
    jobs: int,
    engine: str,
    address: str,
    on_error: str,
    anew: bool,
    overwrite_edited: bool,
    prune: bool,
    dry_run: bool,
    watch: bool,
    wait: bool,
    debug: bool,
    strict: bool,
    quiet: bool,
    as_json: bool,
    log_json: bool,
) -> None:
    """Convert the file or folder IN into clean English under the folder OUT.

    Each document gets an output of the same name and format (docs/formats.md lists the formats);
    OUT/audit.jsonl holds one record per document, with every change and flag. Nothing is fetched
    from the network.

    Run it again when documents arrive, or after it was stopped or killed: documents that have not
    changed since they were converted with the same program, glossaries, packages and options are
    skipped. Outputs that someone has corrected are kept. --dry-run shows what a run would do.
    """
    from normalise.batch.listing.choose import Choice
    from normalise.batch.listing.plan import check_target
    from normalise.batch.stop import Stop
    from normalise.batch.window import Reading
    from normalise.errors import InputError

    if watch and (dry_run or limit or as_json or not source.is_dir()):
        what = "a folder as IN" if not source.is_dir() else "no --dry-run, --limit or --json"
        raise click.UsageError(f"--watch needs {what}")
    try:
        check_target(source, target)
    except InputError as error:
        raise click.UsageError(str(error)) from None
    how: dict[str, Any] = {
        "reading": Reading(
            encoding, max_size, fields=field, main_text=main_text, debug=debug, to=to
        ),
        "limit": limit or 0,
        "anew": anew,
        "overwrite_edited": overwrite_edited,
        "prune": prune,
    }
    choice = Choice(
        include=include, exclude=exclude, since=since, flat=flat, to=to, max_size=max_size
    )
    if not (quiet or as_json or log_json):
        tell_glossary(settings.glossaries)
    if dry_run:
        ctx.exit(_foresee(source, target, settings, choice, how, as_json, quiet))
    how |= {"workers": jobs, "on_error": on_error, "wait": wait or watch}
    if engine == "ray":
        from normalise.integrations.ray import connect

        how["pool"] = connect(address, jobs)
    elif address:
        raise click.UsageError("--address needs --engine ray")
    with _find_teller(quiet, as_json, log_json, watch) as (teller, log), Stop() as stop:
        how |= {"stop": stop, "tell": teller.tell, "progress": teller.progress}
        how |= {"started": teller.started}
        try:
            if watch:
                ctx.exit(_watch(source, target, settings, choice, how, strict, log))
            summary = _convert(source, target, settings, choice, how)
        except KeyboardInterrupt:
            teller.tell("stopped; what was finished is in the output folder")
            ctx.exit(stop.exit_code)
        except NormaliseError as error:
            if log is None:
                raise
            log.failed(error)
            ctx.exit(1)
    _report(summary, quiet, as_json, log)
    ctx.exit(summary.exit_code(strict=strict))


def _convert(
    source: Path, target: Path, settings: Settings, choice: Choice, how: dict[str, Any]
) -> Summary:
    from normalise.batch.convert import convert_folder

    return convert_folder(source, target, settings, choice=choice, **how)


def _watch(
    source: Path,
    target: Path,
    settings: Settings,
    choice: Choice,
    how: dict[str, Any],
    strict: bool,
    log: JsonLog | None,
) -> int:
    """Watch a folder until a signal comes; 1 if a document is in trouble then."""
    from normalise.batch.convert import convert_folder
    from normalise.batch.watch import watch_folder
    from normalise.pipeline import build_pipeline

    troubled: set[str] = set()
    show, tell = how["progress"], how["tell"]

    def progress(outcome: Outcome) -> None:
        troubled.discard(outcome.name)
        if outcome.status != "done" or (strict and outcome.flags):
            troubled.add(outcome.name)
        show(outcome)

    built = build_pipeline(settings)
    how |= {"built": built, "progress": progress}

    def convert(wanted: Choice) -> Summary:
        summary = convert_folder(source, target, settings, choice=wanted, **how)
        troubled.difference_update(summary.pruned)
        if log is not None:
            log.finished(summary)
        return summary

    tell(f"watching {printable(str(source))}; Ctrl-C ends it")
    watch_folder(source, target, convert, choice=choice, stop=how["stop"], prune=how["prune"])
    tell("the watch has ended; what was converted is in the output folder")
    return int(bool(troubled))


def _foresee(
    source: Path,
    target: Path,
    settings: Settings,
    choice: Choice,
    how: dict[str, Any],
    as_json: bool,
    quiet: bool,
) -> int:
    """Print what a run would do; 1 if something cannot even be tried."""
    from normalise.batch.dry_run import foresee

    counts: Counter[str] = Counter()
    listed = []
    for step in foresee(source, target, settings, choice=choice, **how):
        counts[step.action] += 1
        if as_json:
            listed.append({"path": step.name, "action": step.action, "reason": step.reason})
        elif not quiet:
            click.echo(f"{step.action}: {step.name}: {step.reason}")
    if as_json:
        figures = {"counts": dict(sorted(counts.items())), "files": listed}
        click.echo(json.dumps(figures, ensure_ascii=False, indent=2))
    elif not quiet:
        figures_line = ", ".join(f"{count:,} {action}" for action, count in sorted(counts.items()))
        click.echo(f"a dry run, nothing is written: {figures_line or 'no documents'}", err=True)
    return int(counts["fail"] > 0)


@contextlib.contextmanager
def _find_teller(
    quiet: bool, as_json: bool, log_json: bool, watch: bool
) -> Iterator[tuple[Teller, JsonLog | None]]:
    """Who tells the user how the run goes, and the log, if there is to be one."""
    from normalise.cli.folder import progress

    with contextlib.ExitStack() as stack:
        if log_json:
            from normalise.cli.folder.log import json_log

            log = stack.enter_context(json_log())
            yield log, log
        elif watch and not quiet:
            yield progress.Names(), None
        elif quiet or as_json:
            yield progress.Quiet(), None
        elif sys.stderr is not None and sys.stderr.isatty():
            yield stack.enter_context(progress.bar()), None
        else:
            yield progress.Lines(), None


def _report(summary: Summary, quiet: bool, as_json: bool, log: JsonLog | None) -> None:
    """Say how a run went."""
    from normalise.cli.folder.progress import say

    if log is not None:
        for name, trace in summary.traces:
            log.write("traceback", path=name, traceback=trace)
        log.finished(summary)
    else:
        for name, trace in summary.traces:
            say(f"{name}: {trace}")
    if as_json:
        click.echo(json.dumps(summary.as_json(), ensure_ascii=False, indent=2))
    elif quiet and log is None:
        for name, problem, remedy in summary.failed:
            say(f"{name}: {problem} (remedy: {remedy})")
        for name, remedy in summary.untranslated:
            say(f"{name}: not translated (remedy: {remedy})")
        for name, reason in summary.edited:
            say(f"{name}: {reason} (remedy: --overwrite-edited replaces it)")
    elif log is None:
        from rich.console import Console

        from normalise.batch.report import print_summary

        class Lasting(Console):
            def on_broken_pipe(self) -> None:
                self.quiet = True  # whoever listened has gone away; the run has its own exit code

        print_summary(summary, Lasting(stderr=True))
