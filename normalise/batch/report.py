"""The table at the end of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normalise.batch.summary import Summary

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_MOST_LISTED = 20


def print_summary(summary: Summary, console: Console) -> None:
    """Print the figures of a run, then what needs attention, each with its remedy."""
    console.print(_table(summary))
    for name, problem, remedy in summary.failed[:_MOST_LISTED]:
        _line(console, "failed", name, problem, remedy)
    for name, remedy in summary.untranslated[:_MOST_LISTED]:
        _line(console, "not translated", name, "no package for its language", remedy)
    for name, reason in summary.skipped[:_MOST_LISTED]:
        _line(console, "skipped", name, reason, "")
    for name, note in summary.notes[:_MOST_LISTED]:
        _line(console, "note", name, note, "")
    for name, reason in summary.edited[:_MOST_LISTED]:
        _line(console, "kept", name, reason, "--overwrite-edited replaces it")
    if summary.stopped:
        _line(console, "ended", "the run", "a document failed (--on-error stop)", "run it again")
    if summary.limited:
        _line(console, "ended", "the run", "there is more to convert (--limit)", "run it again")
    for name in summary.pruned:
        _line(console, "pruned", name, "its document is gone", "")
    lists = (
        summary.failed, summary.untranslated, summary.skipped, summary.notes, summary.edited
    )
    longest = max(len(names) for names in lists)
    if longest > _MOST_LISTED:
        console.print(f"(the first {_MOST_LISTED} of each are listed; audit.jsonl has all)")


def _table(summary: Summary) -> RenderableType:
    from rich import box
    from rich.table import Table

    languages = ", ".join(f"{code} {count}" for code, count in sorted(summary.languages.items()))
    table = Table(box=box.SIMPLE, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    rows = [("documents", f"{summary.documents:,}")]
    if summary.unchanged:
        rows.append(("of these unchanged", f"{summary.unchanged:,}"))
    if summary.edited:
        rows.append(("kept as corrected by hand", f"{len(summary.edited):,}"))
    rows += [
        ("languages", languages or "-"),
        ("words", f"{summary.words:,}"),
        ("changes", f"{summary.changes:,}"),
        ("flags", f"{summary.flags:,}"),
    ]
    terms = summary.terms
    if terms.terms:
        kept = f"{terms.success:.1%} of {terms.terms:,}, {terms.consistency:.1%} alike"
        rows.append(("terms translated", kept))
    rows += [
        ("skipped", f"{len(summary.skipped):,}"),
        ("not translated", f"{len(summary.untranslated):,}"),
        ("failed", f"{len(summary.failed):,}"),
        ("words/s", f"{summary.words_per_second:,.0f}"),
    ]
    for label, value in rows:
        table.add_row(label, value)
    return table


def _line(console: Console, what: str, name: str, problem: str, remedy: str) -> None:
    from rich.text import Text

    mend = f" (remedy: {remedy})" if remedy else ""
    console.print(Text(f"{what}: {name}: {problem}{mend}"), soft_wrap=True)
