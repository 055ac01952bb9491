"""What a run is asked to do, as one value that travels to worker processes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Options of the pipeline.

    ``glossaries`` are files or folders (those found where empty); ``memory`` the file of the
    translation memory (the user's own where None) and ``use_memory`` whether there is one;
    ``beam`` the engine's beam size (its default where 0); ``device`` ``cpu`` or ``cuda``;
    ``threads`` for the engine (all cores this process may use where 0). ``language`` is that of
    all documents (found out where empty), ``languages`` the only ones to look for (all if empty).
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
