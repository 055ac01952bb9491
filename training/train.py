"""Train the translation model; resumable, on a pre-set clock.

    python training/train.py --data build/data/train.npz --out build/run --minutes 120

The rate warms up over the first steps, stays level, and falls in a straight line to nothing over
the last `--decay-minutes`, so that a finished model stands there when the time is over, however
fast the machine was. The state before the fall is kept (`pre-decay.pt`): resume from it with more
time or other data. Hidden matrices are trained with Muon, embeddings and norms with AdamW.
"""

from __future__ import annotations

import argparse
import csv
import math
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor

if __package__:
    from .model import PAD, ModelConfig, Translator
    from .muon import Muon
else:
    from model import PAD, ModelConfig, Translator
    from muon import Muon

LOG_COLUMNS = ("minutes", "step", "target_tokens", "rate", "train_loss", "validation_loss")


class Batches:
    """Shuffled batches of pairs of about the same lengths; a position can be resumed."""

    def __init__(self, path: Path, tokens: int, seed: int) -> None:
        with np.load(path) as arrays:
            sizes = sorted(int(n.removeprefix("source")) for n in arrays.files if "source" in n)
            self.source = [row for n in sizes for row in arrays[f"source{n}"]]
            self.target = [row for n in sizes for row in arrays[f"target{n}"]]
        self.lengths = np.array(
            [[np.count_nonzero(row) for row in side] for side in (self.source, self.target)]
        )
        self.tokens, self.seed = tokens, seed
        self.epoch, self.position = 0, 0

    def plan(self) -> list[np.ndarray]:
        """The numbers of the pairs of every batch of one epoch.

        Pairs are sorted by both lengths, roughly, so that little of a batch is padding, and cut
        where a batch holds `tokens` on its longer side.
        """
        randomness = np.random.default_rng((self.seed, self.epoch))
        source, target = self.lengths
        longer = self.lengths.max(0)
        order = np.lexsort((randomness.random(len(longer)), target - source, longer // 2))
        batches, start = [], 0
        while start < len(order):
            # The longest of these pairs is hardly longer than the first.
            rows = max(8, self.tokens // (int(longer[order[start]]) + 1) // 8 * 8)
            # A short rest at the end is filled up with pairs of the batch before.
            batches.append(order[min(start, max(0, len(order) - rows)) : start + rows])
            start += rows
        return [batches[i] for i in randomness.permutation(len(batches))]

    def take(self, numbers: np.ndarray) -> tuple[Tensor, Tensor]:
        """One batch as int64 tensors, as wide as its longest pair."""
        tensors = []
        for side, lengths in zip((self.source, self.target), self.lengths, strict=True):
            width = int(lengths[numbers].max())
            rows = np.full((len(numbers), width), PAD, dtype=np.int64)
            for row, number in zip(rows, numbers, strict=True):
                row[: lengths[number]] = side[number][: lengths[number]]
            tensors.append(torch.from_numpy(rows))
        return tensors[0], tensors[1]

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        while True:
            plan = self.plan()
            while self.position < len(plan):
                self.position += 1
                yield self.take(plan[self.position - 1])
            self.epoch, self.position = self.epoch + 1, 0


class Clock:
    """Factor of the learning rate at this step and moment."""

    def __init__(self, end: float, decay_seconds: float, warmup_steps: int) -> None:
        self.end, self.decay_seconds, self.warmup_steps = end, decay_seconds, warmup_steps

    def factor(self, step: int) -> float:
        """Between 0 and 1; 0 when time is over."""
        left = (self.end - time.time()) / self.decay_seconds
        return max(0.0, min(1.0, (step + 1) / self.warmup_steps, left))


def optimisers(
    model: Translator, muon: float, adam: float, rank: int = 0, world: int = 1
) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the layers, AdamW for the rest."""
    inner, rest = [], []
    for name, parameter in model.named_parameters():
        (rest if parameter.dim() < 2 or name.startswith("embedding") else inner).append(parameter)
    return [
        Muon(inner, lr=muon, weight_decay=0.02, momentum=0.95, rank=rank, world=world),
        torch.optim.AdamW(rest, lr=adam, betas=(0.9, 0.97), weight_decay=0.0, fused=True),
    ]


@torch.no_grad()
def validation_loss(model: Any, batches: Batches) -> float:
    """Cross-entropy per target token, without smoothing."""
    total, count = 0.0, 0
    for numbers in batches.plan():
        source, target = batches.take(numbers)
        tokens = int((target[:, 1:] != PAD).sum())
        with torch.autocast(source.device.type, torch.bfloat16):
            loss = model(source, target, 0.0)
        total, count = total + float(loss) * tokens, count + tokens
    return total / max(count, 1)


def share_gradients(model: Translator, world: int) -> None:
    """Replace every gradient by its mean over the processes."""
    gradients = [p.grad for p in model.parameters()]
    flat = torch.cat([g.flatten() for g in gradients])
    dist.all_reduce(flat)
    flat /= world
    pieces = flat.split([g.numel() for g in gradients])
    for gradient, piece in zip(gradients, pieces, strict=True):
        gradient.copy_(piece.view_as(gradient))


def save(path: Path, **state: Any) -> None:
    """Write whole or not at all."""
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)


def end_time(arguments: argparse.Namespace) -> float:
    """The moment at which training stops."""
    if arguments.until:
        hour, minute = map(int, arguments.until.split(":"))
        end = datetime.now().replace(hour=hour, minute=minute, second=0)
        if end < datetime.now():
            end += timedelta(days=1)
        return end.timestamp()
    return time.time() + 60 * arguments.minutes


def parse() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="train.npz of prepare.py")
    parser.add_argument("--last-data", type=Path, help="last.npz, used while the rate falls")
    parser.add_argument("--validation", type=Path, help="validation.npz of prepare.py")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--resume", type=Path, help="checkpoint, or weights alone, to go on from")
    parser.add_argument("--minutes", type=float, default=120.0)
    parser.add_argument("--until", help="HH:MM, instead of --minutes")
    parser.add_argument("--decay-minutes", type=float, default=24.0)
    parser.add_argument("--warmup-steps", type=int, default=60)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--encoder-layers", type=int, default=6)
    parser.add_argument("--decoder-layers", type=int, default=2)
    parser.add_argument("--vocabulary", type=int, default=8000)
    parser.add_argument("--batch-tokens", type=int, default=4096)
    parser.add_argument("--muon-rate", type=float, default=0.02)
    parser.add_argument("--adam-rate", type=float, default=2e-3)
    parser.add_argument("--smoothing", type=float, default=0.1)
    parser.add_argument("--save-minutes", type=float, default=5.0)
    parser.add_argument("--threads", type=int, default=1, help="threads of each process")
    parser.add_argument("--rank", type=int, default=0, help="number of this process")
    parser.add_argument("--world", type=int, default=1, help="processes that share each batch")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=2025)
    parser.add_argument("--compile", action="store_true", help="pays on a GPU only")
    return parser.parse_args()


def main() -> None:
    """Train until the clock says stop."""
    a = parse()
    a.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(a.seed)
    torch.set_num_threads(a.threads)
    config = ModelConfig(
        vocab_size=a.vocabulary, width=a.width, feed_forward=4 * a.width,
        encoder_layers=a.encoder_layers, decoder_layers=a.decoder_layers,
    )  # fmt: skip
    if a.world > 1:
        meeting = (a.out / "meeting").resolve()
        dist.init_process_group(
            "gloo", init_method=f"file://{meeting}", rank=a.rank, world_size=a.world
        )
    saved = torch.load(a.resume, weights_only=False) if a.resume else None
    if saved:
        config = ModelConfig(**saved["config"])
    model = Translator(config).to(a.device)
    optimiser_list = optimisers(model, a.muon_rate, a.adam_rate, a.rank, a.world)
    batches = Batches(a.data, a.batch_tokens, a.seed)
    validation = Batches(a.validation, a.batch_tokens, a.seed) if a.validation else None
    step, tokens, minutes_before = 0, 0, 0.0
    if saved:
        model.load_state_dict(saved["model"])
    if saved and "optimisers" in saved:
        for optimiser, state in zip(optimiser_list, saved["optimisers"], strict=True):
            optimiser.load_state_dict(state)
        step, tokens, minutes_before = saved["step"], saved["tokens"], saved["minutes"]
        if saved["data"] == str(a.data):
            batches.epoch, batches.position = saved["epoch"], saved["position"]
    rates = [a.muon_rate, a.adam_rate]
    run = torch.compile(model, dynamic=True) if a.compile else model
    clock = Clock(end_time(a), 60 * a.decay_minutes, a.warmup_steps)
    started = last_saved = last_shown = time.time()
    decaying, averages, mean_loss = False, 0, math.nan

    def state() -> dict[str, Any]:
        return {
            "config": config.to_dict(),
            "model": model.state_dict(),
            "optimisers": [o.state_dict() for o in optimiser_list],
            "step": step,
            "tokens": tokens,
            "minutes": minutes_before + (time.time() - started) / 60,
            "data": str(a.data),
            "epoch": batches.epoch,
            "position": batches.position,
        }

    log_path = a.out / "learning-curve.csv"
    if not log_path.exists():
        log_path.write_text(",".join(LOG_COLUMNS) + "\n", encoding="utf-8")
    feed = iter(batches)
    while True:
        source, target = next(feed)
        factor = clock.factor(step)
        if a.world > 1:
            # All processes must agree on the rate and on when to stop.
            shared = torch.tensor([factor])
            dist.broadcast(shared, 0)
            factor = float(shared)
        if factor <= 0:
            break
        if factor < 1 and step > a.warmup_steps and not decaying:
            decaying = True
            if a.rank == 0:
                save(a.out / "pre-decay.pt", **state())
            if a.last_data:
                batches = Batches(a.last_data, a.batch_tokens, a.seed)
                feed = iter(batches)
                continue
        for optimiser, rate in zip(optimiser_list, rates, strict=True):
            for group in optimiser.param_groups:
                group["lr"] = rate * factor
        source, target = source[a.rank :: a.world], target[a.rank :: a.world]
        source, target = source.to(a.device), target.to(a.device)
        with torch.autocast(a.device, torch.bfloat16):
            loss = run(source, target, a.smoothing)
        loss.backward()
        value = float(loss.detach())
        if not math.isfinite(value):
            raise SystemExit(f"step {step}: loss is {value}")
        if a.world > 1:
            share_gradients(model, a.world)
        for optimiser in optimiser_list:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        step += 1
        tokens += int((target[:, 1:] != PAD).sum()) * a.world
        if a.rank > 0:
            continue
        mean_loss = value if math.isnan(mean_loss) else 0.98 * mean_loss + 0.02 * value
        now = time.time()
        minutes = minutes_before + (now - started) / 60
        if now - last_shown > 30:
            last_shown = now
            line = f"step {step} tokens {tokens} loss {mean_loss:.3f} x{factor:.2f}"
            print(f"{minutes:.1f} min {line}", flush=True)
        if now - last_saved > 60 * a.save_minutes:
            save(a.out / "latest.pt", **state())
            checked = validation_loss(model, validation) if validation else math.nan
            row = (f"{minutes:.1f}", step, tokens, f"{factor:.3f}", f"{mean_loss:.4f}",
                   f"{checked:.4f}")  # fmt: skip
            with log_path.open("a", newline="", encoding="utf-8") as log:
                csv.writer(log, lineterminator="\n").writerow(row)
            last_saved = time.time()
        left = clock.end - now
        if left < 360 - 60 * averages and averages < 6:
            save(a.out / f"tail-{averages}.pt", config=config.to_dict(), model=model.state_dict())
            averages += 1
    if a.rank > 0:
        return
    save(a.out / "latest.pt", **state())
    save(a.out / "final.pt", config=config.to_dict(), model=model.state_dict())
    checked = validation_loss(model, validation) if validation else math.nan
    print(f"done: step {step}, {tokens} target tokens, validation loss {checked:.4f}")


if __name__ == "__main__":
    main()
