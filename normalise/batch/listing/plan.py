"""What a run has to do: the documents in a file or folder, and where each output goes.

A folder is listed as it is worked through, always in the order of the keys, so that memory does not
grow with the number of files: only the names in one folder and in those above it are held.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from normalise import audit
from normalise.batch.listing.choose import Choice
from normalise.data import Exemption
from normalise.errors import InputError
from normalise.files import PRIVATE, cannot_write, printable
from normalise.formats import find_format, output_name
from normalise.formats.archives import is_archive, list_members, read_member
from normalise.memory.reviews import read_reviews


@dataclass(frozen=True, slots=True)
class Job:
    """A document to convert: where it is, where its output goes, its size in bytes.

    ``key`` is its path relative to the source, byte for byte as in the file system: no two
    documents share one. ``place`` is the output's path relative to the output folder, empty if it
    is the key. ``changed`` is when the file was last changed, in nanoseconds since 1970.
    ``inside`` is the document's place if ``path`` is an archive.
    ``exemptions`` are changes that people have rejected in the document.
    """

    path: Path
    key: bytes
    target: Path
    size: int = 0
    place: bytes = b""
    changed: int = 0
    inside: tuple[str, ...] = ()
    exemptions: tuple[Exemption, ...] = ()

    @property
    def file(self) -> Path:
        """The path whose name says what the document is."""
        return Path(self.inside[-1]) if self.inside else self.path

    def read(self, max_size: int) -> bytes | None:
        """The bytes of a document inside an archive; None if it is a file of its own.

        Raises:
            InputError: It cannot be read.
        """
        return read_member(self.path, self.inside, self.name, max_size) if self.inside else None

    @property
    def name(self) -> str:
        """The path as messages show it."""
        return show(self.key)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is not a document, or a link that is not followed, and why."""

    key: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A document that this run leaves out, and why."""

    key: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A folder that cannot be listed, or a document that cannot have an output."""

    key: bytes
    error: InputError


@dataclass(frozen=True, slots=True)
class Listed:
    """A folder that is being listed."""

    key: bytes


Entry = Job | Skipped | PassedOver | Refused | Listed


@dataclass(frozen=True, slots=True)
class Survey:
    """How much there is: documents (with what is refused), and their bytes."""

    documents: int
    size: int


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


