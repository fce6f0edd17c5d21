"""`import`, with a network and data of one's own, up to the barriers of their line."""

import json
import shlex
import sys
from pathlib import Path

import pytest
import torch

from lininterp_cli.config import own

NETS = """
from collections import OrderedDict
from torch import nn

def make(shape, num_classes, *, width: int = 6):
    return nn.Sequential(OrderedDict(
        body=nn.Sequential(nn.Flatten(), nn.Linear(shape[0] * 16, width), nn.BatchNorm1d(width), nn.ReLU()),
        head=nn.Linear(width, num_classes),
    ))
"""

DATA = """
import torch

def load(folder, *, num: int = 60):
    images = torch.randint(256, (num, 2, 4, 4), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(num) % 3
    return (images, labels), (images[:30], labels[:30])
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A folder with a network and data of one's own, and weights of theirs as PyTorch keeps them."""
    (tmp_path / "nets.py").write_text(NETS)
    (tmp_path / "data.py").write_text(DATA)
    names = {}
    exec(NETS, names)
    for seed, name in enumerate(("first", "last")):
        torch.manual_seed(seed)
        torch.save(names["make"]((2, 4, 4), 3).state_dict(), tmp_path / f"{name}.pt")
    return tmp_path


OWN = ("--model", "nets.py:make", "--data", "data.py:load")


def test_from_two_files_to_barriers(cli, mine):
    done = cli("import", "first.pt", "last.pt", *OWN, "--name", "mine", "--device", "cpu")
    assert done.code == 0, done.err
    assert "next: lininterp interpolate mine --layer-wise" in done.err
    assert "nets.py:make" in done.out
    walked = cli("interpolate", "mine", "-l", "--alphas", "3", "--device", "cpu")
    assert walked.code == 0, walked.err
    assert "body" in walked.out
    assert "head" in walked.out
    listed = json.loads(cli("runs", "--json").out)
    (run,) = listed["runs"] if isinstance(listed, dict) else listed
    assert "nets.py:make" in json.dumps(run)
    shown = cli("show", "mine")
    assert "first.pt" in shown.out.partition("imported")[2].partition("\n")[0]
    assert "optimizer" not in shown.out
    again = cli("import", "first.pt", "last.pt", *OWN, "--device", "cpu")
    assert "these weights are here already" in again.err


@pytest.mark.parametrize(
    "words",
    [
        ("import", "first.pt", "last.pt", *OWN, "--name", "my net"),
        ("train", *OWN, "--epochs", "1", "--batch-size", "16"),
    ],
)
def test_the_command_that_is_suggested_works(cli, mine, words):
    (mine / "data.py").write_text(f"{DATA}\nall = load\ndef load(folder):\n    return all(next(folder.iterdir()))\n")
    (mine / "my data").mkdir()
    (mine / "my data" / "images").touch()
    done = cli(*words, "--data-dir", "my data", "--runs", "my runs", "--device", "cpu")
    assert done.code == 0, done.err
    (line,) = [line for line in done.err.splitlines() if line.startswith("next: lininterp ")]
    after = cli(*shlex.split(line)[2:], "--alphas", "3", "--device", "cpu")
    assert (after.code, "body" in after.out) == (0, True), after.err


def test_it_says_how_inputs_are_normalised_and_takes_floats_as_they_are(cli, mine):
    (mine / "data.py").write_text(f"""{DATA}
def floats(folder):
    (train, labels), (test, others) = load(folder)
    return (train / 255, labels), (test / 255, others)
""")
    names = {}
    exec(NETS + DATA, names)
    (images, labels), _ = names["load"](None)
    model = names["make"]((2, 4, 4), 3)
    model.load_state_dict(torch.load(mine / "last.pt"))
    pixels = images / 255
    mean, std = (each(pixels, (0, 2, 3), keepdim=True) for each in (torch.mean, torch.std))
    for data, shown, inputs in (
        ("load", "(x / 255 - [0.", (pixels - mean) / std),
        ("floats", " as x;", pixels),
    ):
        done = cli("import", "first.pt", "last.pt", "--model", "nets.py:make", "--data", f"data.py:{data}", "--json")
        assert shown in next(line for line in done.err.splitlines() if "reaches the network" in line)
        with torch.no_grad():
            expected = torch.nn.functional.cross_entropy(model.eval()(inputs), labels)
        assert json.loads(done.out)["result"]["final"]["train_loss"] == pytest.approx(float(expected), rel=1e-3)


