"""Reading the records of an output folder without writing anything into it."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from normalise import audit
from normalise.batch.records import lock
from normalise.batch.records.store import (
    FILE_NAME,
    SCHEMA_VERSION,
    Record,
    find_owner,
    find_record,
    make_tables,
    read_row,
    settle,
    take_audit,
)
from normalise.errors import InputError
from normalise.files import PRIVATE, printable


class SavedRecords:
    """The records of an output folder, as the last run left them.

    Args:
        database: A connection to them.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def find(self, key: bytes) -> Record | None:
        """What is known about a document."""
        return find_record(self._database, key)

    def find_owner(self, key: bytes, place: bytes) -> bytes | None:
        """Another document than ``key`` whose output has this path, if there is one."""
        return find_owner(self._database, key, place)

    def __iter__(self) -> Iterator[Record]:
        """All records in the order of their keys."""
        rows = self._database.execute(
            "SELECT key, line, output, root, place, edited FROM records ORDER BY key"
        )
        return map(read_row, rows)


@contextlib.contextmanager
def open_saved(target: Path, *, must_exist: bool = True) -> Iterator[SavedRecords]:
    """The records of an output folder; no run may write them meanwhile.

    Args:
        target: The output folder.
        must_exist: Whether it must have records; otherwise there may be none.

    Raises:
        InputError: A run is writing there, there are no records, or they cannot be read.
    """
    where = printable(str(target))
    path = target / PRIVATE / FILE_NAME
    has_audit = (target / audit.FILE_NAME).is_file()
    if must_exist and not (path.is_file() or has_audit):
        raise InputError(
            "this folder has no records of a run",
            where=where,
            remedy="name the OUT of a normalise convert",
        )
    try:
        with lock.share(target), _connect(path, target) as database:
            yield SavedRecords(database)
    except sqlite3.Error as error:
        raise InputError(
            f"the records of this output folder cannot be read ({error})",
            where=where,
            remedy="run normalise convert again: it restores them from audit.jsonl",
        ) from error


@contextlib.contextmanager
def _connect(path: Path, target: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.ExitStack() as stack:
        if not path.is_file():
            database = sqlite3.connect(":memory:", isolation_level=None)
            stack.callback(database.close)
            make_tables(database, 0)
            take_audit(database, target)
        elif _is_settled(path):
            database = _open(path, "?mode=ro&immutable=1")
            stack.callback(database.close)
        else:  # left by a killed run, or by an earlier version: bring a copy up to date
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            for file in path.parent.glob(f"{FILE_NAME}*"):
                if not file.name.endswith("-shm"):
                    shutil.copyfile(file, folder / file.name)
            database = _open(folder / FILE_NAME, "")
            stack.callback(database.close)
            (version,) = database.execute("PRAGMA user_version").fetchone()
            if version < SCHEMA_VERSION:
                make_tables(database, version)
            settle(database, target)
        yield database


def _open(path: Path, how: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}{how}", uri=True, isolation_level=None)


def _is_settled(path: Path) -> bool:
    """Whether the database can be read as it is: nothing pending, and of this version."""
    journal = path.with_name(f"{path.name}-wal")
    if journal.exists() and journal.stat().st_size:
        return False
    with contextlib.closing(_open(path, "?mode=ro&immutable=1")) as database:
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise InputError(
                "this output folder was written by a later version of normalise",
                where=printable(str(path)),
                remedy="update normalise",
            )
        if version < SCHEMA_VERSION:
            return False
        return database.execute("SELECT 1 FROM intended LIMIT 1").fetchone() is None
