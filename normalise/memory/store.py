"""The translation memory: no sentence needs translating or correcting twice.

An SQLite file in WAL mode, safe with several processes. Machine translations are keyed by
everything that shaped them; corrections by people are keyed only by language pair and sentence, and
take precedence.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
import time
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from normalise.errors import TranslationMemoryError

log = logging.getLogger("normalise")

SCHEMA_VERSION = 1
DAY = 86400
CHUNK = 400
# A damaged file's text may get into SQLite's own message, which Python then cannot decode.
_ERRORS = (sqlite3.Error, UnicodeDecodeError)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS segments (
    key BLOB PRIMARY KEY, from_code TEXT NOT NULL, to_code TEXT NOT NULL, package TEXT NOT NULL,
    source TEXT NOT NULL, target TEXT NOT NULL, details TEXT NOT NULL,
    made INTEGER NOT NULL, used INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS corrections (
    from_code TEXT NOT NULL, to_code TEXT NOT NULL, source TEXT NOT NULL,
    target TEXT NOT NULL, author TEXT NOT NULL, made INTEGER NOT NULL,
    PRIMARY KEY (from_code, to_code, source)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS decodings (
    key BLOB PRIMARY KEY, package TEXT NOT NULL, answer BLOB NOT NULL, used INTEGER NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class StoredTranslation:
    """A stored machine translation: ``details`` is the translator's own note about it (JSON)."""

    key: bytes
    from_code: str
    to_code: str
    package: str
    source: str
    target: str
    details: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's translation of a sentence; ``made`` in seconds since 1970."""

    from_code: str
    to_code: str
    source: str
    target: str
    author: str = ""
    made: int = 0


def memory_key(package: str, options: str, engine: str, source: str) -> bytes:
    """The key of a machine translation: a hash of everything that shaped it.

    >>> memory_key("p", "beam4", "1", "Hei") == memory_key("p", "beam4", "1", "Hei")
    True
    >>> memory_key("p", "beam4", "1", "Hei") == memory_key("p", "beam1", "1", "Hei")
    False
    """
    return hashlib.sha256("\0".join((package, options, engine, source)).encode()).digest()[:20]


def same_sentence(text: str) -> str:
    """The form of a sentence under which corrections are found: NFC, single spaces.

    >>> same_sentence("  Møtet  ble\\nholdt. ")
    'Møtet ble holdt.'
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def default_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the memory is by default: ``$XDG_DATA_HOME/normalise/memory.sqlite``."""
    home = environment.get("XDG_DATA_HOME")
    folder = Path(home) if home else Path.home() / ".local" / "share"
    return folder / "normalise" / "memory.sqlite"