def test_what_ones_own_code_prints_does_not_spoil_the_data(cli, mine):
    told = "class Told(nn.Flatten):\n    def forward(self, x): return print('computed') or super().forward(x)\n"
    nets = NETS.replace("nn.Flatten()", "Told()").replace("    return", "    print('made')\n    return")
    (mine / "nets.py").write_text(nets.replace("\ndef", f"print('imported')\n{told}\ndef"))
    (mine / "data.py").write_text(DATA.replace("    images =", "    print('loaded')\n    images ="))
    done = cli("import", "first.pt", "last.pt", *OWN, "--device", "cpu", "--json")
    assert json.loads(done.out)["status"] == "finished"
    assert {"imported", "made", "loaded", "computed"} <= set(done.err.splitlines())
    for command in (("interpolate",), ("measure", "gauss-length")):
        done = cli(*command, json.loads(cli("show", "--json").out)["id"], "--device", "cpu", "--json")
        assert json.loads(done.out)
        assert {"made", "loaded", "computed"} <= set(done.err.splitlines())


def test_from_another_folder_it_says_where_its_code_is(cli, mine, monkeypatch):
    assert cli("import", "first.pt", "last.pt", *OWN, "--name", "mine", "--device", "cpu").code == 0
    assert json.loads(cli("show", "mine", "--json").out)["folder"] == str(mine)
    (mine / "elsewhere").mkdir()
    monkeypatch.chdir(mine / "elsewhere")
    done = cli("interpolate", "mine", "--runs", "../runs", "--device", "cpu")
    assert (done.code, done.err.count("\n")) == (3, 1)
    assert f"cannot read {mine / 'elsewhere' / 'data.py'}: No such file" in done.err
    there, runs = done.err.strip().partition(" names it from ")[2].split(": run the command there, with --runs ")
    monkeypatch.chdir(there)
    assert cli("interpolate", "mine", "--runs", runs, "--alphas", "3", "--device", "cpu").code == 0


def test_its_record_says_what_it_was_made_of(cli, mine):
    record = json.loads(cli("import", "first.pt", "last.pt", *OWN, "--set", "data.num=45", "--json").out)
    assert record["kind"] == "import"
    assert [record["sources"][end]["file"] for end in ("initial", "final")] == ["first.pt", "last.pt"]
    assert record["config"]["model"]["name"].startswith("nets.py:make#")
    assert record["config"]["data"]["num"] == 45
    assert set(record["config"]) == {"data", "model"}


