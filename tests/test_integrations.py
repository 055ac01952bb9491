"""The pipeline as a step in data engines: each is skipped where its package is missing."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from normalise.data import Failure
from normalise.errors import InputError, NormaliseError
from normalise.integrations import rows
from normalise.integrations.rows import MEMBERS, Columns, convert_texts, make_row, open_pipeline
from normalise.settings import Settings

SETTINGS = Settings(use_memory=False)
ENGLISH = "The city has 61 4 good party cells. See Resolution no. 04 -NQ/TW."
NORWEGIAN = "Particellen møttes i Lào Cai i går."
TEXTS = [ENGLISH, None, NORWEGIAN, ""]


def expected() -> list[tuple[str | None, rows.Row | None]]:
    """What a plain loop over the pipeline gives."""
    pipeline = open_pipeline(SETTINGS)
    results = [None if text is None else pipeline.run(text) for text in TEXTS]
    return [(r.text, make_row(r)) if r else (None, None) for r in results]


def test_rows_have_the_published_members() -> None:
    text, row = expected()[0]
    assert text == "The city has 61 4-good Party cells. See Resolution No. 04-NQ/TW."
    assert row is not None
    assert list(row) == list(MEMBERS)
    assert (row["status"], row["problem"]) == ("done", None)
    (change,) = [c for c in row["changes"] if c["term"]]
    assert list(change) == list(MEMBERS["changes"][0])
    assert ENGLISH[change["source_start"] : change["source_end"]] == "4 good party cells"
    assert text[change["output_start"] : change["output_end"]] == "4-good Party cells"
    (cited,) = row["citations"]
    assert (cited["number"], cited["code"], cited["issuer"]) == ("04", "NQ", "TW")
    json.dumps(row)


def test_texts_convert_as_they_do_alone() -> None:
    assert list(convert_texts(open_pipeline(SETTINGS), TEXTS)) == expected()


def test_known_languages_are_believed() -> None:
    ((_, row),) = convert_texts(open_pipeline(SETTINGS), ["Nei."], ["no"])
    assert row is not None
    assert (row["language"], row["confidence"]) == ("nb", 1.0)


def test_a_failure_keeps_the_text_and_says_why() -> None:
    class Broken:
        def attempt(self, documents: list[str]) -> Any:
            yield Failure("a", NormaliseError("too odd", remedy="mend it"))
            yield Failure("b", RuntimeError("bang"))

    (one, first), (two, second) = convert_texts(Broken(), ["a", "b"])  # type: ignore[arg-type]
    assert (one, two) == ("a", "b")
    assert first is not None
    assert second is not None
    assert (first["status"], first["problem"], first["remedy"]) == ("failed", "too odd", "mend it")
    assert "bang" in second["problem"]
    assert first["changes"] == [] == second["flags"]


def test_columns_are_checked() -> None:
    Columns("body", out="clean").check(["id", "body"])
    with pytest.raises(InputError, match="there is no column 'text'"):
        Columns().check(["id", "body"])
    with pytest.raises(InputError, match="there is already a column 'normalise'"):
        Columns().check(["text", "normalise"])
    with pytest.raises(InputError, match="there is already a column 'id'"):
        Columns(out="id").check(["text", "id"])


def test_a_missing_package_names_the_command() -> None:
    with pytest.raises(ImportError, match=r"pip install 'normalise\[ray\]'"):
        rows.need("no_such_engine", "ray")


def test_workers_use_one_thread_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr("normalise.pipeline.build_pipeline", seen.append)
    open_pipeline.cache_clear()
    open_pipeline(SETTINGS)
    open_pipeline(replace(SETTINGS, threads=3))
    open_pipeline.cache_clear()
    assert [settings.threads for settings in seen] == [1, 3]


# -- columnar ------------------------------------------------------------------------------------


def table() -> Any:
    pa = pytest.importorskip("pyarrow")
    return pa.table({"id": [1, 2, 3, 4], "text": TEXTS})


def check(found: list[tuple[str | None, Any]]) -> None:
    assert found == expected()


def test_arrow() -> None:
    given = table()
    from normalise.integrations import arrow

    made = arrow.convert_batch(open_pipeline(SETTINGS), given)
    assert made.schema == arrow.output_schema(given.schema)
    assert made.column_names == ["id", "text", "normalise"]
    check(list(zip(made["text"].to_pylist(), made["normalise"].to_pylist(), strict=True)))
    (batch,) = given.to_batches()
    beside = arrow.convert_batch(open_pipeline(SETTINGS), batch, Columns(out="clean", key="how"))
    assert beside.schema.names == ["id", "text", "clean", "how"]
    assert beside.column("text").to_pylist() == TEXTS


def test_arrow_of_nothing() -> None:
    given = table().slice(0, 0)
    from normalise.integrations import arrow

    made = arrow.convert_batch(open_pipeline(SETTINGS), given)
    assert made.num_rows == 0
    assert made.schema == arrow.output_schema(given.schema)


def test_pandas() -> None:
    pd = pytest.importorskip("pandas")
    from normalise.integrations import pandas

    frame = pd.DataFrame({"text": TEXTS}, index=list("abcd"))
    made = pandas.convert_frame(frame, SETTINGS)
    assert list(made.index) == list("abcd")
    texts = [None if pd.isna(text) else text for text in made["text"]]
    check(list(zip(texts, made["normalise"], strict=True)))
    wide = pandas.convert_series(frame["text"], SETTINGS)
    assert list(wide.columns) == ["text", *MEMBERS]
    assert wide.loc["c", "language"] == "nb"
    assert pd.isna(wide.loc["b", "text"])


def test_polars_eager_and_lazy() -> None:
    pl = pytest.importorskip("polars")
    from normalise.integrations import polars

    frame = pl.DataFrame({"text": TEXTS})
    eager = polars.convert(frame["text"], SETTINGS)
    assert eager.dtype == polars.RESULT
    lazy = frame.lazy().select(polars.convert(pl.col("text"), SETTINGS).alias("made"))
    assert lazy.collect_schema()["made"] == polars.RESULT
    assert lazy.collect()["made"].to_list() == eager.to_list()
    found = [(row and row.pop("text"), row) for row in eager.to_list()]
    check(found)


def test_datasets(tmp_path: Path) -> None:
    hf = pytest.importorskip("datasets")
    from normalise.integrations.datasets import Normaliser

    step = Normaliser(SETTINGS)
    assert pickle.loads(pickle.dumps(step)).settings == SETTINGS
    made = hf.Dataset.from_dict({"text": TEXTS}).map(step, batched=True, batch_size=3)
    check([(row["text"], row["normalise"]) for row in made])


# -- engines -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster() -> Any:
    ray = pytest.importorskip("ray")
    pytest.importorskip("pyarrow")
    ray.init(num_cpus=4, include_dashboard=False, logging_level="ERROR", log_to_driver=False)
    yield ray
    ray.shutdown()


def test_ray_with_two_actors(cluster: Any) -> None:
    from normalise.integrations.ray import Normaliser

    made = cluster.data.from_arrow(table()).repartition(2).map_batches(
        Normaliser,
        fn_constructor_kwargs={"settings": SETTINGS},
        batch_format="pyarrow",
        batch_size=2,
        concurrency=2,
    )
    found = sorted(made.take_all(), key=lambda row: row["id"])
    check([(row["text"], row["normalise"]) for row in found])


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(12):
        (folder / f"{number:02}.txt").write_text(f"{ENGLISH}\n\n{NORWEGIAN} {number}\n", "utf-8")
    (folder / "bad.txt").write_bytes(b"Party \xff\x81\x00")
    return folder


def outputs(folder: Path) -> dict[str, Any]:
    """Everything a run wrote, records without the time they took."""
    found: dict[str, Any] = {path.name: path.read_bytes() for path in folder.glob("*.txt")}
    lines = (folder / "audit.jsonl").read_text("utf-8").splitlines()
    found["records"] = [{**json.loads(line), "seconds": 0} for line in lines]
    return found


def test_a_folder_on_ray_has_the_same_outputs(cluster: Any, pages: Path, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from normalise.cli import main

    runner = CliRunner()
    here, there = tmp_path / "here", tmp_path / "there"
    run = ["convert", "--no-memory", "--quiet", str(pages)]
    assert runner.invoke(main, [*run, str(here)]).exit_code == 1
    assert runner.invoke(main, [*run, str(there), "--engine", "ray", "--jobs", "2"]).exit_code == 1
    assert len(outputs(here)) == 13
    assert outputs(there) == outputs(here)


def test_a_lost_worker_loses_nothing(cluster: Any, pages: Path) -> None:
    from normalise.batch.listing.plan import Job
    from normalise.batch.window import Reading
    from normalise.integrations.ray import RayPool

    jobs = [Job(path, path.name.encode(), path, 10) for path in sorted(pages.glob("*.txt"))]
    pool = RayPool(iter([(job,) for job in jobs]), SETTINGS, Reading(), 1)
    found = []
    for outcomes in pool.convert():
        found += outcomes
        if len(found) == 3:  # the next window is on its way, and is lost
            (actor,) = pool._actors
            pid = cluster.get(actor.__ray_call__.remote(lambda self: os.getpid()))
            os.kill(pid, signal.SIGKILL)
    pool.close()
    assert sorted(outcome.key for outcome in found) == [job.key for job in jobs]
    assert [outcome.key for outcome in found if outcome.status == "failed"] == [b"bad.txt"]


def test_only_the_document_that_kills_workers_fails(cluster: Any, pages: Path) -> None:
    from normalise.batch.listing.plan import Job
    from normalise.batch.window import Reading
    from normalise.integrations.ray import RayPool

    class Deadly(Job):
        """A document that ends the process that reads it."""

        @property
        def name(self) -> str:
            if "default_worker" in " ".join(sys.orig_argv):
                os._exit(1)
            return "deadly"

    good = Job(pages / "01.txt", b"01.txt", pages / "01.txt", 10)
    deadly = Deadly(pages / "02.txt", b"02.txt", pages / "02.txt", 10)
    pool = RayPool(iter([(good, deadly)]), SETTINGS, Reading(), 1)
    found = {outcome.key: outcome.status for window in pool.convert() for outcome in window}
    pool.close()
    assert found == {b"01.txt": "done", b"02.txt": "failed"}


@pytest.fixture(scope="module")
def session() -> Any:
    sql = pytest.importorskip("pyspark.sql")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        made = (
            sql.SparkSession.builder.master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .getOrCreate()
        )
    except Exception as error:  # no Java
        pytest.skip(f"Spark cannot start: {error}")
    yield made
    made.stop()


def test_spark(session: Any) -> None:
    from normalise.integrations import spark

    frame = session.createDataFrame(list(enumerate(TEXTS)), "id int, text string")
    made = spark.convert(frame.repartition(2), SETTINGS)
    assert made.schema == spark.output_schema(frame.schema)
    found = sorted(made.collect(), key=lambda row: row["id"])
    check([(r["text"], r["normalise"] and r["normalise"].asDict(recursive=True)) for r in found])


def test_spark_with_pandas(session: Any) -> None:
    pytest.importorskip("pandas")
    from normalise.integrations import spark

    frame = session.createDataFrame([(ENGLISH,)], "text string")
    schema = spark.output_schema(frame.schema)
    (row,) = frame.mapInPandas(spark.map_pandas(SETTINGS), schema).collect()
    assert row["text"] == expected()[0][0]
    assert row["normalise"]["citations"][0]["number"] == "04"


# -- others --------------------------------------------------------------------------------------


def test_spacy() -> None:
    spacy = pytest.importorskip("spacy")
    import normalise.integrations.spacy

    assert normalise.integrations.spacy.Component
    nlp = spacy.blank("en")
    nlp.add_pipe("normalise")
    one, two = nlp.pipe([ENGLISH, "Nothing here."])
    assert one.text == ENGLISH
    assert one._.normalised == expected()[0][0]
    assert [(s.text, s.label_) for s in one.spans["terms"]] == [("4 good party cells", "four-good-party-cell")]
    assert [s.label_ for s in one.spans["citations"]] == ["Resolution"]
    assert two._.normalise.changes == ()
    assert list(two.spans["changes"]) == []


def test_scikit_learn() -> None:
    pytest.importorskip("sklearn")
    from sklearn.base import clone
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.pipeline import make_pipeline

    from normalise.integrations.sklearn import Normaliser

    step = Normaliser(SETTINGS)
    assert clone(step).get_params() == {"settings": SETTINGS}
    assert step.fit_transform([ENGLISH]) == [expected()[0][0]]
    words = make_pipeline(step, CountVectorizer(ngram_range=(2, 2)))
    words.fit([ENGLISH, "The Party's cells met."])
    assert "party cells" in words[-1].get_feature_names_out()


def test_importing_the_package_needs_none_of_them() -> None:
    code = "import sys, normalise.integrations.rows as r; print([m for m in ('pyarrow', 'pandas', 'ray') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
