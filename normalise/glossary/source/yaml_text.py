"""YAML as glossaries use it: everything with its line, nothing lost silently."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from normalise.errors import GlossaryError

_DEEPEST = 50  # levels; a term's conditions are on the eighth
_TOO_DEEP = "nested too deeply"
_CLOSE = "close all brackets; no glossary needs this many levels"


def parse_yaml(text: str, where: str) -> tuple[Any, Any]:
    """The value of a YAML text and the node it was made from, which knows its lines.

    Raises:
        GlossaryError: It is not valid YAML; the error gives the line.
    """
    import yaml

    try:
        _check_depth(text, where)
    except yaml.YAMLError as error:
        raise _explain(error, text, where) from None
    loader = _loader()(text)
    try:
        node = loader.get_single_node()
        value = loader.construct_document(node) if node is not None else None
    except yaml.YAMLError as error:
        raise _explain(error, text, where) from None
    finally:
        loader.dispose()
    return value, node


def construct(node: Any) -> Any:
    """The value of a node that is known to be valid."""
    loader = _loader()("")
    try:
        return loader.construct_document(node)
    finally:
        loader.dispose()


def compose(text: str) -> Any:
    """The node of a YAML text that is known to be valid."""
    import yaml

    return yaml.compose(text, Loader=_loader())


def find_duplicates(node: Any) -> Iterator[tuple[str, int, int]]:
    """Keys used twice in one mapping: the key, and the lines of the first and the second.

    YAML readers silently keep only the last.
    """
    import yaml

    seen: set[int] = set()  # an alias leads to a node that was visited before
    todo = [node]
    while todo:
        here = todo.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        if isinstance(here, yaml.MappingNode):
            lines: dict[str, int] = {}
            for key, value in here.value:
                line = line_of(key)
                if isinstance(key, yaml.ScalarNode):
                    if key.value in lines and key.tag != "tag:yaml.org,2002:merge":
                        yield key.value, lines[key.value], line
                    lines.setdefault(key.value, line)
                todo.append(value)
        elif isinstance(here, yaml.SequenceNode):
            todo += here.value


def line_of(node: Any) -> int:
    """The line (from 1) on which a node begins."""
    return int(node.start_mark.line) + 1


def _check_depth(text: str, where: str) -> None:
    """Refuse YAML nested so deeply that libyaml, which recurses, would crash the program."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=_loader()):
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
            if depth > _DEEPEST:
                raise GlossaryError(_TOO_DEEP, where=f"{where}:{line_of(event)}", remedy=_CLOSE)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1


def _explain(error: Any, text: str, where: str) -> GlossaryError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    line = text.split("\n")[mark.line] if mark and mark.line < text.count("\n") + 1 else ""
    indent = line[: len(line) - len(line.lstrip())]
    if "nesting depth" in problem:  # newer libyaml looks for itself
        problem, remedy = _TOO_DEEP, _CLOSE
    elif "\t" in indent or "'\\t'" in problem:
        problem = "a tab where YAML requires spaces"
        remedy = "indent with spaces; an editor can turn tabs into them"
    else:
        problem = f"not valid YAML: {problem}"
        remedy = "quote text that contains ': ' or ' #' or starts with a special character"
    place = f"{where}:{mark.line + 1}" if mark else where
    return GlossaryError(problem, where=place, remedy=remedy)


def _loader() -> Any:
    """PyYAML's safe loader without dates and floats: ``2025-02-01`` and ``1.0`` stay text."""
    import yaml

    global _LOADER
    if _LOADER is None:
        base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        dropped = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:float")
        resolvers = {
            first: [(tag, pattern) for tag, pattern in rules if tag not in dropped]
            for first, rules in base.yaml_implicit_resolvers.items()
        }
        _LOADER = type("GlossaryLoader", (base,), {"yaml_implicit_resolvers": resolvers})
    return _LOADER


_LOADER: Any = None
