"""``python -m normalise``: the same as the ``normalise`` command."""

from __future__ import annotations

from normalise.cli import main

if __name__ == "__main__":
    main(prog_name="normalise")
