"""The small model of the languages met here: letters and words, and what they speak for.

Made by ``training/language/train.py``. For each of its features (a run of one to four letters of a
word whose edges are marked, or the whole word) the file holds a byte a language. A word's evidence
is the sum of its features', a text's the sum of its words', so words are remembered. Python adds
long integers faster than lists: a row is one integer with 32 bits for each language.

The file, compressed with zlib: a line of JSON (``languages``, ``step``: what one unit is worth,
``bias``), four bytes with the length of the features' table, the table (a feature a line), then for
each language a byte for each feature, 128 standing for nothing.
"""

from __future__ import annotations

import json
import re
import struct
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

OTHER = "other"
"""The class for all languages that the model doesn't know."""

_FILE = Path(__file__).with_name("languages.bin")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LONGEST_GRAM = 4
_LONGEST_WORD = 30
_LANE = 4
_NOTHING = 128
_MOST_REMEMBERED = 100_000


class SmallModel:
    """Scores of words for each language; loads in a few milliseconds, without numpy.

    >>> model = SmallModel()
    >>> scores = model.score(["ikkje", "noko"])
    >>> max(scores, key=scores.__getitem__)
    'nn'
    """

    def __init__(self, path: Path = _FILE) -> None:
        head, _, rest = zlib.decompress(path.read_bytes()).partition(b"\n")
        facts = json.loads(head)
        self.languages: tuple[str, ...] = tuple(facts["languages"])
        self._step: float = facts["step"]
        self._bias: list[float] = facts["bias"]
        length = int.from_bytes(rest[:4], "little")
        grams = rest[4 : 4 + length].decode("utf-8").split("\n")
        columns = rest[4 + length :]
        # One lane more than languages counts the features, each of which adds 128 to all lanes.
        width = _LANE * (len(self.languages) + 1)
        table = bytearray(width * len(grams))
        for number in range(len(self.languages)):
            start = number * len(grams)
            table[number * _LANE :: width] = columns[start : start + len(grams)]
        table[width - _LANE :: width] = b"\1" * len(grams)
        self._rows = {
            gram: int.from_bytes(table[start : start + width], "little")
            for gram, start in zip(grams, range(0, len(table), width), strict=True)
        }
        self._unpack = struct.Struct(f"<{len(self.languages) + 1}I")
        self._words: dict[str, int] = {}

    def score(self, words: Iterable[str]) -> dict[str, float]:
        """The evidence for each language (natural logarithms of odds), from lower-case words."""
        remembered = self._words
        total = 0
        for word in words:
            sums = remembered.get(word)
            if sums is None:
                sums = self._add_up(word)
            total += sums
        *lanes, count = self._unpack.unpack(total.to_bytes(self._unpack.size, "little"))
        zero = _NOTHING * count
        return {
            code: bias + self._step * (lane - zero)
            for code, bias, lane in zip(self.languages, self._bias, lanes, strict=True)
        }

    def _add_up(self, word: str) -> int:
        rows = self._rows
        sums = sum(rows[gram] for gram in cut_into_grams(word) if gram in rows)
        if len(self._words) >= _MOST_REMEMBERED:
            self._words.clear()
        self._words[word] = sums
        return sums


def find_words(text: str) -> list[str]:
    """The words of a text as the model knows them: composed letters, small.

    >>> find_words("Møtet 30/4: l'Union")
    ['møtet', "l'union"]
    """
    return [word.lower() for word in _WORD.findall(unicodedata.normalize("NFC", text))]


def cut_into_grams(word: str) -> Sequence[str]:
    """A word's features: runs of one to four letters, edges marked, and the whole word.

    >>> cut_into_grams("of")
    ['<', 'o', 'f', '>', '<o', 'of', 'f>', '<of', 'of>', '<of>']
    """
    marked = f"<{word[:_LONGEST_WORD]}>"
    size = len(marked)
    grams = [
        marked[start : start + length]
        for length in range(1, _LONGEST_GRAM + 1)
        for start in range(size - length + 1)
    ]
    if size > _LONGEST_GRAM:
        grams.append(marked)
    return grams
