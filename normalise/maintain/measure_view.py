"""A measurement as a table for the terminal and as a page with a plot."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from normalise.maintain.html import page
from normalise.maintain.measure import Concept, Measurement, Usage

if TYPE_CHECKING:
    from rich.console import Console

_BAR = 8
_MOST_FORMS = 12


def print_table(
    measurement: Measurement, console: Console, *, forms: bool = False, most: int = 0
) -> None:
    """Print concepts with their consistency before and after.

    Args:
        measurement: What to show.
        console: Where to print it.
        forms: Also list each concept's surface forms with their shares.
        most: The greatest number of concepts to show; all if 0.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column("concept", overflow="fold")
    table.add_column("mentions", justify="right")
    table.add_column("forms", justify="right")
    table.add_column("consistent before", no_wrap=True)
    table.add_column("after", no_wrap=True)
    table.add_column("flags", justify="right")
    shown = measurement.concepts[:most] if most else measurement.concepts
    for concept in shown:
        table.add_row(Text(concept.preferred, style="bold"), *_cells(concept.before, concept.after))
        if forms:
            for form, was, now in _form_rows(concept):
                table.add_row(Text("  " + form), "", "", _percent(was), _percent(now), "")
    before, after = measurement.total("before"), measurement.total("after")
    table.add_section()
    table.add_row(Text("all concepts", style="bold"), *_cells(before, after, total=True))
    console.print(table)
    if len(shown) < len(measurement.concepts):
        left = len(measurement.concepts) - len(shown)
        console.print(f"({left} concepts with fewer mentions are not listed; --all lists them)")


def _cells(before: Usage, after: Usage, *, total: bool = False) -> tuple[str, ...]:
    forms = "" if total else f"{len(before.forms)} → {len(after.forms)}"
    return (
        f"{before.mentions:,}",
        forms,
        _bar(before.consistency),
        _bar(after.consistency),
        str(after.flagged or ""),
    )


def _bar(share: float) -> str:
    full = round(share * _BAR)
    return "█" * full + "░" * (_BAR - full) + f" {_percent(share)}"


def _percent(share: float) -> str:
    """Whole per cent, and never 100 unless it is exact.

    >>> _percent(0.999), _percent(1.0), _percent(0.001), _percent(0.0)
    ('99 %', '100 %', '1 %', '0 %')
    """
    value = 0 if share == 0 else 100 if share == 1 else min(99, max(1, round(share * 100)))
    return f"{value} %"


def _form_rows(concept: Concept) -> list[tuple[str, float, float]]:
    """Each surface form with its share before and after, sorted by the former."""
    before = {form: share for form, _, share in concept.before.shares()}
    after = {form: share for form, _, share in concept.after.shares()}
    names = list(dict.fromkeys((*before, *after)))
    return [(name, before.get(name, 0.0), after.get(name, 0.0)) for name in names]


_CSS = """
.track{position:relative;height:.8rem;background:var(--wash);border-radius:3px;min-width:8rem;
border:1px solid var(--line)}
.fill{height:100%;background:var(--accent);border-radius:2px 0 0 2px}
.was .fill{background:var(--soft)}
.figure{font-variant-numeric:tabular-nums;font-size:.92rem}
td .row{display:grid;grid-template-columns:4.2rem 1fr 3.6rem;gap:.5rem;align-items:center}
details table{margin:.3rem 0 .6rem;font-size:.92rem}summary{cursor:pointer}
@media(prefers-reduced-motion:no-preference){.fill{transition:width .2s}}
"""


def write_html(measurement: Measurement) -> str:
    """One self-contained page: a pair of bars per concept, with its forms in a fold-out table."""
    before, after = measurement.total("before"), measurement.total("after")
    rows = [_row("All concepts", before, after, "")]
    rows += [_row(c.preferred, c.before, c.after, _forms_table(c)) for c in measurement.concepts]
    body = (
        f"<p>{measurement.documents:,} documents, {before.mentions:,} mentions of "
        f"{len(measurement.concepts):,} concepts. A mention is consistent if it has the "
        f"preferred form: {_percent(before.consistency)} before, {_percent(after.consistency)} "
        "after.</p><table><thead><tr><th scope=col>Concept</th><th scope=col class=number>Mentions"
        "</th><th scope=col>Consistent</th></tr></thead><tbody>"
        + "".join(rows)
        + "</tbody></table>"
    )
    return page("Consistency of terms", body, css=_CSS)


def _row(name: str, before: Usage, after: Usage, details: str) -> str:
    flags = f"<p class=soft>{after.flagged} flagged</p>" if after.flagged else ""
    return (
        f"<tr><th scope=row>{escape(name)}{flags}{details}</th>"
        f"<td class=number>{before.mentions:,}</td><td>"
        + _plot("before", before.consistency)
        + _plot("after", after.consistency)
        + "</td></tr>"
    )


def _plot(label: str, share: float) -> str:
    kind = "row was" if label == "before" else "row"
    return (
        f'<div class="{kind}"><span class="soft">{label}</span>'
        f'<div class="track" aria-hidden="true"><div class="fill" style="width:{share:.1%}"></div>'
        f'</div><span class="figure">{_percent(share)}</span></div>'
    )


def _forms_table(concept: Concept) -> str:
    rows = _form_rows(concept)
    lines = "".join(
        f"<tr><td>{escape(form)}</td><td class=number>{_percent(before)}</td>"
        f"<td class=number>{_percent(after)}</td></tr>"
        for form, before, after in rows[:_MOST_FORMS]
    )
    left = len(rows) - _MOST_FORMS
    count = "1 form" if len(rows) == 1 else f"{len(rows)} forms"
    more = f"<tr><td colspan=3 class=soft>and {left} more</td></tr>" if left > 0 else ""
    return (
        f"<details><summary class=soft>{count}</summary><table><thead><tr>"
        "<th scope=col>Form</th><th scope=col class=number>before</th>"
        f"<th scope=col class=number>after</th></tr></thead><tbody>{lines}{more}</tbody></table>"
        "</details>"
    )
