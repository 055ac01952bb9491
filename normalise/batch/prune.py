"""Dropping what is kept of documents that are gone: records, outputs, drafts of killed runs."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from normalise.batch.plan import show
from normalise.batch.records import Record, Records
from normalise.files import cannot_write, hash_file, is_draft, printable, walk


def prune_folder(
    target: Path, root: Path, records: Records, overwrite_edited: bool = False
) -> list[str]:
    """Drop the records and outputs of documents that are gone, and stale drafts.

    A document is gone where its file is, not where this run merely passed it over; a whole folder
    that is not there, as on a disk that is not mounted, says nothing of its documents. Outputs
    that were corrected by hand stay, with their records, unless ``overwrite_edited``.

    Args:
        target: The output folder.
        root: The folder of this run's documents, for records that do not know theirs.
        records: Those of ``target``.
        overwrite_edited: Remove also what was corrected.

    Returns:
        What was removed, by name.

    Raises:
        InputError: A file cannot be removed.
    """
    gone = [record for record in records.list_places() if _is_gone(record, root)]
    removed: list[Record] = []
    try:
        for record in gone:
            output = target / os.fsdecode(record.key)
            if record.output and output.is_file():
                if hash_file(output) != record.output and not overwrite_edited:
                    continue
                output.unlink()
                _remove_empty(output.parent, target)
            removed.append(record)
        drafts = _remove_drafts(target)
    except OSError as error:
        raise cannot_write(Path(error.filename or target), error) from error
    finally:
        records.forget(record.key for record in removed)
    return [*(show(record.key) for record in removed), *drafts]


def _is_gone(record: Record, root: Path) -> bool:
    home = Path(os.fsdecode(record.root)) if record.root else root
    return os.path.isdir(home) and all(
        _is_missing(place / os.fsdecode(record.key)) for place in {home, root}
    )


def _is_missing(path: Path) -> bool:
    """Whether there is surely nothing: a folder that may not be entered hides what it has."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _remove_empty(folder: Path, target: Path) -> None:
    with contextlib.suppress(OSError):  # not empty: there it ends
        while folder != target:
            folder.rmdir()
            folder = folder.parent


def _remove_drafts(target: Path) -> list[str]:
    removed = []
    for here, _, files in walk(target):
        for name in filter(is_draft, files):
            (here / name).unlink()
            removed.append(printable(str((here / name).relative_to(target))))
    return removed
