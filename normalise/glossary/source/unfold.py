"""What the manifest stores once: terms written for several levels, and named conditions.

A term with ``levels: [province, district]`` stands for one term a level; ``<word>`` in it is
replaced by what the level calls it. ``named: [vietnam-only]`` in a set of conditions stands for the
conditions of that name. Both are unfolded before anything else looks at a file, in the YAML's own
nodes, so that every mistake still has the line on which a person can correct it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import product
from typing import Any, NoReturn

import yaml

from normalise.errors import GlossaryError
from normalise.glossary.source.yaml_text import line_of

_MOST_NODES = 1_000_000
_WORD = re.compile(r"<([\w-]+)>")
# What the words of a level are for in each part of a term; elsewhere they are prose.
_USES = {"sources": "names", "variants": "phrases", "flags": "phrases", "forbidden": "phrases"}
_STORE = "see 'Stored once' in docs/glossaries.md"


@dataclass(frozen=True)
class Shared:
    """What the manifest stores for the other files: words of levels, named conditions (nodes)."""

    levels: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    conditions: Mapping[str, Any] = field(default_factory=dict)


def read_shared(root: Any) -> Shared | None:
    """What a file's root node stores for others; None if it is no manifest."""
    if not isinstance(root, yaml.MappingNode) or _child(root, "version") is None:
        return None
    levels = {
        name: {word: _texts(value) for word, value in _pairs(level)}
        for name, level in _pairs(_child(root, "levels"))
    }
    return Shared(levels, dict(_pairs(_child(root, "conditions"))))


def unfold(root: Any, shared: Shared, where: str) -> Any:
    """A file's root node with all patterns and named conditions written out.

    Raises:
        GlossaryError: A level, a word or a condition is not in the manifest.
    """
    terms = _child(root, "terms")
    if not isinstance(terms, yaml.SequenceNode):
        return root
    if _count_written_out(terms, {}) > _MOST_NODES:
        return root  # aliases within aliases: the check of the terms says what is wrong
    unfolder = _Unfolder(shared, where)
    written = [one for term in terms.value for one in unfolder.levels(term)]
    items = [unfolder.conditions(term) for term in written]
    if items == terms.value:  # nodes are compared by identity
        return root
    pairs = [
        (key, _like(terms, items) if value is terms else value) for key, value in root.value
    ]
    return _like(root, pairs)


