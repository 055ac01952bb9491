"""Removing what is left of documents that are gone: records, outputs, drafts of killed runs."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from normalise.batch.listing.plan import show
from normalise.batch.records.store import Record, Records
from normalise.errors import InputError
from normalise.files import cannot_write, hash_file, is_draft, printable, walk
from normalise.formats.archives import find_member


def prune_folder(
    target: Path, root: Path, records: Records, overwrite_edited: bool = False
) -> list[str]:
    """Remove the records and outputs of documents that are gone, and stale drafts.

    A document is gone if its file is, not if this run merely left it out; if its whole folder is
    missing, perhaps because a disk is not mounted, that says nothing about the document. Outputs
    that were corrected by hand stay, with their records, unless ``overwrite_edited``.

    Args:
        target: The output folder.
        root: The folder of this run's documents, for records that don't have theirs.
        records: The records of ``target``.
        overwrite_edited: Also remove what was corrected.

    Returns:
        What was removed, by name.

    Raises:
        InputError: A file cannot be removed.
    """
    gone = [record for record in records.list_places() if is_gone(record, root)]
    removed: list[Record] = []
    try:
        for record in gone:
            output = record.find_output(target)
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


def is_gone(record: Record, root: Path) -> bool:
    """Whether a record's document is certainly gone; ``root`` is that of this run."""
    home = Path(os.fsdecode(record.root)) if record.root else root
    return os.path.isdir(home) and all(
        _is_missing(place / os.fsdecode(record.key)) for place in {home, root}
    )


def _is_missing(path: Path) -> bool:
    """Whether there is certainly nothing: a folder that may not be entered hides its content."""
    try:
        os.lstat(path)
    except FileNotFoundError:
        return True
    except NotADirectoryError:
        try:
            return find_member(path) is None
        except InputError:
            return False
    except OSError:
        return False
    return False


def _remove_empty(folder: Path, target: Path) -> None:
    with contextlib.suppress(OSError):  # not empty: stop here
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
