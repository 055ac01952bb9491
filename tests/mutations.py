"""Real sentences, damaged the way pages and machine translation damage them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

SENTENCES = (Path(__file__).parent / "data" / "mutated.txt").read_text("utf-8").splitlines()

_SPACES = " \u00a0\u2003\u3000"
_MARKS = ",;:!?.…—―–‑-"
_BRACKETS = "()[]（）"
_QUOTES = "\"'“”‘’«»„"
_WIDE = "，、：；？！（）％０４９"
_HIDDEN = "\u200b\u00ad\ufeff\u202e\u0301\u0323\x07\x0c"


def mutate(seed: int) -> str:
    """A sentence with one to six damages; the same for the same seed, whatever the machine."""
    random = Random(seed)
    text = random.choice(SENTENCES)
    for _ in range(random.randint(1, 6)):
        text = _damage(random, text)
    return text


def mutations(count: int, start: int = 0) -> Iterator[str]:
    """``count`` damaged sentences."""
    return map(mutate, range(start, start + count))


def _damage(random: Random, text: str) -> str:
    at = random.randrange(len(text) + 1)
    kind = random.randrange(9)
    if kind == 0:  # a space or two
        return text[:at] + random.choice(_SPACES) * random.randint(1, 2) + text[at:]
    if kind == 1:  # a mark with or without spaces round it
        left, right = random.choice(("", " ")), random.choice(("", " "))
        return text[:at] + left + random.choice(_MARKS) + right + text[at:]
    if kind == 2:  # brackets or quotation marks round a stretch
        end = min(len(text), at + random.randint(1, 25))
        pair = random.choice(("()", "（）", "( )", "[]", "“”", "« »", '""', "‘’"))
        inner = text[at:end]
        return text[:at] + pair[:-1] + inner + pair[1:].rjust(len(pair) - 1) + text[end:]
    if kind == 3:
        return text[:at] + random.choice(_BRACKETS + _QUOTES + _WIDE + _HIDDEN) + text[at:]
    if kind == 4:  # something left out
        return text[:at] + text[at + random.randint(1, 6) :] or "."
    if kind == 5:  # something twice
        end = at + random.randint(1, 12)
        return text[:end] + random.choice(("", " ")) + text[at:end] + text[end:]
    if kind == 6:  # a space before every mark, as tokenisers leave it
        return "".join(f" {c}" if c in ",.;:!?)" else c for c in text)
    if kind == 7:  # full-width marks for plain ones
        return text.translate(str.maketrans(",:;?!()%0149", "，：；？！（）％０１４９"))
    other = random.choice(SENTENCES)
    return f"{text}{random.choice((' ', ', ', ' - ', chr(10)))}{other}"
