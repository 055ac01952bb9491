"""Finding the documents of a folder, and writing files so that none is ever half written."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import count
from pathlib import Path

from normalise.errors import InputError
from normalise.formats import find_format


@dataclass(frozen=True, slots=True)
class Job:
    """A document to convert: where it is, what it is called, where its output goes."""

    path: Path
    name: str
    target: Path
    size: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a folder holds: documents, what is skipped and why, and what cannot be listed."""

    jobs: tuple[Job, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    failures: tuple[tuple[str, InputError], ...] = ()


def check_target(source: Path, target: Path) -> None:
    """Refuse an output folder that is a file, the source itself, or a folder round the source.

    Raises:
        InputError: With what to do instead.
    """
    if target.exists() and not target.is_dir():
        raise InputError(
            "the output must be a folder", where=str(target), remedy="name a folder for OUT"
        )
    folder = source if source.is_dir() else source.parent
    if os.path.realpath(folder) == os.path.realpath(target):
        raise InputError(
            "IN and OUT are the same folder", where=str(target), remedy="choose another OUT"
        )
    if source.is_dir() and Path(os.path.realpath(target)) in Path(os.path.realpath(source)).parents:
        raise InputError(
            "OUT holds IN, so outputs could overwrite other documents",
            where=str(target),
            remedy="choose a folder beside IN or inside it",
        )


def plan_jobs(source: Path, target: Path, exclude: Sequence[str] = ()) -> Plan:
    """List the documents of a file or folder, in an order that never varies.

    The output folder is left out when it lies inside the source. Links to folders are not
    followed, so that no loop of links can catch the walk. ``exclude`` are names of files and
    folders, or paths from the source on, with ``*`` and ``?``; what they match is passed over.

    Raises:
        InputError: The output would overwrite a source, or the source does not exist.
    """
    check_target(source, target)
    if source.is_file() or not source.is_dir():
        if not source.exists():
            raise InputError("no such file or folder", where=str(source), remedy="check the path")
        plan = _sort_file(source, source.name, target)
    else:
        plan = _walk(source, target, exclude)
    sources = {os.path.realpath(job.path) for job in plan.jobs}
    for job in plan.jobs:
        if os.path.realpath(job.target) in sources:
            raise InputError(
                "the output would overwrite a source document",
                where=str(job.target),
                remedy="choose another folder for OUT",
            )
    return plan


def _walk(source: Path, target: Path, exclude: Sequence[str]) -> Plan:
    jobs: list[Job] = []
    skipped: list[tuple[str, str]] = []
    failures: list[tuple[str, InputError]] = []
    output = os.path.realpath(target)

    def note(error: OSError) -> None:
        where = _name(Path(error.filename or source), source)
        failures.append(
            (
                where,
                InputError(
                    f"the folder cannot be listed ({error.strerror})",
                    where=where,
                    remedy="allow it: chmod u+rx",
                ),
            )
        )

    for folder, folders, files in os.walk(source, onerror=note):
        here = Path(folder)
        kept = []
        for name in sorted(folders):
            path = here / name
            if os.path.realpath(path) == output or _is_excluded(path, source, exclude):
                continue
            if path.is_symlink():
                skipped.append((_name(path, source), "link to a folder"))
            else:
                kept.append(name)
        folders[:] = kept
        for name in sorted(files):
            path = here / name
            if _is_excluded(path, source, exclude):
                continue
            found = _sort_file(path, _name(path, source), target / path.relative_to(source).parent)
            jobs += found.jobs
            skipped += found.skipped
    jobs.sort(key=lambda job: job.name)
    return Plan(tuple(jobs), tuple(sorted(skipped)), tuple(failures))


def _is_excluded(path: Path, source: Path, patterns: Sequence[str]) -> bool:
    whole = path.relative_to(source).as_posix()
    return any(fnmatchcase(name, pattern) for pattern in patterns for name in (path.name, whole))


def _sort_file(path: Path, name: str, folder: Path) -> Plan:
    if find_format(path) is None:
        return Plan((), ((name, f"unknown type {path.suffix or 'without an ending'}"),))
    try:
        size = path.stat().st_size
    except OSError:
        size = 0  # reading it will say what is wrong
    return Plan((Job(path, name, folder / path.name, size),))


def _name(path: Path, root: Path) -> str:
    name = path.relative_to(root).as_posix() if path != root else path.name
    # Names that are not UTF-8 stay printable.
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


_serial = count()


class AtomicFile:
    """A file that appears under its name only when ``commit`` is called.

    The bytes go to a hidden neighbour in the same folder, which is renamed at the end and removed
    on any failure.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._draft = path.with_name(f".{path.name[:100]}.{os.getpid()}-{next(_serial)}.tmp")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        self._stream = os.fdopen(os.open(self._draft, flags, 0o666), "wb")

    def write(self, content: bytes) -> None:
        """Add bytes to the draft."""
        self._stream.write(content)

    def commit(self) -> None:
        """Give the draft its name, in one step; on failure the draft is removed."""
        try:
            self._stream.close()
            os.replace(self._draft, self.path)
        except BaseException:
            self.discard()
            raise

    def discard(self) -> None:
        """Remove the draft; harmless after ``commit``."""
        with contextlib.suppress(OSError):
            self._stream.close()
        self._draft.unlink(missing_ok=True)

    def __enter__(self) -> AtomicFile:
        return self

    def __exit__(self, kind: object, *rest: object) -> None:
        if kind is None:
            self.commit()
        else:
            self.discard()


def write_atomically(path: Path, content: bytes) -> None:
    """Write a whole file, or nothing.

    Raises:
        InputError: The folder or file cannot be written.
    """
    try:
        with AtomicFile(path) as file:
            file.write(content)
    except OSError as error:
        raise InputError(
            f"the output cannot be written ({error.strerror})",
            where=str(path),
            remedy="check the folder's permissions and free space",
        ) from None


def windows(jobs: tuple[Job, ...], most_bytes: int, most_files: int) -> Iterator[tuple[Job, ...]]:
    """Cut a list of jobs into windows of bounded size, in order."""
    window: list[Job] = []
    size = 0
    for job in jobs:
        if window and (size + job.size > most_bytes or len(window) >= most_files):
            yield tuple(window)
            window, size = [], 0
        window.append(job)
        size += job.size
    if window:
        yield tuple(window)
