"""Study files: what they say, and what is refused before anything is spent."""

import pytest

from lininterp_cli.errors import ConfigError, LininterpError, NotFoundError, UnknownNameError
from lininterp_cli.study import reading
from lininterp_cli.study.plan import Published
from lininterp_cli.study.reading import find_study, read_study


def test_everything_a_file_can_say(study):
    read = study(
        """
[base]
preset = "digits"
[variants.plain]
[variants."no norm"]
model = { norm = "none" }
[grid]
optimizer.lr = [0.1, 0.2]
"training.epochs" = [1]
[[steps]]
interpolate = { by = ["block", "layer"], alphas = [3, "0,1"] }
[[steps]]
reset-block = { block = "fc" }
[[steps.steps]]
interpolate = {}
[targets]
"no norm, optimizer.lr=0.2, training.epochs=1" = 0.9
"plain, optimizer.lr=0.1, training.epochs=1 / reset-block block=fc" = { test_loss = [0.8, 0.1], "test_accuracy@2" = 1 }
[smoke]
seeds = 1
training = { epochs = 1 }
""",
        top='about = "a"\nsource = "b"\nnote = "c"\nseeds = [4, 2]',
    )
    assert (read.name, read.about, read.source, read.note, read.seeds) == ("tiny", "a", "b", "c", (4, 2))
    assert read.grid == {"optimizer.lr": [0.1, 0.2], "training.epochs": [1]}
    assert len(read.cells()) == 2 * 2 * 2
    assert read.cells()[0].config.optimizer.options["weight_decay"] == 1e-2  # the preset's
    labels = [step.label for step in read.steps]
    walks = [f"interpolate by={by} alphas={alphas}" for by in ("block", "layer") for alphas in ("3", "0,1")]
    assert labels == [*walks, "reset-block block=fc"]
    assert [step.label for step in read.steps[-1].steps] == ["interpolate"]
    assert list(read.targets.values()) == [
        {"test_accuracy": Published(0.9)},
        {"test_loss": Published(0.8, 0.1), "test_accuracy@2": Published(1.0)},
    ]


def test_a_step_is_called_as_it_is_named_and_by_what_its_list_says(study):
    read = study(
        """
[[steps]]
name = "true labels"
train = { init = ["final", "initial"], data = { label_noise = 0.0 } }
[[steps]]
train = { data = { label_noise = 0.5 } }
[targets]
"base / true labels init=final" = 0.9
[smoke]
training = { epochs = 1 }
data = { train_size = 0.5 }
"""
    )
    assert [step.label for step in read.steps] == [
        "true labels init=final", "true labels init=initial", "train data.label_noise=0.5",
    ]  # fmt: skip
    # What makes a study small reaches the sections that a training of its own sets, and no others.
    small = read.shrunk().steps[0]
    assert small.options == {"init": "final", "data": {"label_noise": 0.0, "train_size": 0.5}}
    named, unnamed = (study(f"[[steps]]\n{name}interpolate = {{}}").cells()[0] for name in ('name = "x"\n', ""))
    assert named.digest != unnamed.digest, "outcomes hold what a step is called"


def test_a_number_of_seeds(study):
    assert study(top="seeds = 3").seeds == (0, 1, 2)
    assert study().seeds == (0,)


