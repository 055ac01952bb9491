"""The small language of variants: ``(optional)``, ``(one|other)`` and ``{slot}``.

A phrase as written expands to *forms*: flat sequences of words and slots. Expansion is bounded, so
that a careless entry fails to load instead of exhausting memory.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product

SLOTS = ("place", "ordinal", "years", "number")
MAX_FORMS = 2048

_TOKEN = re.compile(r"\(|\)|\||\{[^{}]*\}|[^(){}|]+|[{}]")
_SPACES = re.compile(r" {2,}")


class PhraseError(ValueError):
    """A variant whose brackets or slots cannot be read."""


@dataclass(frozen=True, slots=True)
class _Choice:
    options: tuple[tuple[object, ...], ...]


def expand(written: str) -> tuple[str, ...]:
    """All forms of a phrase, with slots kept as ``{name}``; longest first if parts are optional.

    Raises:
        PhraseError: Unbalanced brackets, an unknown slot, or too many forms.

    >>> expand("(the) (cell|branch) of {place}")[:2]
    ('the cell of {place}', 'the branch of {place}')
    >>> len(expand("(the) (cell|branch) of {place}"))
    4
    """
    tokens = _TOKEN.findall(written)
    sequence, rest = _parse(tokens, 0, written)
    if rest != len(tokens):
        raise PhraseError(f"a closing bracket has no opening one: {written!r}")
    forms = _forms(sequence, written)
    return tuple(dict.fromkeys(_SPACES.sub(" ", form).strip() for form in forms))


def _parse(tokens: list[str], index: int, written: str) -> tuple[tuple[object, ...], int]:
    """One sequence up to ``|``, ``)`` or the end; returns it with the index after it."""
    items: list[object] = []
    while index < len(tokens) and tokens[index] not in ("|", ")"):
        token = tokens[index]
        if token == "(":
            options = []
            while True:
                option, index = _parse(tokens, index + 1, written)
                options.append(option)
                if index >= len(tokens):
                    raise PhraseError(f"a bracket is not closed: {written!r}")
                if tokens[index] == ")":
                    break
            if len(options) == 1:
                options.append(())
            items.append(_Choice(tuple(options)))
        elif token.startswith("{") and token.endswith("}"):
            if token[1:-1] not in SLOTS:
                raise PhraseError(f"unknown slot {token}; the slots are {', '.join(SLOTS)}")
            items.append(token)
        elif token in "{}":
            raise PhraseError(f"a brace has no partner: {written!r}")
        else:
            items.append(token)
        index += 1
    if index < len(tokens) and tokens[index] == "|" and not _inside_choice(tokens, index):
        raise PhraseError(f"'|' outside brackets: {written!r}")
    return tuple(items), index


def _inside_choice(tokens: list[str], index: int) -> bool:
    depth = 0
    for token in tokens[:index]:
        depth += {"(": 1, ")": -1}.get(token, 0)
    return depth > 0


def _forms(sequence: tuple[object, ...], written: str) -> list[str]:
    parts: list[list[str]] = []
    total = 1
    for item in sequence:
        if isinstance(item, _Choice):
            options = [form for option in item.options for form in _forms(option, written)]
        else:
            options = [str(item)]
        total *= len(options)
        if total > MAX_FORMS:
            raise PhraseError(f"more than {MAX_FORMS} forms: {written!r}")
        parts.append(options)
    return ["".join(choice) for choice in product(*parts)]


def fill(template: str, values: dict[str, str]) -> str:
    """Write a preferred name: slots filled, bracketed groups kept only if their slot has a value.

    >>> fill("Standing Board of the ({place}) Provincial Party Committee", {"place": "Lao Cai"})
    'Standing Board of the Lao Cai Provincial Party Committee'
    >>> fill("Standing Board of the ({place}) Provincial Party Committee", {})
    'Standing Board of the Provincial Party Committee'
    >>> fill("{place} City Party Committee", {"place": "Ho Chi Minh City"})
    'Ho Chi Minh City Party Committee'
    """
    if "{" not in template and "(" not in template:
        return template

    def group(match: re.Match[str]) -> str:
        inner = match.group(1)
        names = re.findall(r"\{(\w+)\}", inner)
        return inner if names and all(name in values for name in names) else ""

    text = re.sub(r"\(([^()]*)\)", group, template)
    text = re.sub(r"\{(\w+)\}", lambda match: values.get(match.group(1), ""), text)
    for value in values.values():  # Ho Chi Minh City has its level in its name
        last = value[value.rfind(" ") + 1 :]
        text = text.replace(f"{value} {last} ", f"{value} ")
    return _SPACES.sub(" ", text).strip()
