"""Settings that make a document called ``poison`` kill the process that reads it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from normalise.settings import Settings


class PoisonedSettings(Settings):
    """What undoes it is done where it is unpickled: in a worker process."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickle, (self.glossaries, self.use_memory, self.threads)


def _unpickle(glossaries: tuple[Path, ...], use_memory: bool, threads: int) -> Settings:
    import normalise.batch.window as module

    works = module.read_document

    def read(path: Path, **named: Any) -> Any:
        if "poison" in path.name:
            os._exit(7)
        return works(path, **named)

    module.read_document = read
    return Settings(glossaries, use_memory=use_memory, threads=threads)


class DeadSettings(Settings):
    """Settings that no worker process survives."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (9,)
