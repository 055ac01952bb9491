"""Fixtures that tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from stand_ins import BracketTranslator, OneTermGlossary, WordDetector

from normalise.pipeline import Pipeline

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


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
