"""Names of the ends of a line."""

import pytest

from lininterp_cli.view.curves.ends import endpoint_name, endpoint_names


def test_the_ends_of_a_curve(make_curve):
    assert endpoint_names(make_curve()) == ("initial", "final")
    other = make_curve(start={"run": "run-2", "checkpoint": "final"}, end={"run": "run-1", "alpha": 0.5})
    assert endpoint_names(other) == ("run-2:final", "@0.5")


@pytest.mark.parametrize(
    ("end", "name"),
    [
        ({"zero": True}, "zero"),
        ({"zero": True, "run": "other"}, "zero"),
        ({"random": 7}, "random:7"),
        ({"noise": 1, "run": "mine"}, "noise:1"),
        ({"direction": 0}, "direction:0"),
        ({"file": "weights.pt"}, "weights.pt"),
        ({"run": "mine", "checkpoint": "epoch-0005"}, "epoch-0005"),
        ({"checkpoint": "final"}, "final"),
        ({"run": "other", "alpha": 0.0}, "other:@0.0"),
        ({"run": "other"}, "other:start"),
        ({}, "start"),
    ],
)
def test_an_end_is_named_after_what_it_is(end, name):
    assert endpoint_name(end, "mine", "start") == name


@pytest.mark.parametrize("end", [{"file": "a\x1b[31m\nb"}, {"checkpoint": "a\nb"}, {"run": "a\nb", "checkpoint": "c"}])
def test_a_name_is_one_printable_line(end):
    assert endpoint_name(end, "mine", "start").isprintable()