class Memory:
    """The memory in one file; opened on first use, separately in each process.

    If the place cannot be written, this is reported once: what can be read is used, but nothing is
    stored.

    Args:
        path: The SQLite file; `default_path` when None. Missing files and folders are created on
            the first write or read, never before.

    Raises:
        TranslationMemoryError: (in use) The file is not a memory, damaged, or from a later version.
    """

    def __init__(self, path: Path | str | None = None) -> None:
        self.path = Path(path) if path is not None else default_path()
        self._connection: sqlite3.Connection | None = None
        self._process = 0
        self._writable = True
        self._unusable = False

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["path"])  # type: ignore[misc]

    # -- opening ---------------------------------------------------------------------------------

    def _open(self) -> sqlite3.Connection | None:
        # A connection must not cross a fork; a worker process opens its own.
        if self._process == os.getpid() and (self._connection or self._unusable):
            return self._connection
        self._process, self._connection = os.getpid(), None
        self._writable, self._unusable = True, False
        try:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._connection = self._connect("rwc")
            except (OSError, sqlite3.OperationalError) as error:
                if _is_busy(error):
                    raise
                self._without_writing(error)
        except _ERRORS as error:
            raise self._broken(error) from error
        return self._connection

    def _connect(self, mode: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self.path.resolve().as_uri()}?mode={mode}", uri=True, timeout=60.0,
            isolation_level=None, check_same_thread=False,
        )  # fmt: skip
        try:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > SCHEMA_VERSION:
                raise TranslationMemoryError(
                    f"the translation memory was made by a later version (format {version})",
                    where=str(self.path),
                    remedy="update normalise, or choose another file with --memory",
                )
            if mode == "rwc":
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=NORMAL")
                connection.execute("BEGIN IMMEDIATE")
                for statement in _SCHEMA.split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
                connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        return connection

    def _without_writing(self, error: Exception) -> None:
        self._writable = False
        log.warning(
            "the translation memory %s cannot be written (%s); continuing without storing",
            self.path, error,
        )  # fmt: skip
        # In a folder that cannot be written, a WAL file can only be opened as immutable.
        for mode in ("ro", "ro&immutable=1"):
            try:
                self._connection = self._connect(mode)
                self._connection.execute("SELECT 1 FROM corrections LIMIT 1")
                return
            except (OSError, sqlite3.OperationalError):
                self._connection = None
        self._unusable = True

    def _broken(self, error: Exception) -> TranslationMemoryError:
        busy = "another process has locked the file for a minute" if _is_busy(error) else None
        return TranslationMemoryError(
            busy or f"the translation memory cannot be used ({error})",
            where=str(self.path),
            remedy="try again, or work with --no-memory" if busy else
            "move the file away (a new one is made), name another with --memory, or work with "
            "--no-memory",
        )  # fmt: skip

    def read(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """The rows of a statement."""
        connection = self._open()
        if connection is None:
            return []
        try:
            return connection.execute(statement, values).fetchall()
        except _ERRORS as error:
            raise self._broken(error) from error

    def write(self, statement: str, rows: Iterable[Sequence[Any]]) -> int:
        """Run a statement for each row, if the file can be written; returns the rows changed."""
        connection = self._open()
        if connection is None or not self._writable:
            return 0
        try:
            connection.execute("BEGIN IMMEDIATE")
            try:
                count = connection.executemany(statement, rows).rowcount
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise
        except _ERRORS as error:
            if isinstance(error, sqlite3.OperationalError) and not _is_busy(error):
                # A full disk or a folder that has become read-only must not stop the run.
                self._writable = False
                log.warning("the translation memory %s can no longer be written (%s)",
                            self.path, error)  # fmt: skip
                return 0
            raise self._broken(error) from error
        return max(0, count)

    def close(self) -> None:
        """Close the file; it opens again on the next use."""
        if self._connection is not None and self._process == os.getpid():
            self._connection.close()
        self._connection = None

    # -- machine translations --------------------------------------------------------------------

    def find(self, keys: Sequence[bytes]) -> dict[bytes, StoredTranslation]:
        """The entries for these keys, as far as there are any; notes that they were used today."""
        found: dict[bytes, StoredTranslation] = {}
        stale: list[bytes] = []
        today = int(time.time()) // DAY * DAY
        for start in range(0, len(keys), CHUNK):
            some = list(keys[start : start + CHUNK])
            marks = ",".join("?" * len(some))
            for row in self.read(
                "SELECT key, from_code, to_code, package, source, target, details, used "
                f"FROM segments WHERE key IN ({marks})", some,
            ):  # fmt: skip
                found[row[0]] = StoredTranslation(*row[:7])
                if row[7] < today:
                    stale.append(row[0])
        if stale:
            self.write("UPDATE segments SET used=? WHERE key=?", [(today, key) for key in stale])
        return found

    def store(self, entries: Iterable[StoredTranslation]) -> None:
        """Store machine translations; an existing entry stays as it is."""
        now = int(time.time())
        rows = [
            (e.key, e.from_code, e.to_code, e.package, e.source, e.target, e.details,
             now, now // DAY * DAY)
            for e in entries
        ]  # fmt: skip
        if rows:
            self.write("INSERT OR IGNORE INTO segments VALUES (?,?,?,?,?,?,?,?,?)", rows)

    def entries(self) -> Iterator[StoredTranslation]:
        """All machine translations, by language pair and sentence."""
        for row in self.read(
            "SELECT key, from_code, to_code, package, source, target, details FROM segments "
            "ORDER BY from_code, to_code, source, key"
        ):
            yield StoredTranslation(*row)

    # -- corrections -----------------------------------------------------------------------------

    def find_corrections(
        self, from_code: str, to_code: str, sources: Sequence[str]
    ) -> dict[str, str]:
        """The corrections of these sentences (as given) in one language pair."""
        wanted = {same_sentence(source): source for source in sources}
        found: dict[str, str] = {}
        names = list(wanted)
        for start in range(0, len(names), CHUNK):
            some = names[start : start + CHUNK]
            marks = ",".join("?" * len(some))
            for source, target in self.read(
                "SELECT source, target FROM corrections WHERE from_code=? AND to_code=? "
                f"AND source IN ({marks})", [from_code, to_code, *some],
            ):  # fmt: skip
                found[source] = target
        return {
            source: found[name] for source in sources if (name := same_sentence(source)) in found
        }

    def correct(self, corrections: Iterable[Correction]) -> int:
        """Store corrections; a later one for the same sentence replaces the earlier.

        Raises:
            TranslationMemoryError: The memory cannot be written; a person's work is never lost
                silently.
        """
        now = int(time.time())
        rows = [
            (c.from_code, c.to_code, same_sentence(c.source), c.target.strip(), c.author,
             c.made or now)
            for c in corrections
        ]  # fmt: skip
        self.write("INSERT OR REPLACE INTO corrections VALUES (?,?,?,?,?,?)", rows)
        self._must_write()
        return len(rows)

    def forget(self, from_code: str, to_code: str, source: str) -> bool:
        """Remove a correction; returns whether there was one."""
        count = self.write(
            "DELETE FROM corrections WHERE from_code=? AND to_code=? AND source=?",
            [(from_code, to_code, same_sentence(source))],
        )
        self._must_write()
        return count > 0

    def corrections(self) -> Iterator[Correction]:
        """All corrections, by language pair and sentence."""
        for row in self.read("SELECT * FROM corrections ORDER BY from_code, to_code, source"):
            yield Correction(*row)

    def _must_write(self) -> None:
        if self._unusable or not self._writable:
            raise TranslationMemoryError(
                "the translation memory cannot be written",
                where=str(self.path),
                remedy="check its permissions and free space, or choose another file with --memory",
            )

    # -- housekeeping ----------------------------------------------------------------------------

    def signature(self) -> str:
        """A hash of all corrections (they shape outputs); empty if there are none."""
        if not self.path.exists():
            return ""
        digest = hashlib.sha256()
        none = True
        for c in self.corrections():
            digest.update("\0".join((c.from_code, c.to_code, c.source, c.target, "")).encode())
            none = False
        return "" if none else digest.hexdigest()[:12]

    def statistics(self) -> dict[str, int]:
        """Entries, corrections and bytes on disk, and entries by language pair and package."""
        counts = {
            f"{from_code}-{to_code} {package}".strip(): count
            for from_code, to_code, package, count in self.read(
                "SELECT from_code, to_code, package, COUNT(*) FROM segments GROUP BY 1, 2, 3"
            )
        }
        corrections = self.read("SELECT COUNT(*) FROM corrections")
        size = self.path.stat().st_size if self.path.exists() else 0
        return {
            "entries": sum(counts.values()),
            "corrections": corrections[0][0] if corrections else 0,
            "bytes": size,
            **counts,
        }

    def prune(self, *, unused_days: int | None = None, package: str | None = None) -> int:
        """Delete machine translations (never corrections) and free the space.

        Args:
            unused_days: Those not used for this many days.
            package: Those made by this package (named as in `statistics`); all if neither is given.

        Returns:
            How many were deleted.
        """
        before = int(time.time()) - DAY * unused_days if unused_days is not None else None
        wanted = "WHERE (?1 IS NULL OR used < ?1) AND (?2 IS NULL OR package = ?2)"
        count = self.write(f"DELETE FROM segments {wanted}", [(before, package)])
        self.write(f"DELETE FROM decodings {wanted}", [(before, package)])
        self._must_write()
        self.read("VACUUM")
        self.read("PRAGMA wal_checkpoint(TRUNCATE)")
        return count


def _is_busy(error: Exception) -> bool:
    return isinstance(error, sqlite3.OperationalError) and (
        "locked" in str(error) or "busy" in str(error)
    )