def test_a_network_of_one_s_own_is_trained_like_any_other(cli, mine):
    words = ("train", *OWN, "--width", "5", "--epochs", "1", "--batch-size", "16", "--device", "cpu")
    first = json.loads(cli(*words, "--json").out)
    assert first["id"].startswith("make-w5-load-")
    assert "already" in cli(*words).err
    (mine / "nets.py").write_text(NETS.replace("nn.ReLU()", "nn.Tanh()"))
    own._module.cache_clear()  # as another process would begin
    second = json.loads(cli(*words, "--json").out)
    assert second["id"] != first["id"]
    assert second["result"]["final"] != first["result"]["final"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("first.pt", "last.pt"), "give --model and --data"),
        (("first.pt", "last.pt", "--model", "nets.py:make"), "give --model and --data"),
        (("first.pt", "last.pt", *OWN, "--set", "optimizer.lr=1"), "optimizer is of training"),
        (("first.pt", "last.pt", *OWN, "--width", "9"), "do not fit the network"),
        (("first.pt", "gone.pt", *OWN), "there is no file gone.pt"),
        (("first.pt", "last.pt", "--model", "nets.py:mak", "--data", "digits"), "did you mean make?"),
        (("first.pt", "last.pt", "--model", "gone.py:make", "--data", "digits"), "/gone.py: No such file"),
        (("first.pt", "last.pt", "--model", "nets.py:make", "--data", "digits"), "do not fit the network"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(cli, mine, words, told):
    done = cli("import", *words, "--device", "cpu")
    assert done.code in {2, 3}
    assert done.out == ""
    assert told in done.err
    assert done.err.count("\n") == 1
    assert not (mine / "runs").exists()


def test_a_line_of_changed_code_is_another_one_and_said_to_be(cli, mine):
    assert cli("import", "first.pt", "last.pt", *OWN, "--name", "mine", "--device", "cpu").code == 0
    words = ("interpolate", "mine", "--alphas", "3", "--device", "cpu", "--json")
    before = cli(*words)
    (mine / "nets.py").write_text(NETS.replace("nn.ReLU()", "nn.Tanh()"))
    own._module.cache_clear()
    after = cli(*words)
    assert json.loads(after.out)["series"] != json.loads(before.out)["series"]
    assert "nets.py:make is not what it was when the run was made" in after.err
    assert "is not what it was" not in before.err
    # Back again, what is kept of the other code is of no use, and nothing is said.
    (mine / "nets.py").write_text(NETS)
    own._module.cache_clear()
    again = cli(*words)
    assert json.loads(again.out)["series"] == json.loads(before.out)["series"]
    assert "is not what it was" not in again.err


def test_so_is_a_line_of_changed_code_beside_it(cli, mine):
    (mine / "nets.py").write_text(f"import parts\n{NETS.replace('nn.ReLU()', 'parts.activation()')}")
    (mine / "parts.py").write_text("from torch.nn import ReLU as activation\n")
    assert cli("import", "first.pt", "last.pt", *OWN, "--name", "mine", "--device", "cpu").code == 0
    words = ("interpolate", "mine", "--alphas", "3", "--device", "cpu", "--json")
    before = cli(*words)
    # Of another length: Python takes bytecode of the same second and size for that of the same file.
    (mine / "parts.py").write_text("from torch.nn import Tanh as activation  # other\n")
    for forget in (own._module.cache_clear, lambda: sys.modules.pop("parts")):
        forget()
    after = cli(*words)
    sys.modules.pop("parts")
    assert json.loads(after.out)["series"] != json.loads(before.out)["series"]
    assert "nets.py:make is not what it was when the run was made" in after.err


def test_a_line_of_data_that_are_normalised_otherwise_is_measured_anew(cli, mine):
    given = """
from dataclasses import replace
from lininterp_cli.data.dataset import Split, assemble

def whole(folder):
    train, test = (Split(*pair) for pair in load(folder))
    dataset = assemble("mine", train, test, 3)
    return replace(dataset, mean=dataset.mean + SHIFT)
"""
    words = ("interpolate", "mine", "--alphas", "3", "--device", "cpu", "--json")
    (mine / "data.py").write_text(f"{DATA}{given}SHIFT = 0\n")
    made = cli("import", "first.pt", "last.pt", "--model", "nets.py:make", "--data", "data.py:whole", "--name", "mine",
               "--device", "cpu")  # fmt: skip
    assert made.code == 0, made.err
    before = cli(*words)
    own._module.cache_clear()
    assert cli(*words).out == before.out
    (mine / "data.py").write_text(f"{DATA}{given}SHIFT = 2\n")
    own._module.cache_clear()
    after = cli(*words)
    assert json.loads(after.out)["series"] != json.loads(before.out)["series"]


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (
            "nn.Sequential(nn.Linear(width, num_classes), nn.Unflatten(1, (2, 2)))",
            "nets.py:make fails on inputs (4, 2, ",
        ),
        ("nn.Sequential(nn.Linear(width, num_classes), nn.Flatten(0))", "nets.py:make gives logits (12,)"),
    ],
)
@pytest.mark.parametrize("command", ["interpolate", "measure gauss-length"])
def test_changed_code_that_fails_is_a_line(cli, mine, head, words, command):
    assert cli("import", "first.pt", "last.pt", *OWN, "--name", "mine", "--device", "cpu").code == 0
    for end in ("first.pt", "last.pt"):
        state = torch.load(mine / end)
        torch.save({name.replace("head.", "head.0."): tensor for name, tensor in state.items()}, mine / end)
    (mine / "nets.py").write_text(NETS.replace("nn.Linear(width, num_classes)", head))
    own._module.cache_clear()
    done = cli(*command.split(), "mine", "--from", "first.pt", "--to", "last.pt", "--device", "cpu")
    assert (done.code, done.out) == (2, "")
    assert words in done.err.splitlines()[-1]
    assert len(done.err.splitlines()) == 2


def test_a_recipe_of_changed_code_is_refused(cli, mine):
    made = cli("train", *OWN, "--epochs", "1", "--batch-size", "16", "--name", "mine", "--device", "cpu")
    assert made.code == 0, made.err
    assert cli("reset-block", "mine", "--block", "head", "--device", "cpu").code == 0
    (mine / "nets.py").write_text(f"{NETS}\n# changed\n")
    own._module.cache_clear()
    refused = cli("reset-block", "mine", "--block", "head", "--seed", "5", "--device", "cpu")
    assert refused.code == 2
    assert "nets.py:make is not what it was when make-" in refused.err
    assert refused.err.count("\n") == 1


def test_training_by_its_recipe_is_refused(cli, mine):
    assert cli("import", "first.pt", "last.pt", *OWN, "--name", "mine", "--device", "cpu").code == 0
    for words in (("reset-block", "mine", "--block", "head"), ("train", "--resume", "mine")):
        done = cli(*words, "--device", "cpu")
        assert done.code == 2
        assert "its recipe is not known; train from it: --init" in done.err


@pytest.mark.parametrize(
    ("setting", "message"), [("width=16", "did you mean model.width?"), ("optimizer.lr=1", "optimizer is of training")]
)
def test_a_setting_that_is_none_of_the_network_is_explained(cli, setting, message):
    outcome = cli("import", "random:1", "random:2", "--model", "mlp", "--data", "digits", "--set", setting)
    assert outcome.code == 2
    assert message in outcome.err
