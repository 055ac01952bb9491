"""Watching a drop folder: what arrives is converted as soon as it is complete."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from normalise.batch.listing.choose import Choice
from normalise.batch.listing.plan import Job, Plan
from normalise.errors import NormaliseError
from normalise.files import PRIVATE

if TYPE_CHECKING:
    from normalise.batch.stop import Stop
    from normalise.batch.summary import Summary

QUIET = 2.0
"""Seconds for which a document must not change before it counts as complete."""
_AT_REST = 60.0  # a document that was last changed so many seconds ago is complete
_LOOK = 0.5  # seconds between looks at documents that are still being written


class Settling:
    """Tells documents that are complete from those that are still being written.

    A document is complete when its size and time of change have stayed the same for ``QUIET``
    seconds; one that a program pauses in for longer is converted again when it goes on.

    Args:
        now: The present, in seconds since 1970.
        clock: A clock that nobody sets, in seconds.
    """

    def __init__(
        self,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now = now
        self._clock = clock
        self._seen: dict[bytes, tuple[int, int, float]] = {}

    @property
    def waiting(self) -> frozenset[bytes]:
        """The keys of documents that were incomplete when last looked at."""
        return frozenset(self._seen)

    def find_complete(self, jobs: Iterable[Job]) -> frozenset[bytes]:
        """The keys of those documents that are complete; the others are ``waiting``."""
        before, self._seen = self._seen, {}
        complete = []
        for job in jobs:
            size, changed, since = before.get(job.key, (-1, 0, self._clock()))
            same = (size, changed) == (job.size, job.changed)
            at_rest = size == -1 and self._now() - job.changed / 1e9 > _AT_REST
            if at_rest or (same and self._clock() - since >= QUIET):
                complete.append(job.key)
            else:
                self._seen[job.key] = (job.size, job.changed, since if same else self._clock())
        return frozenset(complete)


def watch_folder(
    source: Path,
    target: Path,
    convert: Callable[[Choice], Summary],
    *,
    choice: Choice,
    stop: Stop,
    prune: bool = False,
    events: Iterator[frozenset[bytes]] | None = None,
) -> None:
    """Convert a folder, and then again and again what has changed in it, until told to stop.

    Args:
        source: The folder to watch.
        target: The output folder.
        convert: Converts the documents that a choice wants.
        choice: Which documents are wanted at all.
        stop: Ends the watch: a signal is its normal end. What was finished is saved, and what was
            not is converted when the watch is started again.
        prune: Whether ``convert`` has something to do when documents are gone.
        events: The keys of files and folders that have changed, an empty set now and then; from
            the system by default.

    Raises:
        NormaliseError: The library for watching is missing, or what ``convert`` raises.
    """
    events = _listen(source, target) if events is None else events
    try:
        _keep_up(source, target, convert, choice, prune, events)
    except KeyboardInterrupt:
        if not stop.signal:
            raise


def _keep_up(
    source: Path,
    target: Path,
    convert: Callable[[Choice], Summary],
    choice: Choice,
    prune: bool,
    events: Iterator[frozenset[bytes]],
) -> None:
    settling = Settling()
    first = True
    for changed in events:
        keys = changed | settling.waiting
        if not (first or keys):
            continue
        look = choice if first else replace(choice, only=keys)
        complete = settling.find_complete(Plan(source, target, look).jobs())
        first = False
        if not (complete or (changed and prune)):
            continue
        if convert(replace(choice, only=complete)).stopped:
            return


def _listen(source: Path, target: Path) -> Iterator[frozenset[bytes]]:
    """The keys of what has changed in a folder, as the system reports it."""
    try:
        from watchfiles import watch
    except ImportError:
        raise missing_library() from None
    root = Path(os.path.realpath(source))
    output = os.path.realpath(target)

    def is_input(change: object, path: str) -> bool:
        return PRIVATE not in Path(path).parts and Path(output) not in (
            Path(path), *Path(path).parents
        )  # fmt: skip

    found = watch(
        root,
        watch_filter=is_input,
        debounce=500,
        rust_timeout=int(_LOOK * 1000),
        yield_on_timeout=True,
        raise_interrupt=True,
    )
    for changes in found:
        paths = (Path(path) for _, path in changes)
        yield frozenset(
            os.fsencode(path.relative_to(root).as_posix())
            for path in paths
            if root in path.parents
        )


def missing_library() -> NormaliseError:
    """The error that says how to install what watching needs."""
    return NormaliseError(
        "watching a folder needs the Python package watchfiles, which is not installed",
        remedy="pip install 'normalise[watch]'",
    )
