"""Explanations as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from normalise.maintain.corpus import one_line

if TYPE_CHECKING:
    from normalise.glossary import Explanation, Glossary
    from normalise.glossary.rewrite.standardise import Standardised

_COLOURS = {
    "rewritten": "green",
    "flagged": "yellow",
    "preferred": "cyan",
    "kept": "cyan",
    "forbidden": "cyan",
    "condition failed": "red",
    "lost": "bright_black",
}


def show_explanations(
    glossary: Glossary, text: str, rows: Iterable[Explanation], result: Standardised
) -> str:
    """Each candidate hit with its verdict, entry, conditions and rival; then the resulting text.

    Colours are terminal escapes; ``click.echo`` strips them if the output is not a terminal.
    """
    blocks = [_block(glossary, row) for row in rows]
    others = [
        f"{_paint('applied', change.rule)}  {one_line(change.before)} → {one_line(change.after)}"
        + (f"\n    why        {change.reason}" if change.reason else "")
        for change in result.changes
        if not change.term
    ]
    flags = [
        f"{_paint('flagged', flag.rule)}  {one_line(flag.text)}\n    why        {flag.reason}"
        for flag in result.flags
        if flag.rule != "flag"
    ]
    lines = [*blocks, *others, *flags] or ["no term is found in this text"]
    lines.append(click.style("text  ", bold=True) + text)
    outcome = result.text if result.text != text else "(unchanged)"
    lines.append(click.style("→     ", bold=True) + outcome)
    return "\n".join(lines) + "\n"


def _paint(verdict: str, words: str = "") -> str:
    label = verdict if not words else f"{verdict} ({words})"
    return click.style(label, fg=_COLOURS[verdict], bold=verdict in ("rewritten", "flagged"))


def _block(glossary: Glossary, row: Explanation) -> str:
    hit = row.hit
    shown = one_line(row.before)
    if row.verdict == "rewritten":
        shown += f" → {click.style(row.after, bold=True)}"
    lines = [
        f"{_paint(row.verdict)}  {shown}",
        f"    term       {hit.term} ({glossary.where(hit.term)})",
        f"    entry      {hit.rule} {hit.pattern!r}, at {hit.start}-{hit.end}",
    ]
    for name, held in row.conditions:
        mark = click.style("holds", fg="green") if held else click.style("fails", fg="red")
        lines.append(f"    condition  {mark}: {name}")
    if row.winner is not None:
        winner = row.winner
        lines.append(f"    lost to    {winner.rule} {winner.pattern!r} of {winner.term}")
    if row.reason and row.verdict != "condition failed":
        lines.append(f"    why        {row.reason}")
    return "\n".join(lines)
