"""The samples come out as reviewed in samples/expected.

Renew after a change, then read the difference:

    normalise convert samples samples/expected --exclude expected --no-memory
    rm -r samples/expected/audit.jsonl samples/expected/.normalise; git diff samples/expected
"""

from __future__ import annotations

import difflib
import io
import re
import zipfile
from functools import cache
from pathlib import Path

import pytest

from normalise import Pipeline
from normalise.data import Result
from normalise.formats import output_name, read_document, render, suffixes
from normalise.formats.pieces import PieceSource

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
EXPECTED = SAMPLES / "expected"
NAMES = sorted(
    path.relative_to(SAMPLES).as_posix()
    for path in SAMPLES.rglob("*.*")
    if EXPECTED not in path.parents and path.suffix in suffixes()
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
    return show(render(source, result), Path(output_name(name, ""))), result


def show(raw: bytes, path: Path) -> str:
    """What is to be compared: of an archive not its bytes, which depend on libraries' versions."""
    document, source = read_document(path, raw=raw)
    if not raw.startswith(b"PK") or not isinstance(source, PieceSource):
        return raw.decode(source.encoding or "utf-8")
    pieces = [document.text[piece.start : piece.end] for piece in source.pieces]
    looks = [f"{p.kind} {p.level} {p.ordered} {p.cell}" for p in source.parts]
    members = zipfile.ZipFile(io.BytesIO(raw)).namelist()
    return "\n".join(["|".join(pieces), *looks, *members])


def test_every_sample_has_its_expected_output() -> None:
    assert len(NAMES) >= 10
    outputs = [path for path in EXPECTED.rglob("*.*") if path.is_file()]
    made = sorted(output_name(name, "") for name in NAMES)
    assert sorted(path.relative_to(EXPECTED).as_posix() for path in outputs) == made


@pytest.mark.parametrize("name", NAMES)
def test_sample_comes_out_as_reviewed(name: str) -> None:
    if name.endswith(".pdf"):
        pytest.importorskip("pypdfium2", reason="the extra pdf is not installed")
    got, result = convert(name)
    expected = EXPECTED / output_name(name, "")
    want = show(expected.read_bytes(), expected)
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


def test_the_office_samples_are_as_their_script_makes_them() -> None:
    import make_office_samples as samples

    for name, make in {
        "norwegian/fylkesrapport.docx": samples.make_report,
        "norwegian/referat.odt": samples.make_minutes,
        "english/four-good-cells.pptx": samples.make_deck,
        "english/handbook.epub": samples.make_book,
    }.items():
        assert show(make(), Path(name)) == show((SAMPLES / name).read_bytes(), Path(name))


def test_what_must_stay_stays() -> None:
    got, _ = convert("english/look-alikes.txt")
    assert got == (SAMPLES / "english/look-alikes.txt").read_text("utf-8")


def test_the_readme_shows_what_comes_out() -> None:
    readme = (SAMPLES.parent / "README.md").read_text("utf-8")
    shown = re.search(r'\.run\("(.+)"\)\n.*# (.+)\n', readme)
    assert shown
    assert pipeline().run(shown[1]).text == shown[2]
