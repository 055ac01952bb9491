"""The bundled nb→en package: whole, small, loadable, honest about its scores."""

import json
from pathlib import Path

import ctranslate2
import pytest
import sentencepiece

from normalise.packages.digests import hash_file, list_files, read_record

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "normalise" / "bundled" / "nb_en"
SCORES = ROOT / "training" / "scores.json"

if not (PACKAGE / "metadata.json").exists():
    pytest.skip("no bundled package in this checkout", allow_module_level=True)


@pytest.fixture(scope="module")
def processor() -> sentencepiece.SentencePieceProcessor:
    return sentencepiece.SentencePieceProcessor(model_file=str(PACKAGE / "sentencepiece.model"))


@pytest.fixture(scope="module")
def engine() -> ctranslate2.Translator:
    return ctranslate2.Translator(str(PACKAGE / "model"), device="cpu", compute_type="int8")


def test_metadata_has_the_fields_of_argos() -> None:
    metadata = json.loads((PACKAGE / "metadata.json").read_text(encoding="utf-8"))
    assert metadata["from_code"] == "nb"
    assert metadata["to_code"] == "en"
    assert {"package_version", "argos_version", "from_name", "to_name"} <= metadata.keys()


def test_record_has_the_hash_of_every_file() -> None:
    recorded = read_record(PACKAGE)["files"]
    found = {path.relative_to(PACKAGE).as_posix(): hash_file(path) for path in list_files(PACKAGE)}
    assert recorded == found, "write the record anew (training/README.md)"


def test_package_stays_small() -> None:
    size = sum(path.stat().st_size for path in PACKAGE.rglob("*") if path.is_file())
    assert size < 45_000_000


@pytest.mark.parametrize(
    "text",
    [
        "nr. 04-NQ/TU",
        "Đỗ Thị Hạnh, Nguyễn Văn Dũng, Hầu A Lềnh",
        "18-NQ/TW, 25.10.2017, 96,4 %",
    ],
)
def test_tokeniser_keeps_names_and_codes(
    processor: sentencepiece.SentencePieceProcessor, text: str
) -> None:
    pieces = processor.encode(text, out_type=str)
    assert "<unk>" not in pieces
    assert processor.decode(pieces) == text


def test_translates_with_attention(
    processor: sentencepiece.SentencePieceProcessor, engine: ctranslate2.Translator
) -> None:
    source = processor.encode("Den provinsielle partikomiteen holdt et møte.", out_type=str)
    (result,) = engine.translate_batch([source], beam_size=4, return_attention=True)
    assert "Provincial Party Committee" in processor.decode(result.hypotheses[0])
    # One row a target piece, one column a source piece and the end mark.
    assert len(result.attention[0][0]) >= len(source)


def test_model_card_states_the_measured_scores() -> None:
    card = (PACKAGE / "README.md").read_text(encoding="utf-8")
    scores = json.loads(SCORES.read_text(encoding="utf-8"))
    for row in scores["flores"]:
        assert f"{row['bleu']:.1f}" in card
        assert f"{row['chrf']:.1f}" in card
        assert row["bleu_signature"] in card
