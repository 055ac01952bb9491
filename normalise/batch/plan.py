"""What a run has to do: the documents in a file or folder, and where each output goes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path

from normalise.data import Exemption
from normalise.errors import InputError
from normalise.files import cannot_write, printable, walk
from normalise.formats import find_format
from normalise.memory.reviews import read_reviews


@dataclass(frozen=True, slots=True)
class Job:
    """A document to convert: where it is, where its output goes, its size in bytes.

    ``key`` is its path relative to the source, byte for byte as in the file system: no two
    documents share one. ``name`` is a readable version of it. ``exemptions`` are changes that
    people have rejected in it.
    """

    path: Path
    key: bytes
    target: Path
    size: int = 0
    exemptions: tuple[Exemption, ...] = ()

    @property
    def name(self) -> str:
        """The path as messages show it."""
        return show(self.key)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a folder contains: documents, what is skipped and why, and what cannot be listed.

    ``root`` is the folder that keys are relative to; ``folders`` the keys of those that were
    listed.
    """

    root: Path
    jobs: tuple[Job, ...]
    skipped: tuple[tuple[bytes, str], ...] = ()
    failures: tuple[tuple[bytes, InputError], ...] = ()
    folders: tuple[bytes, ...] = ()


@dataclass(slots=True)
class _Found:
    jobs: list[Job] = field(default_factory=list)
    skipped: list[tuple[bytes, str]] = field(default_factory=list)
    failures: list[tuple[bytes, InputError]] = field(default_factory=list)
    folders: list[bytes] = field(default_factory=list)


def show(key: bytes) -> str:
    """A key as messages show it."""
    return printable(os.fsdecode(key))


def check_target(source: Path, target: Path) -> None:
    """Refuse an output folder that is a file, the source itself, or contains the source.

    Raises:
        InputError: The output folder is one of these.
    """
    try:
        taken = target.exists() and not target.is_dir()
    except OSError as error:  # a parent folder that may not be entered
        raise cannot_write(target, error) from None
    if taken:
        raise InputError(
            "the output must be a folder", where=str(target), remedy="choose a folder for OUT"
        )
    folder = source if source.is_dir() else source.parent
    if os.path.realpath(folder) == os.path.realpath(target):
        raise InputError(
            "IN and OUT are the same folder", where=str(target), remedy="choose another OUT"
        )
    if source.is_dir() and Path(os.path.realpath(target)) in Path(os.path.realpath(source)).parents:
        raise InputError(
            "OUT contains IN, so outputs could overwrite other documents",
            where=str(target),
            remedy="choose a folder next to IN or inside it",
        )


def plan_jobs(source: Path, target: Path, exclude: Sequence[str] = ()) -> Plan:
    """List the documents in a file or folder, always in the same order.

    The output folder is left out if it is inside the source. Links to folders are not followed.
    ``exclude`` lists names of files and folders, or paths relative to the source, with ``*`` and
    ``?``; what they match is left out.

    Raises:
        InputError: The output would overwrite a source, or the source does not exist.
    """
    check_target(source, target)
    found = _Found()
    if source.is_dir():
        root = source
        _walk(source, target, exclude, found)
    else:
        if not source.exists():
            raise InputError("no such file or folder", where=str(source), remedy="check the path")
        root = source.parent
        _sort_file(source, root, target, found)
    found.jobs.sort(key=lambda job: job.key)
    sources = {os.path.realpath(job.path) for job in found.jobs}
    for job in found.jobs:
        if os.path.realpath(job.target) in sources:
            raise InputError(
                "the output would overwrite a source document",
                where=printable(str(job.target)),
                remedy="choose another folder for OUT",
            )
    return Plan(
        Path(os.path.realpath(root)),
        tuple(found.jobs),
        tuple(sorted(found.skipped)),
        tuple(found.failures),
        tuple(found.folders),
    )


def with_exemptions(plan: Plan, target: Path) -> Plan:
    """The plan, each document with the changes that people have rejected in it.

    Raises:
        InputError: The file of their decisions cannot be read.
    """
    reviews = read_reviews(target)
    jobs = (
        replace(job, exemptions=reviews[job.name].exemptions) if job.name in reviews else job
        for job in plan.jobs
    )
    return replace(plan, jobs=tuple(jobs)) if reviews else plan


def _walk(source: Path, target: Path, exclude: Sequence[str], found: _Found) -> None:
    output = os.path.realpath(target)

    def note(error: OSError) -> None:
        folder = Path(error.filename or source)
        problem = f"the folder cannot be listed ({error.strerror})"
        mend = InputError(problem, where=printable(str(folder)), remedy="allow it: chmod u+rx")
        found.failures.append((_key(folder, source), mend))

    for here, folders, files in walk(source, note):
        if here != source:
            found.folders.append(_key(here, source))
        kept = []
        for name in folders:
            path = here / name
            if os.path.realpath(path) == output or _is_excluded(path, source, exclude):
                continue
            if path.is_symlink():
                found.skipped.append((_key(path, source), "link to a folder"))
            else:
                kept.append(name)
        folders[:] = kept
        for name in files:
            if not _is_excluded(here / name, source, exclude):
                _sort_file(here / name, source, target, found)


def _is_excluded(path: Path, source: Path, patterns: Sequence[str]) -> bool:
    whole = path.relative_to(source).as_posix()
    return any(fnmatchcase(name, pattern) for pattern in patterns for name in (path.name, whole))


def _sort_file(path: Path, root: Path, target: Path, found: _Found) -> None:
    if find_format(path) is None:
        ending = printable(path.suffix) or "without an ending"
        found.skipped.append((_key(path, root), f"unknown type {ending}"))
        return
    try:
        size = path.stat().st_size
    except OSError:
        size = 0  # reading it will show what is wrong
    found.jobs.append(Job(path, _key(path, root), target / path.relative_to(root), size))


def _key(path: Path, root: Path) -> bytes:
    return os.fsencode(path.relative_to(root).as_posix())


def windows(jobs: Iterable[Job], most_bytes: int, most_files: int) -> Iterator[tuple[Job, ...]]:
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
