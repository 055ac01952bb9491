"""Vietnamese syllables, and the names of people and places made of them.

Such names are runs of capitalised words in a text in any language. Models damage them ("Le Thi Kim
Dung" becomes "Le Thi Kim fertiliser"), so they are looked for on both sides.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from normalise.language.letters import strip_marks

_SYLLABLE = re.compile(
    r"(?:b|ch|c|d|gh|gi|g|h|kh|k|l|m|ngh|ng|nh|n|ph|p|qu|r|s|th|tr|t|v|x)?"
    r"(?:ieu|yeu|uoi|uou|uay|uya|uyu|oai|oay|oeo|ai|ao|au|ay|eo|eu|ia|ie|iu|oa|oe|oi|oo|ua|ue|ui|"
    r"uo|uu|uy|uye|ya|ye|a|e|i|o|u|y)"
    r"(?:ch|ng|nh|c|m|n|p|t)?"
)
# The vowels of a syllable with the marks of their quality, without the tone, and what may follow
# them: nothing, any consonant, or only some.
_WRITTEN = re.compile(
    r"(?:b|ch|c|d|đ|gh|gi|g|h|kh|k|l|m|ngh|ng|nh|n|ph|p|qu|r|s|th|tr|t|v|x)?"
    r"(?:(?:iêu|yêu|ươi|ươu|uôi|uây|uya|uyu|oai|oay|oao|oeo|ai|ao|au|ay|âu|ây|eo|êu|ia|iu|oi|ôi|ơi|"
    r"ua|ui|ưa|ưi|ưu|uơ|uê|uy|oa|oe|a|e|ê|i|o|ô|ơ|u|ư|y)"
    r"|(?:iê|yê|uyê|uô|ươ|oa|oă|oe|oo|uâ|uê|uy|a|ă|â|e|ê|i|o|ô|ơ|u|ư|y)(?:ch|ng|nh|c|m|n|p|t))"
)
_STOPPED = re.compile(r"(?:ch|[cpt])\Z")
_LONGEST_SYLLABLE = 7
_CAPITALISED = r"[^\W\d_a-zæøåäöß][^\W\d_]*"
_RUN = re.compile(rf"(?<![\w-]){_CAPITALISED}(?:[ \u00a0]{_CAPITALISED})+(?![^\W_])")
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_STOP_TONES = "\u0301\u0323"
SURNAMES = frozenset(
    "an bach bui cao chau chu cung dam dang dao diep dinh doan dong duong ha hau hoang hua "
    "huynh khuat kieu la lam le lo luong luu ly mac mai ngo nguyen ninh nong pham phan phung "
    "quach ta thach thai than tran trieu trinh truong ung vu vuong vo giang hoa sung thao mua "
    "vang ma".split()
)
# Words in European languages that also look like Vietnamese syllables; capitalised at the start of
# a sentence they are not part of a name.
NOT_FIRST = frozenset(
    "den det de han hun men kan hos her nu na vi i ti to tre et en ei av pa som at om da der "
    "die das an im in am so wo du es er ich mit le la les un une des du il on et que qui en el lo "
    "los al y o no se su con mi a of he me my do it is as then than that they "
    "them such can not but both each much".split()
)


def fold_name(text: str) -> str:
    """Lower case without Vietnamese diacritics.

    >>> fold_name("Đặng Hữu Trí")
    'dang huu tri'
    """
    return strip_marks(text).lower()


@lru_cache(maxsize=20_000)
def is_syllable(word: str) -> bool:
    """Whether a word looks like a Vietnamese syllable, with or without its diacritics.

    >>> is_syllable("Nguyễn"), is_syllable("Dung"), is_syllable("komite")
    (True, True, False)
    """
    # "A" as in Hau A Lenh; other single letters are initials or abbreviations.
    return len(word) <= _LONGEST_SYLLABLE and bool(_SYLLABLE.fullmatch(fold_name(word)))


@lru_cache(maxsize=20_000)
def is_written_syllable(word: str) -> bool:
    """Whether a word is a Vietnamese syllable as it is written, with all its marks.

    A closer look than ``is_syllable``: each vowel has a mark of its own quality, there is one tone
    at most, a syllable that ends in a stop has one of two tones, and capitals come first or
    throughout.

    >>> [is_written_syllable(word) for word in ("đảng", "bộ", "Nguyễn", "ỦY", "các", "cúc")]
    [True, True, True, True, True, True]
    >>> [is_written_syllable(word) for word in ("bỗt", "đãt", "hµ", "Søn", "bÕ", "nẻr")]
    [False, False, False, False, False, False]
    """
    whole = unicodedata.normalize("NFD", word)
    tones = [mark for mark in whole if mark in _TONES]
    lower = unicodedata.normalize("NFC", "".join(c for c in whole if c not in _TONES)).lower()
    if len(lower) > _LONGEST_SYLLABLE or len(tones) > 1 or not _WRITTEN.fullmatch(lower):
        return False
    if _STOPPED.search(lower) and (not tones or tones[0] not in _STOP_TONES):
        return False
    return word.islower() or word.isupper() or word.istitle()


def is_marked(word: str) -> bool:
    """Whether a word is such a syllable, with letters or marks that only Vietnamese uses."""
    whole = word + unicodedata.normalize("NFD", word)
    return any(c in "ĐđƠơƯưĂăÂâÊêÔô\u0309\u0323\u031b" for c in whole) and is_syllable(word)


def find_names(text: str) -> list[tuple[int, int]]:
    """Spans of Vietnamese names of two to six words.

    >>> text = "Den faste visesekretæren Le Thi Kim Dung fra Tuyen Quang-provinsen talte."
    >>> [text[a:b] for a, b in find_names(text)]
    ['Le Thi Kim Dung', 'Tuyen Quang']
    """
    found = []
    for run in _RUN.finditer(text):
        words = [(m.start() + run.start(), m[0]) for m in re.finditer(r"[^\s]+", run[0])]
        group: list[tuple[int, str]] = []
        for start, word in [*words, (0, "-")]:
            if is_syllable(word) and (group or may_open(word)):
                group.append((start, word))
                continue
            if 2 <= len(group) <= 6 and not all(word.isupper() for _, word in group):
                found.append((group[0][0], group[-1][0] + len(group[-1][1])))
            group = []
    return found


def may_open(word: str) -> bool:
    """Whether a syllable may begin a name: a surname, or not a word in another language.

    >>> may_open("Le"), may_open("Men")
    (True, False)
    """
    folded = fold_name(word)
    return folded in SURNAMES or folded not in NOT_FIRST


def restore_names(output: str, names: list[str]) -> str:
    """Restore the diacritics that names lost in translation, as in the source.

    >>> restore_names("Comrade Nguyen Van Toan spoke", ["Nguyễn Văn Toàn"])
    'Comrade Nguyễn Văn Toàn spoke'
    """
    for name in names:
        if name in output or len(fold_name(output)) != len(output):
            continue
        places = list(re.finditer(rf"(?<!\w){re.escape(fold_name(name))}(?!\w)", fold_name(output)))
        for match in reversed(places):
            if output[match.start()].isupper():
                output = output[: match.start()] + name + output[match.end() :]
    return output
