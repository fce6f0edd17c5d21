"""Groups of runs: what they show, their order, and the filter that means them."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.runs.query import parse
from lininterp_cli.view.runs.groups import GROUP_HEADS, group, group_numbers, groupings, spread_words
from lininterp_cli.view.runs.listing import order, select


def test_a_group_has_mean_and_spread_over_its_runs(run, same):
    runs = [run(seed, accuracy, height, seed=seed, lr=lr) for seed, accuracy, height, lr in [
        (0, 0.9, 0.2, 0.1), (1, 0.8, 0.4, 0.1), (2, 0.85, None, 0.1), (0, 0.1, 3.0, 0.5),
    ]]  # fmt: skip
    first, second = group(runs, "configuration", 0, same)
    assert (first.label, first.num_seeds, first.members) == ("lr=0.1", 3, tuple(runs[:3]))
    assert first.accuracy == pytest.approx((np.mean([0.9, 0.8, 0.85]), np.std([0.9, 0.8, 0.85], ddof=1)))
    assert first.barrier == pytest.approx((0.3, np.std([0.2, 0.4], ddof=1)))
    assert math.isnan(second.accuracy[1])
    numbers = dict(zip(GROUP_HEADS, group_numbers(second), strict=True))
    assert (numbers["runs"], numbers["accuracy"], numbers["accuracy_sd"]) == (1, 0.1, None)
    assert spread_words(first.barrier, "{:.2f}".format) == "0.30 ±0.14"
    assert spread_words(second.barrier, "{:.2f}".format, ascii=True) == "3.00"
    assert spread_words(None, str) == ""


VALUES = st.one_of(st.none(), st.floats(allow_nan=False), st.text(), st.booleans(),
                   st.integers(), st.lists(st.text()).map(tuple))  # fmt: skip


@given(st.lists(st.dictionaries(st.sampled_from(["lr", "model.name", "reset.blocks"]), VALUES), max_size=6))
def test_the_filter_of_a_group_means_its_runs(run, same, settings):
    runs = [run(place, **one) for place, one in enumerate(settings)]
    for by, _ in groupings(runs):
        groups = group(runs, by, 0, same)
        # A run without tags is in one group, one with tags in one for each.
        assert {one.id for found in groups for one in found.members} == {one.id for one in runs}
        for found in groups:
            meant = {one.id for one in select(runs, parse(found.query), 0, same)}
            assert {one.id for one in found.members} <= meant


def test_runs_are_grouped_by_the_studies_they_are_of(run, same):
    runs = [
        dataclasses.replace(run(place), tags=tags) for place, tags in enumerate([("study:wd", "old", "study:b"), ()])
    ]
    assert "study" not in dict(groupings(runs[1:]))
    assert "study" in dict(groupings(runs))
    groups = group(runs, "study", 0, same)
    assert [(one.label, one.query) for one in groups] == [
        ("wd", "study:wd"), ("b", "study:b"), ("no study", "-study:*"),
    ]  # fmt: skip
    for one in groups:
        assert select(runs, parse(one.query), 0, same) == list(one.members)


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 1), st.floats(0, 9) | st.none()), max_size=9), st.booleans())
def test_groups_are_in_the_order_of_the_means_that_they_show(run, same, values, reverse):
    runs = [run(place, accuracy, height, lr=lr) for place, (lr, accuracy, height) in enumerate(values)]

    def mean(found, of):
        known = [value for one in found.members if (value := of(one)) is not None]
        return float(np.mean(known)) if known else math.nan

    for sort, of in {
        "accuracy": lambda one: one.accuracy,
        "barrier": lambda one: None if one.worst is None else one.worst.height,
    }.items():
        groups = group(order(runs, sort, 0, same, reverse=reverse), "lr", 0, same, sort=sort, reverse=reverse)
        means = [mean(found, of) for found in groups]
        known = [value for value in means if not math.isnan(value)]
        assert all(math.isnan(value) for value in means[len(known) :])
        steps = np.diff(known) if reverse else -np.diff(known)
        assert (steps >= -1e-9).all()
    labels = [found.label for found in group(runs, "lr", 0, same, sort="name")]
    assert labels == sorted(labels)


@pytest.fixture
def seeds_of(run):
    """Makes runs of three seeds, called by the name and the seed."""

    def make(name, **settings):
        own = [{key: text.replace("SEED", str(seed)) for key, text in settings.items()} for seed in range(3)]
        return [dataclasses.replace(run(seed, seed=seed, **own[seed]), id=f"{name}-s{seed}") for seed in range(3)]

    return make


def test_runs_that_start_from_other_seeds_of_one_run_are_one_group(run, same, seeds_of):
    parents = [*seeds_of("wide", width="8"), *seeds_of("slim", width="4")]
    resets = [seeds_of(f"{name}-reset", **{"reset.run": f"{name}-sSEED", "width": "2"}) for name in ("wide", "slim")]
    again = [
        seeds_of(f"{name}-{place}", init=f"{name}-sSEED:{place}#abcSEED")
        for name in ("wide", "slim", "wide-reset")
        for place in ("final", "initial")
    ]
    stranger = seeds_of("stranger", init="nobody-sSEED:final#abcSEED")
    expected = [parents[:3], parents[3:], *resets, *again, *([one] for one in stranger)]
    runs = [one for members in expected for one in members]
    groups = group(runs, "configuration", 0, same)
    assert [list(found.members) for found in groups] == expected
    assert len({found.label for found in groups}) == len(groups)
    for found in groups:
        assert select(runs, parse(found.query), 0, same) == list(found.members)
    # A filter may have left out the runs that they start from.
    children = [one for members in (*resets, *again) for one in members]
    assert [list(found.members) for found in group(children, "configuration", 0, same, runs)] == [*resets, *again]
    assert len(group(children, "configuration", 0, same)) > len([*resets, *again])
    # A damaged record may name itself.
    itself = dataclasses.replace(run(0, init="x:final"), id="x")
    assert len(group([itself, run(1, init="default")], "configuration", 0, same)) == 2


def test_the_label_of_a_group_begins_with_what_is_unusual_about_it(run, same):
    settings = [{"a": 1, "z": 1}] * 3 + [{"a": 1, "z": 2}, {"a": 2, "z": 1}]
    groups = group([run(place, **one) for place, one in enumerate(settings)], "configuration", 0, same)
    assert [one.label for one in groups] == ["a=1  z=1", "z=2  a=1", "a=2  z=1"]


def test_the_label_of_a_group_holds_what_tells_it_apart(run, same):
    adam = {"optimizer.name": "adam", "optimizer.beta1": 0.9, "optimizer.eps": 1e-8}
    momentum = {"optimizer.name": "momentum", "optimizer.momentum": 0.9, "optimizer.weight_decay": 0.1}
    settings = [
        *[{**momentum, "optimizer.lr": 0.1, "data.label_noise": 0.0}] * 3,
        {**momentum, "optimizer.lr": 0.1, "data.label_noise": 0.2, "optimizer.weight_decay": 0.0},
        {**adam, "optimizer.lr": 0.001, "data.label_noise": 0.0},
        {**adam, "optimizer.lr": 0.01, "data.label_noise": 0.0},
    ]
    groups = group([run(place, **one) for place, one in enumerate(settings)], "configuration", 0, same)
    # Momentum and betas go with their optimizers.
    assert [one.label for one in groups] == [
        "weight_decay=0.1  momentum  lr=0.1  label_noise=0",
        "weight_decay=0  label_noise=0.2  momentum  lr=0.1",
        "adam  lr=0.001  label_noise=0",
        "adam  lr=0.01  label_noise=0",
    ]
    # A setting without a name that it goes with is said.
    bare = [{"model.name": "mlp"}, {"model.name": "mlp", "model.depth": 3}]
    groups = group([run(place, **one) for place, one in enumerate(bare)], "configuration", 0, same)
    assert [one.label for one in groups] == ["all alike", "depth=3"]


@given(st.lists(st.dictionaries(st.sampled_from(["a", "b.name", "b.x", "b.y"]), st.sampled_from([1, 2]), min_size=1)))
def test_no_two_groups_look_alike(run, same, settings):
    groups = group([run(place, **one) for place, one in enumerate(settings)], "configuration", 0, same)
    assert len({one.label for one in groups}) == len(groups)
