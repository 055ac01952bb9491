"""Which words of a text tell its language, and Vietnamese typed without its accents."""

from __future__ import annotations

import re
import unicodedata

from normalise.language.vietnamese import is_syllable

_NOISE = re.compile(
    r"<[^<>\n]{0,300}>|!?\[([^\[\]\n]{0,300})\]\([^()\n]{0,300}\)|`[^`\n]{0,300}`"
    r"|(?:https?://|www\.)\S+|(?<!\S)\S+@\S+\.\S+|&[a-z]{2,8};"
    r"|(?<![A-Za-z./-])[A-Za-z./-]*\d[\d.,/A-Za-z-]*|[#*_|>~=]+",
    re.IGNORECASE,
)
# Most texts hold none of it, and looking for one of these is much quicker.
_NOISY = re.compile(r"[<\[`@&\d#*_|>~=]|://|www\.", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_RIME = (
    "(?:uyen|uyet|uong|uoc|uoi|uou|uon|uom|uot|uop|ieng|iec|iem|ien|iep|iet|ieu|yen|yet|yeu|"
    "oang|oanh|oach|oan|oat|oac|oam|oai|oay|oeo|oen|oet|uang|uan|uat|uay|uynh|uych|uyt|uyu|uya|"
    "[aeiouy](?:ng|nh|ch|c|m|n|p|t)|ai|ao|au|ay|eo|eu|ia|iu|oa|oe|oi|oo|ua|ue|ui|uo|uu|uy|[aeiouy])"
)
# Syllables that English and the Nordic languages hardly have as words.
_TELLING = re.compile(
    r"(?:ng|nh|kh|tr)(?:" + _RIME + r")|.*(?:uong|ieng|ien|iet|ieu|uyen|uoc|uoi|inh|anh|oanh|ach)"
)
# Words that open a sentence and could be Vietnamese syllables, but tell English.
_OPENERS = frozenset({"The"})
_MOSTLY = 0.7


def find_telling_words(text: str) -> list[str]:
    """The words that tell the language: no markup, addresses, codes or acronyms, and few names.

    >>> find_telling_words("WTO, ASEAN: <b>møtet</b> i Nà Hang 30/4 (doc-12.pdf)")
    ['møtet', 'i']
    """
    text = unicodedata.normalize("NFC", text)
    if _NOISY.search(text):
        text = _NOISE.sub(lambda match: f" {match[1] or ''} ", text)
    words = _WORD.findall(text)
    if _are_shouted(words):
        return [word.lower() for word in words]
    # Vietnamese names are strings of capitalised syllables; on a page full of them they would
    # outvote the sentence they stand in.
    plain = [
        word
        for word in words
        if not (
            word[0].isupper()
            and (
                (len(word) > 1 and word.isupper())
                or (word not in _OPENERS and is_syllable(word))
            )
        )
    ]
    small = sum(word[0].islower() for word in words)
    return plain if plain and (small == 0 or small >= 2) else words


def is_shouting(text: str) -> bool:
    """Whether a text is set in capitals.

    >>> is_shouting("PARTY COMMITTEE No. 5"), is_shouting("The WTO")
    (True, False)
    """
    return _are_shouted(_WORD.findall(text))


def _are_shouted(words: list[str]) -> bool:
    shouted = [word for word in words if word.isupper()]
    return bool(shouted) and sum(map(len, shouted)) > _MOSTLY * sum(map(len, words))


def names_only(text: str) -> bool:
    """Whether a line is nothing but Vietnamese personal names: two to five syllables each.

    >>> names_only("Trần Thị Hoa, Le Van Nam"), names_only("Vi har et møte")
    (True, False)
    """
    for name in re.split(r"[,;|/–]", text):
        words = _WORD.findall(name)
        if len(words) > 5 or not all(word.istitle() and is_syllable(word) for word in words):
            return False
    return True


def is_bare_vietnamese(words: list[str]) -> bool:
    """Vietnamese typed without its accents, which no detector knows.

    Asks for running words in small letters, nearly all of them possible syllables, with several
    that English and the Nordic languages do not have.

    >>> is_bare_vietnamese("anh em trong nhom tinh nguyen".split())
    True
    """
    small = [word for word in words if word.islower()]
    if len(small) < 4 or not all(word.isascii() for word in small):
        return False
    if sum(map(is_syllable, small)) < 0.9 * len(small):
        return False
    telling = sum(is_syllable(word) and _TELLING.fullmatch(word) is not None for word in small)
    return telling >= max(2, 0.25 * len(small))
