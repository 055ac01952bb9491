"""Pack everything a machine without a network needs into one folder or archive."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from normalise import __version__
from normalise.errors import PackageError
from normalise.packages.digests import hash_file, write_record
from normalise.packages.find import Package, best_package, list_entries
from normalise.packages.offline import bundle_install
from normalise.packages.offline.bundle_install import DESCRIPTION, SUMS, describe_machine

README = """\
# normalise {version}, for a machine without a network

Made for {implementation} {python} on {platform}. One command installs everything:

    python3 install.py

It checks every file against SHA256SUMS, makes the folder `normalise-environment` (another with
`--to DIR`), installs the wheels, the translation packages and the glossaries there, and touches
nothing else. Afterwards:

    normalise-environment/bin/normalise --help

To remove it, delete the folder. `python3 install.py --check` compares the checksums only.

Translation packages in this bundle:

{packages}
"""


@dataclass(frozen=True)
class Contents:
    """What goes into a bundle.

    ``wheels`` is a folder of wheels to use instead of the network; ``requirements`` pins what is
    needed; ``project`` is the source folder (or wheel) of normalise itself.
    """

    packages: tuple[Package, ...]
    glossaries: tuple[Path, ...]
    requirements: Path
    project: Path
    wheels: Path | None = None


def find_project() -> Path | None:
    """The source folder this code runs from, or else the one that the current folder is in.

    If the code was copied from a clone into an environment, the first does not exist.
    """
    for folder in (Path(__file__).resolve().parents[3], Path.cwd(), *Path.cwd().parents):
        about = folder / "pyproject.toml"
        if about.is_file() and re.search(r'(?m)^name = "normalise"$', about.read_text("utf-8")):
            return folder
    return None


def find_glossaries(project: Path | None = None) -> Path | None:
    """The curated glossaries: from the given source folder, or else the program's own."""
    here = Path(__file__).resolve().parents[2]
    places = [project / "glossaries"] if project else []
    for folder in (*places, here / "glossaries", here.parent / "glossaries"):
        if (folder / "manifest.yaml").is_file():
            return folder
    return None


def choose_packages(codes: Sequence[str]) -> tuple[Package, ...]:
    """The best package for each given pair (``vi``, ``vi_en``); without any, all installed.

    Raises:
        PackageError: A named pair is not installed, or is not what was installed.
    """
    if not codes:
        pairs = {(entry.from_code, entry.to_code) for entry in list_entries()}
        found = [best_package(*pair) for pair in sorted(pairs) if all(pair)]
        return tuple(package for package in found if package)
    chosen = []
    for code in codes:
        source, _, target = code.removeprefix("translate-").partition("_")
        package = best_package(source, target or "en")
        if package is None:
            raise PackageError(
                f"no package {source}_{target or 'en'} is installed",
                remedy=f"normalise models install {code}",
            )
        chosen.append(package)
    return tuple(dict.fromkeys(chosen))


def read_pins(requirements: Path) -> list[str]:
    """The pinned requirements in a file, without hashes, comments and options.

    Raises:
        PackageError: The file does not exist, or a requirement is not pinned with ``==``.
    """
    try:
        text = requirements.read_text(encoding="utf-8")
    except OSError:
        raise PackageError(
            "there is no such requirements file",
            where=str(requirements),
            remedy="give one with --requirements; the source folder has requirements.txt",
        ) from None
    pins = []
    for line in text.replace("\\\n", " ").splitlines():
        pin = re.sub(r"(^|\s)#.*", "", line)
        pin = re.sub(r"\s--hash=\S+", "", pin).strip()
        if not pin or pin.startswith("-"):
            continue
        if "==" not in pin.partition(";")[0]:
            message = f"{pin!r} is not pinned"
            raise PackageError(message, where=str(requirements), remedy="pin it with ==")
        pins.append(pin)
    return pins


