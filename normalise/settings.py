"""The settings of a run, as one value that is passed to worker processes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from normalise.language.spelling.variants import HOUSE


@dataclass(frozen=True, slots=True)
class Settings:
    """Options of the pipeline.

    ``glossaries`` are files or folders (the nearest ones if empty); ``memory`` is the file of the
    translation memory (the user's own if None) and ``use_memory`` whether to use one; ``beam`` is
    the engine's beam size (its default if 0); ``device`` is ``cpu`` or ``cuda``; ``threads`` are
    for the engine (all cores this process may use if 0). ``language`` is that of all documents
    (detected if empty), ``languages`` the only ones to detect (all if empty). ``spelling`` is that
    of the English written: ``en-GB``, ``en-GB-oxendict``, ``en-US`` or ``keep``.
    """

    glossaries: tuple[Path, ...] = ()
    strip_furniture: bool = False
    use_memory: bool = True
    memory: Path | None = None
    beam: int = 0
    device: str = "cpu"
    threads: int = 0
    language: str = ""
    languages: tuple[str, ...] = ()
    spelling: str = HOUSE
