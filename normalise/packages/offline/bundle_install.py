"""Install normalise from this folder, without any network.

This file is copied into every bundle as ``install.py`` and runs there on its own: it needs only
Python and its standard library. It checks every file against SHA256SUMS first and changes nothing
outside the folder it installs into.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

SUMS = "SHA256SUMS"
DESCRIPTION = "bundle.json"


class BundleError(Exception):
    """What is wrong with the bundle or this machine, and what to do about it."""


def check_sums(bundle: Path) -> int:
    """Compare every file of the bundle with SHA256SUMS; returns how many there are.

    Raises:
        BundleError: A file is missing, was changed, or was added.
    """
    expected: dict[str, str] = {}
    for line in (bundle / SUMS).read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        expected[name] = digest
    present = {
        path.relative_to(bundle).as_posix(): path for path in bundle.rglob("*") if path.is_file()
    }
    present.pop(SUMS, None)
    problems = [f"{name} is missing" for name in sorted(expected.keys() - present.keys())]
    problems += [f"{name} was added" for name in sorted(present.keys() - expected.keys())]
    for name in sorted(expected.keys() & present.keys()):
        found = hashlib.sha256()
        with present[name].open("rb") as file:
            while block := file.read(1 << 20):
                found.update(block)
        if found.hexdigest() != expected[name]:
            problems.append(f"{name} was changed")
    if problems:
        raise BundleError("\n".join([*problems, "copy the bundle again from where it was made"]))
    return len(expected)


def describe_machine() -> dict[str, str]:
    """What wheels depend on: the Python version and the platform."""
    return {
        "python": ".".join(map(str, sys.version_info[:2])),
        "implementation": sys.implementation.name,
        "platform": sysconfig.get_platform(),
    }


def check_machine(bundle: Path) -> None:
    """Refuse another Python or platform than the wheels are for.

    Raises:
        BundleError: The bundle was made for another Python or platform.
    """
    made_for = json.loads((bundle / DESCRIPTION).read_text(encoding="utf-8"))["machine"]
    here = describe_machine()
    if made_for != here:
        wanted, found = (" ".join(machine.values()) for machine in (made_for, here))
        raise BundleError(
            f"the bundle is for Python {wanted}, this is {found}\n"
            "run install.py with that Python, or make a bundle on a machine like this one"
        )


def create_environment(target: Path) -> Path:
    """A fresh virtual environment; returns its Python.

    Raises:
        BundleError: The folder is in use, or Python cannot make environments.
    """
    if target.exists() and any(target.iterdir()):
        raise BundleError(f"{target} is not empty; name another folder with --to")
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(target)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise BundleError(
            f"{made.stdout}{made.stderr}\nPython cannot make virtual environments; "
            "on Debian and Ubuntu the package python3-venv is missing"
        )
    scripts = "Scripts" if os.name == "nt" else "bin"
    return target / scripts / ("python.exe" if os.name == "nt" else "python")


def install_wheels(bundle: Path, python: Path) -> None:
    """Install all wheels of the bundle, and nothing from anywhere else.

    Raises:
        BundleError: pip refuses.
    """
    wheels = sorted(str(path) for path in (bundle / "wheels").glob("*.whl"))
    # No user setting may lead pip to an index.
    environment = {name: text for name, text in os.environ.items() if not name.startswith("PIP_")}
    environment |= {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    command = [str(python), "-I", "-m", "pip", "install", "--no-index", "--no-deps", *wheels]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BundleError(f"{done.stdout}{done.stderr}\npip could not install the wheels")


def install(bundle: Path, target: Path) -> None:
    """Check the bundle, make the environment, install everything, and verify the result.

    Raises:
        BundleError: Something is not as it should be.
    """
    count = check_sums(bundle)
    print(f"{count} files are unchanged")
    check_machine(bundle)
    python = create_environment(target)
    install_wheels(bundle, python)
    share = target / "share" / "normalise"
    for part in ("packages", "glossaries"):
        if (bundle / part).is_dir():
            shutil.copytree(bundle / part, share / part, dirs_exist_ok=True)
    print(f"installed in {target}")
    verify_packages(python, share / "packages")
    print(f"ready: {python.parent / 'normalise'} --help")


def verify_packages(python: Path, packages: Path) -> None:
    """Have the installed program verify only what was installed with it.

    Raises:
        BundleError: The program does not run, or a package is damaged.
    """
    environment = {
        name: text for name, text in os.environ.items() if not name.startswith(("ARGOS_", "SNAP"))
    }
    with tempfile.TemporaryDirectory() as cache:
        environment |= {"ARGOS_PACKAGES_DIR": str(packages), "XDG_CACHE_HOME": cache}
        command = [str(python), "-I", "-m", "normalise", "models", "verify"]
        verified = subprocess.run(command, env=environment, check=False)
    if verified.returncode:
        raise BundleError("the installed packages are damaged; see above")


def main() -> int:
    """The command line of ``install.py``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    bundle = Path(__file__).resolve().parent
    default = Path.cwd() / "normalise-environment"
    parser.add_argument("--to", type=Path, default=default, help="folder to install into")
    parser.add_argument("--check", action="store_true", help="only compare with SHA256SUMS")
    options = parser.parse_args()
    try:
        if options.check:
            print(f"{check_sums(bundle)} files are unchanged")
        else:
            target = options.to.resolve()
            if target == bundle or bundle in target.parents:
                raise BundleError("choose a folder outside the bundle with --to")
            install(bundle, target)
    except (BundleError, OSError) as error:
        print(f"not installed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
