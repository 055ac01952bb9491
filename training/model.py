"""The translation model: a small pre-norm Transformer, deep encoder and shallow decoder.

Everything in it has a counterpart in CTranslate2's ``TransformerSpec`` (RMSNorm, rotary positions
in the self-attention, ReLU feed-forward, no biases, one embedding matrix for source, target and
output), so that `export.py` can copy the weights over one by one.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PAD, UNK, BOS, EOS = 0, 1, 2, 3
NORM_EPSILON = 1e-6


@dataclass(frozen=True)
class ModelConfig:
    """Sizes of the model; stored in every checkpoint."""

    vocab_size: int = 8000
    width: int = 384
    encoder_layers: int = 6
    decoder_layers: int = 2
    head_size: int = 64
    feed_forward: int = 1536
    max_length: int = 512

    @property
    def heads(self) -> int:
        """Number of attention heads."""
        return self.width // self.head_size

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary, for the checkpoint."""
        return asdict(self)


def rotary_tables(length: int, size: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines of the rotary positions, halves laid side by side."""
    frequency = 10000.0 ** (-torch.arange(0, size, 2, dtype=torch.float32) / size)
    angle = torch.outer(torch.arange(length, dtype=torch.float32), frequency)
    angle = torch.cat((angle, angle), dim=-1)
    return angle.cos(), angle.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Apply rotary positions to ``x`` of shape (batch, heads, length, head size)."""
    first, second = x.chunk(2, dim=-1)
    turned = torch.cat((-second, first), dim=-1)
    return (x.float() * cos + turned.float() * sin).to(x.dtype)


class Attention(nn.Module):
    """Multi-head attention without biases; rotary positions when tables are given."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.width
        self.heads = config.heads
        self.head_size = config.head_size
        self.query = nn.Linear(width, width, bias=False)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width, bias=False)
        self.output = nn.Linear(width, width, bias=False)

    def _split(self, x: Tensor) -> Tensor:
        return x.view(x.size(0), x.size(1), self.heads, self.head_size).transpose(1, 2)

    def forward(
        self,
        x: Tensor,
        memory: Tensor | None = None,
        mask: Tensor | None = None,
        rotary: tuple[Tensor, Tensor] | None = None,
        causal: bool = False,
    ) -> Tensor:
        """Attend from ``x`` to ``memory`` (or to itself)."""
        if memory is None:
            weight = torch.cat((self.query.weight, self.key.weight, self.value.weight))
            query, key, value = F.linear(x, weight).chunk(3, dim=-1)
        else:
            query = self.query(x)
            weight = torch.cat((self.key.weight, self.value.weight))
            key, value = F.linear(memory, weight).chunk(2, dim=-1)
        query, key, value = self._split(query), self._split(key), self._split(value)
        if rotary is not None:
            query, key = rotate(query, *rotary), rotate(key, *rotary)
        # Written out: for short sentences on a CPU this is much faster, backwards above all,
        # than the fused attention kernel.
        scores = (query @ key.transpose(-2, -1)).float() * self.head_size**-0.5
        if causal:
            mask = torch.ones(x.size(1), x.size(1), dtype=torch.bool, device=x.device).tril()
        weights = scores.masked_fill(~mask, -1e9).softmax(-1).to(value.dtype)
        mixed = weights @ value
        return self.output(mixed.transpose(1, 2).reshape(x.size(0), x.size(1), -1))


class FeedForward(nn.Module):
    """Two linear layers with a ReLU between them."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.wide = nn.Linear(config.width, config.feed_forward, bias=False)
        self.narrow = nn.Linear(config.feed_forward, config.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the block."""
        return self.narrow(F.relu(self.wide(x)))


class EncoderLayer(nn.Module):
    """Self-attention and feed-forward, each with a norm before it and a residual around it."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.attention_norm = nn.RMSNorm(config.width, eps=NORM_EPSILON)
        self.attention = Attention(config)
        self.forward_norm = nn.RMSNorm(config.width, eps=NORM_EPSILON)
        self.feed_forward = FeedForward(config)

    def forward(self, x: Tensor, mask: Tensor, rotary: tuple[Tensor, Tensor]) -> Tensor:
        """Run the layer."""
        x = x + self.attention(self.attention_norm(x), mask=mask, rotary=rotary)
        return x + self.feed_forward(self.forward_norm(x))


class DecoderLayer(nn.Module):
    """Causal self-attention, attention to the source, feed-forward."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.attention_norm = nn.RMSNorm(config.width, eps=NORM_EPSILON)
        self.attention = Attention(config)
        self.source_norm = nn.RMSNorm(config.width, eps=NORM_EPSILON)
        self.source_attention = Attention(config)
        self.forward_norm = nn.RMSNorm(config.width, eps=NORM_EPSILON)
        self.feed_forward = FeedForward(config)

    def forward(
        self, x: Tensor, memory: Tensor, mask: Tensor, rotary: tuple[Tensor, Tensor]
    ) -> Tensor:
        """Run the layer."""
        x = x + self.attention(self.attention_norm(x), rotary=rotary, causal=True)
        x = x + self.source_attention(self.source_norm(x), memory=memory, mask=mask)
        return x + self.feed_forward(self.forward_norm(x))


class Translator(nn.Module):
    """Encoder-decoder with one embedding matrix for source, target and output."""

    cos: Tensor
    sin: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.width)
        self.encoder = nn.ModuleList(EncoderLayer(config) for _ in range(config.encoder_layers))
        self.encoder_norm = nn.RMSNorm(config.width, eps=NORM_EPSILON)
        self.decoder = nn.ModuleList(DecoderLayer(config) for _ in range(config.decoder_layers))
        self.decoder_norm = nn.RMSNorm(config.width, eps=NORM_EPSILON)
        cos, sin = rotary_tables(config.max_length, config.head_size)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self._initialise()

    def _initialise(self) -> None:
        width = self.config.width
        nn.init.normal_(self.embedding.weight, std=width**-0.5)
        # Input and output share their embedding: without this the untrained model is certain
        # that every word is followed by itself.
        nn.init.constant_(self.decoder_norm.weight, 0.25)
        for name, parameter in self.named_parameters():
            if parameter.dim() != 2 or name.startswith("embedding"):
                continue
            if name.endswith(("output.weight", "narrow.weight")):
                nn.init.zeros_(parameter)
            else:
                bound = (3.0 / parameter.size(1)) ** 0.5
                nn.init.uniform_(parameter, -bound, bound)

    def _embed(self, tokens: Tensor) -> Tensor:
        return self.embedding(tokens) * self.config.width**0.5

    def _rotary(self, length: int) -> tuple[Tensor, Tensor]:
        return self.cos[:length], self.sin[:length]

    def encode(self, source: Tensor) -> tuple[Tensor, Tensor]:
        """Source token ids → (states, attention mask)."""
        mask = (source != PAD)[:, None, None, :]
        x = self._embed(source)
        rotary = self._rotary(source.size(1))
        for layer in self.encoder:
            x = layer(x, mask, rotary)
        return self.encoder_norm(x), mask

    def decode(self, target: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
        """Target prefix and encoder states → logits."""
        x = self._embed(target)
        rotary = self._rotary(target.size(1))
        for layer in self.decoder:
            x = layer(x, memory, mask, rotary)
        return F.linear(self.decoder_norm(x), self.embedding.weight)

    def forward(self, source: Tensor, target: Tensor, smoothing: float = 0.0) -> Tensor:
        """Mean cross-entropy of ``target`` (begins with BOS, ends with EOS, padded)."""
        memory, mask = self.encode(source)
        logits = self.decode(target[:, :-1], memory, mask)
        return F.cross_entropy(
            logits.flatten(0, 1).float(),
            target[:, 1:].flatten(),
            ignore_index=PAD,
            label_smoothing=smoothing,
        )

    @torch.no_grad()
    def greedy(self, source: Tensor, limit: int = 128) -> Tensor:
        """Greedy search without a cache: for tests and for checking the export only."""
        memory, mask = self.encode(source)
        target = torch.full((source.size(0), 1), BOS, dtype=torch.long)
        for _ in range(limit):
            step = self.decode(target, memory, mask)[:, -1].argmax(-1, keepdim=True)
            step[(target == EOS).any(1)] = PAD
            target = torch.cat((target, step), dim=1)
            if (target == EOS).any(1).all():
                break
        return target
