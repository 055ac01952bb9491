"""Ctrl-C and SIGTERM: a run ends at once, but never while it is saving something."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Whether a run was asked to end.

    As a context manager it handles the signals (in the main thread; a signal that the process was
    told to ignore stays ignored). The first one raises ``KeyboardInterrupt`` and is remembered:
    code that catches everything, as some libraries do, cannot suppress it, because ``check`` raises
    it again.
    """

    def __init__(self) -> None:
        self.signal = 0
        self._shields = 0
        self._before: dict[int, Any] = {}

    @property
    def exit_code(self) -> int:
        """The exit code that shells expect after a signal: 130, or 143 for SIGTERM."""
        return 128 + (self.signal or signal.SIGINT)

    def check(self) -> None:
        """Raise ``KeyboardInterrupt`` if the run was asked to end."""
        if self.signal:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def shield(self) -> Iterator[None]:
        """Hold back signals until the block is done; ``check`` sees them afterwards."""
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1

    def __enter__(self) -> Stop:
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                if signal.getsignal(number) not in (signal.SIG_IGN, None):
                    self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def _note(self, number: int, frame: FrameType | None) -> None:
        first = not self.signal
        self.signal = self.signal or number
        if first and not self._shields:
            raise KeyboardInterrupt
