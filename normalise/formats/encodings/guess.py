"""Telling the encoding of a text that is not UTF-8, by what its words would be in each.

Every different word with a letter or mark beyond ASCII is read in each encoding that is in
question, and judged: is it a Vietnamese syllable as it is written, or a word of a western language
that the ASCII words around it show? In the right encoding nearly all words are sound; in a wrong
one, only some by chance. The odds are multiplied, word by word, with the odds that it is some other
encoding. Where they leave a doubt, nothing is decided: a person must say.

``benchmarks/encodings.py`` measures it: ``benchmarks/results/encodings.md``.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from normalise.language.vietnamese import is_written_syllable

SURE = 0.999
"""Confidence from which a guess decides."""

_VIETNAMESE = ("cp1258", "tcvn", "viscii")
_WESTERN = "cp1252"
_NONE = ""
# How likely each is before a word was read, and how often a word is sound in the right one.
_PRIORS = {_WESTERN: 0.4, "cp1258": 0.1, "tcvn": 0.1, "viscii": 0.1, _NONE: 0.3}
_SOUND = 0.97
# How often a word is sound by chance, where the text is in none of these encodings.
_CHANCE = {"vi": 0.3, "mark": 0.1, "en": 0.5, "other": 0.15}
_TORN = "torn"
_MOST_WORDS = 2000
_MOST_BYTES = 400_000

# Words that show a language, and the letters beyond ASCII that it has (English in names).
_SMALL_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the of and to in is for on with that by as at from was were are have has",
        "no": "og i det er en et den til som på av for med at har de ikke om fra ble var",
        "da": "og i det er en et den til som på af for med at har de ikke om fra blev",
        "sv": "och i det är en ett den till som på av för med att har de inte om från var",
        "de": "der die das und in den von zu mit ist auf für im eine ein nicht des dem",
        "fr": "le la les de des du et en un une dans que pour est sur par au qui pas",
    }.items()
}
_LETTERS: Mapping[str, str] = {
    "en": "éèêëàâáãåäæçíïîñóôöøúü",
    "no": "æøåéèêóòôäöü",
    "da": "æøåéèêóäöü",
    "sv": "åäöéèüæø",
    "de": "äöüßéèàáâ",
    "fr": "àâçéèêëîïôùûüœæ",
}
_ALONE: Mapping[str, str] = {"no": "å", "sv": "åö", "fr": "àù"}
_FEWEST_SMALL_WORDS = 3
_SHARE_OF_SMALL_WORDS = 0.08

_WORD = re.compile(rb"[A-Za-z\x80-\xff\x02\x05\x06\x14\x19\x1e'-]+")
_HIGH = re.compile(rb"[\x80-\xff]")
_ASCII_WORD = re.compile(rb"(?<![\x80-\xff])[A-Za-z]+(?![\x80-\xff])")
_PART = re.compile(r"[^\W\d_²³¹¼½¾]+")
# Marks by where they may stand in a word: before it, after it, inside it.
_BEFORE = "“‘«„–—•·…§©\u00a0£€¿¡°'-"
_AFTER = "”’»…–—\u00a0°®™·²³€“'-"
_INSIDE = "’–\u00ad\u00a0'-"
_LATIN_ROWS = frozenset((0x00, 0x01, 0x03, 0x1E, 0x20))


@dataclass(frozen=True, slots=True)
class Guess:
    """An encoding as Python names it, and how likely it is the right one, from 0 to 1.

    The encoding is empty if it is probably none of those that are known here.
    """

    encoding: str
    confidence: float

    @property
    def is_sure(self) -> bool:
        """Whether the guess may decide."""
        return bool(self.encoding) and self.confidence >= SURE


def guess_encoding(raw: bytes) -> Guess:
    """The likeliest encoding of the bytes of a text that are not UTF-8.

    >>> text = "Chi bộ phường họp, kết nạp đảng viên mới, bầu cấp ủy khóa mới."
    >>> guess_encoding(text.encode("tcvn"))
    Guess(encoding='tcvn', confidence=0.9999)
    >>> guess_encoding(b"caf\\xe9").is_sure
    False
    """
    wide = _guess_utf16(raw)
    if wide.encoding or b"\0" in raw:
        return wide
    sample = raw[:_MOST_BYTES]
    words = {word for word in _WORD.findall(sample) if _HIGH.search(word)}
    if not words:
        return Guess(_NONE, 0.0)
    chosen = sorted(words)[:_MOST_WORDS]
    languages = _find_languages(sample)
    scores = {_NONE: math.log(_PRIORS[_NONE])}
    verdicts: dict[str, list[str]] = {}
    for encoding in (_WESTERN, *_VIETNAMESE):
        try:
            raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        verdicts[encoding] = [_judge(word, encoding, languages) for word in chosen]
        scores[encoding] = math.log(_PRIORS[encoding])
    for index in range(len(chosen)):
        # By chance, a word may be sound in any of the encodings.
        found = [kinds[index] for kinds in verdicts.values()]
        sound = [_CHANCE[kind] for kind in found if kind in _CHANCE]
        scores[_NONE] += math.log(max(sound)) if sound else math.log(1 - _CHANCE["vi"])
        for encoding, kinds in verdicts.items():
            scores[encoding] += math.log(_SOUND if kinds[index] in _CHANCE else 1 - _SOUND)
    best = max(scores, key=lambda encoding: scores[encoding])
    total = sum(math.exp(score - scores[best]) for score in scores.values())
    # Never certain: a whole text may be made to mislead. One name in the letters of a neighbouring
    # language ("Wa³êsa") shows its encoding, however many words are alike in both.
    most = 0.99 if best == _WESTERN and _TORN in verdicts[best] else 0.9999
    return Guess(best, min(math.floor(1e4 / total) / 1e4, most))


def _find_languages(sample: bytes) -> tuple[str, ...]:
    """The western languages that the words in ASCII show."""
    words = [word.decode("ascii").lower() for word in _ASCII_WORD.findall(sample)]
    found = []
    for language, small in _SMALL_WORDS.items():
        hits = [word for word in words if word in small]
        enough = _SHARE_OF_SMALL_WORDS * len(words)
        if len(set(hits)) >= _FEWEST_SMALL_WORDS and len(hits) >= enough:
            found.append(language)
    return tuple(found)


def _judge(word: bytes, encoding: str, languages: tuple[str, ...]) -> str:
    """What kind of sound word it is in this encoding, the key of its chance; "" if it isn't.

    ``_TORN`` is one with a mark that no word has in that place.
    """
    text = unicodedata.normalize("NFC", word.decode(encoding))
    parts = list(_PART.finditer(text))
    if not parts:
        return "mark" if languages and all(c in _BEFORE + _AFTER for c in text) else ""
    before, after = text[: parts[0].start()], text[parts[-1].end() :]
    inside = [text[a.end() : b.start()] for a, b in pairwise(parts)]
    if any(c not in _BEFORE for c in before) or any(c not in _AFTER for c in after):
        return _TORN
    if any(c not in _INSIDE for between in inside for c in between):
        return _TORN
    strange = [part[0] for part in parts if not part[0].isascii()]
    if not strange:
        return "mark" if encoding == _WESTERN and languages else ""
    if encoding != _WESTERN:
        return "vi" if all(map(is_written_syllable, strange)) else ""
    kinds = [_judge_western(part, languages) for part in strange]
    return "" if "" in kinds else "en" if "en" in kinds else "other"


def _judge_western(word: str, languages: tuple[str, ...]) -> str:
    lower = word.lower()
    if not (word.islower() or word.isupper() or word.istitle()):
        return ""
    high = [c for c in lower if not c.isascii()]
    for language in sorted(languages, key=lambda language: language == "en"):
        if len(lower) == 1:
            if lower in _ALONE.get(language, ""):
                return "other"
            continue
        crowded = 2 * len(high) > len(lower) or any(
            not a.isascii() and not b.isascii() and a != b
            for a, b in pairwise(lower)
        )
        if not crowded and all(c in _LETTERS[language] for c in high):
            return "en" if language == "en" else "other"
    return ""


def _guess_utf16(raw: bytes) -> Guess:
    """UTF-16 without a mark, by the rows of Unicode that Latin letters and punctuation are in."""
    if b"\0" not in raw or len(raw) < 16 or len(raw) % 2:
        return Guess(_NONE, 0.0)
    sample = raw[: _MOST_BYTES // 2 * 2]
    for encoding, high, low in (("utf-16-le", 1, 0), ("utf-16-be", 0, 1)):
        rows, cells = sample[high::2], sample[low::2]
        latin = sum(rows.count(row) for row in _LATIN_ROWS) / len(rows)
        # In the other order, letters of the alphabet would be whole rows.
        if latin < 0.98 or rows.count(0) < 0.5 * len(rows) or cells.count(0):
            continue
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        plain = sum(c.isalnum() or c.isspace() or c in ".,;:!?()\"'-/" for c in text)
        if plain >= 0.9 * len(text):
            return Guess(encoding, 0.9999)
    return Guess(_NONE, 0.0)


def name_likely(raw: bytes) -> str:
    """An encoding to name in a message where there is no better guess; never used for decoding."""
    if any(0x80 <= byte <= 0x9F for byte in raw):
        candidates = [_WESTERN, "cp1258", "shift_jis", "gb18030"]
    else:
        candidates = ["latin-1"]
    for codec in candidates:
        try:
            raw.decode(codec)
        except UnicodeDecodeError:
            continue
        return codec
    return ""
