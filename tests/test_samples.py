"""The samples come out as reviewed in samples/expected.

Renew after a change, then read the difference:

    normalise convert samples samples/expected --exclude expected --no-memory
    rm -r samples/expected/audit.jsonl samples/expected/.normalise; git diff samples/expected
"""

from __future__ import annotations

import difflib
import re
from functools import cache
from pathlib import Path

import pytest

from normalise import Pipeline
from normalise.data import Result
from normalise.formats import read_document, render

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
EXPECTED = SAMPLES / "expected"
NAMES = sorted(
    path.relative_to(SAMPLES).as_posix()
    for path in SAMPLES.rglob("*.*")
    if EXPECTED not in path.parents and path.suffix in (".txt", ".md")
)
# Integer kernels differ between processors, so a translated sentence may differ by a word.
ALIKE = 0.9


@cache
def pipeline() -> Pipeline:
    return Pipeline()


def convert(name: str) -> tuple[str, Result]:
    path = SAMPLES / name
    document, source = read_document(path)
    result = pipeline().run(document)
    return render(source, result).decode(), result


def test_every_sample_has_its_expected_output() -> None:
    assert len(NAMES) >= 10
    outputs = [path for path in EXPECTED.rglob("*.*") if path.is_file()]
    assert sorted(path.relative_to(EXPECTED).as_posix() for path in outputs) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_sample_comes_out_as_reviewed(name: str) -> None:
    got, result = convert(name)
    want = (EXPECTED / name).read_text("utf-8")
    if got != want and result.packages:
        ratio = difflib.SequenceMatcher(None, want, got, autojunk=False).ratio()
        assert ratio >= ALIKE, f"only {ratio:.2f} alike:\n{got}"
    else:
        assert got == want


@pytest.mark.parametrize(
    "name",
    [
        "Organisation Commission of the Provincial Party Committee",
        "Standing Board of the Provincial Party Committee",
        "Executive Committee",
        "two-tier local government model",
        "grassroots Party organisations",
        "Party members",
        "Fatherland Front Committee",
        "14th National Party Congress",
        "18-NQ/TW",
    ],
)
def test_the_norwegian_report_has_the_house_terms(name: str) -> None:
    got, result = convert("norwegian/organisasjonskomiteen.txt")
    if not result.packages:
        pytest.skip("no nb→en package is installed")
    assert name in got


def test_what_must_stay_stays() -> None:
    got, _ = convert("english/look-alikes.txt")
    assert got == (SAMPLES / "english/look-alikes.txt").read_text("utf-8")


def test_the_readme_shows_what_comes_out() -> None:
    readme = (SAMPLES.parent / "README.md").read_text("utf-8")
    shown = re.search(r'\.run\("(.+)"\)\n.*# (.+)\n', readme)
    assert shown
    assert pipeline().run(shown[1]).text == shown[2]
