"""Find translation packages in Argos's format, check them, and choose the one to use.

A package is a folder with ``metadata.json``, a CTranslate2 model in ``model/`` and the models that
cut text into pieces. Reading a package here runs no code and uses no network.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from normalise.errors import PackageError
from normalise.language.codes import READ_BY, canonical_code
from normalise.packages.catalogue import (
    CODE,
    VERSION,
    clean_text,
    describe_remedy,
)
from normalise.packages.digests import read_record, remember_digest
from normalise.packages.folders import list_package_folders

METADATA_LIMIT = 1 << 20  # bytes
_RANK = {"user": 2, "argos": 1, "bundled": 0}


@dataclass(frozen=True)
class Package:
    """A translation package on disk.

    ``sentencepiece`` is the model for the source side; ``target_sentencepiece`` is the same, except
    in packages built from OPUS-MT. Both are ``None`` in the few packages that cut text with ``bpe``
    instead (see ``normalise.packages.pieces``). ``digest`` is a SHA-256 over the files that shape
    the output. ``origin`` is ``"bundled"``, ``"argos"`` (Argos's folders, where we install too) or
    ``"user"`` (a given folder, or this installation's share).
    """

    from_code: str
    to_code: str
    from_name: str
    to_name: str
    version: str
    path: Path
    model_dir: Path
    sentencepiece: Path | None
    target_prefix: str = ""
    digest: str = ""
    licence: str = ""
    origin: str = "user"
    target_sentencepiece: Path | None = None
    bpe: Path | None = None

    def __post_init__(self) -> None:
        if self.target_sentencepiece is None:
            object.__setattr__(self, "target_sentencepiece", self.sentencepiece)

    @property
    def source_sentencepiece(self) -> Path | None:
        """The model that cuts source text; the same as ``sentencepiece``."""
        return self.sentencepiece

    @property
    def pair(self) -> str:
        """The language pair as Argos writes it, ``nb_en``."""
        return f"{self.from_code}_{self.to_code}"

    @property
    def name(self) -> str:
        """Argos's name with the version, ``translate-nb_en-1_9``."""
        return name_package(self.from_code, self.to_code, self.version)

    def __str__(self) -> str:
        return f"{self.pair} {self.version}"


@dataclass(frozen=True)
class FoundPackage:
    """A folder that looks like a package: whether it is usable, and if not, why.

    ``package`` is ``None`` if the folder cannot be read; codes and version are then taken from its
    metadata, as far as possible.
    """

    path: Path
    origin: str
    package: Package | None
    problem: str = ""
    from_code: str = ""
    to_code: str = ""
    version: str = ""


def name_package(from_code: str, to_code: str, version: str) -> str:
    """The folder name Argos gives a package.

    >>> name_package("nb", "en", "1.9")
    'translate-nb_en-1_9'
    """
    return f"translate-{from_code}_{to_code}-{version.replace('.', '_')}"


def order_version(version: str) -> tuple[int, ...]:
    """A key that puts 1.10 after 1.9.

    >>> order_version("1.10") > order_version("1.9")
    True
    """
    return tuple(int(part) for part in re.findall(r"\d+", version))


def read_metadata(path: Path) -> dict[str, Any]:
    """Read and check a package's ``metadata.json``.

    Raises:
        PackageError: It is missing, not a JSON object, or lacks what a translation package needs.
    """
    remedy = "install the package again, or remove its folder"
    file = path / "metadata.json"
    try:
        if file.stat().st_size > METADATA_LIMIT:
            raise PackageError("metadata.json is too large", where=str(file), remedy=remedy)
        metadata = json.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise PackageError("metadata.json is missing", where=str(path), remedy=remedy) from None
    except (OSError, ValueError) as error:
        message = f"metadata.json cannot be read: {error}"
        raise PackageError(message, where=str(file), remedy=remedy) from None
    if not isinstance(metadata, dict):
        raise PackageError("metadata.json is not an object", where=str(file), remedy=remedy)
    kind = metadata.get("type", "translate")
    if kind != "translate":
        message = f"is a package of type {kind!r}, not for translation"
        raise PackageError(message, where=str(path), remedy="only translation packages are used")
    for key, pattern in (("from_code", CODE), ("to_code", CODE), ("package_version", VERSION)):
        value = metadata.get(key)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            message = f"metadata.json has no usable {key} ({value!r})"
            raise PackageError(message, where=str(file), remedy=remedy)
    return metadata


def read_package(path: Path, origin: str = "user") -> Package:
    """Read an unpacked package and compute its digest.

    Raises:
        PackageError: A part is missing, of another kind, or not supported.
    """
    metadata = read_metadata(path)
    remedy = "install the package again, or remove its folder"
    model = path / "model"
    _check_model(model)
    single, source, target = (
        path / name for name in ("sentencepiece.model", "source.spm", "target.spm")
    )
    bpe = path / "bpe.model"
    pieces: Path | None = None
    target_pieces: Path | None = None
    if source.is_file() and target.is_file():
        pieces, target_pieces = source, target
    elif single.is_file():
        pieces = target_pieces = single
    elif not bpe.is_file():
        message = "has no sentencepiece.model, source.spm with target.spm, or bpe.model"
        raise PackageError(message, where=str(path), remedy=remedy)
    prefix = metadata.get("target_prefix") or ""
    if not isinstance(prefix, str):
        message = f"metadata.json has no usable target_prefix ({prefix!r})"
        raise PackageError(message, where=str(path), remedy=remedy)
    return Package(
        from_code=metadata["from_code"],
        to_code=metadata["to_code"],
        from_name=clean_text(metadata.get("from_name")) or metadata["from_code"],
        to_name=clean_text(metadata.get("to_name")) or metadata["to_code"],
        version=metadata["package_version"],
        path=path,
        model_dir=model,
        sentencepiece=pieces,
        target_prefix=prefix,
        digest=remember_digest(path),
        licence=_find_licence(path, metadata),
        origin=origin,
        target_sentencepiece=target_pieces,
        bpe=bpe if pieces is None else None,
    )


def _check_model(model: Path) -> None:
    """Check that the file begins with a CTranslate2 format number and a specification's name."""
    remedy = "install the package again, or remove its folder"
    try:
        with (model / "model.bin").open("rb") as file:
            head = file.read(64)
    except OSError:
        raise PackageError("model/model.bin is missing", where=str(model), remedy=remedy) from None
    if b"TransformerSpec" not in head:
        message = "model/model.bin is not a CTranslate2 translation model"
        raise PackageError(message, where=str(model), remedy=remedy)


def _find_licence(path: Path, metadata: dict[str, Any]) -> str:
    for key in ("license", "licence"):
        if isinstance(metadata.get(key), str):
            return clean_text(metadata[key])
    try:
        with (path / "README.md").open(encoding="utf-8", errors="replace") as file:
            readme = file.read(20_000)
    except OSError:
        return ""
    found = re.search(r"(?im)^\W*licen[cs]e\W*[: ]\W*(\S.{0,60})", readme)
    return clean_text(found[1].strip(" *_`.")) if found else ""


def inspect_package(path: Path, origin: str) -> FoundPackage:
    """Read one folder; anything wrong with it goes into ``problem`` instead of being raised."""
    codes = ("", "", "")
    package = None
    try:
        metadata = read_metadata(path)
        codes = (metadata["from_code"], metadata["to_code"], metadata["package_version"])
        package = read_package(path, origin)
        recorded = read_record(path).get("digest")
        problem = ""
        if recorded is not None and recorded != package.digest:
            problem = "its files are not the ones that were installed"
    except PackageError as error:
        problem = error.problem
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}"
    return FoundPackage(path, origin, package, problem, *codes)


def list_entries(extra: Sequence[Path] = ()) -> list[FoundPackage]:
    """Everything that looks like a package, usable or not: ``extra`` first, bundled ones last.

    ``extra`` may name packages or folders of packages.
    """
    entries = []
    folders = [(Path(folder), "user") for folder in extra] + list_package_folders()
    for folder, origin in folders:
        try:
            inside = [folder] if _looks_like_package(folder) else sorted(folder.iterdir())
        except OSError:
            continue
        entries += [inspect_package(path, origin) for path in inside if _looks_like_package(path)]
    return entries


def _looks_like_package(path: Path) -> bool:
    return (path / "metadata.json").is_file() or (path / "model" / "model.bin").is_file()


def find_packages(extra: Sequence[Path] = ()) -> list[Package]:
    """All usable packages, best first for each pair.

    Args:
        extra: Further packages, or folders of packages, that take precedence over installed ones.
    """
    packages = [
        entry.package for entry in list_entries(extra) if entry.package and not entry.problem
    ]
    return sorted(packages, key=_preference, reverse=True)


def _preference(entry: FoundPackage | Package) -> tuple[object, ...]:
    rank = _RANK[entry.origin]
    pair = (entry.from_code, entry.to_code)
    return rank, order_version(entry.version), pair, str(entry.path)


def best_package(from_code: str, to_code: str = "en", extra: Sequence[Path] = ()) -> Package | None:
    """The package for one pair: an installed one before the bundled, then the highest version.

    Raises:
        PackageError: That package is not what was installed. Silently falling back to another one
            would change translations without anyone knowing why.
    """
    return _choose(list_entries(extra), canonical_code(from_code), canonical_code(to_code))


def _choose(entries: Sequence[FoundPackage], from_code: str, to_code: str) -> Package | None:
    candidates = [
        entry
        for entry in entries
        if (canonical_code(entry.from_code), canonical_code(entry.to_code)) == (from_code, to_code)
    ]
    if not candidates:
        return None
    best = max(candidates, key=_preference)
    if best.problem:
        pair = f"{from_code}_{to_code}"
        raise PackageError(
            best.problem,
            where=str(best.path),
            remedy=f"run `normalise models verify`, then remove or install {pair} again",
        )
    return best.package


def route(from_code: str, extra: Sequence[Path] = ()) -> tuple[Package, ...]:
    """The packages that lead into English: one, or two if there is no direct one; or none.

    Raises:
        PackageError: A package on the way is not what was installed.
    """
    source = canonical_code(from_code)
    entries = list_entries(extra)
    direct = _choose(entries, source, "en")
    if direct or source == "en":
        return (direct,) if direct else ()
    middles = {
        canonical_code(entry.to_code)
        for entry in entries
        if canonical_code(entry.from_code) == source
    }
    ways = []
    for middle in sorted(middles - {source}):
        first, second = _choose(entries, source, middle), _choose(entries, middle, "en")
        if first and second:
            ways.append((first, second))
    if not ways:
        return route(READ_BY[source], extra) if source in READ_BY else ()
    # Of equals, the first by the code of the intermediate language.
    return max(ways, key=lambda way: min(_RANK[p.origin] for p in way))


def remedy(from_code: str) -> str:
    """What a user can do if no package leads from a language into English."""
    return describe_remedy(canonical_code(from_code))
