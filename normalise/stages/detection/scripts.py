"""Languages that their script tells."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Scripts that one language of this world's pages writes. Where two do (Cyrillic, Arabic,
# Devanagari), the general model decides.
_OWN = (
    ("ko", re.compile(r"[\u1100-\u11ff\uac00-\ud7af]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("lo", re.compile(r"[\u0e80-\u0eff]")),
    ("km", re.compile(r"[\u1780-\u17ff]")),
    ("el", re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("bn", re.compile(r"[\u0980-\u09ff]")),
)
_KANA = re.compile(r"[\u3040-\u30ff\u31f0-\u31ff]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_BEYOND_LATIN = re.compile(r"[\u0370-\u1dff\u1f00-\u1fff\u2c80-\ua71f\ua800-\ufaff\ufb1d-\ufefc]")
_SOME_KANA = 0.1
_SIMPLIFIED = re.compile(
    "[们国个来这时对会发经说产种过动进现实应开关还没从业务员级统边远导组织习党为县镇农书记办论]"
)
_TRADITIONAL = re.compile(
    "[們國個來這時對會發經說產種過動進現實應開關還沒從業務員級統邊遠導組織習黨為縣鎮農書記辦論]"
)
_MOST_TO_COMPARE = 20_000


def is_latin(words: Sequence[str]) -> bool:
    """Whether the words are in Latin letters, but for a quarter: names are often left in them.

    >>> is_latin(["Việt", "Nam"]), is_latin(["党的支部", "Facebook"])
    (True, False)
    """
    text = "".join(words)
    return text.isascii() or 4 * len(_BEYOND_LATIN.findall(text)) <= len(text)


def tell_by_script(words: Sequence[str]) -> str:
    """The language that alone writes so; empty where the script leaves it open.

    >>> tell_by_script(["党の支部"]), tell_by_script(["党支部"]), tell_by_script(["партия"])
    ('ja', 'zh', '')
    """
    text = "".join(_BEYOND_LATIN.findall("".join(words)))
    han, kana = len(_HAN.findall(text)), len(_KANA.findall(text))
    if 2 * (han + kana) > len(text):
        return "ja" if kana > _SOME_KANA * (han + kana) else "zh"
    for code, letters in _OWN:
        if 2 * len(letters.findall(text)) > len(text):
            return code
    return ""


def tell_chinese(text: str) -> str:
    """Argos's code for Chinese: ``zt`` where characters are traditional ones, else ``zh``.

    >>> tell_chinese("黨支部"), tell_chinese("党支部")
    ('zt', 'zh')
    """
    head = text[:_MOST_TO_COMPARE]
    return "zt" if len(_TRADITIONAL.findall(head)) > len(_SIMPLIFIED.findall(head)) else "zh"
