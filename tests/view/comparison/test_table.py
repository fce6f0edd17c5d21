"""A comparison shows what differs and nothing else of the settings."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.view.comparison.table import comparable, comparison_table, differing
from lininterp_cli.view.look import Look

leaves = st.one_of(st.integers(0, 2), st.sampled_from(["a", "b"]), st.booleans())
configs = st.dictionaries(
    st.sampled_from(["x", "y", "z"]),
    st.one_of(leaves, st.dictionaries(st.sampled_from(["p", "q"]), leaves, min_size=1)),
)


def value_at(config, key):
    for part in key.split("."):
        if not isinstance(config, dict) or part not in config:
            return "-"
        config = config[part]
    return "-" if isinstance(config, dict) else str(config)


@given(st.lists(configs, min_size=1, max_size=4))
def test_differing_is_what_a_slow_comparison_finds(given_configs):
    keys = {key for config in given_configs for key in config}
    keys |= {f"{key}.{inner}" for key in keys for inner in ("p", "q")}
    slow = {key: values for key in keys if len(set(values := [value_at(c, key) for c in given_configs])) > 1}
    assert dict(differing(given_configs)) == slow


def test_comparison(make_run, make_curve, show):
    left = make_run("run-1")
    config = left.record.config | {"optimizer": {"name": "sgd", "lr": 0.1, "nesterov": True}, "seed": 3}
    right = make_run("run-2", config=config, distance={"conv1": 3.0}, name="second")
    curves = [make_curve(), make_curve({"all": (1, 1, 4, 1, 1), "head": (1, 1, 1.5, 1, 1)})]
    rows = [row.split() for row in show(comparison_table([left, right], curves))]
    assert rows[0] == ["run-1", "second"]
    assert ["test", "accuracy", "0.9512", "0.9512"] in rows
    settings = rows[rows.index(["settings"]) + 1 : rows.index(["rise", "barrier"]) - 1]
    assert settings == [["optimizer.name", "momentum", "sgd"], ["optimizer.nesterov", "-", "True"], ["seed", "0", "3"]]
    assert ["conv1", "◆", "0.600", "-"] in rows
    assert ["all", "0", "◆", "3.000"] in rows
    assert ["head", "-", "0.500"] in rows
    assert ["conv1", "2.000", "3.000"] in rows


def test_barriers_of_a_preview_have_a_sign_and_a_remark(make_run, make_curve, show):
    curves = [make_curve(), replace(make_curve(), complete=False)]
    rows = show(comparison_table([make_run("run-1"), make_run("run-2")], curves))
    assert ["conv1", "◆", "0.600", "◆", "~0.600"] in [row.split() for row in rows]
    assert any(row.startswith("~ from a preview") for row in rows)
    assert not any("~" in row for row in show(comparison_table([make_run("run-1")], curves[:1])))


@pytest.mark.parametrize("num_runs", [1, 2, 3, 4])
def test_comparison_fits(make_run, make_curve, show, num_runs):
    name = "\x1b[31mname[/bold]" + "y" * 60
    runs = [make_run(f"run-{index}", name=name) for index in range(num_runs)]
    rows = show(comparison_table(runs, [make_curve(), *[None] * (num_runs - 1)], look=Look(ascii=True)))
    assert all(row.isascii() for row in rows)
    assert "settings" not in [row.strip() for row in rows]


def kinds(found):
    return {run: None if curve is None else curve.name for run, curve in found.items()}


def test_one_curve_of_each_run_of_the_kind_that_most_have(make_curve):
    def usual(run):
        return make_curve(run=run, name=f"usual-{run}")

    def other(run):
        return replace(make_curve(run=run, name=f"other-{run}"), bn="final")

    # What the first run has first is not what most have.
    curves = {"a": [other("a"), usual("a")], "b": [usual("b")], "c": [usual("c"), other("c")], "d": []}
    assert kinds(comparable(curves, "test")) == {"a": "usual-a", "b": "usual-b", "c": "usual-c", "d": None}
    # In a draw the first run decides.
    assert kinds(comparable({"a": [other("a")], "b": [usual("b")]}, "test")) == {"a": "other-a", "b": None}
    assert kinds(comparable(curves, "test", "other-c")) == {"a": None, "b": None, "c": "other-c", "d": None}
    assert kinds(comparable(curves, "validation")) == dict.fromkeys("abcd")
    assert comparable({}, "test") == {}


def test_a_finer_walk_of_the_same_kind_can_be_compared_but_one_to_elsewhere_cannot(make_curve):
    fine = replace(make_curve(run="a"), series=make_curve(run="a").series[:1], by="full")
    own = make_curve(run="b", end={"checkpoint": "final", "sha256": "0"})
    away = make_curve(run="c", end={"run": "a", "checkpoint": "final"})
    found = comparable({"a": [fine], "b": [own], "c": [away]}, "test")
    assert found["a"] is fine
    assert found["b"] is own
    assert found["c"] is None


def test_numbers_are_short_unless_they_would_look_the_same():
    def words(*values):
        return dict(differing([{"key": value, "same": 1} for value in values])).get("key")

    assert words(4000.0, 0.1 + 0.2, 1e-05) == ["4000", "0.3", "1e-05"]
    assert words(0.1, 0.1000001) == ["0.1", "0.1000001"]
    assert words([0.5, 2000.0], (0.5, 1.0)) == ["0.5, 2000", "0.5, 1"]
    assert words(True, None) == ["True", "None"]
    assert words(float("nan"), 123456789) == ["nan", "123456789"]
    assert words(0.5, 0.5) is None
