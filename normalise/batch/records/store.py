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
SCHEMA_VERSION = 2
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
# Version 2: outputs may have another path than their documents (empty for the same).
_PLACES = """
ALTER TABLE records ADD COLUMN place BLOB NOT NULL DEFAULT x'';
ALTER TABLE intended ADD COLUMN place BLOB NOT NULL DEFAULT x'';
CREATE INDEX places ON records (place) WHERE place <> x'';
"""
_CONFIRM = """
INSERT INTO records (key, root, output, line, place)
SELECT key, root, output, line, place FROM intended WHERE 1
ON CONFLICT (key) DO UPDATE SET root=excluded.root, output=excluded.output, line=excluded.line,
place=excluded.place, edited=0
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
    there never was one. ``root`` is the folder it was found in, empty if unknown; ``place`` the
    output's path relative to the output folder, empty if it is the key. ``edited`` says that the
    output was found corrected by hand.
    """

    key: bytes
    line: bytes
    output: str = ""
    root: bytes = b""
    place: bytes = b""
    edited: bool = False

    def find_output(self, target: Path) -> Path:
        """The output's file, whether it is there or not."""
        return target / os.fsdecode(self.place or self.key)


class _Line(msgspec.Struct):
    """The content of an audit written by an earlier version."""

    path: str
    output_sha256: str = ""
    raw_path: str = ""
    output_path: str = ""
    raw_output_path: str = ""


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
            if version < SCHEMA_VERSION:
                with _transaction(database):
                    make_tables(database, version)
                    if version == 0:
                        take_audit(database, self._target)
                    database.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        except BaseException:
            database.close()
            raise
        return database

    # -- reading ---------------------------------------------------------------------------------

    def find(self, key: bytes) -> Record | None:
        """What is known about a document."""
        return find_record(self._database, key)

    def list_places(self) -> Iterator[Record]:
        """All records in the order of their keys, without their lines."""
        rows = self._database.execute(
            "SELECT key, x'', output, root, place, edited FROM records ORDER BY key"
        )
        return map(read_row, rows)

    def find_owner(self, key: bytes, place: bytes) -> bytes | None:
        """Another document than ``key`` whose output has this path, if there is one."""
        return find_owner(self._database, key, place)

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
                    "INSERT INTO intended VALUES (?, ?, ?, ?, ?)",
                    ((r.key, r.root, r.output, r.line, r.place) for r in records),
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
            settle(self._database, self._target)

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
            rows = self._database.execute(
                "SELECT key, line, output, root, place, edited FROM records ORDER BY key"
            )
            for row in rows:
                file.write(audit_line(read_row(row)))

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


def find_record(database: sqlite3.Connection, key: bytes) -> Record | None:
    """What a database knows about a document."""
    row = database.execute(
        "SELECT key, line, output, root, place, edited FROM records WHERE key=?", (key,)
    ).fetchone()
    return read_row(row) if row else None


def find_owner(database: sqlite3.Connection, key: bytes, place: bytes) -> bytes | None:
    """Another document than ``key`` whose output has the path ``place``, if there is one."""
    row = database.execute(
        "SELECT key FROM records WHERE output<>'' AND key<>?1 AND (place=?2 AND place<>x'' "
        "OR key=?2 AND place=x'') LIMIT 1",
        (key, place),
    ).fetchone()
    return row[0] if row else None


def read_row(row: tuple[bytes, bytes, str, bytes, bytes, int]) -> Record:
    """A record from ``key, line, output, root, place, edited``."""
    key, line, output, root, place, edited = row
    return Record(key, line, output, root, place, bool(edited))


def make_tables(database: sqlite3.Connection, version: int) -> None:
    """Give a database of an earlier version (0: an empty one) the tables of this one."""
    for statement in (_SCHEMA + _PLACES if version == 0 else _PLACES).split(";\n"):
        database.execute(statement)


def take_audit(database: sqlite3.Connection, target: Path) -> None:
    """Take over the records of an audit without a database, as earlier versions left it."""
    database.executemany(
        "INSERT OR REPLACE INTO records VALUES (?, x'', ?, ?, ?, ?)", _read_audit(target)
    )


def _read_audit(target: Path) -> Iterator[tuple[bytes, str, bytes, bool, bytes]]:
    decoder = msgspec.json.Decoder(_Line)
    path = target / audit.FILE_NAME
    with contextlib.suppress(FileNotFoundError), path.open("rb") as lines:
        for line in lines:
            try:
                found = decoder.decode(line)
            except msgspec.DecodeError:
                continue  # a damaged line: its document is converted again
            key = unquote_to_bytes(found.raw_path) or os.fsencode(found.path)
            place = unquote_to_bytes(found.raw_output_path) or os.fsencode(found.output_path)
            yield key, found.output_sha256, line.rstrip() + b"\n", False, place


def settle(database: sqlite3.Connection, target: Path) -> None:
    """Turn the intended records whose outputs are there into records, and drop the others."""
    rows = database.execute("SELECT key, x'', output, root, place FROM intended").fetchall()
    if not rows:
        return
    intended = [Record(*row) for row in rows]
    untrue = [(r.key,) for r in intended if hash_file(r.find_output(target)) != r.output]
    with _transaction(database):
        database.executemany("DELETE FROM intended WHERE key=?", untrue)
        database.execute(_CONFIRM)
        database.execute("DELETE FROM intended")


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


def audit_line(record: Record) -> bytes:
    """A record as it stands in the audit: marked if its output was corrected by hand."""
    if not record.edited:
        return record.line
    members: dict[str, Any] = json.loads(record.line)
    members["edited"] = True
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
