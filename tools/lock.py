"""Write the hashed requirement files from pyproject.toml. Needs the network and uv.

    python tools/lock.py            keep the versions that still fit
    python tools/lock.py --upgrade  take the newest of everything

The files hold no address of any index, and the hashes of every wheel of every platform. Packages
that argostranslate names but that nothing here uses are left out, and with them PyTorch.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UNUSED = ("minisbd", "spacy", "stanza", "torch")
# What reads and writes all formats is installed by the set-up; engines are not.
EXTRAS = ("pdf", "watch", "web")
FILES = {
    "requirements.txt": "",
    "requirements-build.txt": "build",
    "requirements-test.txt": "test",
    "requirements-lint.txt": "lint",
}
HEADER = """# Written by tools/lock.py from pyproject.toml: hashes of all wheels, no index address.
# Install with: pip install --no-deps --require-hashes --no-build-isolation -r {name}
"""


def main() -> None:
    """Lock each set of requirements for Python 3.10 and later, on every platform."""
    with tempfile.TemporaryDirectory() as folder:
        unused = Path(folder, "unused.txt")
        unused.write_text("\n".join(UNUSED), encoding="utf-8")
        for name, group in FILES.items():
            lock(name, group, unused, upgrade="--upgrade" in sys.argv[1:])


def lock(name: str, group: str, unused: Path, *, upgrade: bool) -> None:
    """Resolve one set and write its file."""
    what = ["--group", f"pyproject.toml:{group}"]
    if not group:
        what = ["pyproject.toml", *(f"--extra={extra}" for extra in EXTRAS)]
    command = [
        "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.10",
        "--generate-hashes", "--no-header", "--no-annotate", "--excludes", str(unused),
        "--output-file", name, *(["--upgrade"] if upgrade else []), *what,
    ]  # fmt: skip
    subprocess.run(command, cwd=ROOT, check=True)
    path = ROOT / name
    path.write_text(HEADER.format(name=name) + path.read_text("utf-8"), encoding="utf-8")


if __name__ == "__main__":
    main()
