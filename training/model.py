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

if __package__:
    from .kernels import Norm, OutputLoss, Rotate
else:
    from kernels import Norm, OutputLoss, Rotate

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
    """Cosines and sines of the rotary positions, shape (length, 1, size / 2)."""
    frequency = 10000.0 ** (-torch.arange(0, size, 2, dtype=torch.float32) / size)
    angle = torch.outer(torch.arange(length, dtype=torch.float32), frequency)
    return angle.cos().unsqueeze(1), angle.sin().unsqueeze(1)


def bias(allowed: Tensor, heads: int, dtype: torch.dtype) -> Tensor:
    """What is added to attention scores: 0 where ``allowed``, of shape (batch, queries, keys)."""
    blocked = torch.zeros(allowed.shape, dtype=dtype, device=allowed.device)
    blocked.masked_fill_(~allowed, -1e9)
    return blocked.repeat_interleave(heads, dim=0)


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

    def _merge(self, x: Tensor) -> Tensor:
        """(batch, length, heads, head size) → (batch * heads, length, head size)."""
        return x.transpose(1, 2).reshape(-1, x.size(1), self.head_size)

    def forward(
        self,
        x: Tensor,
        blocked: Tensor,
        memory: Tensor | None = None,
        rotary: tuple[Tensor, Tensor] | None = None,
    ) -> Tensor:
        """Attend from ``x`` to ``memory`` (or to itself)."""
        shape = (x.size(0), -1, self.heads, self.head_size)
        if memory is None:
            weight = torch.cat((self.query.weight, self.key.weight, self.value.weight))
            pair, value = F.linear(x, weight).split((2 * x.size(-1), x.size(-1)), dim=-1)
            pair = pair.view(x.size(0), -1, 2 * self.heads, self.head_size)
            if rotary is not None:
                pair = Rotate.apply(pair, *rotary)
            query, key = pair.chunk(2, dim=2)
        else:
            query = self.query(x).view(shape)
            weight = torch.cat((self.key.weight, self.value.weight))
            key, value = F.linear(memory, weight).chunk(2, dim=-1)
            key = key.view(shape)
        query, key, value = self._merge(query), self._merge(key), self._merge(value.view(shape))
        # Written out: for short sentences on a CPU this is much faster, backwards above all,
        # than the fused attention kernel.
        scores = torch.baddbmm(blocked, query, key.transpose(1, 2), alpha=self.head_size**-0.5)
        mixed = (scores.softmax(-1) @ value).view(x.size(0), self.heads, -1, self.head_size)
        return self.output(mixed.transpose(1, 2).reshape(x.shape))


class FeedForward(nn.Module):
    """Two linear layers with a ReLU between them."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.wide = nn.Linear(config.width, config.feed_forward, bias=False)
        self.narrow = nn.Linear(config.feed_forward, config.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the block."""
        return self.narrow(F.relu(self.wide(x)))


class RowNorm(nn.Module):
    """RMSNorm."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        """Norm over the last dimension."""
        return Norm.apply(x, self.weight, NORM_EPSILON)


class EncoderLayer(nn.Module):
    """Self-attention and feed-forward, each with a norm before it and a residual around it."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.attention_norm = RowNorm(config.width)
        self.attention = Attention(config)
        self.forward_norm = RowNorm(config.width)
        self.feed_forward = FeedForward(config)

    def forward(self, x: Tensor, blocked: Tensor, rotary: tuple[Tensor, Tensor]) -> Tensor:
        """Run the layer."""
        x = x + self.attention(self.attention_norm(x), blocked, rotary=rotary)
        return x + self.feed_forward(self.forward_norm(x))


class DecoderLayer(nn.Module):
    """Causal self-attention, attention to the source, feed-forward."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.attention_norm = RowNorm(config.width)
        self.attention = Attention(config)
        self.source_norm = RowNorm(config.width)
        self.source_attention = Attention(config)
        self.forward_norm = RowNorm(config.width)
        self.feed_forward = FeedForward(config)

    def forward(
        self,
        x: Tensor,
        memory: Tensor,
        blocked: Tensor,
        future: Tensor,
        rotary: tuple[Tensor, Tensor],
    ) -> Tensor:
        """Run the layer."""
        x = x + self.attention(self.attention_norm(x), future, rotary=rotary)
        x = x + self.source_attention(self.source_norm(x), blocked, memory=memory)
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
        self.encoder_norm = RowNorm(config.width)
        self.decoder = nn.ModuleList(DecoderLayer(config) for _ in range(config.decoder_layers))
        self.decoder_norm = RowNorm(config.width)
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
        return (self.embedding(tokens) * self.config.width**0.5).to(self._dtype())

    def _dtype(self) -> torch.dtype:
        kind = self.embedding.weight.device.type
        return torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else torch.float32

    def _rotary(self, length: int) -> tuple[Tensor, Tensor]:
        return self.cos[:length].to(self._dtype()), self.sin[:length].to(self._dtype())

    def _bias(self, allowed: Tensor) -> Tensor:
        return bias(allowed, self.config.heads, self._dtype())

    def encode(self, source: Tensor) -> Tensor:
        """Source token ids → states."""
        x = self._embed(source)
        rotary = self._rotary(source.size(1))
        blocked = self._bias((source != PAD).unsqueeze(1).expand(-1, source.size(1), -1))
        for layer in self.encoder:
            x = layer(x, blocked, rotary)
        return self.encoder_norm(x)

    def states(self, target: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        """Target prefix and encoder states → the decoder's last states."""
        x = self._embed(target)
        length = target.size(1)
        rotary = self._rotary(length)
        blocked = self._bias((source != PAD).unsqueeze(1).expand(-1, length, -1))
        past = torch.ones(length, length, dtype=torch.bool, device=target.device).tril()
        future = self._bias(past.expand(len(target), -1, -1))
        for layer in self.decoder:
            x = layer(x, memory, blocked, future, rotary)
        return self.decoder_norm(x)

    def decode(self, target: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        """Target prefix and encoder states → logits."""
        return F.linear(self.states(target, memory, source), self.embedding.weight)

    def forward(self, source: Tensor, target: Tensor, smoothing: float = 0.0) -> Tensor:
        """Mean cross-entropy of ``target`` (begins with BOS, ends with EOS, padded)."""
        states = self.states(target[:, :-1], self.encode(source), source)
        wanted = target[:, 1:].flatten()
        return OutputLoss.apply(states.flatten(0, 1), self.embedding.weight, wanted, smoothing, PAD)

    @torch.no_grad()
    def greedy(self, source: Tensor, limit: int = 128) -> Tensor:
        """Greedy search without a cache: for tests and for checking the export only."""
        memory = self.encode(source)
        target = torch.full((source.size(0), 1), BOS, dtype=torch.long)
        for _ in range(limit):
            step = self.decode(target, memory, source)[:, -1].argmax(-1, keepdim=True)
            step[(target == EOS).any(1)] = PAD
            target = torch.cat((target, step), dim=1)
            if (target == EOS).any(1).all():
                break
        return target
