"""The four treatments of BatchNorm against torch's own `update_bn` and plain train and eval mode."""

from collections.abc import Callable
from typing import Any

import oracle
import pytest
import torch
from torch import nn

from lininterp_cli.data.dataset import Dataset, Split, assemble
from lininterp_cli.errors import ConfigError, UnknownNameError
from lininterp_cli.landscape.curves.curve import Series
from lininterp_cli.landscape.engine.batchnorm import treatment, uses_batch
from lininterp_cli.landscape.engine.estimates import RECALIBRATION_BATCH, RECALIBRATION_EXAMPLES
from lininterp_cli.models.blocks import statistics_of
from lininterp_cli.models.registry import build
from lininterp_cli.models.state import State, state_of

ALPHAS = (0.0, 0.3, 0.7, 1.0)
TREATMENTS = ("running", "final", "recalibrate", "batch")

Walked = Callable[..., list[Series]]
Trained = Callable[..., tuple[State, State]]


def make() -> nn.Module:
    return build("resnet8", (1, 8, 8), 10, width=4)


def make_plain() -> nn.Module:
    return build("resnet8", (1, 8, 8), 10, width=8, norm="group")


def make_vector_net() -> nn.Module:
    return build("mlp", (2,), 3, width=5, depth=2, norm="batch")


def make_plain_vector_net() -> nn.Module:
    return build("mlp", (2,), 3, width=5, depth=2)


def losses(series: Series) -> list[float]:
    return list(series.splits["test"].loss)


@pytest.mark.parametrize("rest", ["final", "initial"])
@pytest.mark.parametrize("bn", TREATMENTS)
def test_every_treatment_is_the_oracles(
    bn: str, rest: str, pictures: Callable[..., Dataset], trained: Trained, walked: Walked
):
    dataset = pictures()
    ends = trained(make, dataset, lr=0.1)
    asked = {"bn": bn, "rest": rest, "batch_size": 6, "alphas": ALPHAS}
    for series in walked(make(), ends, dataset, by="block", **asked):
        moving = None if series.block is None else series.tensors
        expected = oracle.line(make, *ends, dataset, ALPHAS, moving=moving, bn=bn, rest=rest, batch_size=6)
        assert losses(series) == pytest.approx([loss for loss, _ in expected], abs=1e-5), series.block
        assert list(series.splits["test"].accuracy) == [accuracy for _, accuracy in expected]


def vector_data(num_train: int, num_test: int) -> Dataset:
    generator = torch.Generator().manual_seed(0)
    splits = [
        Split(torch.randn(num, 2, generator=generator), torch.arange(num, 0, -1) % 3) for num in (num_train, num_test)
    ]
    return assemble("few", *splits, 3)


@pytest.mark.parametrize(("num_train", "num_test"), [(2, 1), (3, 2), (9, 3)])
@pytest.mark.parametrize("bn", ["recalibrate", "batch"])
def test_a_few_examples_are_the_oracles(bn: str, num_train: int, num_test: int, trained: Trained, walked: Walked):
    dataset = vector_data(num_train, num_test)
    ends = trained(make_vector_net, dataset, lr=0.1)
    asked: dict[str, Any] = {"by": "block", "bn": bn, "alphas": ALPHAS}
    if bn == "batch" and num_test == 1:
        with pytest.raises(ConfigError, match="BatchNorm cannot take statistics of one example"):
            walked(make_vector_net(), ends, dataset, **asked)
        return
    for series in walked(make_vector_net(), ends, dataset, **asked):
        moving = None if series.block is None else series.tensors
        expected = oracle.line(make_vector_net, *ends, dataset, ALPHAS, moving=moving, bn=bn)
        assert losses(series) == pytest.approx([loss for loss, _ in expected], abs=1e-5), series.block


@pytest.mark.parametrize(("bn", "num_train", "batch_size"), [("batch", 9, 1), ("recalibrate", 1, None)])
def test_statistics_of_one_example_are_a_mistake(
    bn: str, num_train: int, batch_size: int | None, trained: Trained, walked: Walked
):
    ends = trained(make_vector_net, vector_data(9, 9))
    dataset = vector_data(num_train, 9)
    with pytest.raises(ConfigError, match=f"--bn {bn}: BatchNorm cannot take statistics of one example"):
        walked(make_vector_net(), ends, dataset, bn=bn, batch_size=batch_size)
    # They are not needed here.
    walked(make_vector_net(), ends, dataset, bn="running", batch_size=1)
    walked(make_plain_vector_net(), trained(make_plain_vector_net, vector_data(9, 9)), dataset, bn=bn, batch_size=1)


@pytest.mark.parametrize(("is_training", "is_tracked", "expected"), [(0, 1, False), (1, 1, True), (0, 0, True)])
def test_which_networks_use_the_statistics_of_the_batch(is_training: int, is_tracked: int, expected: bool):
    network = nn.Sequential(nn.Dropout(), nn.BatchNorm1d(2, track_running_stats=bool(is_tracked)))
    network[1].train(bool(is_training))
    assert uses_batch(network) is expected
    assert not uses_batch(nn.Sequential(nn.Dropout(), nn.InstanceNorm1d(2)))


def test_treatments_are_four_different_measurements(pictures: Callable[..., Dataset], trained: Trained, walked: Walked):
    dataset = pictures()
    ends = trained(make, dataset, lr=0.1)
    middles = [walked(make(), ends, dataset, bn=bn, alphas=(0.5,))[0].splits["test"].loss[0] for bn in TREATMENTS]
    assert all(abs(one - other) > 1e-3 for i, one in enumerate(middles) for other in middles[:i])


