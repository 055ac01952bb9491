"""Everything wrong with a glossary file, in a maintainer's terms, each mistake with its line.

The schema's classes say what is allowed where; msgspec, which uses them for reading, stops at the
first mistake. Here the YAML is compared with the same classes, and every mistake is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import yaml
from msgspec import inspect

from normalise.glossary.source.schema import IsoDate, TermId
from normalise.glossary.source.yaml_text import line_of

_ID = inspect.type_info(TermId)
_DATE = inspect.type_info(IsoDate)


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake: what is wrong, on which line (from 1), and how to correct it."""

    problem: str
    line: int
    remedy: str


# Lists whose items have ids.
_NAMED = ("an item of terms", "an item of furniture")


def find_mistakes(node: Any, kind: Any) -> list[Mistake]:
    """Everything that keeps a YAML node from being a ``kind``, in file order."""
    found = list(_walk(node, inspect.type_info(kind), ""))
    return sorted(found, key=lambda mistake: mistake.line)


def _walk(node: Any, kind: Any, name: str) -> Iterator[Mistake]:
    """``name`` is the key of the value, empty at the top."""
    line = line_of(node)
    if isinstance(kind, inspect.UnionType):
        fitting = next((one for one in kind.types if _shape(one) == _node_shape(node)), None)
        if fitting is None:
            real = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
            if len(real) == 1:
                yield _wrong_kind(node, real[0], name)
                return
            wanted = " or ".join(dict.fromkeys(map(_describe, real)))
            yield Mistake(f"{_quoted(name)} must be {wanted}, not {_what(node)}", line, _SEE)
            return
        others = [one for one in kind.types if _shape(one) == _node_shape(node)]
        yield from min((list(_walk(node, one, name)) for one in others), key=len)
    elif _shape(kind) != _node_shape(node):
        yield _wrong_kind(node, kind, name)
    elif isinstance(kind, inspect.StructType):
        yield from _walk_struct(node, kind, name)
    elif isinstance(kind, inspect.VarTupleType):
        one = f"an item of {name}"
        for item in node.value:
            yield from _walk(item, kind.item_type, one)
    elif isinstance(kind, inspect.DictType):
        for key, value in node.value:
            yield from _walk(value, kind.value_type, f"{name} {key.value}")
    else:
        yield from _check_scalar(node, kind, name)


def _walk_struct(node: Any, kind: inspect.StructType, name: str) -> Iterator[Mistake]:
    fields = {field.encode_name: field for field in kind.fields}
    given = {key.value for key, _ in node.value}
    where = _label(node, name)
    for key, value in node.value:
        field = fields.get(key.value)
        if field is None:
            free = [field for field in fields if field not in given]
            remedy = _suggest(str(key.value), free, list(fields))
            yield Mistake(f"{where}unknown key {str(key.value)!r}", line_of(key), remedy)
            continue
        for mistake in _walk(value, field.type, key.value):
            named = where if where and not mistake.problem.startswith(where) else ""
            yield Mistake(named + mistake.problem, mistake.line, mistake.remedy)
    for missing in [field for field in kind.fields if field.required]:
        if missing.encode_name not in given:
            key = missing.encode_name
            yield Mistake(f"{where}there is no {key!r}", line_of(node), f"add '{key}: …'")


def _label(node: Any, name: str) -> str:
    """``party-cell: `` for a term; nothing for anything inside one."""
    if name not in _NAMED:
        return ""
    ids = (value.value for key, value in node.value if key.value == "id")
    found = next((one for one in ids if isinstance(one, str) and one), "")
    return f"{found}: " if found else ""


def _suggest(wrong: str, free: Sequence[str], known: Sequence[str]) -> str:
    near = get_close_matches(wrong.lower().replace("_", "-"), free, 1, 0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    return "the keys here are " + ", ".join(known)


_SEE = "see docs/glossaries.md"


def _wrong_kind(node: Any, kind: Any, name: str) -> Mistake:
    wanted, line = _describe(kind), line_of(node)
    problem = f"{_quoted(name)} must be {wanted}, not {_what(node)}"
    if isinstance(node, yaml.ScalarNode) and _node_shape(node) != "null" and wanted == "text":
        return Mistake(
            f"{_quoted(name)}: YAML reads {node.value} as {_what(node)}, not as text",
            line,
            "put it in quotation marks",
        )
    if wanted == "a list":
        return Mistake(problem, line, "write each item on a line of its own, after a dash")
    if isinstance(node, yaml.MappingNode) and wanted == "text":
        return Mistake(problem, line, "put text with ': ' in quotation marks")
    return Mistake(problem, line, "write true or false" if wanted == "true or false" else _SEE)


def _check_scalar(node: Any, kind: Any, name: str) -> Iterator[Mistake]:
    line, value = line_of(node), node.value
    if isinstance(kind, inspect.LiteralType):
        allowed = [str(one) for one in kind.values]
        if value not in allowed:
            near = get_close_matches(value, allowed, 1, 0.6)
            mean = f"did you mean {near[0]}? " if near else ""
            choice = "write " + " or ".join(allowed)
            yield Mistake(f"{_quoted(name)} cannot be {value!r}", line, mean + choice)
    elif isinstance(kind, inspect.StrType):
        if kind.pattern and not re.search(kind.pattern, value):
            if kind == _ID:
                remedy = "use small letters, digits and hyphens, as in party-cell"
                yield Mistake(f"{value!r} is not an id", line, remedy)
            elif kind == _DATE:
                yield Mistake(
                    f"{_quoted(name)}: {value!r} is not a date", line,
                    "write 2025, 2025-07 or 2025-07-01",
                )  # fmt: skip
            else:
                yield Mistake(f"{_quoted(name)} cannot be {value!r}", line, _SEE)
        elif kind.min_length and not value:
            yield Mistake(f"{_quoted(name)} is empty", line, "fill it, or remove the line")


def _quoted(name: str) -> str:
    return f"'{name}'" if name and not name.startswith("an item of ") else name or "the file"


_TAGS = {"str": "text", "int": "number", "bool": "truth", "null": "null", "merge": "text"}


def _node_shape(node: Any) -> str:
    if isinstance(node, yaml.MappingNode):
        return "mapping"
    if isinstance(node, yaml.SequenceNode):
        return "list"
    return _TAGS.get(node.tag.rpartition(":")[2], "text")


def _shape(kind: Any) -> str:
    """The shape that a node must have."""
    if isinstance(kind, (inspect.StructType, inspect.DictType)):
        return "mapping"
    if isinstance(kind, inspect.VarTupleType):
        return "list"
    if isinstance(kind, inspect.BoolType):
        return "truth"
    if isinstance(kind, inspect.IntType):
        return "number"
    if isinstance(kind, inspect.LiteralType):
        return "number" if isinstance(kind.values[0], int) else "text"
    if isinstance(kind, inspect.NoneType):
        return "null"
    return "text"


_WORDS = {
    "mapping": "keys with values",
    "list": "a list",
    "truth": "true or false",
    "number": "a whole number",
    "text": "text",
    "null": "nothing",
}


def _describe(kind: Any) -> str:
    return _WORDS[_shape(kind)]


def _what(node: Any) -> str:
    return _WORDS[_node_shape(node)]
