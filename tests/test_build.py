"""Packages made from Marian and CTranslate2 folders translate like the models they come from."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tiny_marian import make_marian
from tiny_package import make_package

from normalise.errors import PackageError
from normalise.packages.archive import unpack_archive
from normalise.packages.build import Recipe, build_package, measure_overlap
from normalise.packages.find import Package, read_package, route
from normalise.packages.install import install_archive
from normalise.packages.pieces import load_pieces


@pytest.fixture(scope="module")
def opus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_marian(tmp_path_factory.mktemp("opus") / "model")


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tmp_path / "packages"))


def copy(folder: Path, target: Path) -> Path:
    shutil.copytree(folder, target)
    return target


def translate(package: Package, text: str) -> str:
    import ctranslate2

    pieces = load_pieces(package)
    translator = ctranslate2.Translator(str(package.model_dir))
    (result,) = translator.translate_batch([pieces.encode(text)])
    return pieces.decode(result.hypotheses[0])


def built(recipe: Recipe, folder: Path) -> Package:
    out = build_package(recipe, folder / "out.argosmodel")
    return read_package(unpack_archive(out, folder / "unpacked"))


@pytest.mark.parametrize("quantization", ["int8", "float32"])
def test_an_opus_model_becomes_a_package_that_translates(
    opus: Path, tmp_path: Path, quantization: str
) -> None:
    package = built(Recipe(opus, "vi", quantization=quantization), tmp_path)
    assert (package.pair, package.from_name, package.version) == ("vi_en", "Vietnamese", "1.0")
    assert package.licence == "CC-BY 4.0"  # from the model's README
    text = "Chi bộ họp, committee nr. 12 ở Huế."
    assert translate(package, text) == text  # this model copies


def test_both_sentencepiece_models_are_kept_and_argos_finds_one(opus: Path, tmp_path: Path) -> None:
    from argostranslate.tokenizer import SentencePieceTokenizer

    package = built(Recipe(opus, "vi"), tmp_path)
    assert package.source_sentencepiece is not None
    assert package.target_sentencepiece is not None
    assert package.source_sentencepiece.read_bytes() == (opus / "source.spm").read_bytes()
    assert package.target_sentencepiece.read_bytes() == (opus / "target.spm").read_bytes()
    argos = SentencePieceTokenizer(package.path / "sentencepiece.model")
    text = "Đảng ủy xã báo cáo."
    assert argos.encode(text) == load_pieces(package).encode(text)
    assert argos.decode(["▁Party", "▁committee"]).strip() == "Party committee"


def test_equal_sentencepiece_models_are_kept_once(opus: Path, tmp_path: Path) -> None:
    folder = copy(opus, tmp_path / "model")
    shutil.copyfile(folder / "source.spm", folder / "target.spm")
    package = built(Recipe(folder, "vi"), tmp_path)
    assert package.sentencepiece == package.path / "sentencepiece.model"
    assert not (package.path / "source.spm").exists()


def test_a_plain_marian_folder_with_two_vocabularies(tmp_path: Path) -> None:
    folder = make_marian(tmp_path / "model", opus=False)
    package = built(Recipe(folder, "vi", licence="MIT", version="2.1"), tmp_path)
    assert (package.licence, package.version) == ("MIT", "2.1")
    assert translate(package, "Hvem leder komiteen?") == "Hvem leder komiteen?"


def test_a_ctranslate2_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    made = make_package(tmp_path / "made", lexicon={"partiet": "party"})
    folder = copy(made / "model", tmp_path / "model")
    shutil.copyfile(made / "sentencepiece.model", folder / "sentencepiece.model")
    package = built(Recipe(folder, "nb", licence="CC0-1.0"), tmp_path)
    assert (package.model_dir / "model.bin").read_bytes() == (folder / "model.bin").read_bytes()
    assert not (package.model_dir / "sentencepiece.model").exists()
    assert translate(package, "partiet møtes") == "party møtes"


def test_older_opus_models_with_bpe_become_bpe_packages(opus: Path, tmp_path: Path) -> None:
    folder = copy(opus, tmp_path / "model")
    for side in ("source", "target"):
        (folder / f"{side}.spm").unlink()
        (folder / f"{side}.bpe").write_text("#version: 0.2\nh e\n", "utf-8")
    package = built(Recipe(folder, "da"), tmp_path)
    assert package.bpe is not None
    assert package.bpe.read_text() == (folder / "source.bpe").read_text()


def test_the_same_model_gives_the_same_bytes(opus: Path, tmp_path: Path) -> None:
    one = build_package(Recipe(opus, "vi"), tmp_path / "one.argosmodel")
    two = build_package(Recipe(opus, "vi"), tmp_path / "two.argosmodel")
    assert one.read_bytes() == two.read_bytes()


def test_a_built_package_is_installed_and_serves_its_language(opus: Path, tmp_path: Path) -> None:
    install_archive(build_package(Recipe(opus, "vi"), tmp_path / "vi.argosmodel"))
    assert [step.pair for step in route("vi")] == ["vi_en"]


def test_the_metadata_tell_what_it_was_built_from(opus: Path, tmp_path: Path) -> None:
    package = built(Recipe(opus, "VI", quantization="float32"), tmp_path)
    metadata = json.loads((package.path / "metadata.json").read_text("utf-8"))
    assert metadata["from_code"] == "vi"
    assert metadata["built_from"]["format"] == "opus-mt"
    assert metadata["built_from"]["quantization"] == "float32"
    assert (package.path / "README.md").read_text() == (opus / "README.md").read_text()


def test_pieces_of_another_model_are_refused(opus: Path, tmp_path: Path) -> None:
    import io

    import sentencepiece

    model = io.BytesIO()
    words = [f"{a}{b}q{c}" for a in "wxz" for b in "jkv" for c in "fghj"]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(words * 3), model_writer=model, vocab_size=60,
        hard_vocab_limit=False, minloglevel=2,
    )  # fmt: skip
    folder = copy(opus, tmp_path / "model")
    (folder / "source.spm").write_bytes(model.getvalue())
    with pytest.raises(PackageError, match="do not belong together"):
        build_package(Recipe(folder, "vi"), tmp_path / "x.argosmodel")
    assert measure_overlap(built(Recipe(opus, "vi"), tmp_path)) == 1.0


@pytest.mark.parametrize(
    ("remove", "message"),
    [
        (["model.npz"], "cannot be converted"),
        (["opus.vocab.yml"], "cannot be converted"),
        (["source.spm"], "neither source.spm"),
        (["model.npz", "decoder.yml"], "no Marian model"),
        (["decoder.yml", "opus.vocab.yml"], "0 vocab"),
    ],
)
def test_incomplete_folders_are_named_with_what_they_lack(
    opus: Path, tmp_path: Path, remove: list[str], message: str
) -> None:
    folder = copy(opus, tmp_path / "model")
    for name in remove:
        (folder / name).unlink()
    with pytest.raises(PackageError, match=message):
        build_package(Recipe(folder, "vi"), tmp_path / "x.argosmodel")
    assert not (tmp_path / "x.argosmodel").exists()


def test_weights_that_are_no_transformer_are_refused(opus: Path, tmp_path: Path) -> None:
    import numpy as np

    folder = copy(opus, tmp_path / "model")
    np.savez(folder / "model.npz", other=np.zeros(3))
    with pytest.raises(PackageError, match="cannot be converted"):
        build_package(Recipe(folder, "vi"), tmp_path / "x.argosmodel")


def test_transformers_folders_ask_for_transformers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("normalise.packages.build.find_spec", lambda _name: None)
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "marian"}')
    (folder / "model.safetensors").write_bytes(b"x")
    with pytest.raises(PackageError, match="pip install transformers torch"):
        build_package(Recipe(folder, "vi"), tmp_path / "x.argosmodel")


def test_an_existing_file_and_odd_names_are_refused(opus: Path, tmp_path: Path) -> None:
    (tmp_path / "there.argosmodel").write_text("mine")
    with pytest.raises(PackageError, match="already exists"):
        build_package(Recipe(opus, "vi"), tmp_path / "there.argosmodel")
    with pytest.raises(PackageError, match="not a language code"):
        build_package(Recipe(opus, "../vi"), tmp_path / "x.argosmodel")
    with pytest.raises(PackageError, match="not a version"):
        build_package(Recipe(opus, "vi", version="1/0"), tmp_path / "x.argosmodel")
    assert (tmp_path / "there.argosmodel").read_text() == "mine"


@pytest.mark.parametrize("pair", [("en", "en"), ("en", "vi"), ("vi", "vi")])
def test_a_package_that_leads_away_from_english_is_not_built(
    opus: Path, tmp_path: Path, pair: tuple[str, str]
) -> None:
    with pytest.raises(PackageError, match="would never be used"):
        build_package(Recipe(opus, *pair), tmp_path / "away.argosmodel")


def test_errors_speak_of_the_model_and_not_of_a_temporary_folder(
    opus: Path, tmp_path: Path
) -> None:
    folder = copy(opus, tmp_path / "model")
    (folder / "source.spm").write_bytes(b"garbage")
    with pytest.raises(PackageError) as caught:
        build_package(Recipe(folder, "vi"), tmp_path / "vi.argosmodel")
    assert str(caught.value).startswith(f"{folder}: its SentencePiece model cannot be loaded")
    assert "normalise-build-" not in str(caught.value)
