"""Make an Argos package from an OPUS-MT/Marian model, or from a CTranslate2 folder.

Argos packages cut and join text with one SentencePiece model; OPUS-MT has one for each side. The
package contains both (``source.spm``, ``target.spm``), which we use, and the source model again as
``sentencepiece.model``, so that Argos itself can run the package: it cuts the source as it should,
and joins target pieces by their text.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from normalise.errors import PackageError
from normalise.language.codes import canonical_code, name_language
from normalise.packages.archive import named_as, pack_folder
from normalise.packages.catalogue import CODE, VERSION
from normalise.packages.digests import hash_file
from normalise.packages.find import Package, name_package, read_package
from normalise.packages.model_file import check_length
from normalise.packages.pieces import load_pieces

# The share of the SentencePiece model's pieces that must be in the network's vocabulary. Models
# that belong together share nearly all, others a third or less.
MIN_OVERLAP = 0.5
PROBE = "1, 2, 3."


@dataclass(frozen=True)
class Recipe:
    """What a package is made from and what it is called.

    ``licence`` and ``version`` go into the metadata; ``quantization`` is CTranslate2's name for
    how weights are stored, and is ignored for models already in its format.
    """

    model: Path
    from_code: str
    to_code: str = "en"
    version: str = "1.0"
    licence: str = ""
    quantization: str = "int8"


def build_package(recipe: Recipe, out: Path | None = None) -> Path:
    """Convert, check by translating once, and write an ``.argosmodel``; returns its path.

    Args:
        recipe: The model folder and what to call it.
        out: The file to write; by default Argos's name in the current folder.

    Raises:
        PackageError: The folder has no model that can be converted, its SentencePiece models are
            missing or belong to another model, or the file already exists.
    """
    source, target = canonical_code(recipe.from_code), canonical_code(recipe.to_code)
    for code in (source, target):
        if not CODE.fullmatch(code):
            raise PackageError(f"{code!r} is not a language code", remedy="use one such as vi")
    if source in ("en", target):
        raise PackageError(
            f"a package {source}_{target} would never be used: English is the only target",
            remedy="name the model's two languages with --from and --to",
        )
    if not VERSION.fullmatch(recipe.version):
        raise PackageError(f"{recipe.version!r} is not a version", remedy="use one such as 1.0")
    name = name_package(source, target, recipe.version)
    out = Path(f"{name}.argosmodel") if out is None else out
    if out.exists():
        message = "the file already exists"
        raise PackageError(message, where=str(out), remedy="remove it or choose another name")
    with tempfile.TemporaryDirectory(prefix="normalise-build-") as temporary:
        folder = Path(temporary) / name
        folder.mkdir()
        kind, weights = _convert_model(recipe, folder / "model")
        _copy_pieces(recipe.model, folder)
        _write_metadata(recipe, folder, source, target, kind, weights)
        with named_as(recipe.model, folder, "check that the folder holds one whole release"):
            check_package(folder)
        out.parent.mkdir(parents=True, exist_ok=True)
        pack_folder(folder, out, name)
    return out


def _convert_model(recipe: Recipe, target: Path) -> tuple[str, Path]:
    """Write the CTranslate2 model; returns the source's format and its weights file."""
    folder = recipe.model
    archives = sorted(folder.glob("*.npz"))
    vocabularies = sorted(folder.glob("*.yml"))
    if (folder / "model.bin").is_file():
        shutil.copytree(folder, target, ignore=_keep_model_files)
        return "ctranslate2", folder / "model.bin"
    if (folder / "decoder.yml").is_file():
        from ctranslate2.converters import OpusMTConverter

        _convert(OpusMTConverter, (str(folder),), recipe, target)
        named = yaml.safe_load((folder / "decoder.yml").read_text(encoding="utf-8"))
        return "opus-mt", folder / named["models"][0]
    if archives:
        vocabularies = [path for path in vocabularies if "vocab" in path.name]
        if len(archives) > 1 or not 1 <= len(vocabularies) <= 2:
            raise PackageError(
                f"contains {len(archives)} .npz and {len(vocabularies)} vocab .yml files",
                where=str(folder),
                remedy="leave one .npz and one or two vocabularies, or add Marian's decoder.yml",
            )
        from ctranslate2.converters import MarianConverter

        names = [str(path) for path in _source_first(vocabularies)]
        _convert(MarianConverter, (str(archives[0]), names), recipe, target)
        return "marian", archives[0]
    for weights in ("model.safetensors", "pytorch_model.bin"):
        if (folder / "config.json").is_file() and (folder / weights).is_file():
            _check_transformers(folder)
            from ctranslate2.converters import TransformersConverter

            _convert(TransformersConverter, (str(folder),), recipe, target)
            return "transformers", folder / weights
    raise PackageError(
        "contains no Marian model (.npz with decoder.yml or vocab .yml) and no CTranslate2 "
        "model.bin",
        where=str(folder),
        remedy="unpack an OPUS-MT release there; docs/models.md says where to find one",
    )


def _keep_model_files(_folder: str, names: Sequence[str]) -> set[str]:
    """Of a CTranslate2 folder, only the model goes into ``model/``."""
    kept = {"model.bin", "config.json", "vmap.txt"}
    return {
        name
        for name in names
        if name not in kept and not name.endswith(("vocabulary.json", "vocabulary.txt"))
    }


def _source_first(vocabularies: Sequence[Path]) -> list[Path]:
    """Marian's two vocabularies, the source's first: ``vocab.src.yml`` before ``vocab.trg.yml``."""
    marks = (".trg", "target", ".tgt")
    return sorted(vocabularies, key=lambda path: any(mark in path.name for mark in marks))


