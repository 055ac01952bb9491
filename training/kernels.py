"""The parts of a training step that autograd does slowly on a CPU, with their gradients by hand.

On a CPU a step is bound by memory, not by arithmetic: every intermediate tensor is written to and
read from it. So these keep everything in bfloat16, save little for the way back, and work in
blocks that stay in the cache. Each one has a plain counterpart in PyTorch that the tests compare
it with.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

BLOCK_ROWS = 512


class Norm(torch.autograd.Function):
    """RMSNorm of bfloat16 rows, computed in float32."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
        """``x`` of shape (..., width), ``weight`` of shape (width,)."""
        wide = x.to(torch.float32, copy=True)
        scale = wide.square().mean(-1, keepdim=True).add_(epsilon).rsqrt_()
        ctx.save_for_backward(x, weight, scale)
        return wide.mul_(scale).mul_(weight).to(x.dtype)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, None]:  # type: ignore[override]
        """Gradients for ``x`` and ``weight``."""
        x, weight, scale = ctx.saved_tensors
        normed = x * scale
        wide = gradient.to(torch.float32, copy=True)
        product = wide * normed
        for_weight = product.flatten(0, -2).sum(0)
        mean = (product @ weight).unsqueeze_(-1).div_(-x.size(-1))
        wide.mul_(weight).addcmul_(normed, mean).mul_(scale)
        return wide.to(x.dtype), for_weight, None


class Rotate(torch.autograd.Function):
    """Rotary positions: ``x`` of shape (batch, length, heads, head size), tables of half its size.

    The tables have the shape (length, 1, head size / 2).
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Turn by the angle."""
        ctx.save_for_backward(cos, sin)
        return _turn(x, cos, sin, 1)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:  # type: ignore[override]
        """Turn back."""
        return _turn(gradient, *ctx.saved_tensors, -1), None, None


def _turn(x: Tensor, cos: Tensor, sin: Tensor, sign: int) -> Tensor:
    result = torch.empty_like(x, memory_format=torch.contiguous_format)
    (first, second), half = x.chunk(2, dim=-1), x.size(-1) // 2
    torch.mul(first, cos, out=result[..., :half])
    torch.mul(second, cos, out=result[..., half:])
    result[..., :half].addcmul_(second, sin, value=-sign)
    result[..., half:].addcmul_(first, sin, value=sign)
    return result


class OutputLoss(torch.autograd.Function):
    """Projection to the vocabulary and smoothed cross-entropy, in blocks.

    The logits of a batch are its largest tensor by far; here a block of them exists at a time, and
    what stays is their gradient in bfloat16.
    """

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, embedding: Tensor, target: Tensor, smoothing: float, padding: int
    ) -> Tensor:
        """``x`` (rows, width) bfloat16, ``embedding`` (vocabulary, width), ``target`` (rows,)."""
        weight = embedding.to(x.dtype)
        count = (target != padding).sum().clamp(min=1)
        share = (target != padding).float() / count
        mean_weight = weight.float().mean(0)
        for_x = torch.empty_like(x)
        logit_gradients = x.new_empty(len(x), len(weight))
        total = share.new_zeros(())
        for start in range(0, len(x), BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            wanted = target[rows].unsqueeze(1)
            logits = (x[rows] @ weight.T).float()
            aim = logits.gather(1, wanted)
            chances = torch.softmax(logits, -1)
            # The aim's chance gives the normaliser; the bound is out of reach of real losses.
            normaliser = aim - chances.gather(1, wanted).clamp_(min=1e-30).log_()
            mean = (x[rows].float() @ mean_weight).unsqueeze(1)
            losses = normaliser - (1 - smoothing) * aim - smoothing * mean
            total += (losses.squeeze(1) * share[rows]).sum()
            chances.sub_(smoothing / len(weight))
            chances.scatter_add_(1, wanted, chances.new_full(wanted.shape, smoothing - 1))
            logit_gradients[rows] = chances.mul_(share[rows].unsqueeze(1))
            torch.mm(logit_gradients[rows], weight, out=for_x[rows])
        ctx.save_for_backward(for_x, (logit_gradients.T @ x).float())
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Any, ...]:  # type: ignore[override]
        """Scale what the way there has found."""
        for_x, for_embedding = ctx.saved_tensors
        return for_x * gradient.to(for_x.dtype), for_embedding * gradient, None, None, None
