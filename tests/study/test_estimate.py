"""What a study costs, against counting by hand and against the data themselves."""

import pytest

from lininterp_cli.data.registry import DATASETS
from lininterp_cli.landscape.curves.measures import measures_of
from lininterp_cli.landscape.interpolate import Ground
from lininterp_cli.study.estimate import SIZES, estimate, size_of
from lininterp_cli.study.feasible import sizes_in
from lininterp_cli.study.perform import perform

TEXT = """
[grid]
optimizer.lr = [0.1, 0.2]
[[steps]]
interpolate = { by = "block", alphas = 5, examples = 64, split = "test,train" }
[[steps]]
reset-block = { block = ["fc1", "fc2"], retrain = [true, false] }
[[steps.steps]]
interpolate = { alphas = "adaptive:20" }
[[steps]]
criticality = { examples = 50, draws = 1, alphas = 2 }
[[steps]]
train = { training = { epochs = 7 } }
[[steps.steps]]
gauss-length = { alphas = [3, 4], examples = 20 }
"""


def test_every_run_epoch_and_example_is_counted(study):
    cost = estimate(study(TEXT, top="seeds = 3").cells(), [])
    assert cost.num_trainings == 2 * 3 * (1 + 4 + 1)
    epochs = 1 + 2 * 1 + 2 * 0 + 7
    assert cost.num_epochs == 2 * 3 * epochs
    assert cost.num_seen == 2 * 3 * epochs * 100
    assert cost.num_evaluated == 2 * 3 * ((1 + 3) * 5 * (64 + 64) + 4 * 20 * 360)
    assert cost.num_measures == 2 * 3 * (1 + 2)
    # Alphas 0 and 1: at 0 there is no noise, at 1 there is each of 25 sigmas; and the final network.
    critical = (3 * (1 + 25 * 1) + 1) * 50
    assert cost.num_measured == 2 * 3 * (critical + (3 + 4) * 20)
    assert (cost.seconds, cost.num_timed, cost.timed_by) == (None, 0, ())


def test_copies_of_examples_are_seen_too(study):
    text = "[base]\ndata = { name = 'digits', train_size = 50, copies = 3 }\nmodel = { name = 'mlp' }"
    cost = estimate(study(text).cells(), [])
    assert cost.num_seen == cost.num_epochs * 150


def test_what_two_cells_share_is_counted_once(study):
    text = "[variants.a]\n[variants.b]\noptimizer = { lr = 0.1 }\n[[steps]]\ninterpolate = { alphas = 3 }"
    cost = estimate(study(text).cells(), [])
    assert (cost.num_trainings, cost.num_epochs, cost.num_evaluated) == (1, 1, 3 * 360)


def test_it_agrees_with_what_is_done(study, ground: Ground):
    one = study(TEXT.replace('"adaptive:20"', "2"))
    cells = one.cells()[:1]
    made = list(perform(cells[0], ground))
    cost = estimate(cells, ground.store.runs())
    assert cost.num_trainings == len(made)
    runs = ground.store.runs()
    assert cost.num_epochs == sum(run.record.epoch for run in runs)
    assert cost.num_measures == sum(len(measures_of(run)) for run in runs)
    # Every training is like one that is there, but for those without an epoch, which take no time.
    assert cost.num_timed == cost.num_trainings
    assert len(cost.timed_by) == 1
    taken = sum(run.record.times["seconds"] for run in runs if run.record.epoch)
    assert 0 < cost.seconds < 20 * taken
    other = estimate(study("[base]\ndata = { name = 'digits' }\nmodel = { name = 'mlp', width = 9 }").cells(), runs)
    assert (other.seconds, other.num_timed) == (None, 0)


def test_runs_that_are_not_finished_time_nothing(study, ground):
    one = study()
    list(perform(one.cells()[0], ground))
    (run,) = ground.store.runs()
    run.record.status = "interrupted"
    assert estimate(one.cells(), [run]).seconds is None


@pytest.mark.parametrize(("settings", "is_timed"), [("epochs = 7", True), ("eval_every = 5", False)])
def test_runs_that_are_measured_less_often_are_not_timed_by_one_that_is_not(study, ground, settings, is_timed):
    list(perform(study().cells()[0], ground))
    cells = study(f"[variants.other]\ntraining = {{ {settings} }}").cells()
    assert (estimate(cells, ground.store.runs()).seconds is not None) == is_timed


def test_a_data_set_whose_size_is_not_known(study):
    cost = estimate(study("[base]\ndata = { name = 'imagefolder:nowhere' }\nmodel = { name = 'mlp' }").cells(), [])
    assert (cost.num_seen, cost.num_evaluated, cost.num_measured) == (None, 0, 0)
    measured = estimate(study("""
[base]
data = { name = 'imagefolder:nowhere' }
model = { name = 'mlp' }
[[steps]]
criticality = {}
""").cells(), [])  # fmt: skip
    assert (measured.num_measures, measured.num_measured) == (1, None)


@pytest.mark.parametrize("name", [name for name in DATASETS if name != "imagefolder"])
def test_sizes_are_those_of_the_data(name, request, study, tmp_path):
    (cell,) = study(f"[base]\ndata = {{ name = '{name}' }}\nmodel = {{ name = 'mlp' }}").cells()
    size = size_of(cell.config)
    assert size is not None, f"{name} has no size; add it to SIZES"
    folder = tmp_path
    if name in SIZES and name != "digits":
        folder = request.getfixturevalue("real_data")
        if not list(folder.glob({"cifar10": "cifar-10*", "mnist": "MNIST"}.get(name, name))):
            pytest.skip(f"no real {name} here")
    assert size == sizes_in(folder)(cell.config)
