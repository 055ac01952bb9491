"""Muon: momentum whose matrix updates are made orthogonal (Keller Jordan's method).

`torch.optim.Muon` works matrix by matrix; here all matrices of one shape go through the
Newton-Schulz steps as one batch, which on a busy CPU is several times faster.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def orthogonalise(batch: Tensor, steps: int = 5) -> Tensor:
    """Nearest semi-orthogonal matrices, roughly, for a batch of shape (n, rows, columns)."""
    a, b, c = COEFFICIENTS
    x = batch.bfloat16()
    tall = x.size(1) > x.size(2)
    if tall:
        x = x.transpose(1, 2)
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    for _ in range(steps):
        gram = x @ x.transpose(1, 2)
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.transpose(1, 2) if tall else x


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, orthogonal updates, decoupled weight decay.

    With several processes each makes its share of the matrices orthogonal and gives the result to
    the others; all of them must have the same gradients.
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float = 0.02,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        defaults = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay}
        super().__init__(parameters, defaults)
        self.rank, self.world = rank, world

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """One update of every matrix."""
        for group in self.param_groups:
            shapes: dict[torch.Size, list[Tensor]] = {}
            for parameter in group["params"]:
                shapes.setdefault(parameter.shape, []).append(parameter)
            for shape, members in shapes.items():
                gradient = torch.stack([p.grad for p in members])
                buffer = torch.stack(
                    [self.state[p].setdefault("momentum", torch.zeros_like(p)) for p in members]
                )
                buffer.lerp_(gradient, 1 - group["momentum"])
                update = self._shared(gradient.lerp_(buffer, group["momentum"]))
                scale = max(1.0, shape[0] / shape[1]) ** 0.5
                for index, parameter in enumerate(members):
                    self.state[parameter]["momentum"].copy_(buffer[index])
                    parameter.mul_(1 - group["lr"] * group["weight_decay"])
                    parameter.add_(update[index], alpha=-group["lr"] * scale)

    def _shared(self, batch: Tensor) -> Tensor:
        """Orthogonalise this process's part of ``batch``, fetch the others'."""
        if self.world == 1:
            return orthogonalise(batch)
        parts = list(batch.tensor_split(self.world))
        parts[self.rank] = orthogonalise(parts[self.rank]).to(batch.dtype).contiguous()
        for rank, part in enumerate(parts):
            dist.broadcast(part, rank)
        return torch.cat(parts)
