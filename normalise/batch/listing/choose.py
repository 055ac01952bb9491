"""Which documents of a folder are wanted: by name, by age, by what has just changed."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from functools import lru_cache

from normalise.errors import InputError
from normalise.formats import MAX_SIZE

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d|w)", re.IGNORECASE)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


@dataclass(frozen=True, slots=True)
class Choice:
    """Which documents are wanted, and where their outputs go; everything by default.

    ``include`` and ``exclude`` are names of files and folders, or paths relative to the source,
    with ``*`` and ``?``. ``since`` is a time in seconds since 1970: older documents are left out.
    ``only`` are the keys that are wanted (None for all), of documents or of folders. ``flat`` puts
    all outputs into one folder; ``to`` is the format of the outputs if not the documents' own.
    ``max_size`` is the largest file in an archive that is read, in bytes.
    """

    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    since: float = 0.0
    only: frozenset[bytes] | None = None
    flat: bool = False
    to: str = ""
    max_size: int = MAX_SIZE

    def excludes(self, path: str) -> bool:
        """Whether a file or folder is excluded; ``path`` is relative to the source.

        >>> Choice(exclude=("drafts", "*.bak")).excludes("a/drafts")
        True
        """
        return _matches(self.exclude, (path,))

    def is_asked_for(self, key: bytes) -> bool:
        """Whether a file, or a folder it is in, is among those that are wanted."""
        return self.only is None or any(part in self.only for part in _ancestry(key))

    def leads_to(self, key: bytes) -> bool:
        """Whether a folder may hold anything that is wanted."""
        return self.only is None or key in _folders_above(self.only) or self.is_asked_for(key)

    def why_not(self, key: bytes, changed: float) -> str:
        """Why a document is not wanted, empty if it is.

        Args:
            key: Its path relative to the source, as in the file system.
            changed: When it was last changed, in seconds since 1970.
        """
        if self.include and not _matches(self.include, map(os.fsdecode, _ancestry(key))):
            return "no --include matches it"
        if changed < self.since:
            return "last changed before --since"
        return ""


@lru_cache(maxsize=2)
def _folders_above(keys: frozenset[bytes]) -> frozenset[bytes]:
    return frozenset(folder for key in keys for folder in _ancestry(key)[:-1])


def _ancestry(key: bytes) -> list[bytes]:
    """A key and those of the folders it is in.

    >>> _ancestry(b"a/b/c.txt")
    [b'a', b'a/b', b'a/b/c.txt']
    """
    parts = key.split(b"/")
    return [b"/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _matches(patterns: Sequence[str], paths: Iterable[str]) -> bool:
    names = [name for path in paths for name in (path, path.rpartition("/")[2])]
    return any(fnmatchcase(name, pattern) for pattern in patterns for name in names)


def parse_since(text: str, now: float | None = None) -> float:
    """A date, or how long ago, as seconds since 1970; dates are in local time.

    Args:
        text: ``2026-11-01``, ``2026-11-01T08:30``, ``90m``, ``36h``, ``7d`` or ``2w``.
        now: The present, for durations.

    Raises:
        InputError: It is neither.

    >>> parse_since("2h", now=10_000.0)
    2800.0
    >>> parse_since("2026-11-02") - parse_since("2026-11-01")
    86400.0
    """
    duration = _DURATION.fullmatch(text.strip())
    if duration:
        seconds = float(duration[1]) * _SECONDS[duration[2].lower()]
        return (time.time() if now is None else now) - seconds
    try:
        return datetime.fromisoformat(text.strip()).timestamp()
    except (ValueError, OverflowError):
        raise InputError(
            f"{text!r} is neither a date nor a duration",
            remedy="write for instance 2026-11-01, 2026-11-01T08:30, 36h or 7d",
        ) from None
