"""The criticality that belongs to a curve."""

import math

from lininterp_cli.landscape.curves.measures import BlockCriticality, Criticality
from lininterp_cli.view.curves.critical import Critical, criticality_of


def measured(curve, mus, edge=(), **changes):
    blocks = {
        block: BlockCriticality(
            mu=mu, alpha=0.5, sigma=0.1, error=0.0, distance=1.0, num_parameters=1, is_at_edge=block in edge
        )
        for block, mu in mus.items()
    }
    known = {
        "name": "m", "run": curve.run, "start": curve.start, "end": curve.end, "by": curve.by, "epsilon": 0.1,
        "final_error": 0.0, "alphas": (0.0, 1.0), "num_examples": 10, "num_draws": 3,
    }  # fmt: skip
    return Criticality(blocks=blocks, **(known | changes))


def test_criticality_is_that_of_the_same_weights_and_granularity(make_curve):
    curve = make_curve()
    whole = measured(curve, {"conv1": 2.5, "fc": 0.5})
    others = [
        measured(curve, {"conv1": 9.0, "fc": 9.0}, by="layer"),
        measured(curve, {"conv1": 9.0, "fc": 9.0}, end={"zero": True}),
        measured(curve, {"conv1": 9.0, "fc": 9.0}, end={**curve.end, "sha256": "of other weights"}),
        measured(curve, {"conv1": 9.0}, num_examples=99),
    ]
    found = criticality_of(curve, [*others, whole])
    assert {label: one.mu for label, one in found.items()} == {"all": 3.0, "conv1": 2.5, "fc": 0.5}
    # The sum over some of the blocks is not that of the network.
    assert criticality_of(curve, others) == {"conv1": Critical(mu=9.0)}
    assert criticality_of(curve, others[:3]) == {}
    assert math.isnan(criticality_of(curve, [measured(curve, {"conv1": None, "fc": 1.0})])["all"].mu)


def test_of_several_measures_the_one_of_most_blocks_then_most_examples_counts(make_curve):
    curve = make_curve()
    few = measured(curve, {"conv1": 1.0}, num_examples=99, num_draws=9)
    more = measured(curve, {"conv1": 2.0, "fc": 1.0}, num_examples=20)
    draws = measured(curve, {"conv1": 3.0, "fc": 1.0}, num_draws=5)
    usual, later = (measured(curve, {"conv1": mu, "fc": 1.0}, name=name) for mu, name in ((4.0, "a"), (5.0, "b")))
    order = [more, draws, usual, later, few]
    for place, best in enumerate(order):
        assert criticality_of(curve, reversed(order[place:]))["conv1"].mu == best.blocks["conv1"].mu


def test_a_bound_has_a_sign_and_makes_the_sum_one(make_curve):
    found = criticality_of(make_curve(), [measured(make_curve(), {"conv1": 2.5, "fc": 0.5}, edge={"fc"})])
    assert {label: one.words(ascii=False) for label, one in found.items()} == {
        "conv1": "2.500", "fc": "≤0.500", "all": "≤3.000",
    }  # fmt: skip
    assert found["fc"].words(ascii=True) == "<=0.500"
    assert Critical(mu=math.nan).words(ascii=True) == "n/a"
