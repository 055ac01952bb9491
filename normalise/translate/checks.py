"""What can be wrong with a decoded sentence, whatever it says: loops, excess, gaps, no change.

Every check compares the output with its source, because the source itself may be repetitive, long
or all names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from operator import eq

from normalise.data import FlagRule
from normalise.language import english

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_ENGLISH = frozenset(
    "the of and to in a an is was for that on with as by at from are be has have had it its this "
    "which were been will not or their they his her he she who all more than also into "
    "after".split()
)
_FOREIGN = frozenset(
    "og ikke som til av på er det med den de har ble blir vil kan skal eller ved også fra om "
    "å i en et at der hvor var være ha sin sitt sine "
    "und nicht der die das ist mit von zu auf für werden wurde eine einen dem des "
    "et les des est dans pour une par sur qui avec du au aux "
    "y los las una por para con del que se es en el la "
    "och inte att är av för på som ett har den "
    "een het van niet voor zijn wordt "
    "e di che il per non una della con "
    "do da em para com uma não os as".split()
) - _ENGLISH - {"i", "en", "do", "as", "at", "la", "se", "on"}

_STUTTER = re.compile(r"([^\W\d_]{1,6}?)\1{7,}")
LOOP_RUNS = 3
"""This many repeats of the same words in a row are a loop, unless the source has them too."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with an output as a whole: a short ``rule`` and a reason in words."""

    rule: FlagRule
    reason: str


def find_problem(
    source: str, output: str, *, pieces: tuple[int, int] = (0, 0), cut: bool = False
) -> Problem | None:
    """The first thing that makes an output unusable, None if it is usable.

    Args:
        source: The sentence the model was given.
        output: The model's output.
        pieces: Lengths of source and output in pieces (0, 0 if unknown).
        cut: Whether decoding stopped at its length limit.

    >>> find_problem("Partiet er sterkt.", "The party is strong.")
    >>> find_problem("Partiet er sterkt.", "...").rule
    'empty'
    """
    if not has_letters(source):
        return None
    if not has_letters(output) and not any(c.isdigit() for c in output):
        return Problem("empty", "the output has no letters")
    if not has_letters(output) and len(words(source)) > 3:
        return Problem("empty", "the output is figures only")
    if "\ufffd" in output and "\ufffd" not in source:
        return Problem("garbled", "the output holds broken characters")
    if loop := find_loop(source, output):
        return Problem("loop", f"the output repeats {loop!r}")
    taken, given = pieces
    if cut or (taken and given > 3 * taken + 12):
        return Problem("runaway", "the output is far longer than the source")
    if taken >= 14 and given * 4 < taken:
        return Problem("dropped", "the output is far shorter than the source")
    if looks_untranslated(source, output):
        return Problem("untranslated", "the output is still in the source language")
    return None


def has_letters(text: str) -> bool:
    """Whether a text has any letter of any script."""
    return any(character.isalpha() for character in text)


def words(text: str) -> list[str]:
    """The words of a text in lower case, without figures and marks."""
    return [word.lower() for word in _WORD.findall(text)]


def find_loop(source: str, output: str) -> str:
    """The words that an output keeps repeating, empty if it does not.

    >>> find_loop("Leder og leder", "the committee of the committee of the committee of the day")
    'the committee of'
    >>> find_loop("nei, nei, nei", "no, no, no")
    ''
    """
    given = words(output)
    found, runs = _longest_run(given)
    if found and runs > max(LOOP_RUNS - 1, _longest_run(words(source))[1]):
        return " ".join(found)
    # Loops that change a word each time: hardly any new words in a long output.
    if len(given) >= 24 and _variety(given) < min(0.35, 0.6 * _variety(words(source))):
        return " ".join(given[-6:])
    match = _STUTTER.search(output)
    if match and not _STUTTER.search(source):
        return match[1]
    return ""


def _variety(given: list[str]) -> float:
    return len(set(given)) / len(given) if given else 1.0


def _longest_run(given: list[str]) -> tuple[list[str], int]:
    """The words most often repeated back to back (up to eight at a time), and how often.

    Fewer than `LOOP_RUNS` repeats are ignored.
    """
    best: tuple[list[str], int] = ([], 1)
    for size in range(1, min(8, len(given) // LOOP_RUNS) + 1):
        same = bytes(map(eq, given[size:], given))
        if bytes([1]) * (size * (LOOP_RUNS - 1)) not in same:
            continue
        longest = max(same.split(b"\0"), key=len)
        runs = len(longest) // size + 1
        if runs > best[1]:
            start = same.index(longest)
            best = (given[start : start + size], runs)
    return best


def looks_untranslated(source: str, output: str) -> bool:
    """Whether an output is the source itself, or mostly source-language words.

    Names, figures and words that are the same in both languages do not count against it.

    >>> looks_untranslated("Partiet er ikke sterkt nok", "Partiet er ikke sterkt nok")
    True
    >>> looks_untranslated("Le Thi Kim Dung, Ha Giang", "Le Thi Kim Dung, Ha Giang")
    False
    """
    if _other_script(output) and _other_script(source):
        return True
    given = _common_words(output)
    english = sum(word in _ENGLISH for word in given)
    if not given or (len(given) >= 4 and english * 5 >= len(given)):
        return False
    taken = _common_words(source)
    if not taken:
        return False
    foreign = sum(word in _FOREIGN for word in given)
    kept = sum((Counter(taken) & Counter(given)).values()) / len(given)
    if len(given) < 4:
        # This few words may be the same in both languages, unless their letters say otherwise.
        return given == taken and (foreign > 0 or any(re.search("[æøåäöß]", w) for w in given))
    return kept >= 0.5 and (foreign > 0 or kept >= 0.9)


def find_doubtful(source: str, output: str, names: Iterable[str] = ()) -> tuple[str, ...]:
    """Words of an output that are neither English nor in the source, such as half-made ones.

    Words of up to three letters, and all in capitals, are left out, and so are ``names``, which
    the output may have.

    >>> find_doubtful("De konkretiserte sensuren i Osen.", "Osen's Sensur was concreteised.")
    ('Sensur', 'concreteised')
    """
    given = dict.fromkeys(word.replace("’", "'") for word in _WORD.findall(output))
    doubtful = [
        word
        for word in given
        if len(word) > 3 and not word.isupper() and not english.is_word(word.lower())
    ]
    if not doubtful:
        return ()
    known = {word.casefold() for text in (source, *names) for word in _WORD.findall(text)}
    return tuple(
        word
        for word in doubtful
        if not {bare := word.casefold().removesuffix("'s"), f"{bare}s"} & known
    )


def _common_words(text: str) -> list[str]:
    """Words in lower case, which are not names."""
    return [word for word in _WORD.findall(text) if word.islower()]


def _other_script(text: str) -> bool:
    if text.isascii():
        return False
    letters = [character for character in text if character.isalpha()]
    # Latin with all its Vietnamese letters ends at U+024F and U+1E00 to U+1EFF.
    foreign = sum(not (c < "\u0250" or "\u1e00" <= c <= "\u1eff") for c in letters)
    return len(letters) >= 4 and foreign * 3 > len(letters)
