"""Words that are spelt differently in Britain and America: the list and its three spellings.

The list is VarCon's, from SCOWL, which spelling checkers are made from (``tools/spelling.py`` makes
``variants.txt`` out of it). A form marked there with ``?`` has two counterparts in another spelling
(a metre of cloth, a water meter); ``senses`` says where its sense is certain.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from normalise.errors import InputError

SPELLINGS: Final = ("en-GB", "en-GB-oxendict", "en-US")
"""British with -ise, British with -ize (as Oxford writes it), American."""
HOUSE: Final = "en-GB"
"""The spelling the glossaries are written in, and the default."""
KEEP: Final = "keep"
"""No spelling of choice: every word stays as it is."""

_FILE = Path(__file__).with_name("variants.txt")
# The column of each spelling in the file.
_COLUMNS = {"en-US": 0, "en-GB": 1, "en-GB-oxendict": 2}
_WORD = re.compile(r"[A-Za-z]+")


def check_spelling(name: str) -> str:
    """The name of a spelling, or ``keep``, if it is one.

    Raises:
        InputError: It is neither.
    """
    if name not in (*SPELLINGS, KEEP):
        raise InputError(
            f"{name!r} is not an English spelling",
            remedy=f"choose {', '.join(SPELLINGS)} or {KEEP}",
        )
    return name


@cache
def _rows() -> tuple[tuple[str, ...], ...]:
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return tuple(tuple(line.split(" ")) for line in lines if not line.startswith("#"))


@cache
def certain_words(spelling: str) -> Mapping[str, str]:
    """Words in other spellings, in lower case, with their form in this one.

    >>> certain_words("en-GB")["organization"], certain_words("en-US").get("metre")
    ('organisation', 'meter')
    >>> "meter" in certain_words("en-GB")
    False
    """
    column = _COLUMNS[spelling]
    words = {}
    for row in _rows():
        form = row[column].lstrip("?")
        for word in row:
            if word != form and word[0] != "?":
                words[word] = form
    return words


@cache
def doubtful_words(spelling: str) -> Mapping[str, str]:
    """The look-alikes among words in other spellings, with the form of one of their senses.

    >>> doubtful_words("en-GB")["meter"]
    'metre'
    """
    column = _COLUMNS[spelling]
    words = {}
    for row in _rows():
        form = row[column].lstrip("?")
        for word in row:
            if word[0] == "?" and word[1:] != form:
                words[word[1:]] = form
    return words


def respell(text: str, spelling: str) -> str:
    """A house name in another spelling; it is ours, so no capital protects it.

    >>> respell("Central Organisation Commission", "en-US"), respell("work programmes", "en-US")
    ('Central Organization Commission', 'work programs')
    """
    if spelling == KEEP:
        return text
    words = certain_words(spelling)
    return _WORD.sub(lambda match: _other(match[0], words), text)


def _other(word: str, words: Mapping[str, str]) -> str:
    form = words.get(word.lower())
    return word if form is None else fit_case(form, word)


def fit_case(form: str, like: str) -> str:
    """A word in lower case with the capitals of another.

    >>> fit_case("colour", "Color"), fit_case("colour", "COLOR"), fit_case("colour", "color")
    ('Colour', 'COLOUR', 'colour')
    """
    if like.isupper() and len(like) > 1:
        return form.upper()
    return form[:1].upper() + form[1:] if like[:1].isupper() else form


@cache
def _rows_by_word() -> Mapping[str, tuple[str, ...]]:
    rows: dict[str, tuple[str, ...]] = {}
    for row in _rows():
        plain = tuple(word.lstrip("?") for word in row)
        for word in plain:
            rows.setdefault(word, plain)
    return rows


def all_spellings(phrase: str) -> tuple[str, ...]:
    """A phrase, and the phrase as it is spelt in America, in Britain and by Oxford.

    >>> all_spellings("labor organisation")
    ('labor organisation', 'labor organization', 'labour organisation', 'labour organization')
    """
    columns = sorted(_COLUMNS.values())
    return tuple(dict.fromkeys((phrase, *(_write(phrase, column) for column in columns))))


def both_spellings(phrase: str) -> tuple[str, ...]:
    """A phrase in its spellings, of which only one in -ise or -ize: folded texts have no other.

    >>> both_spellings("labour union"), both_spellings("mass organisation")
    (('labour union', 'labor union'), ('mass organisation',))
    """
    by_fold: dict[str, str] = {}
    for spelt in all_spellings(phrase):
        by_fold.setdefault(spelt.replace("iz", "is").replace("yz", "ys"), spelt)
    return tuple(by_fold.values())


def _write(phrase: str, column: int) -> str:
    def change(match: re.Match[str]) -> str:
        row = _rows_by_word().get(match[0].lower())
        return fit_case(row[column], match[0]) if row else match[0]

    return _WORD.sub(change, phrase)
