"""What is known about an output folder's documents: saved as they finish, whatever ends the run.

``OUT/.normalise/records.sqlite`` has one row per document; ``OUT/audit.jsonl`` is written from it
at the end of every run. Before outputs are written, what they will be is noted as *intended*; after
a crash in between, the outputs themselves show which of the intended records are true.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec

from normalise import audit
from normalise.errors import InputError
from normalise.files import PRIVATE, AtomicFile, cannot_write, hash_file, printable

FILE_NAME = "records.sqlite"
SCHEMA_VERSION = 1
_RESERVE = "reserve"
_LEAST_RESERVE = 1 << 16
_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    key BLOB PRIMARY KEY, root BLOB NOT NULL, output TEXT NOT NULL, line BLOB NOT NULL,
    edited INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS intended (
    key BLOB PRIMARY KEY, root BLOB NOT NULL, output TEXT NOT NULL, line BLOB NOT NULL
);
"""
_CONFIRM = """
INSERT INTO records (key, root, output, line) SELECT key, root, output, line FROM intended WHERE 1
ON CONFLICT (key) DO UPDATE SET root=excluded.root, output=excluded.output, line=excluded.line,
edited=0
"""
_NOTE = """
INSERT INTO records (key, root, output, line) VALUES (?, ?, '', ?)
ON CONFLICT (key) DO UPDATE SET root=excluded.root, line=excluded.line
"""


@dataclass(frozen=True, slots=True)
class Record:
    """What is known about a document.

    ``key`` is its path (see ``Job``), ``line`` its record in the audit. ``output`` is the SHA-256
    of the file that was last written for it: of an earlier one if it has failed since, empty if
    there never was one. ``root`` is the folder it was found in, empty if unknown.
    """

    key: bytes
    line: bytes
    output: str = ""
    root: bytes = b""


class _Line(msgspec.Struct):
    """The content of an audit written by an earlier version."""

    path: str
    output_sha256: str = ""
    raw_path: str = ""


