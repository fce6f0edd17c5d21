"""The four treatments of BatchNorm against torch's own `update_bn` and plain train and eval mode."""

from collections.abc import Callable
from typing import Any

import oracle
import pytest
import torch
from torch import nn

from lininterp_cli.data.dataset import Dataset
from lininterp_cli.errors import UnknownNameError
from lininterp_cli.landscape.batchnorm import RECALIBRATION_BATCH, RECALIBRATION_EXAMPLES, statistics_of, treatment
from lininterp_cli.landscape.curve import Series
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


def test_recalibrated_statistics_are_torchs_own(pictures: Callable[..., Dataset], trained: Trained):
    dataset = pictures(num_train=300)
    _, end = trained(make, dataset)
    _, statistics = treatment("recalibrate", make(), end, dataset.train, dataset.normalise, "float32")
    kept = {name: tensor.clone() for name, tensor in end.items()}
    estimated = statistics(end)
    assert set(estimated) == set(statistics_of(make()))
    completed = end | estimated
    model = make()
    model.load_state_dict(end)
    rows = oracle.order(300, 0)
    torch.optim.swa_utils.update_bn([dataset.normalise(dataset.train.inputs[some]) for some in rows.split(256)], model)
    for name, tensor in model.state_dict().items():
        torch.testing.assert_close(completed[name], tensor, rtol=1e-5, atol=1e-6)
        assert torch.equal(end[name], kept[name]), f"{name} was changed in place"
    assert {int(completed[name]) for name in end if name.endswith("num_batches_tracked")} == {2}
    assert completed.keys() == end.keys()
    again = end | statistics(end)
    assert all(torch.equal(completed[name], again[name]) for name in end), "the second estimate starts from the first"


@pytest.mark.parametrize("bn", TREATMENTS)
def test_networks_without_batchnorm_are_left_as_they_are(
    bn: str, pictures: Callable[..., Dataset], trained: Trained, walked: Walked
):
    dataset = pictures()
    ends = trained(make_plain, dataset)
    assert losses(walked(make_plain(), ends, dataset, bn=bn)[0]) == losses(walked(make_plain(), ends, dataset)[0])


@pytest.mark.parametrize("bn", TREATMENTS)
def test_treated_network_is_a_private_copy_in_evaluation_mode(bn: Any, pictures: Callable[..., Dataset]):
    dataset, model = pictures(), make()
    model.train()
    before = state_of(model)
    network, complete = treatment(bn, model, state_of(model), dataset.train, dataset.normalise, "float32")
    complete(state_of(model))
    assert network is not model
    assert all(part.training for part in model.modules())
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    in_train = {type(part).__name__ for part in network.modules() if part.training}
    assert in_train == ({"BatchNorm2d"} if bn == "batch" else set())


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


def test_a_fifth_treatment_is_refused_with_the_four(pictures: Callable[..., Dataset]):
    dataset = pictures()
    with pytest.raises(UnknownNameError, match=r"'lerp'.*batch, final, recalibrate, running"):
        treatment("lerp", make(), make().state_dict(), dataset.train, dataset.normalise, "float32")  # type: ignore[arg-type]
