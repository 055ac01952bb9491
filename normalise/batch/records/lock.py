"""One writer per output folder: a lock that the system releases when a run dies."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from normalise.errors import InputError
from normalise.files import PRIVATE, cannot_write, printable

FILE_NAME = "lock"
_PAUSE = 0.2  # seconds between attempts while waiting for the lock


@contextlib.contextmanager
def hold(
    target: Path, *, wait: bool = False, tell: Callable[[str], object] = lambda message: None
) -> Iterator[None]:
    """Keep other runs out of an output folder.

    The system itself locks ``OUT/.normalise/lock``, so a killed process cannot hold on to it; the
    file's content only says whose it is.

    Args:
        target: The output folder; created if missing.
        wait: Wait for another run to end instead of refusing.
        tell: Called once, with a message for the user, before waiting.

    Raises:
        InputError: Another run is writing there, or the folder cannot be written.
    """
    path = target / PRIVATE / FILE_NAME
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise cannot_write(target, error) from None
    try:
        told = False
        while not _take(handle, path):
            problem = f"another run is writing into this folder ({_describe(handle)})"
            if not wait:
                raise InputError(
                    problem,
                    where=printable(str(target)),
                    remedy="wait until it has finished, or pass --wait",
                )
            if not told:
                tell(f"waiting: {problem}")
                told = True
            time.sleep(_PAUSE)
        _sign(handle)
        yield
    finally:
        os.close(handle)  # which releases the lock; the file itself stays


@contextlib.contextmanager
def share(target: Path) -> Iterator[None]:
    """Keep runs out of an output folder while its records are read; writes nothing there.

    Readers do not keep each other out. A folder that no run has written to has nothing to lock.

    Raises:
        InputError: A run is writing there.
    """
    path = target / PRIVATE / FILE_NAME
    try:
        handle = os.open(path, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
    except OSError:  # no run has been here, or nothing may be opened: no run of ours either
        yield
        return
    try:
        if not _take(handle, path, shared=True):
            raise InputError(
                f"a run is writing into this folder ({_describe(handle)})",
                where=printable(str(target)),
                remedy="wait until it has finished",
            )
        yield
    finally:
        os.close(handle)


def _sign(handle: int) -> None:
    owner = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": time.strftime("%Y-%m-%d %H:%M:%S"),
    }
    with contextlib.suppress(OSError):  # a full disk: the lock works without its description
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        # A space where Windows keeps its lock: others cannot read a locked byte.
        os.write(handle, b" " + json.dumps(owner).encode())


def _describe(handle: int) -> str:
    try:
        os.lseek(handle, 1, os.SEEK_SET)
        owner: dict[str, Any] = json.loads(os.read(handle, 1000))
        return f"process {owner['pid']} on {owner['host']}, since {owner['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "it has left no details"


if sys.platform == "win32":
    import msvcrt

    def _take(handle: int, path: Path, *, shared: bool = False) -> bool:
        os.lseek(handle, 0, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(handle: int, path: Path, *, shared: bool = False) -> bool:
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:  # a network disk without locking
            raise cannot_write(path, error) from None
        return True
