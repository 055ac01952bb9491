"""Writing terms into glossary files without touching anything else in them.

A file's text is never parsed and printed again: new terms are rendered separately and inserted as
lines, so that comments, order, quotes and line breaks elsewhere stay byte for byte.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from normalise.errors import GlossaryError
from normalise.glossary.source.schema import Term
from normalise.glossary.source.yaml_text import parse_yaml
from normalise.maintain.files.serialise import to_plain

_WIDTH = 100
# Short lists that read better on one line; in others each item has its own line.
_ONE_LINE = ("admitted", "forbidden", "tags", "provenance", "policy", "abbreviations")


def render_term(term: Term) -> str:
    """One term as an item of a `terms:` list, laid out like the curated files.

    >>> term = Term(id="party-cell", preferred="Party cell", variants=("cell of Party",))
    >>> print(render_term(term))
    - id: party-cell
      preferred: Party cell
      variants:
      - cell of Party
    <BLANKLINE>
    """
    mapping = _layout(to_plain(term))
    return _dump([mapping])


def render_file(topic: str, terms: Iterable[Term]) -> str:
    """A whole new glossary file."""
    head = _dump({"schema": 1, "topic": _quote(topic)})
    body = "".join(render_term(term) for term in terms)
    return head + ("terms:\n" + body if body else "terms: []\n")


def insert_terms(text: str, terms: Iterable[Term], *, after: str = "", where: str = "") -> str:
    """The file's text with terms added: after the given term, or at the end of the list.

    Raises:
        GlossaryError: The text is not a term file, already has the id, or lacks the term ``after``.
    """
    terms = tuple(terms)
    spans = term_spans(text, where=where)
    taken = [term.id for term in terms if term.id in spans]
    if taken:
        raise GlossaryError(
            f"there is already a term {taken[0]!r} in the file",
            where=where, remedy="choose another id, or edit the existing term",
        )  # fmt: skip
    if after and after not in spans:
        raise GlossaryError(
            f"there is no term {after!r} in the file to add after", where=where,
            remedy="see `normalise glossary list` for the ids",
        )  # fmt: skip
    lines = text.splitlines(keepends=True)
    rendered = "".join(render_term(term) for term in terms)
    if not spans:
        return _fill_empty_list(text, rendered, where)
    line, column = spans[after] if after else list(spans.values())[-1]
    end = _term_end(lines, line, column)
    if end and not lines[end - 1].endswith(("\n", "\r")):
        lines[end - 1] += _line_end(text)
    rendered = _indent(rendered, column).replace("\n", _line_end(text))
    return "".join(lines[:end]) + rendered + "".join(lines[end:])


def replace_terms(text: str, terms: Iterable[Term], *, where: str = "") -> str:
    """The file's text with the entries of the same ids replaced.

    Raises:
        GlossaryError: The text is not a term file, or a term is not in it.
    """
    for term in terms:
        spans = term_spans(text, where=where)
        if term.id not in spans:
            raise GlossaryError(
                f"there is no term {term.id!r} in the file", where=where,
                remedy="if a pattern with `levels:` makes it, change the pattern by hand",
            )  # fmt: skip
        lines = text.splitlines(keepends=True)
        line, column = spans[term.id]
        end = _term_end(lines, line, column)
        rendered = _indent(render_term(term), column).replace("\n", _line_end(text))
        text = "".join(lines[:line]) + rendered + "".join(lines[end:])
    return text


def term_spans(text: str, *, where: str = "") -> dict[str, tuple[int, int]]:
    """Where each term of a file begins: id to line (from 0) and column of its dash."""
    import yaml

    _, root = parse_yaml(text, where)
    items = _child(root, "terms")
    if not isinstance(items, yaml.SequenceNode):
        raise GlossaryError(
            "the file has no list of terms", where=where,
            remedy="give a file with `terms:`, or a new one",
        )  # fmt: skip
    if items.flow_style and items.value:
        raise GlossaryError(
            "the terms are written in square brackets", where=where,
            remedy="write each term as a separate item, with a dash",
        )  # fmt: skip
    spans = {}
    for item in items.value:
        name = _child(item, "id")
        if isinstance(name, yaml.ScalarNode):
            spans[name.value] = (item.start_mark.line, items.start_mark.column)
    return spans


def _line_end(text: str) -> str:
    """The line ending of most lines in a text."""
    pairs = text.count("\r\n")
    counts = {"\n": text.count("\n") - pairs, "\r\n": pairs, "\r": text.count("\r") - pairs}
    return max(counts, key=lambda end: counts[end])


def _child(node: Any, key: str) -> Any:
    import yaml

    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == key:
                return value
    return None


def _term_end(lines: list[str], start: int, column: int) -> int:
    """The line after a term's last; comments and blank lines that follow go with the next."""
    end = start + 1
    last = end
    while end < len(lines):
        stripped = lines[end].strip()
        depth = len(lines[end]) - len(lines[end].lstrip(" "))
        if stripped and depth <= column and not stripped.startswith("#"):
            break
        if stripped and (depth > column or not stripped.startswith("#")):
            last = end + 1
        end += 1
    return last


def _fill_empty_list(text: str, rendered: str, where: str) -> str:
    for number, line in enumerate(lines := text.splitlines(keepends=True)):
        if line.split("#")[0].replace(" ", "").rstrip() == "terms:[]":
            filled = ("terms:\n" + rendered).replace("\n", _line_end(text))
            return "".join(lines[:number]) + filled + "".join(lines[number + 1 :])
    raise GlossaryError(
        "the list of terms is empty", where=where, remedy="write `terms: []` on a line of its own"
    )


def _indent(text: str, column: int) -> str:
    if not column:
        return text
    return "".join(" " * column + line for line in text.splitlines(keepends=True))


def _layout(plain: dict[str, Any]) -> Any:
    """The mapping with hints about what goes on one line."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    def flow(value: Any) -> Any:
        if isinstance(value, dict):
            made = CommentedMap((_quote(key), flow(item)) for key, item in value.items())
            made.fa.set_flow_style()
            return made
        if isinstance(value, list):
            row = CommentedSeq(flow(item) for item in value)
            row.fa.set_flow_style()
            return row
        return _quote(value)

    laid = CommentedMap()
    for key, value in plain.items():
        if key in _ONE_LINE:
            laid[key] = flow(value)
        elif key == "sources":
            laid[key] = CommentedMap((_quote(code), flow(names)) for code, names in value.items())
        elif isinstance(value, list):
            laid[key] = CommentedSeq(flow(item) for item in value)
        else:
            laid[key] = _quote(value)
    return laid


def _quote(value: Any) -> Any:
    """Quote what YAML 1.1 readers do not take for text: no, on, 2026-11-21."""
    import yaml
    from ruamel.yaml.scalarstring import SingleQuotedScalarString

    if not isinstance(value, str):
        return value
    tag = yaml.SafeLoader("").resolve(yaml.ScalarNode, value, (True, False))  # type: ignore[no-untyped-call]
    return value if tag == "tag:yaml.org,2002:str" else SingleQuotedScalarString(value)


def _dump(value: Any) -> str:
    from ruamel.yaml import YAML

    # ruamel's writer is used because it gives control over what goes on one line.
    yaml = YAML()
    yaml.width = _WIDTH
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=2, offset=0)
    stream = io.StringIO()
    yaml.dump(value, stream)
    # Lines are broken after a space, which has no meaning there.
    return "".join(line.rstrip() + "\n" for line in stream.getvalue().splitlines())
