"""Checksums of packages: hashed once, then remembered by file size and time."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from normalise.files import AtomicFile
from normalise.packages.folders import find_cache

RECORD = "normalise.json"  # written into a package on installation; never part of the digest

# Files that shape a translation. A changed README or sentence splitter does not change our output.
SHAPING = ("metadata.json", "sentencepiece.model", "source.spm", "target.spm", "bpe.model")


def hash_file(path: Path) -> str:
    """SHA-256 of one file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def list_files(package: Path) -> list[Path]:
    """All files of a package except our own record, sorted by name."""
    return sorted(
        path for path in package.rglob("*") if path.is_file() and path.name != RECORD
    )  # fmt: skip


def list_shaping_files(package: Path) -> list[Path]:
    """The files of a package that shape its translations, sorted by name."""
    files = [package / name for name in SHAPING]
    return sorted(path for path in [*files, *(package / "model").rglob("*")] if path.is_file())


def compute_digest(package: Path) -> str:
    """The digest of a package: SHA-256 over the names and hashes of its shaping files."""
    total = hashlib.sha256()
    for path in list_shaping_files(package):
        name = path.relative_to(package).as_posix()
        total.update(f"{hash_file(path)}  {name}\n".encode())
    return total.hexdigest()


def _stamp(package: Path) -> str:
    """Changes whenever a shaping file's name, size or modification time does."""
    stamp = hashlib.sha256()
    for path in list_shaping_files(package):
        status = path.stat()
        name = path.relative_to(package).as_posix()
        stamp.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return stamp.hexdigest()


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def remember_digest(package: Path) -> str:
    """``compute_digest``, but read from the cache while the files' sizes and times are the same.

    A cache that cannot be read or written costs time, never correctness.
    """
    stamp = _stamp(package)
    cache = find_cache() / "digests.json"
    known = _read_json(cache)
    key = str(package.resolve())
    entry = known.get(key)
    if isinstance(entry, dict) and entry.get("stamp") == stamp:
        digest = entry.get("digest")
        if isinstance(digest, str):
            return digest
    digest = compute_digest(package)
    known = {name: value for name, value in known.items() if Path(name).is_dir()}
    known[key] = {"stamp": stamp, "digest": digest}
    # A read-only home: hashed again next time.
    with suppress(OSError), AtomicFile(cache) as file:
        file.write(json.dumps(known, indent=1, sort_keys=True).encode())
    return digest


def write_record(package: Path, *, source: str, archive_sha256: str) -> str:
    """Record in a package what was installed, to be checked on later loads; returns the digest.

    Args:
        package: The unpacked package.
        source: Where it came from: an address or a file name.
        archive_sha256: The hash of the archive, ``""`` if there was none.
    """
    digest = compute_digest(package)
    record = {
        "schema": 1,
        "source": source,
        "archive_sha256": archive_sha256,
        "digest": digest,
        "files": {
            path.relative_to(package).as_posix(): hash_file(path) for path in list_files(package)
        },
    }
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    with AtomicFile(package / RECORD) as file:
        file.write(text.encode())
    return digest


def read_record(package: Path) -> dict[str, Any]:
    """What was recorded on installation; empty for packages installed by Argos itself."""
    return _read_json(package / RECORD)