class Records:
    """The records of one output folder, for the one run that holds its lock.

    Args:
        target: The output folder.

    Raises:
        InputError: (here and in use) The folder cannot be written, its disk is full, or it was
            written by a later version.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        self._folder = target / PRIVATE
        self.drafts = self._folder / "drafts"
        self._size = 0
        self._reserved = 0
        with self._explained():
            self._clear_drafts()
            try:
                self._database = self._open()
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                # Damaged: set it aside; the audit has the records up to the last complete run.
                path = self._folder / FILE_NAME
                path.replace(path.with_name(f"{FILE_NAME}.damaged"))
                path.with_name(f"{FILE_NAME}-wal").unlink(missing_ok=True)
                self._database = self._open()
            self.settle()
            (self._size,) = self._database.execute(
                "SELECT COALESCE(SUM(LENGTH(line)), 0) FROM records"
            ).fetchone()

    def __enter__(self) -> Records:
        return self

    def __exit__(self, *error: object) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._database.close()
        self.free_reserve()

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._folder / FILE_NAME, isolation_level=None)
        try:
            # The lock ensures a single writer, so no shared memory is needed, which not all disks
            # support.
            database.execute("PRAGMA locking_mode=EXCLUSIVE")
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=NORMAL")
            (version,) = database.execute("PRAGMA user_version").fetchone()
            if version > SCHEMA_VERSION:
                raise InputError(
                    "this output folder was written by a later version of normalise",
                    where=printable(str(self._target)),
                    remedy="update normalise, or choose another OUT",
                )
            if version == 0:
                with _transaction(database):
                    for statement in _SCHEMA.split(";\n"):
                        database.execute(statement)
                    database.executemany(
                        "INSERT OR REPLACE INTO records VALUES (?, x'', ?, ?, 0)",
                        self._read_audit(),
                    )
                    database.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        except BaseException:
            database.close()
            raise
        return database

    def _read_audit(self) -> Iterator[tuple[bytes, str, bytes]]:
        """The rows of an audit without a database, as earlier versions left it."""
        decoder = msgspec.json.Decoder(_Line)
        with contextlib.suppress(FileNotFoundError), (
            self._target / audit.FILE_NAME
        ).open("rb") as lines:
            for line in lines:
                try:
                    found = decoder.decode(line)
                except msgspec.DecodeError:
                    continue  # a damaged line: its document is converted again
                key = unquote_to_bytes(found.raw_path) or os.fsencode(found.path)
                yield key, found.output_sha256, line.rstrip() + b"\n"

    # -- reading ---------------------------------------------------------------------------------

    def find(self, key: bytes) -> Record | None:
        """What is known about a document."""
        row = self._database.execute(
            "SELECT key, line, output, root FROM records WHERE key=?", (key,)
        ).fetchone()
        return Record(*row) if row else None

    def list_places(self) -> list[Record]:
        """All records in the order of their keys, without their lines."""
        rows = self._database.execute("SELECT key, x'', output, root FROM records ORDER BY key")
        return [Record(*row) for row in rows]

    # -- writing ---------------------------------------------------------------------------------

    def note(self, records: Iterable[Record]) -> None:
        """Save the records of documents that have no output now: failed or skipped.

        What is known about an earlier output is not forgotten.
        """
        with self._explained(), _transaction(self._database):
            self._database.executemany(_NOTE, ((r.key, r.root, r.line) for r in records))

    def intend(self, records: Sequence[Record]) -> None:
        """Note outputs that are about to be written; call ``confirm`` once they are."""
        size = sum(len(record.line) for record in records)
        with self._explained():
            # Reserve space for the audit before anything is written, so that a full disk cannot
            # take it.
            self._reserve(self._size + 4 * size + _LEAST_RESERVE)
            with _transaction(self._database):
                self._database.execute("DELETE FROM intended")
                self._database.executemany(
                    "INSERT INTO intended VALUES (?, ?, ?, ?)",
                    ((r.key, r.root, r.output, r.line) for r in records),
                )
        self._size += size

    def withdraw(self, key: bytes) -> None:
        """Withdraw an intention: its output could not be written."""
        with self._explained():
            self._database.execute("DELETE FROM intended WHERE key=?", (key,))

    def confirm(self) -> None:
        """Turn the intended records into the documents' records: the outputs are written."""
        with self._explained(), _transaction(self._database):
            self._database.execute(_CONFIRM)
            self._database.execute("DELETE FROM intended")

    def settle(self) -> None:
        """After a crash in between: keep the intended records whose outputs are there."""
        with self._explained():
            rows = self._database.execute("SELECT key, output FROM intended").fetchall()
            untrue = [
                (key,)
                for key, output in rows
                if hash_file(self._target / os.fsdecode(key)) != output
            ]
            if rows:
                with _transaction(self._database):
                    self._database.executemany("DELETE FROM intended WHERE key=?", untrue)
                    self._database.execute(_CONFIRM)
                    self._database.execute("DELETE FROM intended")

    def mark_edited(self, keys: Iterable[bytes], edited: bool) -> None:
        """Note for the audit that outputs were corrected by hand, or no longer are."""
        with self._explained(), _transaction(self._database):
            self._database.executemany(
                "UPDATE records SET edited=?1 WHERE key=?2 AND edited<>?1",
                ((int(edited), key) for key in keys),
            )

    def forget(self, keys: Iterable[bytes]) -> None:
        """Drop records."""
        with self._explained(), _transaction(self._database):
            self._database.executemany(
                "DELETE FROM records WHERE key=?", ((key,) for key in keys)
            )

    def write_audit(self) -> None:
        """Write ``audit.jsonl`` from the records, completely or not at all."""
        path = self._target / audit.FILE_NAME
        with self._explained(), AtomicFile(path, self.drafts) as file:
            rows = self._database.execute("SELECT line, edited FROM records ORDER BY key")
            for line, edited in rows:
                file.write(_mark_edited(line) if edited else line)

    # -- disk space ------------------------------------------------------------------------------

    def _clear_drafts(self) -> None:
        """Remove what a killed run left half written; thanks to the lock no run is at work."""
        self.drafts.mkdir(parents=True, exist_ok=True)
        stale = [*self.drafts.iterdir(), *self._target.glob(f".{audit.FILE_NAME}.*.tmp")]
        for draft in [*stale, self._folder / _RESERVE]:
            draft.unlink(missing_ok=True)

    def _reserve(self, size: int) -> None:
        if size <= self._reserved or not hasattr(os, "posix_fallocate"):
            return
        size += size // 4
        handle = os.open(self._folder / _RESERVE, os.O_WRONLY | os.O_CREAT, 0o666)
        try:
            os.posix_fallocate(handle, 0, size)
        finally:
            os.close(handle)
        self._reserved = size

    def free_reserve(self) -> None:
        """Release the space that was reserved for completing the records and the audit."""
        self._reserved = 0
        with contextlib.suppress(OSError):
            (self._folder / _RESERVE).unlink(missing_ok=True)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise cannot_write(self._target, error) from error
        except sqlite3.Error as error:
            raise InputError(
                f"the records of this output folder cannot be saved ({error})",
                where=printable(str(self._folder)),
                remedy="check the folder's permissions and free space, then run again",
            ) from error


def read_roots(target: Path) -> dict[bytes, Path]:
    """The folder in which each document of an output folder was found, by key.

    Only reads, so it needs no lock; what is not known (while a run is at work, or without records)
    is left out.
    """
    path = (target / PRIVATE / FILE_NAME).resolve()
    try:
        database = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=1.0)
        with contextlib.closing(database):
            rows = database.execute("SELECT key, root FROM records WHERE root<>x''").fetchall()
    except sqlite3.Error:
        return {}
    return {key: Path(os.fsdecode(root)) for key, root in rows}


@contextlib.contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):  # a full disk has rolled it back already
            database.execute("ROLLBACK")
        raise


def _mark_edited(line: bytes) -> bytes:
    record: dict[str, Any] = json.loads(line)
    record["edited"] = True
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
