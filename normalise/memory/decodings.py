"""What translation models answered, kept beside the translations made from it.

The answers are opaque here; the translator knows what is in them. They depend on the models and the
sentence, never on a glossary.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from normalise.memory.store import CHUNK, DAY, Memory


class Decodings:
    """The stored answers in a memory's file.

    Args:
        memory: The memory; its rules for files that cannot be written apply.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def find(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The answers for these keys, as far as there are any; notes that they were used today."""
        if not self._memory.read("SELECT 1 FROM sqlite_master WHERE name='decodings'"):
            return {}  # a file of an earlier version that cannot be written
        found: dict[bytes, bytes] = {}
        stale: list[bytes] = []
        today = int(time.time()) // DAY * DAY
        for start in range(0, len(keys), CHUNK):
            some = list(keys[start : start + CHUNK])
            marks = ",".join("?" * len(some))
            for key, answer, used in self._memory.read(
                f"SELECT key, answer, used FROM decodings WHERE key IN ({marks})", some
            ):
                found[key] = answer
                if used < today:
                    stale.append(key)
        if stale:
            self._memory.write(
                "UPDATE decodings SET used=? WHERE key=?", [(today, key) for key in stale]
            )
        return found

    def store(self, answers: Mapping[bytes, bytes], package: str) -> None:
        """Store answers of a package; an existing one stays as it is."""
        today = int(time.time()) // DAY * DAY
        rows = [(key, package, answer, today) for key, answer in answers.items()]
        self._memory.write("INSERT OR IGNORE INTO decodings VALUES (?,?,?,?)", rows)