def make_bundle(contents: Contents, target: Path, *, archive: bool = False) -> Path:
    """Write the bundle and return its path: the folder, or ``<folder>.zip`` with ``archive``.

    Uses the network through pip unless ``contents.wheels`` is given.

    Raises:
        PackageError: The target is in use, or pip cannot get or build a wheel.
    """
    result = target.with_name(f"{target.name}.zip") if archive else target
    if result.exists() and (archive or any(result.iterdir())):
        raise PackageError(
            "already exists", where=str(result), remedy="remove it or choose another name"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".normalise-", dir=target.parent) as temporary:
        stage = Path(temporary) / target.name
        stage.mkdir()
        _collect_wheels(contents, stage / "wheels")
        in_wheel = _wheel_holds_bundled(stage / "wheels")
        names = []
        for package in contents.packages:
            names.append(f"- {package.name}: {package.from_name} to {package.to_name}")
            if package.origin == "bundled" and in_wheel:
                continue  # the project's own wheel provides it
            copied = stage / "packages" / package.name
            shutil.copytree(package.path, copied)
            if not (copied / "normalise.json").exists():
                write_record(copied, source=f"bundle, from {package.origin}", archive_sha256="")
        for folder in contents.glossaries:
            shutil.copytree(folder, stage / "glossaries" / folder.name)
        _write_metadata(stage, names)
        if archive:
            _zip_folder(stage, result)
        else:
            if result.exists():
                result.rmdir()  # empty, checked above
            stage.rename(result)
    return result


def _collect_wheels(contents: Contents, wheels: Path) -> None:
    """All pinned wheels for this Python and platform, and the project's own."""
    wheels.mkdir()
    pins = read_pins(contents.requirements)
    common = ["--no-deps", "--wheel-dir", str(wheels)]
    if contents.wheels is None:
        # Every downloaded file must have the hash given in the requirements.
        _run_pip(["wheel", *common, "--requirement", str(contents.requirements)])
    else:
        _run_pip(
            ["wheel", *common, "--no-index", "--only-binary=:all:",
             "--find-links", str(contents.wheels), *pins]
        )  # fmt: skip
    own = sorted(contents.wheels.glob("normalise-*.whl")) if contents.wheels else []
    if contents.project.suffix == ".whl" or own:
        shutil.copy2(own[-1] if own else contents.project, wheels)
    elif contents.wheels is None:
        _run_pip(["wheel", *common, str(contents.project)])
    else:
        _run_pip(
            ["wheel", *common, "--no-index", "--find-links", str(contents.wheels),
             "--no-build-isolation", str(contents.project)]
        )  # fmt: skip


def _run_pip(arguments: list[str]) -> None:
    command = [*_find_pip(), "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        telling = [line for line in lines if re.match(r"\s*(ERROR|\w+Error): ", line)]
        reason = (telling or lines)[-1].strip().removeprefix("ERROR: ")
        raise PackageError(
            f"pip could not get the wheels: {reason}",
            remedy="check the network, or name a folder that has them all with --wheels",
        )


def _find_pip() -> list[str]:
    """This environment's pip or, if it has none, that of the Python it was made with."""
    if find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    base = getattr(sys, "_base_executable", "") or sys.executable
    return [base, "-m", "pip", "--python", sys.executable]


def _wheel_holds_bundled(wheels: Path) -> bool:
    for wheel in wheels.glob("normalise-*.whl"):
        with zipfile.ZipFile(wheel) as opened:
            if any(name.endswith("/model.bin") for name in opened.namelist()):
                return True
    return False


def _write_metadata(stage: Path, packages: Sequence[str]) -> None:
    machine = describe_machine()
    shutil.copyfile(bundle_install.__file__, stage / "install.py")
    readme = README.format(version=__version__, packages="\n".join(packages) or "- none", **machine)
    (stage / "README.md").write_text(readme, encoding="utf-8")
    description = {"normalise": __version__, "machine": machine, "packages": list(packages)}
    (stage / DESCRIPTION).write_text(
        json.dumps(description, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    files = sorted(path for path in stage.rglob("*") if path.is_file())
    sums = [f"{hash_file(path)}  {path.relative_to(stage).as_posix()}\n" for path in files]
    (stage / SUMS).write_text("".join(sums), encoding="utf-8")


def _zip_folder(folder: Path, archive: Path) -> None:
    temporary = folder.parent / archive.name
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as out:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                packed = zipfile.ZIP_STORED if path.suffix == ".whl" else zipfile.ZIP_DEFLATED
                name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
                out.write(path, name, compress_type=packed)
    temporary.rename(archive)
