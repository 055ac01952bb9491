"""Cut text into a package's pieces and join them again, whatever method the package uses."""

from __future__ import annotations

from typing import Any, Protocol

from normalise.errors import PackageError
from normalise.packages.find import Package


class Pieces(Protocol):
    """Cuts source text into pieces and joins target pieces into text."""

    def encode(self, text: str) -> list[str]:
        """The pieces of a source sentence."""

    def decode(self, pieces: list[str]) -> str:
        """The text of target pieces."""


class SentencePieces:
    """SentencePiece on both sides, with one model or, for OPUS-MT, two."""

    def __init__(self, source: Any, target: Any) -> None:
        self._source = source
        self._target = target

    def encode(self, text: str) -> list[str]:
        """The pieces of a source sentence."""
        return list(self._source.encode(text, out_type=str))

    def decode(self, pieces: list[str]) -> str:
        """The text of target pieces."""
        return str(self._target.decode_pieces(pieces))


def load_pieces(package: Package) -> Pieces:
    """Load the models that cut and join text for a package.

    Packages with ``bpe.model`` (es→en 1.9, da→en 1.9) use Argos's own tokeniser, which needs
    sacremoses.

    Raises:
        PackageError: A model cannot be loaded.
    """
    remedy = f"install {package.pair} again"
    if package.bpe is not None:
        try:
            import sacremoses  # noqa: F401  (loaded by BPETokenizer at its first sentence)
            from argostranslate.tokenizer import BPETokenizer
        except ImportError as error:
            message = f"cuts text with bpe.model, but {error.name} is not installed"
            raise PackageError(
                message, where=str(package.path), remedy="pip install argostranslate sacremoses"
            ) from None
        bpe: Pieces = BPETokenizer(package.bpe, package.from_code, package.to_code)
        return bpe
    if package.source_sentencepiece is None:
        raise PackageError("has no model to cut text", where=str(package.path), remedy=remedy)
    import sentencepiece

    try:
        source = sentencepiece.SentencePieceProcessor(model_file=str(package.source_sentencepiece))
        target = source
        if package.target_sentencepiece != package.source_sentencepiece:
            target = sentencepiece.SentencePieceProcessor(
                model_file=str(package.target_sentencepiece)
            )
    except (OSError, RuntimeError) as error:
        message = f"its SentencePiece model cannot be loaded: {error}"
        raise PackageError(message, where=str(package.path), remedy=remedy) from None
    return SentencePieces(source, target)
