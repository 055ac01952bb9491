"""From a checkpoint to an unpacked package in Argos's format (CTranslate2, int8).

    python training/export.py --checkpoint build/run/final.pt \
        --tokeniser build/data/sentencepiece.model --out normalise/bundled/nb_en

Several checkpoints are averaged. `--check` translates sentences greedily with both engines, the
exported weights unquantised, and prints how many outputs agree.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import ctranslate2
import numpy as np
import sentencepiece as spm
import torch
from ctranslate2.specs import common_spec, transformer_spec

if __package__:
    from .model import EOS, NORM_EPSILON, PAD, Attention, ModelConfig, Translator
else:
    from model import EOS, NORM_EPSILON, PAD, Attention, ModelConfig, Translator


def load(paths: list[Path]) -> Translator:
    """The model with the mean of the weights of all checkpoints."""
    states = [torch.load(path, map_location="cpu", weights_only=False) for path in paths]
    model = Translator(ModelConfig(**states[0]["config"]))
    weights = {
        name: torch.stack([state["model"][name].float() for state in states]).mean(0)
        for name in states[0]["model"]
    }
    model.load_state_dict(weights)
    return model.eval()


def _array(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().float().contiguous().numpy()


def _attention(spec: object, module: Attention, *, own: bool) -> None:
    query, key, value = module.query.weight, module.key.weight, module.value.weight
    if own:
        spec.linear[0].weight = _array(torch.cat((query, key, value)))
        spec.linear[1].weight = _array(module.output.weight)
    else:
        spec.linear[0].weight = _array(query)
        spec.linear[1].weight = _array(torch.cat((key, value)))
        spec.linear[2].weight = _array(module.output.weight)


def specification(model: Translator, pieces: list[str]) -> transformer_spec.TransformerSpec:
    """The CTranslate2 model that computes what ``model`` computes."""
    config = model.config
    shared = {
        "num_heads": config.heads,
        "pre_norm": True,
        "activation": common_spec.Activation.RELU,
        "rms_norm": True,
        "rotary_dim": 0,
        "rotary_interleave": False,
    }
    encoder = transformer_spec.TransformerEncoderSpec(config.encoder_layers, **shared)
    del encoder.position_encodings
    decoder = transformer_spec.TransformerDecoderSpec(
        config.decoder_layers, alignment_layer=-1, alignment_heads=config.heads, **shared
    )
    spec = transformer_spec.TransformerSpec(encoder, decoder)
    embedding = _array(model.embedding.weight)
    encoder.embeddings[0].weight = embedding
    decoder.embeddings.weight = embedding
    decoder.projection.weight = embedding
    encoder.layer_norm.gamma = _array(model.encoder_norm.weight)
    decoder.layer_norm.gamma = _array(model.decoder_norm.weight)
    for target, layer in zip(encoder.layer, model.encoder, strict=True):
        target.self_attention.layer_norm.gamma = _array(layer.attention_norm.weight)
        _attention(target.self_attention, layer.attention, own=True)
    for target, layer in zip(decoder.layer, model.decoder, strict=True):
        target.self_attention.layer_norm.gamma = _array(layer.attention_norm.weight)
        _attention(target.self_attention, layer.attention, own=True)
        target.attention.layer_norm.gamma = _array(layer.source_norm.weight)
        _attention(target.attention, layer.source_attention, own=False)
    for target, layer in [
        *zip(encoder.layer, model.encoder, strict=True),
        *zip(decoder.layer, model.decoder, strict=True),
    ]:
        target.ffn.layer_norm.gamma = _array(layer.forward_norm.weight)
        target.ffn.linear_0.weight = _array(layer.feed_forward.wide.weight)
        target.ffn.linear_1.weight = _array(layer.feed_forward.narrow.weight)
    spec.config.unk_token = "<unk>"
    spec.config.bos_token = "<s>"
    spec.config.eos_token = "</s>"
    spec.config.decoder_start_token = "<s>"
    spec.config.add_source_eos = True
    spec.config.layer_norm_epsilon = NORM_EPSILON
    spec.register_source_vocabulary(pieces)
    spec.register_target_vocabulary(pieces)
    return spec


def convert(model: Translator, pieces: list[str], folder: Path, quantisation: str | None) -> None:
    """Write the CTranslate2 model folder."""
    spec = specification(model, pieces)
    spec.validate()
    spec.optimize(quantization=quantisation)
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))


def parity(model: Translator, processor: spm.SentencePieceProcessor, lines: list[str]) -> float:
    """Share of sentences for which both engines give the same greedy translation."""
    pieces = [processor.id_to_piece(i) for i in range(processor.get_piece_size())]
    with tempfile.TemporaryDirectory() as folder:
        convert(model, pieces, Path(folder) / "model", None)
        engine = ctranslate2.Translator(str(Path(folder) / "model"), compute_type="float32")
        tokens = processor.encode(lines, out_type=str)
        results = engine.translate_batch(tokens, beam_size=1, max_decoding_length=100)
    same = 0
    for pieces_in, result in zip(tokens, results, strict=True):
        ids = [processor.piece_to_id(p) for p in pieces_in] + [EOS]
        output = model.greedy(torch.tensor([ids]), limit=100)[0, 1:].tolist()
        ours = processor.decode([i for i in output if i not in (PAD, EOS)])
        same += ours == processor.decode(result.hypotheses[0])
    return same / len(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=Path, nargs="+", required=True)
    parser.add_argument("--tokeniser", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--version", default="1.0")
    parser.add_argument("--quantisation", default="int8")
    parser.add_argument("--card", type=Path, help="README.md to put into the package")
    parser.add_argument("--check", type=Path, help="file of Norwegian sentences, one a line")
    arguments = parser.parse_args()
    model = load(arguments.checkpoint)
    processor = spm.SentencePieceProcessor(model_file=str(arguments.tokeniser))
    if arguments.check:
        lines = arguments.check.read_text(encoding="utf-8").splitlines()[:40]
        print(f"both engines agree on {parity(model, processor, lines):.1%} of {len(lines)} lines")
    pieces = [processor.id_to_piece(i) for i in range(processor.get_piece_size())]
    shutil.rmtree(arguments.out / "model", ignore_errors=True)
    convert(model, pieces, arguments.out / "model", arguments.quantisation)
    if arguments.tokeniser.resolve() != (arguments.out / "sentencepiece.model").resolve():
        shutil.copyfile(arguments.tokeniser, arguments.out / "sentencepiece.model")
    metadata = {
        "package_version": arguments.version,
        "argos_version": "1.9.0",
        "from_code": "nb",
        "from_name": "Norwegian Bokmål",
        "to_code": "en",
        "to_name": "English",
        "target_prefix": "",
        "license": "CC BY 4.0",
    }
    text = json.dumps(metadata, ensure_ascii=False, indent=2) + "\n"
    (arguments.out / "metadata.json").write_text(text, encoding="utf-8")
    if arguments.card:
        shutil.copyfile(arguments.card, arguments.out / "README.md")
    size = sum(f.stat().st_size for f in arguments.out.rglob("*") if f.is_file())
    print(f"{arguments.out}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
