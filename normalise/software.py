"""Which program this is: its version, and a digest of its actual code."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from normalise import __version__

# Libraries whose results end up in the output. Others only read, write or show.
_LIBRARIES = (
    "ahocorasick-rs", "ctranslate2", "google-re2", "inflect", "langdetect", "lxml",
    "markdown-it-py", "py3langid", "pypdfium2", "sacremoses", "sentencepiece", "trafilatura",
)  # fmt: skip
_HERE = Path(__file__).parent
# Code whose results end up in the output: a new help text does not make it another program. The
# glossaries and packages have digests of their own.
_SHAPING = (
    "data.py", "edits.py", "pipeline.py", "stream.py",
    "formats", "glossary", "language", "segment", "stages", "translate",
)  # fmt: skip


@cache
def identify() -> str:
    """The version, and eight hexadecimal digits for the code and libraries that shape outputs.

    Two installations with the same value, glossaries and packages write the same bytes.

    >>> identify().startswith(__version__ + "+")
    True
    """
    digest = hashlib.sha256()
    shaping = [path for name in _SHAPING for path in _list_files(_HERE / name)]
    for path in shaping:
        name, content = path.relative_to(_HERE).as_posix(), path.read_bytes()
        digest.update(f"{name}\0".encode() + content.replace(b"\r\n", b"\n") + b"\0")
    for library in _LIBRARIES:
        digest.update(f"{library} {_version(library)}\0".encode())
    return f"{__version__}+{digest.hexdigest()[:8]}"


def _list_files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    files: list[Path] = []
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            files += _list_files(path)
        elif path.suffix in (".py", ".txt", ".bin"):
            files.append(path)
    return files


def _version(library: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(library)
    except PackageNotFoundError:
        return "absent"
