"""Areas under lines: where the limits of a plot put them."""

import math

from lininterp_cli.view.plots.band import Band
from lininterp_cli.view.plots.guard import Limits


def test_pieces_lie_where_the_limits_put_them():
    band = Band(xs=(0.0, 0.5, 0.75, 1.0), lows=(1.0, 2.0, math.nan, 0.0), highs=(3.0, 4.0, 5.0, 4.0))
    x, y = Limits(low=0, high=1), Limits(low=0, high=4)
    assert band.runs(x, y) == [[(0.0, 0.25, 0.75), (0.5, 0.5, 1.0)], [(1.0, 0.0, 1.0)]]
    # What is 0 lies below a logarithmic axis, not nowhere.
    assert band.runs(x, Limits(low=1, high=4, log=True))[-1] == [(1.0, -1.0, 1.0)]
    assert band.values((0.4, 0.6)) == [2.0, 4.0]
