"""Vietnamese names of persons and places in a sentence of any language.

Such names are runs of capitalised words built like Vietnamese syllables. Models damage them
("Le Thi Kim Dung" becomes "Le Thi Kim fertiliser"), so they are looked for in the output.
"""

from __future__ import annotations

import re
import unicodedata

_SYLLABLE = re.compile(
    r"(?:b|ch|c|d|gh|gi|g|h|kh|k|l|m|ngh|ng|nh|n|ph|p|qu|r|s|th|tr|t|v|x)?"
    r"(?:ieu|yeu|uoi|uou|uay|uya|uyu|oai|oay|oeo|ai|ao|au|ay|eo|eu|ia|ie|iu|oa|oe|oi|oo|ua|ue|ui|"
    r"uo|uu|uy|uye|ya|ye|a|e|i|o|u|y)"
    r"(?:ch|ng|nh|c|m|n|p|t)?"
)
_CAPITALISED = r"[^\W\d_a-zæøåäöß][^\W\d_]*"
_RUN = re.compile(rf"(?<![\w-]){_CAPITALISED}(?:[ \u00a0]{_CAPITALISED})+(?![^\W_])")
_SURNAMES = frozenset(
    "an bach bui cao chau chu cung dam dang dao diep dinh doan dong duong ha hau hoang hua "
    "huynh khuat kieu la lam le lo luong luu ly mac mai ngo nguyen ninh nong pham phan phung "
    "quach ta thach thai than tran trieu trinh truong ung vu vuong vo giang hoa sung thao mua "
    "vang ma".split()
)
_PLACES = frozenset(
    "ha noi|ho chi minh|hai phong|da nang|can tho|hue|tuyen quang|ha giang|cao bang|lang son|"
    "quang ninh|bac ninh|bac giang|thai nguyen|phu tho|vinh phuc|hoa binh|lao cai|yen bai|"
    "dien bien|lai chau|son la|hung yen|hai duong|thai binh|nam dinh|ha nam|ninh binh|thanh hoa|"
    "nghe an|ha tinh|quang binh|quang tri|quang nam|quang ngai|binh dinh|phu yen|khanh hoa|"
    "ninh thuan|binh thuan|kon tum|gia lai|dak lak|dak nong|lam dong|dong nai|binh duong|"
    "binh phuoc|tay ninh|long an|tien giang|ben tre|tra vinh|vinh long|dong thap|an giang|"
    "kien giang|hau giang|soc trang|bac lieu|ca mau|phan rang|dien bien phu|ba dinh".split("|")
)
# Words of European languages that are also built like Vietnamese syllables; capitalised at the
# start of a sentence they are no part of a name.
_NOT_FIRST = frozenset(
    "den det de han hun men kan hos her nu na vi i ti to tre et en ei av pa som at han om da der "
    "die das an im in am so wo du es er ich mit le la les un une des du il on et que qui en el lo "
    "los al y o no se su con mi a an on of he me my to do so no it is at as then than that they "
    "them such can not but both each much".split()
)


def fold_name(text: str) -> str:
    """Small letters without Vietnamese marks.

    >>> fold_name("Đặng Hữu Trí")
    'dang huu tri'
    """
    plain = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    return "".join(c for c in plain if not unicodedata.combining(c)).lower()


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
            if _is_syllable(word) and not (not group and fold_name(word) in _NOT_FIRST
                                           and fold_name(word) not in _SURNAMES):  # fmt: skip
                group.append((start, word))
                continue
            if 2 <= len(group) <= 6 and not all(word.isupper() for _, word in group):
                found.append((group[0][0], group[-1][0] + len(group[-1][1])))
            group = []
    return found


def _is_syllable(word: str) -> bool:
    # "A" as in Hau A Lenh; other single letters are initials or abbreviations.
    return len(word) <= 7 and bool(_SYLLABLE.fullmatch(fold_name(word)))