BAD = [
    ("[[steps]]\nname = 3\ninterpolate = {}", "", "a step's name must be a text, not 3"),
    ("", "colour = 1", "unknown key of a study 'colour'"),
    ("", "about = 1", "about must be a text, not 1"),
    ("", "seeds = 0", "seeds must be a number of seeds or a list of them, not 0"),
    ("", "seeds = -1", "seeds must be"),
    ("", "seeds = true", "seeds must be"),
    ("", "seeds = []", "seeds must be"),
    ("", "seeds = [1, 1]", "a seed twice"),
    ("", 'seeds = ["a"]', "seeds must be"),
    ("", "seeds = 1000000000000", "at most 10000"),
    ("", "steps = 1", "steps must be a list of tables"),
    ("", "steps = [1]", "a step must be a table"),
    ("[grid]\nlr = []", "", "grid.lr must be a list of one value or more, not []"),
    ("[grid]\noptimizer.lr = []", "", "grid.optimizer.lr must be a list of one value or more"),
    ("[grid]\noptimizer.lr = 0.1", "", "grid.optimizer.lr must be a list"),
    ("[grid]\noptimizer.lr = [0.1, 0.1]", "", "grid.optimizer.lr has 0.1 twice"),
    ("[grid]\noptimizer.lr = [1, true]", "", "has True twice"),
    ('[grid]\noptimizer.lr = [0.1]\n"optimizer.lr" = [0.2]', "", "with quotes and without"),
    ("[grid]\noptimizer = [{ name = 'sgd' }]", "", "tables belong into variants"),
    ("[grid]\nseed = [1, 2]", "", "grid.seed cannot be meant"),
    ("[grid]\nsurprise.lr = [1, 2]", "", "unknown setting 'surprise'"),
    ("[grid]\ntraining.epoch = [1, 2]", "", "did you mean epochs"),
    ("[grid]\ntraining.epochs = [1, 'two']", "", "training.epochs must be a whole number, not 'two'"),
    ("[grid]\noptimizer.lr = [1, '1']", "", "2 cells called 'optimizer.lr=1, seed=0'"),
    ("[base]\nseed = 1", "", "base.seed cannot be meant"),
    ("[base]\nreset = {}", "", "base.reset cannot be meant"),
    ("[base]\npreset = 'digit'", "", "did you mean digits"),
    ("[variants]\na = 1", "", "variants.a must be a table, not 1"),
    ("[variants.a]\n[variants.b]\n[variants.a]", "", "not valid TOML: Cannot declare ('variants', 'a') twice"),
    ("[smoke]\nseeds = 0", "", "smoke.seeds must be how many"),
    ("[smoke]\ninterpolate = 3", "", "smoke.interpolate must be a table"),
    ("[smoke]\ntrain = 3", "", "smoke.train must be a table"),
    ("[variants.a]\n[smoke.variants.b]", "", "unknown variant 'b'"),
    ("[variants.a]\n[smoke.variants]\na = 1", "", "smoke.variants.a must be a table"),
    ("[variants.a]\n[smoke.variants.a]\nseed = 1", "", "smoke.variants.a.seed cannot be meant"),
    ("[smoke]\nsurprise = { lr = 1 }", "", "unknown setting 'surprise'"),
    ("[targets]\nbase = 92.2", "", "targets.base.test_accuracy must be a fraction in [0, 1], not 92.2"),
    ("[targets]\nbase = { 'test_accuracy@3' = 92.2 }", "", "must be a fraction in [0, 1], not 92.2"),
    ("[targets]\nbase = { test_acuracy = 0.9 }", "", "did you mean test_accuracy"),
    ("[targets]\nbase = { test_loss = 'low' }", "", "must be a number, or a mean and a deviation, not 'low'"),
    ("[targets]\nbase = { test_loss = [0.1, 0.2, 0.3] }", "", "must be a number, or a mean and a deviation"),
    ("[targets]\nbase = { test_loss = nan }", "", "must be a number, or a mean and a deviation"),
    ("[targets]\nbase = true", "", "must be a number, or a mean and a deviation"),
    ("[targets]\nbose = 0.9", "", "did you mean base"),
    ("[targets]\n'base / reset-block block=fc' = 0.9", "", "unknown row of the study"),
    ("[[steps]]\nwalk = {}", "", "a step is one of interpolate, criticality, gauss-length, reset-block, train"),
    ("[[steps]]\ninterpolate = {}\ntrain = {}", "", "a step is one of"),
    ("[[steps]]\ninterpolate = 1", "", "interpolate must be a table, not 1"),
    ("[[steps]]\ninterpolate = {}\n[[steps.steps]]\ntrain = {}", "", "makes no run"),
    ("[[steps]]\ninterpolate = { by = [] }", "", "by is an empty list"),
    ("[[steps]]\ninterpolate = { by = ['block', 'block'] }", "", "there twice"),
    ("[base", "", "is not valid TOML"),
]


@pytest.mark.parametrize(("text", "top", "message"), BAD, ids=[f"{text} {top}" for text, top, _ in BAD])
def test_what_cannot_be_meant_is_refused_in_one_line(study, text, top, message):
    with pytest.raises(LininterpError) as caught:
        study(text, top=top)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", [".hidden", "..", "a b", "-x", "a\nb"])
def test_a_name_that_is_no_name_of_a_folder_and_a_tag(study, name):
    with pytest.raises(ConfigError, match="a study is called as its file"):
        study(name=name)


def test_a_file_or_a_name(study_file, tmp_path, monkeypatch):
    assert find_study(str(study_file())) == read_study(study_file())
    with pytest.raises(NotFoundError, match="cannot read"):
        find_study(str(tmp_path / "nowhere.toml"))
    monkeypatch.setattr(reading, "SHIPPED", tmp_path)
    assert find_study("tiny").name == "tiny"
    with pytest.raises(NotFoundError, match=r"no study 'tina'; did you mean tiny\? \(all: tiny, or a FILE.toml\)"):
        find_study("tina")


def test_the_nearest_key_is_offered(study):
    with pytest.raises(UnknownNameError, match="did you mean seeds"):
        study(top="seds = 3")
