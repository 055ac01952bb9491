"""``--log-json``: what happens, one JSON object a line on standard error, without any texts."""

from __future__ import annotations

import contextlib
import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from normalise.cli.folder.progress import say
from normalise.errors import NormaliseError

if TYPE_CHECKING:
    from normalise.batch.summary import Outcome, Summary

# What a library says when it crashes may hold a piece of the document.
_CRASH = re.compile(r"(the conversion crashed \(\w+): .*\)", re.DOTALL)


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


class JsonLog:
    """Writes events: ``start``, ``document``, ``message``, ``warning``, ``error``, ``end``.

    Args:
        now: The time as it stands in each event.
    """

    def __init__(self, now: Callable[[], str] = _now) -> None:
        self._now = now

    def write(self, event: str, **members: Any) -> None:
        """Write one event."""
        line = {"time": self._now(), "event": event, **members}
        say(json.dumps(line, ensure_ascii=False))

    def tell(self, message: str) -> None:
        """A message for the user."""
        self.write("message", message=message)

    def started(self, total: int) -> None:
        """The number of documents is known."""
        self.write("start", documents=total)

    def progress(self, outcome: Outcome) -> None:
        """One more document is done."""
        members: dict[str, Any] = {"path": outcome.name, "status": outcome.status}
        if outcome.status == "failed":
            members["problem"] = _CRASH.sub(r"\1)", outcome.problem)
        else:
            members["unchanged"] = outcome.unchanged
            members["edited"] = outcome.edited
            members["language"] = outcome.language
            members["words"] = outcome.words
            members["changes"] = outcome.changes
            members["flags"] = outcome.flags
        if outcome.remedy:
            members["remedy"] = outcome.remedy
        self.write("document", **members)

    def finished(self, summary: Summary) -> None:
        """The run is over: its figures, without the lists."""
        figures = {
            name: len(value) if isinstance(value, list) else value
            for name, value in summary.as_json().items()
        }
        self.write("end", **figures)

    def failed(self, error: NormaliseError) -> None:
        """An error has ended the run."""
        self.write("error", problem=error.problem, where=error.where, remedy=error.remedy)


@contextlib.contextmanager
def json_log() -> Iterator[JsonLog]:
    """A log that also takes the warnings of the program's own modules."""
    log = JsonLog()

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            log.write("warning", message=record.getMessage())

    handler = Handler(logging.WARNING)
    logger = logging.getLogger("normalise")
    before = logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield log
    finally:
        logger.removeHandler(handler)
        logger.propagate = before
