"""Valid inputs, damaged at random: the same for the same seed, whatever the machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

# What readers stumble over: brackets, marks of a format, wrong UTF-8, large numbers, other types.
_ODD = (
    b"\0", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\x0c", b"\r",
    b"\n", b"\t", b"'", b'"', b"\\", b"\\ud800", b"{", b"}", b"[", b"]", b"<", b">", b"&x;", b"&",
    b"*", b"!", b"|", b": ", b"- ", b"#", b"null", b"true", b"-1", b"1e999", b"9" * 400, b"NaN",
    b"[" * 200, b"{}", b"[]", b'"a"', b"!!python/name:os.system ", b"<!-- ", b"<![CDATA[", b"/../",
    b"```", b"../", b"(", b")", "đ".encode(), "\u0301".encode(), b"PK\x05\x06",
)  # fmt: skip
_LONGEST = 20_000  # bytes of an input, however often parts of it were doubled


def damage(seed: int, valid: Sequence[bytes]) -> bytes:
    """One of the valid inputs with one to five damages; others are spliced into it."""
    random = Random(seed)
    content = random.choice(valid)
    for _ in range(random.choice((1, 1, 1, 2, 3, 5))):
        content = _damage(random, content, valid)
    return content[:_LONGEST]


def damaged(count: int, valid: Sequence[bytes], start: int = 0) -> Iterator[tuple[int, bytes]]:
    """``count`` seeds and what they make."""
    return ((seed, damage(seed, valid)) for seed in range(start, start + count))


def _damage(random: Random, content: bytes, valid: Sequence[bytes]) -> bytes:
    at = random.randrange(len(content) + 1)
    end = min(len(content), at + random.choice((1, 2, 5, 20, 200)))
    kind = random.randrange(8)
    if kind == 0:  # a bit, or all bits, of one byte
        flip = bytes(byte ^ random.choice((1, 2, 16, 32, 128, 255)) for byte in content[at : at + 1])
        return content[:at] + flip + content[at + 1 :]
    if kind == 1:
        return content[:at]
    if kind == 2:
        return content[:at] + random.choice(_ODD) + content[at:]
    if kind == 3:  # one thing for another
        return content[:at] + random.choice(_ODD) + content[end:]
    if kind == 4:
        return content[:at] + content[end:]
    if kind == 5:
        return content[:end] + content[at:end] * random.choice((1, 2, 9)) + content[end:]
    if kind == 6:  # the beginning of one, the end of another
        other = random.choice(valid)
        return content[:at] + other[random.randrange(len(other) + 1) :]
    lines = content.splitlines(keepends=True)
    random.shuffle(lines)
    return b"".join(lines)
