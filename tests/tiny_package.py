"""Tiny but real Argos packages for tests: made by hand, in well under a second, predictable.

The network copies its input piece by piece, and replaces the pieces of a small lexicon. Nothing
is trained: one encoder and one decoder layer whose attention compares positions and whose output
layer is the embedding table, so CTranslate2 loads it like any other package.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

TOKEN_DIMS = 192
POSITION_DIMS = 128
POSITIONS = 1024

SENTENCES = (
    "Partiet har mange lag i byene og i bygdene.",
    "Møtet ble holdt i går kveld, og alle medlemmene var til stede!",
    "Hvem leder komiteen i år? Det gjør den nye sekretæren.",
    "The committee met on Monday: it approved 12 reports (of 15).",
    "A second meeting will be held in the spring; members were told by letter.",
    "Chi bộ họp mỗi tháng một lần và báo cáo lên cấp trên.",
    "Đảng ủy xã đã kết nạp 5 đảng viên mới trong năm 2024.",
    "Vi fikk svaret 1. juli, kl. 10.30 - «godt nytt», sa hun.",
    "Zwölf Boxkämpfer, quer über den Deich; æ ø å é ü ß % / & # @ * + = [ ] \" '",
)


def train_pieces(prefix: Path, words: Sequence[str] = ()) -> Path:
    """Train a SentencePiece model with byte fallback whose whole ``words`` are single pieces."""
    import sentencepiece

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES),
        model_writer=model,
        model_type="unigram",
        vocab_size=420 + len(words),
        hard_vocab_limit=False,
        byte_fallback=True,
        character_coverage=1.0,
        normalization_rule_name="identity",
        user_defined_symbols=[f"▁{word}" for word in words],
        num_threads=1,
        minloglevel=2,
    )
    path = prefix.with_suffix(".model")
    path.write_bytes(model.getvalue())
    return path


def read_pieces(path: Path) -> list[str]:
    """All pieces of a SentencePiece model, in the order of their numbers."""
    import sentencepiece

    processor = sentencepiece.SentencePieceProcessor(model_file=str(path))
    return [processor.id_to_piece(i) for i in range(processor.get_piece_size())]


def copying_weights(
    vocabulary: Sequence[str],
    lexicon: Mapping[str, str],
    *,
    shift: int = 0,
) -> dict[str, np.ndarray]:
    """Embeddings, positions and projections of a network that copies or looks words up.

    ``shift`` is the number of forced target pieces before the copy begins.
    """
    random = np.random.default_rng(20261121)
    size = TOKEN_DIMS + POSITION_DIMS
    tokens = np.zeros((len(vocabulary), size), dtype=np.float32)
    tokens[:, :TOKEN_DIMS] = random.choice([-1.0, 1.0], size=(len(vocabulary), TOKEN_DIMS))

    # Random frequencies make any two positions nearly orthogonal.
    frequencies = random.uniform(0, np.pi, POSITION_DIMS // 2)
    angles = np.outer(np.arange(POSITIONS), frequencies)
    positions = np.zeros((POSITIONS, size), dtype=np.float32)
    positions[:, TOKEN_DIMS:] = np.concatenate([np.sin(angles), np.cos(angles)], axis=1) * 1.4

    number = {piece: i for i, piece in enumerate(vocabulary)}
    output = tokens.copy()
    for word in lexicon:
        output[number[f"▁{word}"]] = 0
    for word, target in lexicon.items():
        output[number[f"▁{target}"]] += tokens[number[f"▁{word}"]]
    for special in ("<s>", "<unk>", "<blank>"):
        if special in number:
            output[number[special]] = 0

    keep_tokens = np.zeros((size, size), dtype=np.float32)
    keep_tokens[:TOKEN_DIMS, :TOKEN_DIMS] = np.eye(TOKEN_DIMS)
    keep_positions = np.zeros((size, size), dtype=np.float32)
    keep_positions[TOKEN_DIMS:, TOKEN_DIMS:] = np.eye(POSITION_DIMS)
    return {
        "tokens": tokens,
        "output": output / 160,
        "source_positions": positions,
        "target_positions": np.roll(positions, shift, axis=0),
        "query": keep_positions * 6,
        "key": keep_positions * 6,
        "value": keep_tokens,
        "context": keep_tokens * 12,
        "nothing": np.zeros((size, size), dtype=np.float32),
        "ones": np.ones(size, dtype=np.float32),
        "zeros": np.zeros(size, dtype=np.float32),
    }


def write_model(
    folder: Path,
    pieces: Sequence[str],
    lexicon: Mapping[str, str],
    *,
    target_prefix: str = "",
) -> None:
    """Write a CTranslate2 model that copies, or looks up, pieces."""
    from ctranslate2.specs import TransformerSpec

    vocabulary = ["<unk>", "<s>", "</s>"]
    vocabulary += [piece for piece in pieces if piece not in vocabulary]
    if target_prefix and target_prefix not in vocabulary:
        vocabulary.append(target_prefix)
    weights = copying_weights(vocabulary, lexicon, shift=1 if target_prefix else 0)

    spec = TransformerSpec.from_config((1, 1), 1, pre_norm=True, no_final_norm=True)
    spec.config.add_source_eos = True

    def plain(norm: Any) -> None:
        norm.gamma, norm.beta = weights["ones"], weights["zeros"]

    def linear(layer: Any, *parts: str) -> None:
        layer.weight = np.concatenate([weights[part] for part in parts])
        layer.bias = np.zeros(layer.weight.shape[0], dtype=np.float32)

    def idle(layer: Any) -> None:
        plain(layer.self_attention.layer_norm)
        linear(layer.self_attention.linear[0], "nothing", "nothing", "nothing")
        linear(layer.self_attention.linear[1], "nothing")
        plain(layer.ffn.layer_norm)
        linear(layer.ffn.linear_0, "nothing")
        linear(layer.ffn.linear_1, "nothing")

    for side in (spec.encoder, spec.decoder):
        side.scale_embeddings = False
        idle(side.layer[0])
    spec.encoder.embeddings[0].weight = weights["tokens"]
    spec.decoder.embeddings.weight = weights["tokens"]
    spec.encoder.position_encodings.encodings = weights["source_positions"]
    spec.decoder.position_encodings.encodings = weights["target_positions"]
    attention = spec.decoder.layer[0].attention
    plain(attention.layer_norm)
    linear(attention.linear[0], "query")
    linear(attention.linear[1], "key", "value")
    linear(attention.linear[2], "context")
    spec.decoder.projection.weight = weights["output"]

    spec.register_source_vocabulary(list(vocabulary))
    spec.register_target_vocabulary(list(vocabulary))
    spec.validate()
    spec.optimize()
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))


def make_package(
    folder: Path,
    *,
    from_code: str = "nb",
    to_code: str = "en",
    from_name: str = "Norwegian Bokmål",
    to_name: str = "English",
    version: str = "1.0",
    lexicon: Mapping[str, str] | None = None,
    target_prefix: str = "",
    licence: str = "CC0-1.0",
) -> Path:
    """Write an unpacked Argos package under ``folder`` and return its path.

    The package copies its input (up to 1024 pieces; CTranslate2 stops at 256 unless told
    otherwise), with scores near zero and the attention on the copied piece. Words of ``lexicon``
    (source word → target word, single words as they stand in the text) are replaced.
    ``translate_batch`` on the pieces of "partiet møtes" with ``{"partiet": "party"}`` gives
    the pieces of "party møtes".
    """
    lexicon = dict(lexicon or {})
    path = folder / f"translate-{from_code}_{to_code}-{version.replace('.', '_')}"
    path.mkdir(parents=True)
    words = sorted({*lexicon, *lexicon.values()})
    pieces = read_pieces(train_pieces(path / "sentencepiece", words))
    write_model(path / "model", pieces, lexicon, target_prefix=target_prefix)
    metadata = {
        "package_version": version,
        "argos_version": "1.9.0",
        "from_code": from_code,
        "from_name": from_name,
        "to_code": to_code,
        "to_name": to_name,
        "license": licence,
    }
    if target_prefix:
        metadata["target_prefix"] = target_prefix
    text = json.dumps(metadata, ensure_ascii=False, indent=1)
    (path / "metadata.json").write_text(text, encoding="utf-8")
    (path / "README.md").write_text(f"# {from_name} to {to_name}\n", encoding="utf-8")
    return path


def pack(package: Path, archive: Path) -> Path:
    """Zip an unpacked package the way Argos does, one folder at the top."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for file in sorted(package.rglob("*")):
            if file.is_file():
                out.write(file, f"{package.name}/{file.relative_to(package).as_posix()}")
    return archive
