"""Steps against the network and the data, before the first training."""

import pytest

from lininterp_cli.errors import LininterpError
from lininterp_cli.runs.store import Store
from lininterp_cli.study.feasible import check_feasible, sizes_in, split_size
from lininterp_cli.training import recipe


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[steps]]\ncriticality = { block = 'fc9' }", "unknown block 'fc9'; did you mean fc3"),
        ("[[steps]]\ncriticality = { by = 'layer', block = 'fc1.bias' }", "unknown layer 'fc1.bias'"),
        ("[[steps]]\ninterpolate = { block = 'fc9' }", "unknown block 'fc9'; did you mean fc3"),
        ("[[steps]]\ninterpolate = { by = 'tensor', block = 'fc1' }", "did you mean fc1.bias"),
        ("[[steps]]\ninterpolate = { examples = 361 }", "the test split has 360 examples, not 361"),
        ("[[steps]]\ninterpolate = { split = 'train', examples = 101 }", "the train split has 100 examples, not 101"),
        ("[[steps]]\nreset-block = { block = 'layer1' }", "unknown block 'layer1'"),
        (
            "[[steps]]\ntrain = { model = { depth = 3 } }\n[[steps.steps]]\nreset-block = { block = 'fc5' }",
            "(all: fc1, fc2, fc3, fc4)",
        ),
        ("[[steps]]\nreset-block = { block = 'fc1,fc2,fc3' }", "one to keep; there are fc1, fc2, fc3"),
        ("[[steps]]\nreset-block = { block = 'fc3,fc1,fc2', all-but = true }", "one block to put back"),
        ("[variants.a]\nblock_lr = { fc9 = 0.1 }", "unknown block 'fc9'; did you mean fc3"),
        ("[variants.a]\nblock_weight_decay = { fc9 = 0.1 }", "unknown block 'fc9'"),
        ("[variants.a]\nblock_init_scale = { fc9 = 2.0 }", "unknown block 'fc9'"),
        ("[[steps]]\ntrain = { block_lr = { fc9 = 1.0 } }", "unknown block 'fc9'"),
        (
            "[[steps]]\nreset-block = { block = 'fc1' }\n[[steps.steps]]\ntrain = { block_lr = { fc9 = 1.0 } }",
            "unknown block 'fc9'",
        ),
        ("[[steps]]\ninterpolate = { from = 'inital' }", "'inital' is no endpoint"),
        ("[[steps]]\ninterpolate = { to = 'nobody:final' }", "there are no runs"),
        ("[[steps]]\ninterpolate = { to = 'random:x' }", "random:SEED needs a whole number from 0 on, not 'x'"),
        ("[[steps]]\ninterpolate = { to = 'noise:' }", "noise:SEED needs a whole number"),
        ("[[steps]]\ninterpolate = { to = '@half' }", "needs a finite number after the @, not 'half'"),
        ("[[steps]]\ninterpolate = { to = 'weights.pt' }", "there is no file weights.pt"),
        ("[[steps]]\ngauss-length = { from = 'epoch-x' }", "'epoch-x' is no endpoint"),
    ],
)
def test_what_the_network_or_the_data_do_not_have(study, tmp_path, text, message):
    (cell,) = study(text).cells()
    with pytest.raises(LininterpError) as caught:
        check_feasible(cell, sizes_in(tmp_path), Store(tmp_path / "runs"))
    assert message in str(caught.value)


def test_what_they_have_and_no_file_is_written(study, tmp_path):
    text = """
[[steps]]
interpolate = { by = ["block", "layer"], block = "fc1", examples = 100, split = "test,train" }
[[steps]]
interpolate = { from = ["epoch-1", "zero", "@0.5", "random:1", "noise:1"], to = ["final", "direction:2", "WEIGHTS"] }
[[steps]]
reset-block = { block = "fc1,fc2" }
[[steps]]
train = { model = { depth = 3 }, block_lr = { fc4 = 0.1 } }
[[steps.steps]]
reset-block = { block = "fc4" }
"""
    weights = tmp_path / "weights.safetensors"
    weights.touch()
    (cell,) = study(text.replace("WEIGHTS", str(weights))).cells()
    before = list(tmp_path.iterdir())
    check_feasible(cell, sizes_in(tmp_path), Store(tmp_path))
    assert list(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    "settings",
    ["augment = true", "train_size = 0.3333", "train_size = 77", "train_size = 20, copies = 3", "label_noise = 0.5"],
)
def test_the_size_of_a_split_is_that_of_what_is_learnt(study, tmp_path, settings):
    (cell,) = study(f"[base]\ndata = {{ name = 'digits', {settings} }}\nmodel = {{ name = 'mlp' }}").cells()
    config = recipe.resolve(cell.config)
    size, data = sizes_in(tmp_path)(config), recipe.load_dataset(config, tmp_path)
    assert (split_size(config, size, "train"), split_size(config, size, "test")) == (len(data.train), len(data.test))


def test_where_nothing_is_named_no_data_are_looked_at(study, tmp_path):
    def size_of(config):
        pytest.fail("nothing depends on it")

    (cell,) = study("[[steps]]\ninterpolate = { by = 'block' }\n[[steps]]\ntrain = {}").cells()
    check_feasible(cell, size_of, Store(tmp_path))