def _count_written_out(node: Any, known: dict[int, float]) -> float:
    """The nodes below a node, an alias's counted wherever it stands; infinite in a circle."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) not in known:
        known[id(node)] = float("inf")
        inner = node.value
        if isinstance(node, yaml.MappingNode):
            inner = [value for _, value in node.value]
        known[id(node)] = 1 + sum(_count_written_out(item, known) for item in inner)
    return known[id(node)]


class _Unfolder:
    def __init__(self, shared: Shared, where: str) -> None:
        self._shared = shared
        self._where = where

    def levels(self, term: Any) -> Iterator[Any]:
        """A term, or for one with ``levels:`` one term a level."""
        names = _child(term, "levels")
        if names is None:
            yield term
            return
        if not isinstance(names, yaml.SequenceNode) or not names.value:
            self._refuse("'levels' must be a list of levels", names, _STORE)
        only = _child(term, "only")
        wanted = [one for item in names.value for one in self._combine(item)]
        for name, _ in _pairs(only):
            if all(name not in one for one in wanted):
                self._refuse(
                    f"'only' names the level {name!r}, which is not under 'levels'", only,
                    "add it there, or correct the name",
                )  # fmt: skip
        core = [pair for pair in term.value if pair[0].value not in ("levels", "only")]
        self._check_words(core, wanted)
        for one in wanted:
            whole = _like(term, core)
            for more in (_child(only, name) for name in one):
                whole = whole if more is None else _merge(whole, more)
            words = self._words(one)
            pairs = [
                (key, filled)
                for key, value in whole.value
                if (filled := _fill(value, words, _USES.get(key.value, "prose"))) is not None
            ]
            yield _like(term, pairs)

    def _combine(self, item: Any) -> Iterator[tuple[str, ...]]:
        """The combinations an item of ``levels`` stands for: itself, or one of each inner list."""
        parts = [item] if isinstance(item, yaml.ScalarNode) else item.value
        rows = [part.value if isinstance(part, yaml.SequenceNode) else [part] for part in parts]
        names = [[self._known(one, self._shared.levels, "level") for one in row] for row in rows]
        yield from product(*names)

    def _words(self, combination: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        levels = self._shared.levels
        return {word: texts for name in combination for word, texts in levels[name].items()}

    def conditions(self, node: Any) -> Any:
        """The node with every ``named:`` in a set of conditions written out."""
        if isinstance(node, yaml.SequenceNode):
            items = [self.conditions(item) for item in node.value]
            same = all(new is old for new, old in zip(items, node.value, strict=True))
            return node if same else _like(node, items)
        if not isinstance(node, yaml.MappingNode):
            return node
        named = _child(node, "named")
        pairs = [(key, self.conditions(value)) for key, value in node.value]
        if named is None:
            same = all(new[1] is old[1] for new, old in zip(pairs, node.value, strict=True))
            return node if same else _like(node, pairs)
        if not isinstance(named, yaml.SequenceNode):
            self._refuse("'named' must be a list of conditions", named, _STORE)
        whole = _like(node, [pair for pair in pairs if pair[0].value != "named"])
        for name in named.value:
            found = self._shared.conditions[self._known(name, self._shared.conditions, "condition")]
            both = {key for key, value in _pairs(whole) if not _is_list(value)}
            clash = sorted(both.intersection(key for key, _ in _pairs(found)))
            if clash:
                self._refuse(
                    f"the condition {name.value!r} and this set both say {clash[0]!r}", name,
                    "keep one of the two; only lists can be put together",
                )  # fmt: skip
            whole = _merge(whole, _at(found, name))
        return whole

    def _known(self, node: Any, known: Mapping[str, Any], what: str) -> str:
        name = str(node.value)
        if name not in known:
            near = get_close_matches(name, known, 1, 0.6)
            remedy = (
                f"did you mean {near[0]!r}?" if near
                else f"the manifest has {', '.join(known)}" if known
                else f"name it under '{what}s:' in manifest.yaml, and give the folder with both"
            )  # fmt: skip
            self._refuse(f"there is no {what} {name!r} in the manifest", node, remedy)
        return name

    def _check_words(self, core: list[Any], wanted: list[tuple[str, ...]]) -> None:
        known = {word for one in wanted for word in self._words(one)}
        for node in _scalars(core):
            for word in _WORD.findall(node.value):
                if word not in known:
                    near = get_close_matches(word, known, 1, 0.5)
                    self._refuse(
                        f"no level here has the word <{word}>", node,
                        f"did you mean <{near[0]}>?" if near
                        else f"add {word!r} to the levels in manifest.yaml",
                    )  # fmt: skip

    def _refuse(self, problem: str, node: Any, remedy: str) -> NoReturn:
        raise GlossaryError(problem, where=f"{self._where}:{line_of(node)}", remedy=remedy)


def _fill(node: Any, words: Mapping[str, tuple[str, ...]], use: str) -> Any:
    """The node with a level's words; None if it needs a word that the level does not have.

    A word with several values makes one name for each in ``names``, a group ``(a|b)`` in
    ``phrases``; in ``prose`` it stands for the first.
    """
    if isinstance(node, yaml.MappingNode):
        pairs = []
        for key, value in node.value:
            inner = "prose" if use == "phrases" and key.value != "text" else use
            filled = _fill(value, words, inner)
            if filled is None:
                return None
            pairs.append((key, filled))
        return _like(node, pairs)
    if isinstance(node, yaml.SequenceNode):
        items = []
        for item in node.value:
            if use == "names" and isinstance(item, yaml.ScalarNode):
                items += _spread(item, words)
            elif (filled := _fill(item, words, use)) is not None:
                items.append(filled)
        return _like(node, items)
    needed = _WORD.findall(node.value)
    if not needed:
        return node
    if any(word not in words for word in needed):
        return None
    chosen = {
        word: words[word][0]
        if use == "prose" or len(words[word]) == 1
        else f"({'|'.join(words[word])})"
        for word in needed
    }
    return _scalar(node, _replace(node.value, chosen))


def _replace(text: str, words: Mapping[str, str]) -> str:
    return _WORD.sub(lambda match: words[match.group(1)], text)


def _spread(node: Any, words: Mapping[str, tuple[str, ...]]) -> list[Any]:
    needed = list(dict.fromkeys(_WORD.findall(node.value)))
    texts = []
    for values in product(*(words.get(word, ()) for word in needed)):
        chosen = dict(zip(needed, values, strict=True))
        texts.append(_replace(node.value, chosen))
    return [_scalar(node, text) for text in dict.fromkeys(texts)]


def _merge(base: Any, more: Any) -> Any:
    """Two mappings as one: lists one after the other, mappings merged, other values replaced."""
    pairs = {key.value: (key, value) for key, value in base.value}
    for key, value in more.value:
        known = pairs.get(key.value)
        if known is None:
            pairs[key.value] = (key, value)
        elif _is_list(known[1]) and _is_list(value):
            pairs[key.value] = (known[0], _like(known[1], [*known[1].value, *value.value]))
        elif isinstance(known[1], yaml.MappingNode) and isinstance(value, yaml.MappingNode):
            pairs[key.value] = (known[0], _merge(known[1], value))
        else:
            pairs[key.value] = (key, value)
    return _like(base, list(pairs.values()))


def _at(node: Any, place: Any) -> Any:
    """A copy of a node that says it is where another one is."""
    value = node.value
    if isinstance(node, yaml.MappingNode):
        value = [(_at(key, place), _at(inner, place)) for key, inner in node.value]
    elif isinstance(node, yaml.SequenceNode):
        value = [_at(item, place) for item in node.value]
    return type(node)(node.tag, value, place.start_mark, place.end_mark)


def _like(node: Any, value: Any) -> Any:
    return type(node)(node.tag, value, node.start_mark, node.end_mark, node.flow_style)


def _scalar(node: Any, text: str) -> Any:
    return yaml.ScalarNode("tag:yaml.org,2002:str", text, node.start_mark, node.end_mark)


def _child(node: Any, key: str) -> Any:
    return next((value for name, value in _pairs(node) if name == key), None)


def _pairs(node: Any) -> list[tuple[str, Any]]:
    if not isinstance(node, yaml.MappingNode):
        return []
    return [(str(key.value), value) for key, value in node.value]


def _texts(node: Any) -> tuple[str, ...]:
    if isinstance(node, yaml.SequenceNode):
        return tuple(str(item.value) for item in node.value)
    return (str(node.value),)


def _is_list(node: Any) -> bool:
    return isinstance(node, yaml.SequenceNode)


def _scalars(pairs: list[Any]) -> Iterator[Any]:
    todo = [value for _, value in pairs]
    while todo:
        node = todo.pop()
        if isinstance(node, yaml.ScalarNode):
            yield node
        elif isinstance(node, yaml.MappingNode):
            todo += [value for _, value in node.value]
        else:
            todo += node.value
