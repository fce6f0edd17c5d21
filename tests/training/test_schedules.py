"""Schedules, step by step beside torch's own."""

import warnings
from collections.abc import Callable
from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.optim import lr_scheduler

from lininterp_cli.errors import ConfigError
from lininterp_cli.training.schedules import SCHEDULES, constant, cosine, drops, factor_at, onecycle, step


def torch_lrs(
    make: Callable[[torch.optim.Optimizer], lr_scheduler.LRScheduler], num_steps: int, lr: float = 1.0
) -> list[float]:
    """The learning rate of each step, as torch's scheduler sets it."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # SequentialLR calls a deprecated form of step
        scheduler = make(optimizer)
        rates = []
        for _ in range(num_steps):
            rates.append(float(optimizer.param_groups[0]["lr"]))
            optimizer.step()
            scheduler.step()
    return rates


def our_lrs(schedule: Callable[[float], float], num_steps: int, num_warmup_steps: int = 0) -> list[float]:
    return [factor_at(position, num_steps, num_warmup_steps, schedule) for position in range(num_steps)]


@given(st.integers(1, 60), st.integers(1, 12))
def test_step_drops_where_steplr_does(num_drops: int, steps_between: int) -> None:
    num_steps = num_drops * steps_between
    expected = torch_lrs(lambda o: lr_scheduler.StepLR(o, steps_between, gamma=0.5), num_steps)
    assert our_lrs(partial(step, every=1 / num_drops, factor=0.5), num_steps) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("every", [0.05, 0.1, 0.15, 0.2, 0.3, 0.35, 0.7])
def test_a_share_that_a_user_writes_drops_in_its_own_step(every: float) -> None:
    num_steps = 100
    expected = torch_lrs(lambda o: lr_scheduler.StepLR(o, round(every * num_steps), gamma=0.1), num_steps)
    assert our_lrs(partial(step, every=every), num_steps) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("num_batches", [1, 7, 391])
def test_the_paper_s_schedule_drops_after_epochs_33_66_and_99(num_batches: int) -> None:
    milestones = [epoch * num_batches for epoch in (33, 66, 99)]
    expected = torch_lrs(lambda o: lr_scheduler.MultiStepLR(o, milestones), 100 * num_batches)
    assert our_lrs(step, 100 * num_batches) == pytest.approx(expected, rel=1e-9)


@given(st.integers(1, 40), st.integers(0, 40), st.integers(0, 40))
def test_drops_are_multisteplr(first: int, between: int, after: int) -> None:
    num_steps = first + between + after
    expected = torch_lrs(lambda o: lr_scheduler.MultiStepLR(o, [first, first + between], gamma=0.5), num_steps)
    ours = partial(drops, first=first / num_steps, second=(first + between) / num_steps, factor=0.5)
    assert our_lrs(ours, num_steps) == pytest.approx(expected, rel=1e-9)


@given(st.integers(1, 200), st.sampled_from([0.0, 0.01, 0.5, 1.0]))
def test_cosine_is_cosineannealinglr(num_steps: int, floor: float) -> None:
    expected = torch_lrs(lambda o: lr_scheduler.CosineAnnealingLR(o, num_steps, eta_min=floor), num_steps)
    assert our_lrs(partial(cosine, floor=floor), num_steps) == pytest.approx(expected, abs=1e-9)


@given(st.integers(12, 200), st.sampled_from([0.1, 0.25, 0.3, 0.5, 0.9]), st.sampled_from([4.0, 25.0, 100.0]))
def test_onecycle_has_the_course_of_onecyclelr(num_steps: int, peak: float, div_factor: float) -> None:
    """torch's last step is at the end and its peak one step earlier; between these the course is the same."""
    expected = torch_lrs(
        lambda o: lr_scheduler.OneCycleLR(
            o, 1.0, total_steps=num_steps, pct_start=peak, cycle_momentum=False, div_factor=div_factor
        ),
        num_steps,
    )
    last = num_steps - 1
    share = (peak * num_steps - 1) / last
    ours = [
        onecycle(position / last, peak=share, start=1 / div_factor, end=1 / div_factor / 1e4)
        for position in range(num_steps)
    ]
    assert ours == pytest.approx(expected, abs=1e-9)


def test_onecycle_defaults_are_torch_s() -> None:
    num_steps = 5000
    expected = torch_lrs(
        lambda o: lr_scheduler.OneCycleLR(o, 1.0, total_steps=num_steps, cycle_momentum=False), num_steps
    )
    assert our_lrs(onecycle, num_steps) == pytest.approx(expected, abs=3 / num_steps)


@given(st.integers(2, 30), st.integers(1, 60))
def test_warm_up_is_linearlr(num_warmup_steps: int, num_rest: int) -> None:
    num_steps = num_warmup_steps + num_rest
    expected = torch_lrs(
        lambda o: lr_scheduler.LinearLR(o, 1 / num_warmup_steps, total_iters=num_warmup_steps - 1), num_steps
    )
    assert our_lrs(constant, num_steps, num_warmup_steps) == pytest.approx(expected, rel=1e-9)


def test_a_cosine_follows_the_warm_up_from_its_own_beginning() -> None:
    expected = torch_lrs(
        lambda o: lr_scheduler.SequentialLR(
            o,
            [lr_scheduler.LinearLR(o, 1 / 5, total_iters=4), lr_scheduler.CosineAnnealingLR(o, 20)],
            milestones=[5],
        ),
        25,
    )
    assert our_lrs(cosine, 25, 5) == pytest.approx(expected, abs=1e-9)


@given(st.sampled_from(sorted(SCHEDULES)), st.floats(0, 1))
def test_a_factor_never_leaves_0_to_1(name: str, progress: float) -> None:
    assert 0 <= SCHEDULES[name](progress) <= 1


@given(st.integers(1, 50), st.integers(0, 80))
def test_a_warm_up_of_any_length_has_a_factor(num_steps: int, num_warmup_steps: int) -> None:
    assert all(0 <= factor <= 1 for factor in our_lrs(cosine, num_steps, num_warmup_steps))


@pytest.mark.parametrize(
    "schedule",
    [
        partial(step, every=0.0),
        partial(step, every=1.5),
        partial(step, factor=0.0),
        partial(step, factor=float("nan")),
        partial(drops, first=0.0),
        partial(drops, first=0.8),
        partial(drops, second=1.5),
        partial(drops, factor=float("nan")),
        partial(cosine, floor=-0.1),
        partial(cosine, floor=float("nan")),
        partial(onecycle, peak=0.0),
        partial(onecycle, peak=1.0),
        partial(onecycle, start=-1.0),
        partial(onecycle, start=float("nan")),
        partial(onecycle, end=float("inf")),
    ],
)
def test_an_option_out_of_range_is_refused(schedule: Callable[[float], float]) -> None:
    with pytest.raises(ConfigError, match="takes"):
        schedule(0.0)
