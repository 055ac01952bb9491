"""Set everything up in .venv and convert the samples; needs Python 3.10 or later and pip.

    python3 tools/setup.py             install, then convert samples/ into out/
    python3 tools/setup.py --no-samples

Every package is checked against the hashes in the requirement files, and none of those that
argostranslate names without our using them (Stanza, spaCy, PyTorch) is installed. The network is
used for the packages alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"


def main() -> int:
    """Install, convert the samples, say what to do next."""
    if sys.version_info < (3, 10):  # noqa: UP036 - it is this check that tells
        print("normalise needs Python 3.10 or later", file=sys.stderr)
        return 2
    python = make_venv(VENV)
    install(python, ["requirements-build.txt", "requirements.txt", "requirements-test.txt"])
    tool = [str(python), "-m", "normalise"]
    code = 0
    if "--no-samples" not in sys.argv[1:]:
        code = run([*tool, "convert", "samples", "out", "--exclude", "expected"], check=False)
        if code == 1:
            print("(one sample is Vietnamese on purpose: no package is here for it)")
            code = 0
    print(f"\nrun the tests: {python.relative_to(ROOT)} -m pytest")
    print(f"convert more:  {python.relative_to(ROOT)} -m normalise convert IN OUT")
    return code


def make_venv(folder: Path) -> Path:
    """A virtual environment; its Python."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        # Without its own pip where the system has none to give (Debian keeps ensurepip apart).
        try:
            import ensurepip  # noqa: F401
        except ImportError:
            venv.create(folder, with_pip=False, symlinks=os.name != "nt")
        else:
            venv.create(folder, with_pip=True, symlinks=os.name != "nt")
    return python


def install(python: Path, files: list[str]) -> None:
    """Install requirement files and then the project, without any further dependency.

    The project as it stands here (editable): its code and glossaries count as soon as they are
    saved.
    """
    for name in files:
        pip(python, "--require-hashes", "--requirement", name)
    pip(python, "--editable", ".")


def pip(python: Path, *what: str) -> None:
    """Run pip for the environment, with its own pip or with this Python's."""
    own = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False)
    start = [str(python), "-m", "pip"]
    if own.returncode:
        start = [sys.executable, "-m", "pip", "--python", str(python)]
    run(
        [
            *start, "install", "--quiet", "--disable-pip-version-check",
            "--no-deps", "--no-build-isolation", "--use-pep517", *what,
        ]
    )  # fmt: skip


def run(command: list[str], *, check: bool = True) -> int:
    """Run a command in the project's folder and show it first."""
    print("$", " ".join(command), flush=True)
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    if code and check:
        sys.exit(code)
    return code


if __name__ == "__main__":
    sys.exit(main())
