"""English number and articles for phrases, through the `inflect` library.

Imported only to compile a glossary: importing inflect takes a good part of a second, and a compiled
glossary already contains every form.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import inflect

# The head noun is before the first of these: "Boards of the Committee".
_LINKS = re.compile(r" (?:of|for|in|on|at|to|under|from|with|by|and) ", re.IGNORECASE)
_LAST_WORD = re.compile(r"([^\W\d_]+)(\W*)$")

# Singular nouns that end in s; inflect mistakes some of them for plurals.
_SINGULAR_S = re.compile(r"(?:ss|us|is|ics|news|series|apparatus|status)$", re.IGNORECASE)


@cache
def _engine() -> inflect.engine:
    import typeguard

    # On import, inflect has typeguard rewrite every one of its functions, which takes twenty times
    # as long as the import itself; our calls are type-checked statically.
    checked = typeguard.typechecked
    typeguard.typechecked = lambda function: function  # type: ignore[assignment]
    try:
        import inflect
    finally:
        typeguard.typechecked = checked
    return inflect.engine()


@cache
def plural_word(word: str) -> str:
    """The plural of a noun, with its capitals kept.

    >>> plural_word("Committee"), plural_word("Secretary"), plural_word("body")
    ('Committees', 'Secretaries', 'bodies')
    """
    # inflect treats capitalised nouns as names: "Secretary" would become "Secretarys".
    plural = str(_engine().plural_noun(word.lower()))
    if word.isupper() and len(word) > 1:
        return plural.upper()
    return word[:1] + plural[1:] if word[:1].isupper() else plural


@cache
def singular_word(word: str) -> str | None:
    """The singular of a plural noun, or None if the word is not a plural.

    >>> singular_word("cells"), singular_word("Congress")
    ('cell', None)
    """
    if _SINGULAR_S.search(word) or not word[-1:].isalpha():
        return None
    singular = _engine().singular_noun(word.lower())
    if not singular or plural_word(str(singular)) != word.lower():
        return None
    return word[:1] + str(singular)[1:] if word[:1].isupper() else str(singular)


def split_head(phrase: str) -> tuple[str, str]:
    """A phrase split into its head and the rest, from the first linking word on.

    >>> split_head("Standing Board of the Provincial Party Committee")
    ('Standing Board', ' of the Provincial Party Committee')
    """
    link = _LINKS.search(phrase)
    return (phrase[: link.start()], phrase[link.start() :]) if link else (phrase, "")


def _change_last(part: str, change: object) -> str | None:
    match = _LAST_WORD.search(part)
    if match is None or part[match.end(1) :].strip():
        return None
    word = change(match.group(1))  # type: ignore[operator]
    return None if word is None else part[: match.start(1)] + word + match.group(2)


def pluralise(phrase: str) -> str | None:
    """The phrase with its head in the plural, or None if the head is not a noun (a slot, a number).

    >>> pluralise("Standing Board of the Provincial Party Committee")
    'Standing Boards of the Provincial Party Committee'
    """
    head, rest = split_head(phrase)
    plural = _change_last(head, plural_word)
    return None if plural is None else plural + rest


def singularise(phrase: str) -> str | None:
    """The singular of a phrase whose head is plural, else None."""
    head, rest = split_head(phrase)
    singular = _change_last(head, singular_word)
    return None if singular is None else singular + rest


def pluralise_both(phrase: str) -> str | None:
    """Head and complement in the plural ("Boards of the … Committees"), else None.

    >>> pluralise_both("Standing Board of the Provincial Party Committee")
    'Standing Boards of the Provincial Party Committees'
    """
    head, rest = split_head(phrase)
    if not rest.startswith(" of "):
        return None
    plural = _change_last(head, plural_word)
    complement = _change_last(rest, lambda word: None if singular_word(word) else plural_word(word))
    return None if plural is None or complement is None else plural + complement


def article(phrase: str) -> str:
    """``a`` or ``an``, as the phrase sounds.

    >>> article("Organisation Commission"), article("Party cell")
    ('an', 'a')
    """
    return "an" if str(_engine().a(phrase)).lower().startswith("an ") else "a"
