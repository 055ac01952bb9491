"""``normalise verify``: whether an output folder is whole."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import click

from normalise.cli.options import FOLDER, explain_errors


@click.command(
    epilog="""\b
Examples:
  normalise verify out
  normalise verify out --source pages --json

\b
Exit codes:
  0  everything is as the records say
  1  an output is missing, changed, or cannot be made again from its record
  2  wrong usage"""
)
@click.argument("target", metavar="OUT", type=FOLDER)
@click.option(
    "--source",
    metavar="IN",
    type=FOLDER,
    help="Where the documents are now, if not where they were when they were converted.",
)
@click.option("--quiet", "-q", is_flag=True, help="Print only what is wrong.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_context
@explain_errors
def verify(
    ctx: click.Context, target: Path, source: Path | None, quiet: bool, as_json: bool
) -> None:
    """Check that every output in OUT is what its record says, and can be made again from it.

    For each document, the file in OUT must have the hash that its record names; and if the document
    is still there and unchanged, its record, replayed on it, must give exactly that file. Documents
    that are gone or have changed, and outputs that a run has noted as corrected, are counted.
    Nothing is written and nothing is translated.
    """
    from normalise.batch.check.verify import BAD, verify_folder

    counts: Counter[str] = Counter()
    listed = []
    for check in verify_folder(target, source):
        counts[check.state] += 1
        if as_json:
            listed.append({
                "path": check.name, "state": check.state, "problem": check.problem,
                "remedy": check.remedy,
            })  # fmt: skip
        elif check.state in BAD:
            click.echo(f"{check.name}: {check.problem} (remedy: {check.remedy})")
    bad = sum(counts[state] for state in BAD)
    if as_json:
        summary = {"good": not bad, "counts": dict(sorted(counts.items())), "documents": listed}
        click.echo(json.dumps(summary, ensure_ascii=False, indent=2))
    elif not quiet:
        figures = ", ".join(f"{count:,} {state}" for state, count in sorted(counts.items()))
        verdict = f"{bad:,} not as recorded" if bad else "everything is as recorded"
        click.echo(f"{verdict}: {figures or 'no documents'}", err=True)
    ctx.exit(int(bad > 0))
