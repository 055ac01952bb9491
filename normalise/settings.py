"""What a run is asked to do, as one value that travels to worker processes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from normalise.pipeline import Pipeline


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


def build_pipeline(settings: Settings) -> Pipeline:
    """A pipeline for these settings, its parts loaded.

    Raises:
        NormaliseError: A glossary, package or memory cannot be used.
    """
    from normalise.glossary import Glossary
    from normalise.memory.store import Memory
    from normalise.pipeline import Pipeline
    from normalise.stages.detect import check_languages
    from normalise.translate.translator import DEFAULT_BEAM, Translator

    paths = settings.glossaries or None
    glossary = Glossary.load(paths)
    translator = Translator(
        glossary=glossary,
        memory=Memory(settings.memory) if settings.use_memory else None,
        beam=settings.beam or DEFAULT_BEAM,
        device=settings.device,
        threads=settings.threads or None,
    )
    furniture = None
    if settings.strip_furniture:
        from normalise.glossary.source.load import load_furniture
        from normalise.stages.furniture import FurnitureRemover

        furniture = FurnitureRemover(load_furniture(paths))
    return Pipeline(
        glossary=glossary,
        translator=translator,
        strip_furniture=settings.strip_furniture,
        furniture=furniture,
        language=settings.language,
        languages=check_languages(settings.languages),
    )
