"""Fixtures that tests share."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from stand_ins import BracketTranslator, OneTermGlossary, WordDetector

from normalise.pipeline import Pipeline

# The same examples in every run, however slow the machine.
settings.register_profile("normalise", deadline=None, derandomize=True)
settings.load_profile("normalise")

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


def pytest_configure(config: pytest.Config) -> None:
    """Nothing of the user's own is read or written: no cache of another run, no memory."""
    home = TemporaryDirectory(prefix="normalise-tests-")
    config.add_cleanup(home.cleanup)
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        os.environ[name] = os.path.join(home.name, name)
    for name in [name for name in os.environ if name.startswith(("ARGOS_", "SNAP"))]:
        del os.environ[name]


@pytest.fixture
def translator() -> BracketTranslator:
    return BracketTranslator()


@pytest.fixture
def pipeline(translator: BracketTranslator) -> Pipeline:
    """A pipeline of stand-ins: fast, and what it does is plain to see."""
    return Pipeline(
        glossary=OneTermGlossary(), translator=translator, detector=WordDetector()
    )


@pytest.fixture
def shared() -> Path:
    """The folder of other people's texts beside the repository, where there is one."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared folder beside the repository: it is not part of the project")
    return SHARED
