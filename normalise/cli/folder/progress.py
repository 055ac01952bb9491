"""How far a run is: a bar on a terminal, a line now and then elsewhere, JSON for programs."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

import click

if TYPE_CHECKING:
    from normalise.batch.summary import Outcome

_EVERY = 10.0  # seconds between lines
_RECENT = 7  # lines whose rate the forecast uses


class Teller(Protocol):
    """Tells the user how a run goes."""

    def tell(self, message: str) -> None:
        """Pass on a message."""

    def started(self, total: int) -> None:
        """The number of documents is known."""

    def progress(self, outcome: Outcome) -> None:
        """One more document is done."""


class Quiet:
    """Passes on messages and nothing else."""

    def tell(self, message: str) -> None:
        """Print the message."""
        say(message)

    def started(self, total: int) -> None:
        """Nothing."""

    def progress(self, outcome: Outcome) -> None:
        """Nothing."""


class Lines(Quiet):
    """A plain line every ten seconds: how many documents, how fast, how long still.

    Args:
        clock: The time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._total = self._done = 0
        self._marks: deque[tuple[float, int]] = deque(maxlen=_RECENT)

    def started(self, total: int) -> None:
        """Note the total and the time."""
        self._total = total
        self._marks.append((self._clock(), 0))

    def progress(self, outcome: Outcome) -> None:
        """Count the document; print a line if it is time for one."""
        self._done += 1
        now = self._clock()
        if now - self._marks[-1][0] < _EVERY:
            return
        since, before = self._marks[0]
        self._marks.append((now, self._done))
        say(describe_progress(self._done, self._total, (self._done - before) / (now - since)))


class Names(Quiet):
    """A line for each document that is converted or fails: for a watch, which has no end."""

    def progress(self, outcome: Outcome) -> None:
        """Print what happened to the document, unless it was left alone."""
        if outcome.status == "failed":
            say(f"failed: {outcome.name}: {outcome.problem} (remedy: {outcome.remedy})")
        elif outcome.edited:
            say(f"kept: {outcome.name}: corrected by hand")
        elif outcome.status == "untranslated":
            say(f"not translated: {outcome.name} (remedy: {outcome.remedy})")
        elif not outcome.unchanged:
            say(f"converted: {outcome.name}")


@contextlib.contextmanager
def bar() -> Iterator[Teller]:
    """A bar on a terminal, with the rate and the time left."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{format_rate(task.speed)}/s" if task.speed else "")

    columns = (
        TextColumn("converting"), BarColumn(), MofNCompleteColumn(), Rate(),
        TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("converting", total=None)

        class Bar(Quiet):
            def tell(self, message: str) -> None:
                shown.console.print(message, markup=False, highlight=False)

            def started(self, total: int) -> None:
                shown.update(task, total=total)

            def progress(self, outcome: Outcome) -> None:
                shown.advance(task)

        yield Bar()


def describe_progress(done: int, total: int, rate: float) -> str:
    """One line of progress; ``rate`` in documents a second.

    >>> describe_progress(1200, 10000, 40.0)
    '1,200 of 10,000 documents (12 %), 40/s, about 4 min left'
    """
    share = 100 * done // total if total else 100
    left = f", about {format_time((total - done) / rate)} left" if rate and done < total else ""
    return f"{done:,} of {total:,} documents ({share} %), {format_rate(rate)}/s{left}"


def format_rate(rate: float) -> str:
    """A rate with as many digits as it deserves.

    >>> format_rate(1234.5), format_rate(3.21), format_rate(0.04)
    ('1,234', '3.2', '0.04')
    """
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"


def format_time(seconds: float) -> str:
    """A time as people say it.

    >>> format_time(8), format_time(200), format_time(7300)
    ('8 s', '3 min', '2 h 2 min')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def say(message: str) -> None:
    """A line on standard error; a reader who has gone away is no reason to end a run."""
    with contextlib.suppress(OSError):
        click.echo(message, err=True)
