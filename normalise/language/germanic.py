"""Noun endings in the Germanic languages that reports are translated from."""

from __future__ import annotations

import re

STEMMED = frozenset(("nb", "no", "nn", "da", "sv", "de", "nl"))
"""Languages whose words are compared by stem."""

_NORDIC = frozenset(("nb", "no", "nn", "da", "sv"))
_ENDINGS = (
    *("ernes", "enes", "erne", "ene", "ens", "ets", "ers", "ern"),
    *("en", "et", "er", "es", "e", "a"),
)
_PLURAL = re.compile(r"(?:er|ene|enes|erne|ernes|ers)$")
_ACCENTS = str.maketrans("éèêóòô", "eeeooo")
_SHORTEST_STEM = 4


def stem(word: str) -> str:
    """A crude stem of a lower-case word, good enough to match inflected forms of a noun.

    On the sentences of ``benchmarks/terms.py`` it finds as many terms as the Snowball stemmers
    (219), which separate "komité" from "komiteen" and "medlem" from "medlemmer".

    >>> {stem(word) for word in ("komité", "komiteen", "komiteens", "komiteer", "komiteene")}
    {'komit'}
    >>> {stem(word) for word in ("organisasjon", "organisasjonenes", "organisasjonens")}
    {'organisasjon'}
    >>> stem("partimedlemmene") == stem("partimedlem"), stem("provinsens") == stem("provins")
    (True, True)
    """
    word = word.translate(_ACCENTS)
    # An ending, then the stem's own vowel ("komite|ens"), then an s ("provins" also has one).
    for endings in (_ENDINGS, ("e", "a"), ("s",)):
        for ending in endings:
            if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
                word = word[: -len(ending)]
                break
    if len(word) > _SHORTEST_STEM and word[-1] == word[-2]:
        word = word[:-1]
    return word


def reads_plural(word: str) -> bool:
    """Whether a lower-case word has a plural ending.

    >>> reads_plural("komiteene"), reads_plural("komiteen")
    (True, False)
    """
    return _PLURAL.search(word) is not None


def is_definite(phrase: str, language: str) -> bool:
    """Whether a noun phrase has the definite form used in the Nordic languages.

    >>> is_definite("den stående komité", "nb"), is_definite("Parteizellen", "de")
    (True, False)
    """
    words = phrase.lower().split()
    return (
        language in _NORDIC
        and bool(words)
        and (words[0] in {"den", "det"} or words[-1].endswith(("en", "et", "ens")))
    )