def _check_transformers(folder: Path) -> None:
    missing = [name for name in ("torch", "transformers") if find_spec(name) is None]
    if missing:
        raise PackageError(
            f"is a Transformers model, and {' and '.join(missing)} cannot be imported",
            where=str(folder),
            remedy="use the Marian release of the same model (.npz), "
            "or pip install transformers torch for this one command",
        )


def _convert(converter: Any, arguments: tuple[Any, ...], recipe: Recipe, target: Path) -> None:
    try:
        converter(*arguments).convert(str(target), quantization=recipe.quantization)
    except (
        ArithmeticError, AttributeError, LookupError, NotImplementedError, OSError, RuntimeError,
        TypeError, ValueError,
    ) as error:  # fmt: skip
        # CTranslate2's converters raise whatever a bad file makes numpy and yaml raise.
        reason = " ".join(str(error).split()) or type(error).__name__
        raise PackageError(
            f"cannot be converted: {reason}",
            where=str(recipe.model),
            remedy="only Transformer models are supported; check that the folder is complete",
        ) from None


def _copy_pieces(folder: Path, package: Path) -> None:
    source, target = folder / "source.spm", folder / "target.spm"
    single = folder / "sentencepiece.model"
    if source.is_file() and target.is_file():
        shutil.copyfile(source, package / "sentencepiece.model")
        if source.read_bytes() != target.read_bytes():
            shutil.copyfile(source, package / "source.spm")
            shutil.copyfile(target, package / "target.spm")
    elif single.is_file():
        shutil.copyfile(single, package / "sentencepiece.model")
    elif (folder / "source.bpe").is_file():
        shutil.copyfile(folder / "source.bpe", package / "bpe.model")
    else:
        raise PackageError(
            "contains neither source.spm with target.spm, sentencepiece.model, nor source.bpe",
            where=str(folder),
            remedy="copy the files that the model was trained with into the folder",
        )


def _write_metadata(
    recipe: Recipe, package: Path, source: str, target: str, kind: str, weights: Path
) -> None:
    """The metadata, and the README and licence, which the model's authors ask to keep."""
    import ctranslate2

    metadata = {
        "package_version": recipe.version,
        "argos_version": "1.9.0",
        "from_code": source,
        "from_name": name_language(source),
        "to_code": target,
        "to_name": name_language(target),
        "type": "translate",
        "license": recipe.licence,
        "built_from": {
            "format": kind,
            "weights": weights.name,
            "sha256": hash_file(weights),
            "quantization": "" if kind == "ctranslate2" else recipe.quantization,
            "ctranslate2": ctranslate2.__version__,
        },
    }
    if not recipe.licence:
        del metadata["license"]  # then the README may say
    text = json.dumps(metadata, ensure_ascii=False, indent=1) + "\n"
    (package / "metadata.json").write_text(text, encoding="utf-8")
    for name in ("README.md", "LICENSE", "LICENSE.txt", "LICENCE"):
        if (recipe.model / name).is_file():
            shutil.copyfile(recipe.model / name, package / name)


def check_package(path: Path) -> Package:
    """Load a package and translate once, so that a broken one is found where it is made.

    Raises:
        PackageError: The pieces belong to another vocabulary, or CTranslate2 cannot run the model.
    """
    package = read_package(path)
    try_package(package)
    if package.source_sentencepiece:
        overlap = measure_overlap(package)
        if overlap < MIN_OVERLAP:
            raise PackageError(
                f"knows only {overlap:.0%} of the SentencePiece model's pieces",
                where=str(path),
                remedy="model and source.spm do not belong together; take both from one release",
            )
    return package


def try_package(package: Package) -> None:
    """Load all models of a package and translate once.

    Raises:
        PackageError: One of them cannot be loaded or run, or is longer than it says.
    """
    import ctranslate2

    check_length(package.model_dir / "model.bin")
    pieces = load_pieces(package)
    try:
        cut = pieces.encode(PROBE)
    except Exception as error:  # Argos's tokeniser may raise anything for a bad file
        message = f"its pieces cannot be used: {type(error).__name__}: {error}"
        raise PackageError(message, where=str(package.path)) from None
    try:
        translator = ctranslate2.Translator(str(package.model_dir), device="cpu")
        prefix = [[package.target_prefix]] if package.target_prefix else None
        translator.translate_batch(
            [cut], target_prefix=prefix, max_decoding_length=16, beam_size=1
        )
    except Exception as error:  # IndexError for a variable that is missing, and others
        message = f"CTranslate2 cannot run the model: {error}"
        raise PackageError(message, where=str(package.path)) from None


def measure_overlap(package: Package) -> float:
    """The share of the source SentencePiece model's pieces that the network knows, 0 to 1."""
    import sentencepiece

    processor = sentencepiece.SentencePieceProcessor(model_file=str(package.source_sentencepiece))
    vocabulary = read_vocabulary(package.model_dir)
    known = total = 0
    for number in range(processor.get_piece_size()):
        if processor.is_control(number) or processor.is_unknown(number):
            continue
        if processor.is_byte(number):
            continue
        total += 1
        known += processor.id_to_piece(number) in vocabulary
    return known / total if total else 0.0


def read_vocabulary(model: Path) -> set[str]:
    """The source vocabulary of a CTranslate2 model, in any of the forms it is stored in."""
    for stem in ("source_vocabulary", "shared_vocabulary", "vocabulary"):
        file = model / f"{stem}.json"
        if file.is_file():
            return set(json.loads(file.read_text(encoding="utf-8")))
        file = model / f"{stem}.txt"
        if file.is_file():
            return set(file.read_text(encoding="utf-8").split("\n"))
    raise PackageError("the model has no vocabulary", where=str(model))
