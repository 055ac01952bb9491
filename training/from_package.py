"""From an unpacked package back to weights that training can go on from.

    python training/from_package.py --package normalise/bundled/nb_en --out build/start.pt

Where no checkpoint is left, the bundled package is the place to start from: every weight comes
back within 0.4 % of the largest in its matrix. The inverse of `export.py`; reads the format that
CTranslate2 4 writes (version 6, int8 or float).
"""

from __future__ import annotations

import argparse
import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch

if __package__:
    from .model import ModelConfig, Translator
else:
    from model import ModelConfig, Translator

# CTranslate2's numbers for types of items.
TYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
VERSION = 6


def read_variables(path: Path) -> dict[str, np.ndarray]:
    """All variables of a CTranslate2 model file by name."""
    with path.open("rb") as stream:
        version = _number(stream, "I")
        if version != VERSION:
            raise SystemExit(f"{path}: format {version} is not known, only {VERSION}")
        _text(stream)  # the specification's name
        _number(stream, "I")  # and revision
        variables = {}
        for _ in range(_number(stream, "I")):
            name = _text(stream)
            shape = [_number(stream, "I") for _ in range(_number(stream, "B"))]
            kind = np.dtype(TYPES[_number(stream, "B")])
            size = _number(stream, "I")
            variables[name] = np.frombuffer(stream.read(size), kind).reshape(shape)
        for _ in range(_number(stream, "I")):
            alias, name = _text(stream), _text(stream)
            variables[alias] = variables[name]
    return variables


def _number(stream: BinaryIO, kind: str) -> int:
    return int(struct.unpack(f"<{kind}", stream.read(struct.calcsize(kind)))[0])


def _text(stream: BinaryIO) -> str:
    return stream.read(_number(stream, "H")).rstrip(b"\0").decode()


def rebuild(variables: dict[str, np.ndarray]) -> Translator:
    """The model whose weights a package holds."""

    def weight(name: str) -> torch.Tensor:
        values = torch.from_numpy(variables[name].astype(np.float32))
        scale = variables.get(f"{name}_scale")
        if scale is not None:  # int8: one scale a row
            values /= torch.from_numpy(np.atleast_1d(scale).astype(np.float32)).unsqueeze(-1)
        return values

    embedding = weight("decoder/embeddings/weight")
    vocabulary, width = embedding.shape
    layers = {
        side: len({n.split("/")[1] for n in variables if n.startswith(f"{side}/layer_")
                   and n.split("/")[1] != "layer_norm"})
        for side in ("encoder", "decoder")
    }  # fmt: skip
    model = Translator(
        ModelConfig(
            vocab_size=vocabulary,
            width=width,
            encoder_layers=layers["encoder"],
            decoder_layers=layers["decoder"],
            feed_forward=weight("encoder/layer_0/ffn/linear_0/weight").shape[0],
        )
    )
    state = {
        "embedding.weight": embedding,
        "encoder_norm.weight": weight("encoder/layer_norm/gamma"),
        "decoder_norm.weight": weight("decoder/layer_norm/gamma"),
    }
    for side, count in layers.items():
        for index in range(count):
            here, there = f"{side}/layer_{index}", f"{side}.{index}"
            query, key, value = weight(f"{here}/self_attention/linear_0/weight").chunk(3)
            state[f"{there}.attention.query.weight"] = query
            state[f"{there}.attention.key.weight"] = key
            state[f"{there}.attention.value.weight"] = value
            state[f"{there}.attention.output.weight"] = weight(
                f"{here}/self_attention/linear_1/weight"
            )
            state[f"{there}.attention_norm.weight"] = weight(
                f"{here}/self_attention/layer_norm/gamma"
            )
            state[f"{there}.forward_norm.weight"] = weight(f"{here}/ffn/layer_norm/gamma")
            state[f"{there}.feed_forward.wide.weight"] = weight(f"{here}/ffn/linear_0/weight")
            state[f"{there}.feed_forward.narrow.weight"] = weight(f"{here}/ffn/linear_1/weight")
            if side == "decoder":
                key, value = weight(f"{here}/attention/linear_1/weight").chunk(2)
                state[f"{there}.source_attention.query.weight"] = weight(
                    f"{here}/attention/linear_0/weight"
                )
                state[f"{there}.source_attention.key.weight"] = key
                state[f"{there}.source_attention.value.weight"] = value
                state[f"{there}.source_attention.output.weight"] = weight(
                    f"{here}/attention/linear_2/weight"
                )
                state[f"{there}.source_norm.weight"] = weight(f"{here}/attention/layer_norm/gamma")
    model.load_state_dict(state)
    return model


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--package", type=Path, required=True, help="unpacked Argos package")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    model = rebuild(read_variables(arguments.package / "model" / "model.bin"))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"config": model.config.to_dict(), "model": model.state_dict()}, arguments.out)
    print(f"{arguments.out}: {sum(p.numel() for p in model.parameters()):,} weights")


if __name__ == "__main__":
    main()
