"""One measure of runs against another."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lininterp_cli.errors import ConfigError
from lininterp_cli.landscape.curves.ranks import RankCorrelation
from lininterp_cli.view.comparison.scatter import (
    MAX_GROUPS,
    axes,
    axis_words,
    groupings,
    measures,
    scatter,
    scatter_rows,
    sentences,
    usual_reach,
)
from lininterp_cli.view.runs.summary import Summary, Worst


def make(at, x=0.0, y=0.0, **known):
    worst = None if x is None else Worst(height=x, alpha=0.5, block="fc", definition="rise", curve="c")
    return Summary(**({"id": f"run-{at}", "name": "", "state": "finished", "accuracy": y, "worst": worst} | known))


numbers = st.none() | st.floats()


@given(st.lists(st.tuples(numbers, numbers), max_size=40))
def test_the_dots_are_the_runs_with_two_finite_numbers_and_ranks_are_scipys(pairs):
    runs = [make(at, x, y) for at, (x, y) in enumerate(pairs)]
    found = scatter(runs, "barrier", "accuracy")
    known = [
        (at, x, y)
        for at, (x, y) in enumerate(pairs)
        if x is not None and y is not None and math.isfinite(x) and math.isfinite(y)
    ]
    assert [(dot.index, dot.x, dot.y) for dot in found.dots] == known
    assert (found.num_runs, found.ranks.num_pairs) == (len(pairs), len(known))
    xs, ys = [x for _, x, _ in known], [y for _, _, y in known]
    if len(known) >= 4 and len(set(xs)) > 1 and len(set(ys)) > 1:
        assert found.ranks.rho == pytest.approx(stats.spearmanr(xs, ys).statistic)
        assert found.ranks.tau == pytest.approx(stats.kendalltau(xs, ys).statistic)
    else:
        assert found.ranks.rho is None


def test_letters_are_of_what_differs_among_the_runs_that_are_drawn():
    runs = [make(0, 0.1, model="b"), make(1, 0.2, model="a"), make(2, None, model="c")]
    found = scatter(runs, "barrier", "accuracy")
    assert (found.by, found.groups) == ("model", ("a", "b"))
    assert [dot.group for dot in found.dots] == [1, 0]
    # The only run of another model has no dot, so the model tells nothing.
    same = scatter([make(0, 0.1, model="a"), make(1, None, model="c")], "barrier", "accuracy")
    assert (same.by, same.groups) == ("", ("",))
    given_by = scatter(runs, "barrier", "accuracy", by="optimizer")
    assert (given_by.by, given_by.groups) == ("optimizer", ("-",))


def test_groups_are_few_and_numbers_are_in_their_order():
    widths = [8, 16, 128, 16]
    runs = [make(at, settings={"model.width": width, "seed": at}) for at, width in enumerate(widths)]
    assert list(groupings(runs)) == ["model.width", "seed"]
    assert scatter(runs, "barrier", "accuracy").groups == ("8", "16", "128")
    many = [make(at, settings={"optimizer.lr": at / 10}) for at in range(MAX_GROUPS + 1)]
    assert list(groupings(many)) == []
    assert list(groupings(many[:MAX_GROUPS])) == ["optimizer.lr"]
    assert list(groupings([])) == list(groupings(runs[:1])) == []


def test_axes_are_two_numbers_that_some_run_has():
    runs = [make(0, 0.1, 0.5, settings={"optimizer.lr": 0.1}), make(1, 0.3, 0.5, settings={"optimizer.lr": 0.2})]
    assert axes(runs, "barrier, acc") == ("barrier", "acc")
    assert axes(runs, "lr,accuracy") == ("lr", "accuracy")
    for text in ("barrier", "", "a,b,c"):
        with pytest.raises(ConfigError, match="two measures"):
            axes(runs, text)
    with pytest.raises(ConfigError, match=r"no run has a number called 'colour'.*barrier, optimizer\.lr"):
        axes(runs, "barrier,colour")
    with pytest.raises(ConfigError, match=r"'barier'; did you mean barrier\?"):
        axes(runs, "barier,accuracy")
    with pytest.raises(ConfigError, match="called 'block'"):
        axes(runs, "block,accuracy")
    with pytest.raises(ConfigError, match="all runs are the same"):
        axes(runs[:1], "barrier,distance")
    assert dict(measures(runs)) == {
        "barrier": "the worst one from initial to final, test loss (nats)", "optimizer.lr": "configuration"
    }  # fmt: skip


def test_axes_have_units_and_reaches():
    assert [axis_words(name) for name in ("barrier", "acc", "optimizer.lr", "seed")] == [
        "barrier (nats)", "acc (fraction)", "optimizer.lr", "seed"
    ]  # fmt: skip
    assert [usual_reach(name) for name in ("test_loss", "accuracy", "distance", "optimizer.lr")] == [10, 1, 0, 0]


def said(xs, ys):
    return sentences(scatter([make(at, x, y) for at, (x, y) in enumerate(zip(xs, ys, strict=True))], "barrier", "acc"))


def test_what_is_said_depends_on_what_is_known():
    assert said([], []) == ["0 runs: too few, no rank correlation"]
    assert said([0.1], [0.5]) == ["1 run: too few, no rank correlation"]
    assert said([1, 2, 3, None], [1, 2, 3, 4]) == [
        "3 runs: too few, no rank correlation", "1 run without both measures left out"
    ]  # fmt: skip
    assert said([1, 2, 3, 4], [7, 7, 7, 7])[0] == "4 runs: one of the measures is the same in all, no rank correlation"
    assert said([1, 2, 3, 4, 5], [5, 4, 3, 2, 1]) == [
        "5 runs: an order without exception, rho = -1; too few to say how sure that is"
    ]
    unsure, caveat = said([1, 2, 3, 4, 5], [2, 1, 4, 5, 3])
    assert unsure.startswith("5 runs: rank correlation rho = 0.60 (")
    assert unsure.endswith("; it cannot be told from 0")
    assert "not independent" in caveat
    ys = list(range(30))
    ys[3], ys[4] = ys[4], ys[3]
    sure, _ = said(list(range(30)), ys)
    assert sure.startswith("30 runs: rank correlation rho = 1.00 (")
    assert "told" not in sure


def test_a_correlation_without_an_interval_is_no_order_without_exception():
    known = scatter([make(at, at, at) for at in range(5)], "barrier", "acc")
    (words,) = sentences(replace(known, ranks=RankCorrelation(num_pairs=5, rho=0.52, tau=0.4)))
    assert words == "5 runs: rho = 0.52; too few, or too many tied, to say how sure that is"


def test_rows_are_all_runs_in_full_precision():
    runs = [make(0, 1 / 3, 0.5, model="a", name="first"), make(1, None, 0.25, model="b"), make(2, 1.0, model="b")]
    assert scatter_rows(runs, scatter(runs, "barrier", "accuracy")) == [
        ["run", "name", "model", "barrier", "accuracy"],
        ["run-0", "first", "a", 1 / 3, 0.5],
        ["run-1", "", "b", None, 0.25],
        ["run-2", "", "b", 1.0, 0.0],
    ]
