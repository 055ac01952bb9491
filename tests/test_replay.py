"""The promises, kept by the real pipeline on every sample: replay, fixed point, determinism."""

from __future__ import annotations

from pathlib import Path

import pytest
from stand_ins import check_replay

from normalise.data import Result
from normalise.formats import Source, find_format, output_name, read_document, render
from normalise.pipeline import Pipeline, build_pipeline
from normalise.settings import Settings

FOLDER = Path(__file__).resolve().parent.parent / "samples"
SAMPLES = sorted(
    path
    for path in FOLDER.rglob("*")
    if find_format(path) and path.is_file() and "expected" not in path.parts
)
NAMES = [path.relative_to(FOLDER).as_posix() for path in SAMPLES]


@pytest.fixture(scope="module")
def house() -> Pipeline:
    return build_pipeline(Settings(use_memory=False))


@pytest.fixture(scope="module")
def stripping() -> Pipeline:
    return build_pipeline(Settings(use_memory=False, strip_furniture=True))


def is_settled(pipeline: Pipeline, path: Path, source: Source, result: Result) -> bool:
    """Whether converting the output of a conversion changes nothing in it.

    Subtitles may break lines elsewhere, and a PDF becomes Markdown: only what is written counts.
    """
    written = render(source, result)
    output = path.with_name(output_name(path.name, ""))
    document, source = read_document(output, raw=written)
    return render(source, pipeline.run(document)) == written


@pytest.mark.parametrize("path", SAMPLES, ids=NAMES)
def test_a_sample_replays_and_is_settled(path: Path, house: Pipeline) -> None:
    document, source = read_document(path)
    result = house.run(document)
    check_replay(result)
    assert is_settled(house, path, source, result)


@pytest.mark.parametrize("path", SAMPLES, ids=NAMES)
def test_a_sample_without_furniture_replays_and_is_settled(
    path: Path, stripping: Pipeline
) -> None:
    document, source = read_document(path)
    result = stripping.run(document)
    check_replay(result)
    assert is_settled(stripping, path, source, result)


def test_all_samples_together_give_what_each_gives_alone(house: Pipeline) -> None:
    documents = [read_document(path)[0] for path in SAMPLES]
    assert [r.text for r in house.stream(documents)] == [house.run(d).text for d in documents]
    backwards = list(house.stream(reversed(documents)))
    assert [r.text for r in reversed(backwards)] == [house.run(d).text for d in documents]


def test_there_are_samples() -> None:
    assert len(SAMPLES) >= 10


def test_other_peoples_pages_replay_and_are_settled(house: Pipeline, shared: Path) -> None:
    for path in sorted((shared / "seeds").glob("*.txt")):
        document, source = read_document(path)
        result = house.run(document)
        check_replay(result)
        assert is_settled(house, path, source, result), path.name
