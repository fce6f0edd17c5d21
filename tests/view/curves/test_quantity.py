"""Loss, accuracy and error, and what guessing gives of each."""

import math

import pytest

from lininterp_cli.landscape.curves.curve import Values
from lininterp_cli.view.curves.quantity import QUANTITIES, chance, metric_of, shown_values


def test_chance_is_that_of_a_uniform_guess():
    probabilities = [1 / 7] * 7
    assert chance(7, "loss") == pytest.approx(-sum(p * math.log(p) for p in probabilities))
    assert chance(7, "accuracy") == pytest.approx(sum(p * p for p in probabilities))
    assert chance(7, "error") == pytest.approx(1 - sum(p * p for p in probabilities))
    assert all(chance(count, quantity) is None for count in (None, 0, 1, -3) for quantity in QUANTITIES)


def test_the_error_is_what_the_accuracy_leaves():
    values = Values(num_examples=9, loss=(2.0, 1.0), loss_stderr=(0.1, 0.1), accuracy=(0.25, 0.75))
    assert shown_values(values, "error") == (0.75, 0.25)
    assert shown_values(values, "accuracy") == (0.25, 0.75)
    assert shown_values(values, "loss") == (2.0, 1.0)
    assert [metric_of(quantity) for quantity in QUANTITIES] == ["loss", "accuracy", "accuracy"]
