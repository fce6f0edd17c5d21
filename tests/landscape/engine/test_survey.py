"""What is noted of values between steps; the steps here are lines of plain torch."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from lininterp_cli.landscape.engine.survey import Survey

Steps = list[Callable[[dict[str, Any]], dict[str, Any]]]


def seen(*steps: Callable[[dict[str, Any]], dict[str, Any]], sizes: tuple[int, ...] = (4, 2)) -> Survey:
    """What is noted of steps that each take all values so far and give some more."""
    survey = Survey()
    for size in sizes:
        values: dict[str, Any] = {"x": torch.ones(size, 3)}
        with survey.run(size):
            survey.note(-1, values)
            for place, step in enumerate(steps):
                values |= step(values)
                survey.note(place, values)
    return survey


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda x: x * 2, True),
        (lambda x: x.unsqueeze(1), True),
        (lambda x: x.repeat(2, 1), True),  # two rows an example
        (lambda x: len(x), True),
        (lambda x: 3 * len(x), True),
        (lambda x: x.mean(), False),
        (lambda x: torch.zeros(7), False),
        (lambda x: x.shape[1], False),
        (lambda x: x.ndim > 1, False),
        (lambda x: x.T, None),  # examples are columns
        (lambda x: x @ x.T, None),
        (lambda x: torch.cat([x, x[:1]]), None),
        (lambda x: len(x) + 1, None),
        (lambda x: len(x) / 2, None),
        (lambda x: x.reshape(-1), True),  # three rows an example
        (lambda x: "a text", None),
        (lambda x: [x], None),
        (lambda x: None, None),
    ],
)
def test_what_examples_are_to_a_value(make: Callable[[Tensor], Any], expected: bool | None):
    survey = seen(lambda values: {"y": make(values["x"])})
    assert survey.has_rows("x") is True
    assert survey.has_rows("y") is expected


def test_nothing_is_known_after_one_run_or_of_a_value_that_was_not_there():
    assert seen(sizes=(4,)).has_rows("x") is None
    assert seen().has_rows("y") is None


def double_in_place(values: dict[str, Any]) -> dict[str, Any]:
    values["x"].mul_(2)
    return {}


def test_a_value_is_overwritten_from_its_first_step_to_its_last():
    survey = seen(lambda values: {"y": values["x"] + 1}, double_in_place, lambda values: {"z": values["x"]})
    assert [survey.is_overwritten("x", place) for place in range(4)] == [True, True, False, False]
    assert not any(survey.is_overwritten(name, 0) for name in ("y", "unknown"))


def test_a_value_is_overwritten_through_what_shares_its_memory():
    def write(values: dict[str, Any]) -> dict[str, Any]:
        values["view"][0] = 5
        return {}

    survey = seen(lambda values: {"view": values["x"].view(-1)}, write)
    assert survey.is_overwritten("x", 1)
    assert survey.is_overwritten("view", 1)
    assert not survey.is_overwritten("x", 2)


WRITES: tuple[Callable[[Tensor], object], ...] = (
    lambda x: x.data.mul_(2),
    lambda x: x.detach().clamp_(min=0),  # changes nothing here
    lambda x: torch.mul(x, 2, out=x),
    lambda x: torch._foreach_add_([torch.zeros(2), x], 1.0),
    lambda x: functional.relu(x, inplace=True),
    lambda x: x[:, 1:].copy_(x[:, :2]),
)


@pytest.mark.parametrize("write", WRITES)
def test_each_way_of_writing_is_noticed(write: Callable[[Tensor], object]):
    def apply(values: dict[str, Any]) -> dict[str, Any]:
        write(values["x"])
        return {}

    survey = seen(lambda values: {"y": values["x"] + 1}, apply)
    assert survey.is_overwritten("x", 1)
    assert not survey.is_overwritten("x", 2)
    assert not survey.is_overwritten("y", 0)


@pytest.mark.parametrize("wrap", [lambda x: [x], lambda x: (1, (x,)), lambda x: {"a": {"b": x}}])
def test_tensors_inside_of_others_are_watched_too(wrap: Callable[[Tensor], Any]):
    survey = seen(lambda values: {"held": wrap(values["x"])}, double_in_place)
    assert survey.is_overwritten("held", 1)


def test_what_is_gone_may_still_be_written_into():
    def drop(values: dict[str, Any]) -> dict[str, Any]:
        view = values["x"].view(-1)
        values.clear()
        return {"view": view}

    def write(values: dict[str, Any]) -> dict[str, Any]:
        values["view"].zero_()
        return {}

    assert seen(drop, write).is_overwritten("x", 1)


def test_a_run_on_fewer_examples_forgets_no_write_of_the_first():
    def once(values: dict[str, Any]) -> dict[str, Any]:
        if len(values["x"]) > 2:
            values["x"].add_(1)
        return {}

    assert seen(once).is_overwritten("x", 0)
    assert seen(double_in_place, once).is_overwritten("x", 1)
