"""Markdown, plain text and JSON lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from normalise.data import Result
from normalise.formats.export.looks import Look
from normalise.formats.json_lines import dump_line
from normalise.formats.markdown import escape

# What Markdown would take for emphasis, code, links, tags and entities.
_INLINE = re.compile(r"[\\`*\[\]<]|(?<!\w)_|_(?!\w)|&(?=#?\w+;)")


def to_markdown(looks: Sequence[Look], result: Result) -> str:
    """Markdown (CommonMark with tables)."""
    headed = any(look.kind == "heading" for look in looks)
    parts = [
        _mark_down(look)
        for look in looks
        if not (look.kind == "title" and headed)  # a page's title says what its heading says
    ]
    return _join(looks, parts, headed)


def to_text(looks: Sequence[Look], result: Result) -> str:
    """Plain text; the cells of a row are separated by tabs."""
    parts = []
    for look in looks:
        if look.kind == "table":
            parts.append("\n".join("\t".join(map(_one_line, row)) for row in look.rows))
        elif look.kind == "list-item":
            parts.append(_indent(look, look.text))
        else:
            parts.append(look.text)
    return _join(looks, parts, False)


def to_jsonl(looks: Sequence[Look], result: Result) -> str:
    """A line for each paragraph, heading, item or table: kind, text, and what else is known."""
    lines = []
    for look in looks:
        line: dict[str, object] = {"kind": look.kind}
        if look.kind == "table":
            line["rows"] = [list(row) for row in look.rows]
        else:
            line["text"] = look.text
        if look.kind in ("heading", "list-item"):
            line["level"] = look.level
        if look.number:
            line["number"] = look.number
        if look.language:
            line["source_language"] = look.language
        lines.append(dump_line(line))
    return "".join(lines)


def _mark_down(look: Look) -> str:
    if look.kind == "table":
        rows = [[_escape(_one_line(cell), "cell") for cell in row] for row in look.rows]
        ruler = ["---"] * len(rows[0])
        return "\n".join(f"| {' | '.join(row)} |" for row in [rows[0], ruler, *rows[1:]])
    if look.kind == "code":
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", look.text)), default=0))
        return f"{fence}\n{look.text}\n{fence}"
    text = _escape(look.text, look.kind)
    if look.kind in ("heading", "title"):
        return f"{'#' * (look.level or 1)} {_one_line(text)}"
    text = text.replace("\n", "\\\n")
    if look.kind == "quote":
        return "> " + text.replace("\n", "\n> ")
    return _indent(look, text) if look.kind == "list-item" else text


def _escape(text: str, kind: str) -> str:
    text = _INLINE.sub(lambda mark: f"\\{mark[0]}", text)
    lines = [escape(line, kind, at_start=True) for line in text.split("\n")]
    return "\n".join(lines)


def _indent(look: Look, text: str) -> str:
    """A list item at its depth, with its number or a dash."""
    mark = f"{look.number}. " if look.number else "- "
    margin = " " * (3 * (look.level - 1))
    return margin + mark + text.replace("\n", "\n" + margin + " " * len(mark))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _join(looks: Iterable[Look], parts: Sequence[str], headed: bool) -> str:
    """Parts with blank lines between them, except between the items of a list."""
    shown = [look for look in looks if not (headed and look.kind == "title")]
    text: list[str] = []
    for index, part in enumerate(parts):
        both = index and shown[index].kind == shown[index - 1].kind == "list-item"
        text += ("\n" if both else "\n\n" if index else "", part)
    return "".join([*text, "\n"]) if parts else ""
