"""The training recipe: gradients written by hand, and batches. Needs training/requirements.txt."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

torch: Any = pytest.importorskip("torch", reason="the recipe has an environment of its own")
np: Any = pytest.importorskip("numpy")

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))

import kernels  # noqa: E402
import model  # noqa: E402
import muon  # noqa: E402
import train  # noqa: E402


def gradients(function: Any, *inputs: Any) -> list[Any]:
    leaves = [x.detach().clone().requires_grad_() for x in inputs]
    result = function(*leaves)
    weights = torch.linspace(-1, 1, result.numel()).view(result.shape)
    (result * weights).sum().backward()
    return [result, *(leaf.grad for leaf in leaves)]


def compare(ours: Any, plain: Any, *inputs: Any) -> None:
    for got, wanted in zip(gradients(ours, *inputs), gradients(plain, *inputs), strict=True):
        torch.testing.assert_close(got, wanted, rtol=1e-4, atol=1e-6)


def test_norm_is_rms_norm() -> None:
    x, weight = torch.randn(5, 7, 16), torch.rand(16) + 0.5
    compare(
        lambda x, w: kernels.Norm.apply(x, w, 1e-6),
        lambda x, w: torch.nn.functional.rms_norm(x, (16,), w, 1e-6),
        x,
        weight,
    )


def test_rotation_is_by_the_angle_of_the_position() -> None:
    cos, sin = model.rotary_tables(9, 8)

    def plain(x: Any) -> Any:
        turned = torch.cat((-x[..., 4:], x[..., :4]), -1)
        return x * torch.cat((cos, cos), -1) + turned * torch.cat((sin, sin), -1)

    compare(lambda x: kernels.Rotate.apply(x, cos, sin), plain, torch.randn(3, 9, 2, 8))


@pytest.mark.parametrize("rows", [3, kernels.BLOCK_ROWS + 5])
def test_loss_is_smoothed_cross_entropy_without_padding(rows: int) -> None:
    target = torch.randint(0, 11, (rows,))

    def plain(x: Any, weight: Any) -> Any:
        return torch.nn.functional.cross_entropy(
            x @ weight.T, target, ignore_index=0, label_smoothing=0.1
        )

    compare(
        lambda x, w: kernels.OutputLoss.apply(x, w, target, 0.1, 0),
        plain,
        torch.randn(rows, 6),
        torch.randn(11, 6),
    )


def test_padding_changes_nothing() -> None:
    torch.manual_seed(0)
    config = model.ModelConfig(vocab_size=40, width=32, head_size=8, feed_forward=64)
    translator = model.Translator(config)
    for parameter in translator.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    source = torch.tensor([[5, 9, 11, 3], [8, 3, 0, 0]])
    target = torch.tensor([[2, 7, 6, 5, 3], [2, 9, 3, 0, 0]])
    wide = [torch.nn.functional.pad(x, (0, 3)) for x in (source, target)]
    torch.testing.assert_close(translator(source, target), translator(*wide))
    alone = translator(source[1:, :2], target[1:, :3]) * 2
    other = translator(source[:1], target[:1]) * 4
    torch.testing.assert_close((alone + other) / 6, translator(source, target))


def test_muon_makes_updates_orthogonal() -> None:
    for shape in ((1, 8, 32), (1, 32, 8)):
        values = torch.linalg.svdvals(muon.orthogonalise(torch.randn(shape)).float())
        assert values.min() > 0.5
        assert values.max() < 1.5


def test_batches_hold_every_pair_once_with_little_padding(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    arrays = {}
    for size in (16, 44):
        rows = np.zeros((300, size), dtype=np.uint16)
        for row in rows:
            row[: random.integers(size - 8, size + 1)] = random.integers(4, 99)
        arrays[f"source{size}"] = rows
        arrays[f"target{size}"] = np.pad(rows, ((0, 0), (0, 1)))
    np.savez(tmp_path / "data.npz", **arrays)
    batches = train.Batches(tmp_path / "data.npz", tokens=512, seed=3)
    plan = batches.plan()
    assert set(np.concatenate(plan).tolist()) == set(range(600))
    padding = sum(int((batches.take(numbers)[0] == 0).sum()) for numbers in plan)
    assert padding < 0.06 * batches.lengths[0].sum()

    feed = iter(batches)
    seen = [next(feed)[0] for _ in range(5)]
    resumed = train.Batches(tmp_path / "data.npz", tokens=512, seed=3)
    resumed.position = 3
    torch.testing.assert_close(next(iter(resumed))[0], seen[3])


def test_a_package_gives_its_weights_back(tmp_path: Path) -> None:
    pytest.importorskip("ctranslate2")
    import export
    import from_package

    config = model.ModelConfig(
        vocab_size=40, width=64, encoder_layers=2, decoder_layers=1, feed_forward=128
    )
    torch.manual_seed(3)
    trained = model.Translator(config)
    with torch.no_grad():
        for parameter in trained.parameters():
            parameter.copy_(torch.randn_like(parameter))
    # CTranslate2 quantises in place.
    weights = {name: weight.clone() for name, weight in trained.state_dict().items()}
    pieces = ["<pad>", "<unk>", "<s>", "</s>", *map(str, range(36))]
    export.convert(trained, pieces, tmp_path / "model", "int8")
    back = from_package.rebuild(from_package.read_variables(tmp_path / "model" / "model.bin"))
    assert back.config.to_dict() == {**config.to_dict(), "head_size": 64}
    for name, weight in weights.items():
        error = (back.state_dict()[name] - weight).abs().max()
        assert error <= 0.004 * weight.abs().max(), name
