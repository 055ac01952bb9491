"""Addresses in running text, which must not be altered: URLs, host names, e-mail, data URIs."""

from __future__ import annotations

import re
from collections.abc import Iterator

_ADDRESS = re.compile(
    r"""(?:https?|ftp)://[^\s<>"'|]+      # web addresses
      | \bwww\.[^\s<>"'|]+
      | \bmailto:[^\s<>"'|]+
      | \bdata:[\w.+-]+/[\w.+-]+[;,][^\s<>"'|)]*
      | (?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}
      | (?<![\w@./-])(?:[\w-]{1,63}\.){1,8}(?:com|vn|org|net|gov|edu|info|no)(?!\w)(?:/[^\s<>"'|]*)?
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Checked first, because the engine finds a literal dot or colon fastest.
_HINT = re.compile(
    r"://|www\.|@|data:|mailto:|\.(?:com|vn|org|net|gov|edu|info|no)(?!\w)", re.IGNORECASE
)


def find_addresses(text: str) -> Iterator[tuple[int, int]]:
    """The spans of addresses, without the punctuation of the sentence around them.

    >>> text = "see https://a.vn/x(1), tinhuy.vn and post@tinhuy.vn."
    >>> [text[start:end] for start, end in find_addresses(text)]
    ['https://a.vn/x(1)', 'tinhuy.vn', 'post@tinhuy.vn']
    """
    for line in _lines_with_hints(text):
        for match in _ADDRESS.finditer(text, *line):
            start, end = match.span()
            surplus = text.count(")", start, end) - text.count("(", start, end)
            while end > start and text[end - 1] in ".,;:!?…'\"”’)]}*_":
                if text[end - 1] == ")":
                    if surplus <= 0:
                        break
                    surplus -= 1
                end -= 1
            if end > start:
                yield start, end


def _lines_with_hints(text: str) -> Iterator[tuple[int, int]]:
    done = 0
    for hint in _HINT.finditer(text):
        if hint.start() < done:
            continue
        start = text.rfind("\n", 0, hint.start()) + 1
        end = text.find("\n", hint.end())
        done = len(text) if end < 0 else end
        yield start, done
