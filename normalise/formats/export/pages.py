"""HTML, as a page without any style or script."""

from __future__ import annotations

import re
from collections.abc import Sequence

from normalise.data import Result
from normalise.formats.export.looks import Look
from normalise.formats.web.html import escape_text

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?:.*\n)*?---[ \t]*(?:\n|\Z)")


def to_html(looks: Sequence[Look], result: Result) -> str:
    """A page with headings, paragraphs, lists and tables."""
    body: list[str] = []
    lists: list[str] = []
    for look in looks:
        if look.kind == "list-item":
            _open_lists(body, lists, look)
            body.append(f"<li>{_inline(look.text)}")
            continue
        while lists:
            body.append(f"</li></{lists.pop()}>")
        if look.kind == "table":
            body += ("<table>", *map(_row, look.rows), "</table>")
        elif look.kind != "title":
            tag = f"h{look.level or 1}" if look.kind == "heading" else _TAGS.get(look.kind, "p")
            body.append(f"<{tag}>{_inline(look.text, tag)}</{tag}>")
    while lists:
        body.append(f"</li></{lists.pop()}>")
    titles = [look.text for look in looks if look.kind in ("title", "heading")]
    return _page(titles[0] if titles else result.document.name, "\n".join(body), result)


def to_html_from_markdown(result: Result) -> str:
    """A page of a Markdown text, with its links and emphasis; HTML in it is shown, not obeyed."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    body = parser.render(_FRONT_MATTER.sub("", result.text))
    titles = [b for b in result.blocks if b.kind == "heading"]
    title = result.text[titles[0].start : titles[0].end] if titles else result.document.name
    return _page(title, body.rstrip("\n"), result)


_TAGS = {"quote": "blockquote", "code": "pre"}


def _open_lists(body: list[str], lists: list[str], look: Look) -> None:
    """Begin and end lists until an item can be added at its level."""
    kind = "ol" if look.number else "ul"
    while len(lists) > look.level or (len(lists) == look.level and lists[-1] != kind):
        body.append(f"</li></{lists.pop()}>")
    if len(lists) == look.level:
        body.append("</li>")
    while len(lists) < look.level:
        lists.append(kind)
        body.append(f"<{kind}>" if len(lists) == look.level else f"<{kind}><li>")


def _row(cells: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<td>{_inline(cell)}</td>" for cell in cells) + "</tr>"


def _inline(text: str, tag: str = "p") -> str:
    text = escape_text(text)
    return text if tag == "pre" else text.replace("\n", "<br>\n").replace("\t", " ")


def _page(title: str, body: str, result: Result) -> str:
    language = ' lang="en"' if result.status == "done" else ""
    head = f'<meta charset="utf-8">\n<title>{escape_text(" ".join(title.split()))}</title>'
    return (
        f"<!DOCTYPE html>\n<html{language}>\n<head>\n{head}\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )
