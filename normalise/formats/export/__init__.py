"""Writing a converted document in another format than its own: md, txt, html or jsonl."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from normalise.data import Result
from normalise.formats.export.looks import Look, find_looks
from normalise.formats.export.pages import to_html, to_html_from_markdown
from normalise.formats.export.texts import to_jsonl, to_markdown, to_text
from normalise.formats.pieces import Part

FORMATS = ("md", "txt", "html", "jsonl")

_WRITERS: dict[str, Callable[[Sequence[Look], Result], str]] = {
    "md": to_markdown,
    "txt": to_text,
    "html": to_html,
    "jsonl": to_jsonl,
}


def export(result: Result, parts: Sequence[Part], to: str) -> bytes:
    """A result in the format ``to``, in UTF-8; ``parts`` are those of the original document."""
    if to == "html" and result.document.format == "md":
        return to_html_from_markdown(result).encode("utf-8", "replace")
    return _WRITERS[to](find_looks(result, parts), result).encode("utf-8", "replace")
