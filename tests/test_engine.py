from __future__ import annotations

import os
import pickle
import random
from pathlib import Path

import pytest
from tiny_package import make_package

from normalise.errors import PackageError
from normalise.packages.find import best_package, read_package
from normalise.translate.engine import Decoding, Engine, available_threads, length_limit
from normalise.translate.spans import join_pieces, source_spans

LEXICON = {"partiet": "Party", "leder": "leads", "møtet": "meeting"}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_package(tmp_path_factory.mktemp("tiny"), lexicon=LEXICON)


@pytest.fixture(scope="module")
def engine(tiny: Path) -> Engine:
    return Engine(read_package(tiny), threads=1)


def test_results_come_in_the_order_given(engine: Engine) -> None:
    sentences = ["partiet leder møtet", "", "å", "partiet " * 30, "leder Nguyễn i 2025"]
    found = engine.decode(sentences, Decoding())
    assert [h[0].text if h else None for h in found] == [
        "Party leads meeting", None, "å", "Party " * 29 + "Party", "leads Nguyễn i 2025",
    ]  # fmt: skip


def test_several_candidates_with_attention(engine: Engine) -> None:
    (found,) = engine.decode(["partiet leder"], Decoding(hypotheses=3, attention=True))
    assert len(found) == 3
    assert found[0].score >= found[1].score >= found[2].score
    pieces, _ = engine.split("partiet leder")
    assert len(found[0].attention) == len(found[0].spans) == found[0].pieces
    assert all(len(row) == len(pieces) for row in found[0].attention)
    assert max(range(len(pieces)), key=lambda i: found[0].attention[1][i]) == 1


def test_long_inputs_are_neither_cut_nor_endless(engine: Engine) -> None:
    text = "partiet leder møtet " * 80
    (found,) = engine.decode([text.strip()], Decoding())
    assert found[0].text.split() == ["Party", "leads", "meeting"] * 80
    assert found[0].pieces < length_limit(engine.count(text))
    assert not found[0].cut


def test_target_prefix_is_not_part_of_the_output(tmp_path: Path) -> None:
    path = make_package(tmp_path, lexicon=LEXICON, target_prefix="<2en>")
    engine = Engine(read_package(path), threads=1)
    (found,) = engine.decode(["partiet leder"], Decoding(attention=True))
    assert found[0].text == "Party leads"
    assert len(found[0].spans) == len(found[0].attention)


def test_engine_can_be_pickled_after_use(engine: Engine) -> None:
    engine.decode(["partiet"], Decoding())
    copy = pickle.loads(pickle.dumps(engine))
    assert copy._model is None
    assert copy.decode(["partiet"], Decoding())[0][0].text == "Party"


def test_broken_model_is_named(tiny: Path, tmp_path: Path) -> None:
    path = make_package(tmp_path, version="2.0")
    package = read_package(path)
    (path / "model" / "model.bin").write_bytes(b"\x06\x00\x00\x00TransformerSpec")
    with pytest.raises(PackageError) as caught:
        Engine(package).decode(["x"], Decoding())
    assert str(path) in caught.value.where
    assert caught.value.remedy


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="Linux only")
def test_threads_follow_the_affinity_mask() -> None:
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert available_threads() == 1
    finally:
        os.sched_setaffinity(0, before)


def test_pieces_become_text_with_spans() -> None:
    text, spans = join_pieces(["▁Par", "ty", "▁c", "<0xC3>", "<0xA9>", "ll", "."])
    assert text == "Party céll."
    assert [text[a:b] for a, b in spans] == ["Par", "ty", " c", "é", "é", "ll", "."]


@pytest.mark.parametrize(
    ("pieces", "text"),
    [(["▁a", "▁b"], "a  b"), (["▁1⁄2", "▁kg"], "½ kg"), (["▁Ｐ"], "P"), ([], "")],
)
def test_spans_stay_inside_texts_that_were_folded(pieces: list[str], text: str) -> None:
    spans = source_spans(pieces, text)
    assert len(spans) == len(pieces)
    assert all(0 <= a <= b <= len(text) for a, b in spans)


# -- the real package ----------------------------------------------------------------------------

WORDS = (
    "partiet komiteen møtet medlemmer provinsen arbeidet organisasjonen kadrer vedtak kongressen "
    "styrker leder vedtok har gitt god ny og i av for på den det en som med til 2025 14."
).split()


@pytest.fixture(scope="module")
def bundled() -> Engine:
    package = best_package("nb")
    if package is None:
        pytest.skip("no nb→en package on this machine")
    return Engine(package, threads=2)


def invent_sentences(count: int, seed: int = 7) -> list[str]:
    dice = random.Random(seed)
    return [
        " ".join(dice.choice(WORDS) for _ in range(dice.randint(1, 30))).capitalize() + "."
        for _ in range(count)
    ]


@pytest.mark.parametrize("how", [Decoding(), Decoding(beam=1), Decoding(8, 4, attention=True)])
def test_results_do_not_depend_on_the_batch(bundled: Engine, how: Decoding) -> None:
    sentences = invent_sentences(60)
    together = bundled.decode(sentences, how)
    shuffled = list(range(60))
    random.Random(1).shuffle(shuffled)
    mixed = bundled.decode([sentences[i] for i in shuffled], how)
    small = Engine(bundled.package, threads=1, batch_tokens=32)
    for place, index in enumerate(shuffled):
        assert [h.text for h in mixed[place]] == [h.text for h in together[index]]
    for index in range(0, 60, 7):
        (alone,) = small.decode([sentences[index]], how)
        assert [h.text for h in alone] == [h.text for h in together[index]]
