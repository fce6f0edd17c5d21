"""Cells: which there are, in which order, what they are called, and when two are one."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.config.presets import configure
from lininterp_cli.errors import ConfigError
from lininterp_cli.study.plan import Published, Step, Study, row_label, run_names

VARIANTS = {"plain": {}, "wide": {"model": {"width": 16}}}
GRID = {"optimizer.lr": [0.1, 0.01], "training.epochs": [1, 2, 3]}
MLP = {"model": {"name": "mlp", "width": 8}}

_values = st.one_of(
    st.booleans(), st.integers(0, 99), st.floats(0, 1, exclude_min=True, allow_subnormal=False), st.text(min_size=1)
)
_names = st.text(min_size=1, max_size=8)


def test_cells_are_every_combination_in_order():
    study = Study(name="x", base=MLP, variants=VARIANTS, grid=GRID, seeds=(3, 1))
    expected = []
    for name in ("plain", "wide"):
        for lr in (0.1, 0.01):
            for epochs in (1, 2, 3):
                for seed in (3, 1):
                    width = 16 if name == "wide" else 8
                    config = configure(
                        {"model": {"name": "mlp", "width": width}},
                        {"optimizer": {"lr": lr}, "training": {"epochs": epochs}, "seed": seed},
                    )
                    label = f"{name}, optimizer.lr={lr:g}, training.epochs={epochs}, seed={seed}"
                    expected.append((label, config))
    assert [(cell.label, cell.config) for cell in study.cells()] == expected


def test_a_study_of_nothing_but_a_base_is_one_cell_a_seed():
    assert [cell.label for cell in Study(name="x", seeds=(0, 1)).cells()] == ["base, seed=0", "base, seed=1"]


@given(
    variants=st.lists(_names, unique=True, max_size=3),
    lrs=st.lists(_values, min_size=1, max_size=4),
    seeds=st.lists(st.integers(0, 2**40), unique=True, min_size=1, max_size=3),
)
def test_two_cells_are_never_called_the_same(variants, lrs, seeds):
    grid = {"optimizer.lr": lrs}
    study = Study(name="x", base=MLP, variants={name: {} for name in variants}, grid=grid, seeds=tuple(seeds))
    try:
        labels = [cell.label for cell in study.cells()]
    except ConfigError:
        # Texts may spell a number, or hold what stands between the parts of a label.
        assert any(isinstance(lr, str) for lr in lrs) or len(set(map(repr, lrs))) < len(lrs)
    else:
        assert len(labels) == max(1, len(variants)) * len(lrs) * len(seeds)
        assert len(set(labels)) == len(labels)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), unique=True, min_size=2, max_size=6))
def test_numbers_that_differ_are_spelled_differently(values):
    labels = {Step(kind="train", options={"height": value}).label for value in values}
    assert len(labels) == len(values)
    assert {float(label.partition("=")[2]) for label in labels} == set(values)


@given(st.permutations(["data", "model", "training"]), st.integers(0, 5))
def test_a_digest_is_of_what_is_meant_and_not_of_how_it_is_written(order, seed):
    base = {"data": {"name": "digits"}, "model": {"name": "mlp", "width": 8}, "training": {"epochs": 2}}
    step = Step(kind="interpolate", options={"by": "block", "alphas": 3})
    (first,) = Study(name="x", base=base, seeds=(seed,), steps=(step,)).cells()
    (second,) = Study(
        name="other",
        about="another text",
        base={key: base[key] for key in order},
        seeds=(seed,),
        steps=(Step(kind="interpolate", options={"alphas": 3, "by": "block"}),),
    ).cells()
    assert first.digest == second.digest
    (other,) = Study(name="x", base=base, seeds=(seed + 1,), steps=(step,)).cells()
    (bare,) = Study(name="x", base=base, seeds=(seed,)).cells()
    assert len({first.digest, other.digest, bare.digest}) == 3


def test_a_digest_is_the_same_for_ever():
    cell = Study(name="x", base=MLP, seeds=(3,), steps=(Step(kind="interpolate"),)).cells()[0]
    # Outcomes of older versions are found by it: no setting that is default may be in it.
    config = (
        '{"data":{"name":"digits"},"model":{"name":"mlp","width":8},"optimizer":{"name":"momentum"},'
        '"schedule":{"name":"constant"},"seed":3}'
    )
    content = json.dumps({"config": config, "steps": [{"interpolate": {}, "steps": []}]}, sort_keys=True)
    assert cell.digest == hashlib.sha256(content.encode()).hexdigest()[:12]


def test_labels_of_steps():
    options = {"block": "layer1,fc", "all-but": True, "height": 0.1, "optimizer": {"name": "sgd", "lr": 1e-3}}
    label = "reset-block block=layer1,fc all-but=true height=0.1 optimizer.name=sgd optimizer.lr=0.001"
    assert Step(kind="reset-block", options=options).label == label


def test_variants_that_come_out_the_same_are_refused():
    study = Study(name="x", variants={"": {}, "base": {}})
    with pytest.raises(ConfigError, match="2 cells called 'base, seed=0'"):
        study.cells()


def test_more_cells_than_can_be_meant():
    grid = {"optimizer.lr": [0.1 / (n + 1) for n in range(101)], "optimizer.momentum": [n / 200 for n in range(100)]}
    with pytest.raises(ConfigError, match="10100 cells"):
        Study(name="x", grid=grid).cells()


def test_a_shrunk_study_is_smaller_and_about_the_same():
    step = Step(kind="interpolate", options={"by": "block", "alphas": 50})
    nested = Step(kind="reset-block", options={"block": "fc"}, steps=(step,))
    study = Study(
        name="x",
        base={"model": {"name": "resnet18"}, "training": {"epochs": 100}},
        variants={"plain": {}, "wide": {"model": {"width": 99}}},
        grid={"optimizer.lr": [0.1, 0.2]},
        seeds=(5, 6, 7),
        steps=(step, nested),
        targets={"plain": {"test_accuracy": Published(0.5)}},
        smoke={
            "seeds": 2,
            "model": {"width": 4},
            "optimizer": {"lr": 9.0},
            "training": {"epochs": 1},
            "interpolate": {"alphas": 3},
        },
    )
    small = study.shrunk()
    assert (small.name, small.seeds, small.targets) == ("x-smoke", (5, 6), {})
    assert [cell.group for cell in small.cells()[::2]] == [cell.group for cell in study.cells()[::3]]
    assert [cell.config.model.options["width"] for cell in small.cells()] == [4] * 4 + [99] * 4
    assert [cell.config.optimizer.options["lr"] for cell in small.cells()][:4] == [0.1, 0.1, 0.2, 0.2]
    assert {cell.config.training.epochs for cell in small.cells()} == {1}
    walk, reset = small.steps
    assert (walk.kind, dict(walk.options)) == ("interpolate", {"by": "block", "alphas": 3})
    assert (reset.label, reset.steps) == ("reset-block block=fc", (walk,))


def test_what_is_renamed_is_small_again():
    study = Study(
        name="x",
        base={"model": {"name": "resnet18"}, "data": {"name": "cifar10", "augment": True}},
        variants={"plain": {}, "deep": {"model": {"name": "resnet50"}}, "wide": {"model": {"name": "mlp", "width": 9}}},
        smoke={"model": {"width": 4}, "data": {"name": "digits"}},
    )
    models = {cell.group: cell.config.model for cell in study.shrunk().cells()}
    assert {group: (model.name, model.options) for group, model in models.items()} == {
        "plain": ("resnet18", {"width": 4}),
        "deep": ("resnet50", {"width": 4}),
        "wide": ("mlp", {"width": 9}),
    }
    assert {cell.config.data.name for cell in study.shrunk().cells()} == {"digits"}
    by_grid = Study(name="x", grid={"model.name": ["resnet18", "resnet50"]}, smoke={"model": {"width": 4}})
    assert [cell.config.model.options for cell in by_grid.shrunk().cells()] == [{"width": 4}] * 2


def test_variants_and_steps_have_small_forms_of_their_own():
    study = Study(
        name="x",
        variants={"short": {}, "long": {"training": {"epochs": 1000, "batch_size": 32}}},
        steps=(Step(kind="train", options={"init": "barrier"}),),
        smoke={"train": {"height": 0.0}, "variants": {"long": {"training": {"epochs": 2}}}},
    )
    long = study.shrunk().cells()[1]
    assert (long.group, long.config.training.epochs, long.config.training.batch_size) == ("long", 2, 32)
    assert long.steps == (Step(kind="train", options={"init": "barrier", "height": 0.0}),)


def test_changed_code_of_one_s_own_makes_other_cells(study, tmp_path):
    path = tmp_path / "nets.py"
    path.write_text("def make(shape, num_classes): ...")
    text = f"[base]\ndata = {{ name = 'digits' }}\nmodel = {{ name = '{path}:make' }}"
    first = study(text).cells()
    assert first[0].config.model.name.startswith(f"{path}:make#")
    assert [cell.digest for cell in study(text).cells()] == [cell.digest for cell in first]
    path.write_text("def make(shape, num_classes): return None")
    assert {cell.digest for cell in study(text).cells()}.isdisjoint({cell.digest for cell in first})


def test_steps_that_make_runs_are_named_as_outcomes_and_rows_name_them():
    below = (Step(kind="interpolate"), Step(kind="train", options={"init": "final"}))
    reset = Step(kind="reset-block", options={"block": "fc"}, steps=below)
    names = list(run_names((Step(kind="interpolate"), reset)))
    assert names == ["", "reset-block block=fc", "reset-block block=fc / train init=final"]
    assert [row_label("base", name) for name in names[:2]] == ["base", "base / reset-block block=fc"]
