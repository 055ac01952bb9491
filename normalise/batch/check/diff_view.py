"""The differences between two runs, for people."""

from __future__ import annotations

from collections.abc import Sequence

from normalise.batch.check.diff import Difference, Example, TermDifference

_LONGEST = 90
_MOST = 20


def show_text(difference: Difference, old: str, new: str) -> str:
    """The differences as text.

    Args:
        difference: What was found.
        old: What to call the first folder.
        new: What to call the second.
    """
    lines = [f"from {old} to {new}: {_headline(difference)}"]
    for (part, before, after), count in sorted(difference.parts.items()):
        lines.append(f"{part}: {before or '-'} → {after or '-'} ({_plural(count, 'document')})")
    if difference.terms:
        lines += ["", "by term"]
        for term, one in difference.by_term():
            lines.append(f"  {term}: {_count(one)}")
            lines += (f"    {_show(example)}" for example in one.examples)
    if difference.changed:
        lines += ["", "by document"]
        for document in difference.changed[:_MOST]:
            counts = f"{_plural(document.more, 'change')} more, {document.fewer:,} fewer"
            terms = f" ({', '.join(document.terms)})" if document.terms else ""
            lines.append(f"  {document.name}: {counts}{terms}")
        lines += _rest(len(difference.changed))
    for label, names in (
        (f"only in {old}", difference.only_old),
        (f"only in {new}", difference.only_new),
        ("not compared: the document itself has changed", difference.other_input),
        (
            "not compared: its status has changed",
            [f"{name} ({was} → {now})" for name, was, now in difference.other_status],
        ),
    ):
        if names:
            lines += ["", label, *(f"  {name}" for name in names[:_MOST]), *_rest(len(names))]
    return "\n".join(lines) + "\n"


def _headline(difference: Difference) -> str:
    changed = len(difference.changed)
    return f"{changed} of {_plural(difference.documents, 'document')} come out differently"


def _count(one: TermDifference) -> str:
    parts = [f"{_plural(one.more, 'change')} more, {one.fewer:,} fewer"]
    if one.flags_more or one.flags_fewer:
        parts.append(f"{_plural(one.flags_more, 'flag')} more, {one.flags_fewer:,} fewer")
    return f"{', '.join(parts)}, in {_plural(one.documents, 'document')}"


def _show(example: Example) -> str:
    old, new = (
        "left as it was" if after is None else _quote(after) for after in (example.old, example.new)
    )
    times = f"{example.count:,} times, first in " if example.count > 1 else ""
    return f"{_quote(example.before)}: {old} → {new} ({times}{example.document})"


def _quote(text: str) -> str:
    plain = " ".join(text.split()) if text.strip() else text.replace("\n", "\\n")
    return f"“{plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + '…'}”"


def _rest(count: int) -> Sequence[str]:
    return [f"  (and {count - _MOST:,} more; --json lists all)"] if count > _MOST else []


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
