"""The search finds what trying everything finds."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.landscape.valley import Spot, cheapest, grid

ALPHAS = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0]), min_size=1, unique=True).map(sorted)
RATIOS = st.lists(st.sampled_from([0.125, 0.5, 1.0, 3.0, 16.0]), min_size=1, unique=True)


@given(
    st.dictionaries(st.sampled_from("abc"), st.tuples(ALPHAS, RATIOS), min_size=1), st.randoms(use_true_random=False)
)
def test_the_cheapest_is_the_cheapest_of_all_that_are_allowed(blocks, random):
    grids = {name: grid(name, *axes) for name, axes in blocks.items()}
    errors = {spot: random.random() for spots in grids.values() for spot in spots}
    judged: list[Spot] = []

    def judge(spots: Sequence[Spot]) -> dict[Spot, float]:
        judged.extend(spots)
        return {spot: errors[spot] for spot in spots if errors[spot] < 0.3}

    *_, (num_decided, found) = cheapest(grids, judge)
    assert num_decided == len(errors)
    assert len(judged) == len(set(judged))
    for name, spots in grids.items():
        allowed = [spot for spot in spots if errors[spot] < 0.3]
        assert (name in found) == bool(allowed)
        if allowed:
            spot, error = found[name]
            assert spot.cost == min(one.cost for one in allowed)
            assert error == errors[spot]


@given(ALPHAS, RATIOS)
def test_a_grid_holds_every_pair_and_the_start_without_noise(alphas, ratios):
    spots = grid("fc", alphas, ratios)
    pairs = {(alpha, ratio) for alpha in alphas if alpha for ratio in ratios}
    assert {(spot.alpha, spot.ratio) for spot in spots} == pairs | ({(0.0, 0.0)} if 0.0 in alphas else set())
    assert len(spots) == len(pairs) + (0.0 in alphas)
    costs = [spot.cost for spot in spots]
    assert costs == sorted(costs)
