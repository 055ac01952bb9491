"""A tiny model in Marian's own format, as OPUS-MT releases have it; it copies its input."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
from tiny_package import POSITION_DIMS, TOKEN_DIMS, copying_weights, read_pieces, train_pieces

CONFIG = """\
dec-depth: 1
enc-depth: 1
dim-emb: {size}
tied-embeddings-all: true
transformer-decoder-autoreg: self-attention
transformer-ffn-activation: swish
transformer-guided-alignment-layer: last
transformer-heads: 1
transformer-no-projection: false
transformer-postprocess: dan
transformer-postprocess-emb: d
transformer-postprocess-top: ""
transformer-preprocess: ""
type: transformer
version: tests
"""


def write_vocabulary(path: Path, vocabulary: list[str]) -> None:
    """A Marian vocabulary; JSON strings are what Marian itself writes for odd pieces."""
    lines = [f"{json.dumps(piece, ensure_ascii=False)}: {i}" for i, piece in enumerate(vocabulary)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_weights(path: Path, vocabulary: list[str]) -> None:
    """One post-norm layer a side, as OPUS-MT has six; its attention compares positions."""
    size = TOKEN_DIMS + POSITION_DIMS
    copying = copying_weights(vocabulary, {})
    none = np.zeros((1, size), dtype=np.float32)
    weights = {
        "Wemb": copying["tokens"] / np.sqrt(size, dtype=np.float32),
        "Wpos": copying["source_positions"],
        "decoder_ff_logit_out_Wt": copying["output"] * 10,
        "decoder_ff_logit_out_b": np.zeros((1, len(vocabulary)), dtype=np.float32),
    }

    def attention(scope: str, **matrices: str) -> None:
        for letter in "qkvo":
            matrix = copying[matrices.get(letter, "nothing")]
            weights[f"{scope}_W{letter}"] = matrix.T  # Marian multiplies from the left
            weights[f"{scope}_b{letter}"] = none
        weights[f"{scope}_Wo_ln_scale"] = none + 1
        weights[f"{scope}_Wo_ln_bias"] = none

    for side in ("encoder_l1", "decoder_l1"):
        attention(f"{side}_self")
        for number in "12":
            weights[f"{side}_ffn_W{number}"] = copying["nothing"]
            weights[f"{side}_ffn_b{number}"] = none
        weights[f"{side}_ffn_ffn_ln_scale"] = none + 1
        weights[f"{side}_ffn_ffn_ln_bias"] = none
    attention("decoder_l1_context", q="query", k="key", v="value", o="context")
    config = (CONFIG.format(size=size) + "\0").encode()
    weights["special:model.yml"] = np.frombuffer(config, dtype=np.int8)
    np.savez(path, **weights)


def make_marian(folder: Path, *, opus: bool = True) -> Path:
    """Write a model folder: weights, vocabulary, ``source.spm`` and ``target.spm``.

    ``opus`` adds ``decoder.yml``; without it the vocabularies are two, as in plain Marian.
    The two SentencePiece models differ: the target's has a piece the source's lacks.
    """
    folder.mkdir(parents=True)
    source = train_pieces(folder / "source")
    target = train_pieces(folder / "target", ["committee"])
    source, target = (
        Path(shutil.move(path, path.with_suffix(".spm"))) for path in (source, target)
    )
    pieces = dict.fromkeys(read_pieces(source) + read_pieces(target))
    special = ("<s>", "</s>", "<unk>")
    vocabulary = ["</s>", "<unk>", *(p for p in pieces if p not in special), "<pad>"]
    write_weights(folder / "model.npz", vocabulary)
    if opus:
        write_vocabulary(folder / "opus.vocab.yml", vocabulary)
        (folder / "decoder.yml").write_text(
            "models:\n  - model.npz\nvocabs:\n  - opus.vocab.yml\n  - opus.vocab.yml\n"
            "beam-size: 6\nnormalize: 1\n"
        )
    else:
        write_vocabulary(folder / "vocab.trg.yml", vocabulary)
        write_vocabulary(folder / "vocab.src.yml", vocabulary)
    (folder / "README.md").write_text("# Tiny\n\n* licence: CC-BY 4.0\n", encoding="utf-8")
    return folder