class Plan:
    """The documents in a file or folder that are wanted.

    The output folder is left out if it is inside the source. Links to folders are not followed.

    Args:
        source: The file or folder.
        target: The output folder.
        choice: Which documents are wanted.

    Raises:
        InputError: Source and target conflict, the source does not exist, or what people have
            decided about the documents cannot be read.
    """

    def __init__(self, source: Path, target: Path, choice: Choice | None = None) -> None:
        check_target(source, target)
        if not source.exists():
            raise InputError("no such file or folder", where=str(source), remedy="check the path")
        self.source = source
        self.target = target
        self.choice = choice or Choice()
        self._home = source if source.is_dir() else source.parent
        self._output = os.path.realpath(target)
        self._reviews = read_reviews(target)
        self.root = Path(os.path.realpath(self._home))

    def __iter__(self) -> Iterator[Entry]:
        """Everything in the source, in the order of the keys; folders before what is in them."""
        yield Listed(b".")
        if self._home == self.source:
            yield from self._walk()
        else:
            yield from self._sort_file(os.fsencode(self.source.name))

    def jobs(self) -> Iterator[Job]:
        """The documents alone."""
        return (entry for entry in self if isinstance(entry, Job))

    def survey(self) -> Survey:
        """Count the documents, and make sure that no output overwrites one of them.

        Raises:
            InputError: An output would overwrite a source document.
        """
        documents = size = 0
        folder, safe = None, True
        for entry in self:
            documents += isinstance(entry, Job | Refused)
            if not isinstance(entry, Job):
                continue
            size += entry.size
            if entry.target.parent != folder:
                folder = entry.target.parent
                home = os.path.realpath(folder)
                safe = _is_in(home, self._output) or not _is_in(home, str(self.root))
            leads_back = entry.path.is_symlink() and _is_in(
                os.path.realpath(entry.path), self._output
            )
            if leads_back or not (safe or not os.path.lexists(entry.target)):
                raise InputError(
                    "the output would overwrite a source document",
                    where=printable(str(entry.target)),
                    remedy="choose another folder for OUT",
                )
        return Survey(documents, size)

    def _walk(self) -> Iterator[Entry]:
        # Not recursive: a hostile tree may be deeper than Python's own stack.
        open_folders: list[tuple[bytes, Iterator[bytes | Refused]]]
        open_folders = [(b"", iter(self._list(b"")))]
        while open_folders:
            prefix, names = open_folders[-1]
            name = next(names, None)
            if name is None:
                open_folders.pop()
                continue
            if isinstance(name, Refused):
                yield name
                continue
            key = prefix + name.rstrip(b"/")
            if not name.endswith(b"/"):
                wanted = self.choice.is_asked_for(key)
                if wanted and not self.choice.excludes(os.fsdecode(key)):
                    yield from self._sort_file(key)
                continue
            if not self.choice.leads_to(key):
                continue
            path = self._home / os.fsdecode(key)
            if self.choice.excludes(os.fsdecode(key)) or self._is_output(path):
                continue
            if path.is_symlink():
                yield Skipped(key, "link to a folder")
                continue
            content = self._list(key)
            if not any(isinstance(found, Refused) for found in content):
                yield Listed(key)
            open_folders.append((key + b"/", iter(content)))

    def _is_output(self, path: Path) -> bool:
        try:
            return os.path.samefile(path, self._output)
        except OSError:
            return False

    def _list(self, key: bytes) -> Sequence[bytes | Refused]:
        """The names in a folder, sorted; those of folders end in a slash, as they do in keys."""
        folder = self._home / os.fsdecode(key)
        try:
            with os.scandir(folder) as found:
                return sorted(
                    os.fsencode(entry.name) + b"/" * _is_folder(entry)
                    for entry in found
                    if entry.name != PRIVATE
                )
        except OSError as error:
            problem = f"the folder cannot be listed ({error.strerror})"
            mend = InputError(problem, where=printable(str(folder)), remedy="allow it: chmod u+rx")
            return [Refused(key or b".", mend)]

    def _sort_file(self, key: bytes) -> Iterator[Entry]:
        path = self._home / os.fsdecode(key)
        try:
            status = path.stat()
            size, changed = status.st_size, status.st_mtime_ns
        except OSError:
            size, changed = 0, 0  # reading it will show what is wrong
        if is_archive(path):
            yield from self._open_archive(path, key, changed)
        else:
            yield self._sort(Job(path, key, path, size, b"", changed))

    def _open_archive(self, path: Path, key: bytes, changed: int) -> Iterator[Entry]:
        try:
            for member in list_members(path, show(key), self.choice.max_size):
                inner = b"/".join((key, *map(os.fsencode, member.names)))
                if self._excludes_part(inner, len(key)):
                    continue
                if member.error:
                    yield Refused(inner, member.error)
                elif member.skipped:
                    yield Skipped(inner, member.skipped)
                else:
                    job = Job(path, inner, path, member.size, b"", changed, member.names)
                    yield self._sort(job)
        except InputError as error:
            yield Refused(key, error)

    def _excludes_part(self, key: bytes, outer: int) -> bool:
        """Whether a member of an archive, or a folder there, is excluded; the archive is not."""
        ends = [at for at, byte in enumerate(key) if byte == ord("/") and at > outer]
        return any(self.choice.excludes(os.fsdecode(key[:end])) for end in (*ends, len(key)))

    def _sort(self, job: Job) -> Entry:
        """What to do with a file whose output has no place yet."""
        key = job.key
        if find_format(job.file) is None:
            ending = printable(job.file.suffix) or "without an ending"
            return Skipped(key, f"unknown type {ending}")
        since = job.changed / 1e9 if job.changed else float("inf")
        if why := self.choice.why_not(key, since):
            return PassedOver(key, why)
        place = key.rpartition(b"/")[2] if self.choice.flat else key
        place = os.fsencode(output_name(os.fsdecode(place), self.choice.to))
        if place == audit.FILE_NAME.encode():
            problem = "its output would take the place of the run's own audit"
            return Refused(key, InputError(problem, where=job.name, remedy="rename the document"))
        target = self.target / os.fsdecode(place)
        review = self._reviews.get(show(key))
        exemptions = review.exemptions if review else ()
        place = place if place != key else b""
        return replace(job, target=target, place=place, exemptions=exemptions)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


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
