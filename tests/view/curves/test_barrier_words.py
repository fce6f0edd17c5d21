"""The words for barriers."""

import math

from lininterp_cli.landscape.curves.barrier import Interval
from lininterp_cli.view.curves.barrier_words import (
    describe,
    height_words,
    interval_words,
    missing_words,
    num_missing,
)


def test_a_definition_is_described_by_its_docstring():
    assert describe("chord") == "the largest height above the straight line between the end values"


def test_heights_are_in_nats_or_percentage_points():
    assert height_words(0.1234, "loss") == "0.123"
    assert height_words(0.1234, "accuracy") == "12.3 pp"
    assert interval_words(Interval(0.1, 0.2), "loss") == "[0.100..0.200]"
    assert interval_words(Interval(0.1, 0.2), "accuracy") == "[10.0..20.0]"


def test_missing_values_are_counted_in_their_own_metric(make_curve):
    series = make_curve({"all": (math.nan, 1.0, math.inf, 0.5, 0.1)}).series[0]
    assert missing_words(series, "test") == "n/a (2 not finite)"
    assert num_missing(series, "test", "loss") == 2
    assert num_missing(series, "test", "accuracy") == 0
    assert missing_words(make_curve().series[0], "test") == "n/a"