def restore_names(output: str, names: list[str]) -> str:
    """Names that lost their marks on the way, as the source spells them.

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


# -- lines in capitals ---------------------------------------------------------------------------

_ROMAN = re.compile(r"(?=.*X|III|IV|VII|IX)(?:X{0,3}(?:IX|IV|V?I{0,3}))")
_KNOWN = {"vietnam": "Vietnam", "vietnams": "Vietnams", "hanoi": "Hanoi"}


def is_capitals(text: str) -> bool:
    """Whether a line is set in capitals throughout (and is more than an abbreviation).

    >>> is_capitals("PROVINSEN STYRKER PARTIET"), is_capitals("NATO"), is_capitals("EU og FN")
    (True, False, False)
    """
    letters = [c for c in text if c.isalpha() and c.lower() != c.upper()]
    if not letters or not all(c.isupper() for c in letters):
        return False
    words = [word for word in re.findall(r"[^\W\d_]+", text) if len(word) > 1]
    return len(letters) >= 8 or (len(words) >= 2 and any(len(word) >= 5 for word in words))


def lower_capitals(text: str) -> str:
    """A line of capitals as a sentence: names and abbreviations keep theirs, the length stays.

    >>> lower_capitals("NGUYỄN VĂN TOÀN LEDER MØTET I TUYEN QUANG OM VEDTAK 04-NQ/TU")
    'Nguyễn Văn Toàn leder møtet i Tuyen Quang om vedtak 04-NQ/TU'
    """
    matches = list(re.finditer(r"[^\s]+", text))
    words = [match[0] for match in matches]
    kinds = _name_words(words)
    out = list(text)
    for index, match in enumerate(matches):
        word = _lower_word(match[0], kinds[index])
        if len(word) == len(match[0]):
            out[match.start() : match.end()] = word
    joined = "".join(out)
    for index, character in enumerate(joined):
        if character.isalpha():
            return joined[:index] + character.upper() + joined[index + 1 :]
    return joined


def _name_words(words: list[str]) -> list[bool]:
    folded = [fold_name(word.strip(".,;:!?()\"«»“”")) for word in words]
    named = [False] * len(words)
    index = 0
    while index < len(words):
        for size in (3, 2, 1):
            if " ".join(folded[index : index + size]) in _PLACES and size > 1:
                named[index : index + size] = [True] * size
                break
        if not named[index] and _marked(words[index]):
            named[index] = True
        if not named[index] and folded[index] in _SURNAMES:
            size = 1
            while (
                size < 4
                and index + size < len(words)
                and words[index + size - 1][-1].isalpha()
                and _SYLLABLE.fullmatch(folded[index + size])
                and folded[index + size] not in _NOT_FIRST
            ):
                size += 1
            # Short ones are words of other languages as well.
            if size > (2 if folded[index] in _NOT_FIRST or len(folded[index]) < 3 else 1):
                named[index : index + size] = [True] * size
        index += 1
    return named


def _marked(word: str) -> bool:
    """Whether a word has letters or marks that only Vietnamese uses."""
    plain = unicodedata.normalize("NFD", word)
    return any(c in "ĐđƠơƯưĂăÂâÊêÔô\u0309\u0323\u031b" for c in word + plain) and (
        bool(_SYLLABLE.fullmatch(fold_name(word.strip(".,;:!?()\"«»“”"))))
    )


def _lower_word(word: str, named: bool) -> str:
    bare = word.strip(".,;:!?()\"«»“”'’")
    if named:
        return "-".join(part[:1] + part[1:].lower() for part in word.split("-"))
    if any(c.isdigit() for c in bare) or _ROMAN.fullmatch(bare):
        return word
    if len(bare) > 1 and not re.search(r"[AEIOUYÆØÅÄÖÜÉ]", bare):
        return word
    lowered = word.lower()
    return lowered.replace(bare.lower(), _KNOWN.get(bare.lower(), bare.lower()), 1)
