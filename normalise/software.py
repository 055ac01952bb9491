"""Which program this is, by a digest of its actual code, and on which kind of processor."""

from __future__ import annotations

import hashlib
import os
import platform
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


@cache
def identify_processor() -> str:
    """The kind of processor, as far as a translation depends on it.

    The engine multiplies with the widest instructions there are, and their results differ in the
    last digit: kernels for AVX2 and for AVX512 agree on about nine sentences in ten. Intel's
    processors have a library of their own. Where the instructions cannot be told (x86-64 outside
    Linux), only the architecture is named. ``CT2_FORCE_CPU_ISA`` and ``CT2_USE_MKL``, which choose
    otherwise, are named as they are.

    >>> identify_processor() == identify_processor() != ""
    True
    """
    machine = platform.machine().lower()
    machine = {"amd64": "x86-64", "x86_64": "x86-64", "aarch64": "arm64"}.get(machine, machine)
    parts = [machine]
    if machine == "x86-64":
        parts += _read_features(Path("/proc/cpuinfo"))
    for name in ("CT2_FORCE_CPU_ISA", "CT2_USE_MKL"):
        if os.environ.get(name):
            parts.append(f"{name}={os.environ[name]}")
    return ".".join(parts)


def _read_features(listing: Path) -> list[str]:
    """The maker if it matters, and the widest instructions, from Linux's list of processors."""
    try:
        lines = listing.read_text("ascii", "replace").splitlines()
    except OSError:
        return []
    facts = dict(line.split(":", 1) for line in reversed(lines) if ":" in line)
    facts = {name.strip(): value for name, value in facts.items()}
    flags = {*facts.get("flags", "").split()}
    widest = [name for name in ("avx512_vnni", "avx512bw", "avx_vnni", "avx2") if name in flags]
    intel = ["intel"] if "GenuineIntel" in facts.get("vendor_id", "") else []
    return [*intel, *widest[:1]]


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
