"""Which parts of a curve a drawing is of."""

import pytest

from lininterp_cli.errors import UnknownNameError
from lininterp_cli.view.curves.drawing import Drawing, check, chosen


def labels(drawing):
    return [(place, series.label) for place, series in drawing.shown]


def test_blocks_keep_the_places_that_they_have_among_all(make_curve):
    curve = make_curve()
    assert labels(Drawing(curve=curve, splits=("test",))) == [(0, "all"), (0, "conv1"), (1, "fc")]
    assert labels(Drawing(curve=curve, splits=("test",), blocks=["fc"])) == [(1, "fc")]
    alone = make_curve({"conv1": (1.0, 0.8, 0.6, 0.4, 0.2), "fc": (0.5, 0.4, 0.3, 0.2, 0.1)})
    assert labels(Drawing(curve=alone, splits=("test",))) == [(0, "conv1"), (1, "fc")]
    with pytest.raises(UnknownNameError, match="unknown block 'layer9'"):
        chosen(curve, ["all", "layer9"])


@pytest.mark.parametrize(
    ("about", "focus"),
    [
        ({}, "all"),
        ({"highlight": "conv1"}, "conv1"),
        ({"highlight": "conv1", "blocks": ["fc", "all"]}, "all"),  # what is not drawn is not highlighted
        ({"blocks": ["fc"]}, "fc"),
        ({"blocks": ["fc", "conv1"]}, None),
        ({"blocks": []}, None),
    ],
)
def test_bands_belong_to_the_highlighted_series_or_else_to_the_whole_or_the_only_one(make_curve, about, focus):
    found = Drawing(curve=make_curve(), splits=("test",), **about).focus
    assert (found and found.label) == focus


def test_a_split_and_a_definition_must_exist(make_curve):
    curve = make_curve()
    assert check(curve, curve.splits[0], "chord") == "chord"
    assert check(curve, curve.splits[0], None) == curve.default_definition
    with pytest.raises(UnknownNameError, match="unknown split 'validation'"):
        check(curve, "validation", None)
    with pytest.raises(UnknownNameError, match="unknown barrier definition 'hump'"):
        check(curve, curve.splits[0], "hump")


def test_the_error_has_the_barriers_of_the_accuracy(make_curve):
    about = {"curve": make_curve(), "splits": ("test",)}
    metrics = [Drawing(quantity=one, **about).metric for one in ("loss", "accuracy", "error")]
    assert metrics == ["loss", "accuracy", "accuracy"]