def test_final_is_running_at_the_end_and_batch_knows_no_statistics(
    pictures: Callable[..., Dataset], trained: Trained, walked: Walked
):
    dataset = pictures()
    start, end = trained(make, dataset, lr=0.1)
    running, final = (losses(walked(make(), (start, end), dataset, bn=bn)[0]) for bn in ("running", "final"))
    assert running[-1] == final[-1]
    assert abs(running[0] - final[0]) > 1e-3
    other = end | {name: end[name] * 3 for name in statistics_of(make())}
    batch = [losses(walked(make(), (start, last), dataset, bn="batch")[0]) for last in (end, other)]
    assert batch[0] == batch[1]


@pytest.mark.parametrize("num_train", [600, 2100], ids=["three ragged batches", "more than are used"])
def test_recalibration_is_update_bn_over_the_documented_examples(
    num_train: int, vectors: Callable[..., Dataset], trained: Trained, walked: Walked
):
    generator = torch.Generator().manual_seed(4)
    inputs = torch.randn(num_train, 2, generator=generator) * torch.linspace(0.1, 3, num_train)[:, None]
    dataset = vectors(inputs, torch.arange(num_train) % 3)
    ends = trained(make_vector_net, dataset)
    series = walked(make_vector_net(), ends, dataset, bn="recalibrate", num_examples=50, alphas=ALPHAS)[0]
    expected = oracle.line(make_vector_net, *ends, dataset, ALPHAS, bn="recalibrate", num_examples=50)
    assert losses(series) == pytest.approx([loss for loss, _ in expected], abs=1e-5)
    assert (RECALIBRATION_EXAMPLES, RECALIBRATION_BATCH) == (oracle.BN_EXAMPLES, oracle.BN_BATCH)


@pytest.mark.parametrize("bn", TREATMENTS)
def test_networks_without_batchnorm_are_left_as_they_are(
    bn: str, pictures: Callable[..., Dataset], trained: Trained, walked: Walked
):
    dataset = pictures()
    ends = trained(make_plain, dataset)
    assert losses(walked(make_plain(), ends, dataset, bn=bn)[0]) == losses(walked(make_plain(), ends, dataset)[0])


@pytest.mark.parametrize("bn", TREATMENTS)
def test_treated_networks_are_private_copies_in_evaluation_mode(bn: Any):
    model = make().train()
    model.conv1.weight.requires_grad_(True)
    before = state_of(model)
    treated = treatment(bn, model, before)
    assert all(part.training for part in model.modules())
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert all(part.momentum == 0.1 and part.track_running_stats for part in norms_of(model))
    own = {tensor.data_ptr() for tensor in model.state_dict().values()}
    for network in filter(None, (treated.network, treated.estimator)):
        assert not own & {tensor.data_ptr() for tensor in network.state_dict().values()}
        assert not any(parameter.requires_grad for parameter in network.parameters())
    in_train = {type(part).__name__ for part in treated.network.modules() if part.training}
    assert in_train == ({"BatchNorm2d"} if bn == "batch" else set())


def norms_of(model: nn.Module) -> list[nn.BatchNorm2d]:
    return [part for part in model.modules() if isinstance(part, nn.BatchNorm2d)]


@pytest.mark.parametrize("bn", TREATMENTS)
def test_only_final_fixes_and_only_recalibrate_estimates_statistics(bn: Any):
    model = make()
    end = {name: tensor + 1 for name, tensor in state_of(model).items()}
    treated = treatment(bn, model, end)
    statistics = statistics_of(model)
    assert list(treated.fixed) == (statistics if bn == "final" else [])
    assert all(treated.fixed[name] is end[name] for name in treated.fixed)
    assert (treated.estimator is not None) == (bn == "recalibrate")
    assert list(treated.fresh) == (statistics if bn == "recalibrate" else [])
    if treated.estimator is not None:
        for name, tensor in treated.fresh.items():
            assert torch.equal(tensor, torch.ones_like(tensor) if "var" in name else torch.zeros_like(tensor)), name
        training = [part for part in treated.estimator.modules() if part.training]
        assert training == norms_of(treated.estimator)
        assert {part.momentum for part in norms_of(treated.estimator)} == {None}


def test_nothing_is_estimated_where_nothing_normalises():
    treated = treatment("recalibrate", make_plain(), state_of(make_plain()))
    assert (treated.fixed, treated.fresh, treated.estimator) == ({}, {}, None)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_fixed_statistics_are_those_of_the_end_in_any_dtype(
    dtype: str, pictures: Callable[..., Dataset], trained: Trained, walked: Walked
):
    dataset = pictures()
    ends = trained(make, dataset, lr=0.1)
    found = walked(make(), ends, dataset, bn="final", dtype=dtype, alphas=ALPHAS)[0]
    expected = oracle.line(make, *ends, dataset, ALPHAS, bn="final", dtype=getattr(torch, dtype))
    assert losses(found) == pytest.approx([loss for loss, _ in expected], abs=1e-5)


def test_statistics_are_found_by_what_a_module_is():
    class Odd(nn.BatchNorm1d):
        pass

    model = nn.ModuleDict({
        "odd": Odd(2), "plain": nn.BatchNorm3d(2, affine=False),
        "without": nn.BatchNorm2d(2, track_running_stats=False),
        "instance": nn.InstanceNorm2d(2, track_running_stats=True), "layer": nn.LayerNorm(2),
    })  # fmt: skip
    kinds = ("running_mean", "running_var", "num_batches_tracked")
    assert statistics_of(model) == [f"{name}.{kind}" for name in ("odd", "plain") for kind in kinds]
    assert statistics_of(nn.BatchNorm1d(3)) == list(kinds)


def test_a_fifth_treatment_is_refused_with_the_four():
    with pytest.raises(UnknownNameError, match=r"'lerp'.*batch, final, recalibrate, running"):
        treatment("lerp", make(), make().state_dict())  # type: ignore[arg-type]
