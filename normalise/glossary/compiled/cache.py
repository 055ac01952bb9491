"""Compiled glossaries on disk, by content hash: compiling takes seconds, reading milliseconds."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from normalise.files import AtomicFile
from normalise.glossary.compiled.compile import compile_files
from normalise.glossary.compiled.tables import Compiled
from normalise.glossary.source.load import digest_files, read_files

# Part of the cache key: raise it whenever compiling gives a different result for the same files.
COMPILER = 7
# Every edit of a glossary leaves a compiled form of some megabytes; the oldest are deleted.
KEPT_FORMS = 8


def load_compiled(files: Sequence[Path], *, cache: bool = True) -> Compiled:
    """The compiled form of glossary files, from the cache if it is there.

    The cache goes by names and contents, not by folder, and contains no path: a glossary that was
    moved or copied is found again, and still reports the right places.

    Raises:
        GlossaryError: A file is wrong (see `load.read_files`) or two terms share an id.
    """
    digest = digest_files(files)
    place = _cache_file(digest) if cache else None
    if place is not None:
        try:
            return msgspec.msgpack.decode(place.read_bytes(), type=Compiled)
        except (OSError, msgspec.DecodeError, msgspec.ValidationError):
            pass  # absent or from another version: compile again
    compiled = compile_files(read_files(files), digest)
    if place is not None:
        _write_cache(place, msgspec.msgpack.encode(compiled))
    return compiled


def _cache_file(digest: str) -> Path | None:
    base = os.environ.get("XDG_CACHE_HOME") or ""
    try:
        folder = Path(base) if base else Path.home() / ".cache"
    except RuntimeError:  # no home folder
        return None
    version = hashlib.sha256(f"{COMPILER}:{msgspec.__version__}".encode()).hexdigest()[:8]
    return folder / "normalise" / f"glossary-{digest[:32]}-{version}.msgpack"


def _write_cache(place: Path, content: bytes) -> None:
    """Store the compiled form; if the cache cannot be written, do without."""
    try:
        with AtomicFile(place) as file:
            file.write(content)
        forms = place.parent.glob("glossary-*.msgpack")
        for form in sorted(forms, key=lambda form: form.stat().st_mtime_ns)[:-KEPT_FORMS]:
            form.unlink()
    except OSError:
        return
