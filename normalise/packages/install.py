"""Install, verify and remove packages."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from normalise.errors import PackageError
from normalise.language.codes import canonical_code
from normalise.packages.archive import named_as, unpack_archive
from normalise.packages.build import try_package
from normalise.packages.catalogue import (
    KNOWN_ARCHIVES,
    Available,
    describe_remedy,
    parse_index,
)
from normalise.packages.digests import (
    compute_digest,
    hash_file,
    list_files,
    read_record,
    write_record,
)
from normalise.packages.download import Progress, fetch_file, fetch_text
from normalise.packages.find import (
    FoundPackage,
    Package,
    best_package,
    list_entries,
    order_version,
    read_package,
)
from normalise.packages.folders import (
    INDEX_VARIABLE,
    find_cache,
    find_install_folder,
    read_argos_setting,
)

ENGLISH = "en"


def find_index_address() -> str:
    """The address of Argos's index: as set by the user, or Argos's default."""
    chosen = read_argos_setting(INDEX_VARIABLE)
    if not chosen:
        # The only place that imports Argos's settings (which creates Argos's folders): the default
        # address comes from Argos, and the caller is about to install there anyway.
        from argostranslate import settings

        chosen = str(settings.remote_package_index)
    return chosen if chosen.endswith(".json") else f"{chosen.rstrip('/')}/index.json"


def fetch_index(*, sleep: Callable[[float], None] = time.sleep) -> list[Available]:
    """Download Argos's index. Uses the network.

    Raises:
        PackageError: The index cannot be downloaded or read.
    """
    return parse_index(fetch_text(find_index_address(), sleep=sleep))


def choose_available(index: Sequence[Available], code: str) -> Available:
    """The newest package in the index for ``nb``, ``nb_en`` or ``translate-nb_en``.

    Raises:
        PackageError: The index has no such package.
    """
    pair = code.removeprefix("translate-")
    source, _, target = pair.partition("_")
    wanted = (canonical_code(source), canonical_code(target or "en"))
    found = [
        entry
        for entry in index
        if (canonical_code(entry.from_code), canonical_code(entry.to_code)) == wanted
    ]
    if not found:
        message = f"Argos's index has no package {'_'.join(wanted)}"
        raise PackageError(message, remedy=_advise(wanted[0], index))
    return max(found, key=lambda entry: order_version(entry.version))


def _advise(source: str, index: Sequence[Available]) -> str:
    if source in {canonical_code(entry.from_code) for entry in index}:
        others = sorted({entry.pair for entry in index if entry.from_code == source})
        return f"it has {', '.join(others)}"
    advice = describe_remedy(source)
    return advice.partition("; ")[2] if advice.startswith("normalise models install") else advice


def install_available(
    entry: Available,
    *,
    sha256: str = "",
    progress: Progress | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Package:
    """Download a package from the index and install it. Uses the network.

    Args:
        entry: What to install.
        sha256: The archive's hash, to override the shipped table.
        progress: Called with the bytes so far and the total.
        sleep: Waits between attempts.

    Raises:
        PackageError: It cannot be downloaded, does not match its hash, or is not a usable package.
    """
    archive = find_cache() / "downloads" / f"translate-{entry.pair}-{entry.version}.argosmodel"
    options = {"progress": progress} if progress else {}
    fetch_file(entry.links, archive, sleep=sleep, **options)
    try:
        return install_archive(archive, sha256=sha256, source=entry.links[0], expected=entry)
    finally:
        archive.unlink(missing_ok=True)


def install_archive(
    archive: Path,
    *,
    sha256: str = "",
    source: str = "",
    expected: Available | None = None,
) -> Package:
    """Install an ``.argosmodel`` file. Uses no network.

    The package appears in Argos's folder complete or not at all; the same version of the same pair
    is replaced.

    Args:
        archive: The file.
        sha256: Its hash, if the caller knows it; otherwise the shipped table is used.
        source: Where it came from, for the record (default: the file's name).
        expected: The entry in the index that the metadata must match.

    Raises:
        PackageError: The archive does not match its hash, is not a usable package, does not
            translate, or does not lead into English.
    """
    if not archive.is_file():
        raise PackageError("there is no such file", where=str(archive))
    found = hash_file(archive)
    folder = find_install_folder()
    with _stage(folder) as stage, named_as(archive, stage):
        package = read_package(unpack_archive(archive, stage))
        if expected and (package.from_code, package.to_code) != (
            expected.from_code,
            expected.to_code,
        ):
            message = f"contains {package.pair}, not {expected.pair} as the index says"
            raise PackageError(message, where=str(archive), remedy="report it to Argos")
        known = KNOWN_ARCHIVES.get((package.from_code, package.to_code, package.version))
        _check_hash(archive, found, sha256 or (known.sha256 if known else ""))
        _check_direction(package, archive)
        try_package(package)
        write_record(package.path, source=source or archive.name, archive_sha256=found)
        target = folder / package.name
        _move_into_place(package.path, target)
    return read_package(target, "argos")


def _check_direction(package: Package, archive: Path) -> None:
    """Refuse a package that does not lead into English, directly or by way of another one."""
    source, target = canonical_code(package.from_code), canonical_code(package.to_code)
    if source in (ENGLISH, target):
        raise PackageError(
            f"translates {package.pair}, but English is the only target",
            where=str(archive),
            remedy="install a package into en",
        )
    if target != ENGLISH and best_package(target) is None:
        raise PackageError(
            f"translates {package.pair}, but no installed package leads from {target} into English",
            where=str(archive),
            remedy=f"install one first: normalise models install {target}",
        )


def _check_hash(archive: Path, found: str, expected: str) -> None:
    if expected and found != expected.lower():
        raise PackageError(
            f"has SHA-256 {found}, not {expected.lower()}",
            where=str(archive),
            remedy="download it again; if you know that the package was republished, "
            "pass the hash you trust with --sha256",
        )


@contextmanager
def _stage(folder: Path) -> Iterator[Path]:
    """A temporary folder on the same disk as ``folder``, if possible outside it.

    Inside, Argos might trip over it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        parent = folder.parent
        beside = os.access(parent, os.W_OK) and parent.stat().st_dev == folder.stat().st_dev
        stage = Path(tempfile.mkdtemp(prefix=".normalise-", dir=parent if beside else folder))
    except OSError as error:
        raise PackageError(
            f"cannot be written to: {error.strerror}",
            where=str(folder),
            remedy="set ARGOS_PACKAGES_DIR to another folder",
        ) from None
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _move_into_place(path: Path, target: Path) -> None:
    """Rename the new folder; an old one is moved aside first and removed afterwards."""
    old = path.parent / "replaced"
    if target.exists():
        target.rename(old)
    try:
        path.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise


def find_installed(code: str) -> list[FoundPackage]:
    """Installed packages for ``nb``, ``nb_en``, ``translate-nb_en`` or a full name with version."""
    bare = code.removeprefix("translate-")
    pair, _, version = bare.partition("-")
    source, _, target = pair.partition("_")
    wanted = (canonical_code(source), canonical_code(target or "en"))
    return [
        entry
        for entry in list_entries()
        if entry.origin != "bundled"
        and (canonical_code(entry.from_code), canonical_code(entry.to_code)) == wanted
        and (not version or entry.version.replace(".", "_") == version.replace(".", "_"))
    ]


def remove_package(code: str) -> list[Path]:
    """Remove the installed packages of a pair (all versions, or one by its full name).

    Raises:
        PackageError: None is installed, or it is the bundled package, which cannot be removed.
    """
    entries = find_installed(code)
    if not entries:
        message = f"no installed package is called {code}"
        raise PackageError(message, remedy="normalise models list shows what is installed")
    for entry in entries:
        # Renamed first, so that nobody loads a half-removed package.
        with _stage(entry.path.parent) as stage:
            entry.path.rename(stage / entry.path.name)
    return [entry.path for entry in entries]


@dataclass(frozen=True)
class Verification:
    """The result of verifying one package: its entry, its recorded hashes, and all problems."""

    entry: FoundPackage
    recorded: bool
    problems: tuple[str, ...]


def verify_entry(entry: FoundPackage) -> Verification:
    """Hash every file of a package again, ignoring the cache, and compare with the record."""
    problems = [entry.problem] if entry.problem else []
    record = read_record(entry.path)
    files = record.get("files")
    if isinstance(files, dict):
        present = {path.relative_to(entry.path).as_posix(): path for path in list_files(entry.path)}
        problems += [f"{name} is missing" for name in sorted(files.keys() - present.keys())]
        problems += [f"{name} was added" for name in sorted(present.keys() - files.keys())]
        problems += [
            f"{name} was changed"
            for name in sorted(files.keys() & present.keys())
            if hash_file(present[name]) != files[name]
        ]
    if entry.package and entry.package.digest != compute_digest(entry.path):
        problems.append("a file was changed without its size or time changing")
    return Verification(entry, bool(record), tuple(problems))


def verify_packages(extra: Sequence[Path] = ()) -> list[Verification]:
    """Verify all packages that can be found."""
    return [verify_entry(entry) for entry in list_entries(extra)]
