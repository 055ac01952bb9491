"""Make `normalise/language/english_words.bin`, the English words that a translation may use.

    python tools/english_words.py /usr/share/dict/{british,american}-english-huge \
        --pairs training/written/*.tsv.xz

The lists are SCOWL's, in the sizes of Debian's wbritish-huge and wamerican-huge; their licence is
in `normalise/language/english_words.txt`. The English side of the composed training pairs adds
words that are too new for them. What is kept is a Bloom filter: 12 bits a word, and about 3 in
1,000 unknown words taken for known ones, in exchange for a list that needs no time to load.
"""

from __future__ import annotations

import argparse
import lzma
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from normalise.language.english import fold_word, hash_word

BITS_PER_WORD = 12
OUT = Path(__file__).resolve().parent.parent / "normalise" / "language" / "english_words.bin"
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


def listed(paths: Iterable[Path]) -> Iterator[str]:
    """The words of lists, one a line, names among them, all in lower case."""
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            yield fold_word(line.strip().lower())


def composed(paths: Iterable[Path]) -> Iterator[str]:
    """Words in lower case that stand at least twice on the English side of pairs."""
    found: Counter[str] = Counter()
    for path in paths:
        for line in lzma.decompress(path.read_bytes()).decode("utf-8").splitlines():
            english = line.split("\t")[0].replace("’", "'")
            found.update(word.removesuffix("'s") for word in _WORD.findall(english))
    return (fold_word(word) for word, count in found.items() if count > 1 and word.islower())


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("lists", type=Path, nargs="+")
    parser.add_argument("--pairs", type=Path, nargs="*", default=[])
    a = parser.parse_args()
    words = sorted({*listed(a.lists), *composed(a.pairs)})
    bits = bytearray(len(words) * BITS_PER_WORD // 8 + 1)
    for word in words:
        for place in hash_word(word, len(bits) * 8):
            bits[place >> 3] |= 1 << (place & 7)
    OUT.write_bytes(bits)
    print(f"{len(words)} words, {len(bits)} bytes")


if __name__ == "__main__":
    main()
