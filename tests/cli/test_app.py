"""The command line as a whole: help, errors and exit codes, and what is not imported."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
import typer

from lininterp_cli.cli.app import app

COMMANDS = [command.name for command in app.registered_commands]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_an_example_and_a_line_in_the_readme(cli, name):
    outcome = cli(name, "--help")
    assert outcome.code == 0
    assert "For example:" in outcome.out
    assert f"lininterp {name}" in outcome.out
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    assert re.search(rf"^\| `{name}", readme, flags=re.MULTILINE), f"the README's table of commands lacks {name}"


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_80_columns(cli, name):
    assert max(len(line) for line in cli(name, "--help").out.splitlines()) <= 80


@pytest.mark.parametrize("command", app.registered_commands, ids=lambda command: command.name)
def test_help_breaks_no_choice_in_two(cli, command):
    hints = [get_args(hint) for hint in get_type_hints(command.callback).values()]
    choices = {choice for pair in hints for hint in (pair, *map(get_args, pair)) for choice in hint}
    words = set(re.findall(r"[\w-]+", cli(command.name, "--help").out))
    assert {choice for choice in choices if isinstance(choice, str)} <= words


def _modules_after(*words: str) -> set[str]:
    program = (
        "import sys; sys.argv = ['lininterp', *sys.argv[1:]]\n"
        "from lininterp_cli.cli.app import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('\\n' + ' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def shown_commands(group, words=()):
    """The words and the docstring of every command, those of groups included."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from shown_commands(command, (*words, name))
        else:
            yield (*words, name), command.callback.__doc__


def test_every_example_is_a_line_of_its_own(cli):
    for words, doc in shown_commands(typer.main.get_command(app)):
        examples = [line.strip() for line in doc.splitlines() if line.strip().startswith("lininterp ")]
        lines = [line.strip() for line in cli(*words, "--help").out.splitlines()]
        assert examples
        assert all(lines[lines.index(example) + 1] == "" for example in examples), words


@pytest.mark.parametrize("words", [["--help"], *([name, "--help"] for name in COMMANDS)], ids=" ".join)
def test_help_imports_nothing_heavy(words):
    loaded = _modules_after(*words)
    assert "typer" in loaded
    assert not loaded & {"torch", "torchvision", "numpy", "textual", "plotext", "sklearn", "scipy"}


@pytest.mark.parametrize(
    "words", [["runs"], ["show"], ["plot"], ["barriers"], ["compare"], ["list", "presets"]], ids=" ".join
)
def test_looking_at_runs_never_imports_torch(demo, words):
    extra = [] if words[0] == "list" else ["--runs", str(demo[0])]
    assert not _modules_after(*words, *extra) & {"torch", "numpy", "scipy"}


BAD = [
    (["train", "--model", "resnet81"], 2, "did you mean resnet8"),
    (["train", "--data", "cifar11"], 2, "did you mean cifar10"),
    (["train", "--opt", "sdg"], 2, "did you mean sgd"),
    (["train", "--schedule", "cosin"], 2, "did you mean cosine"),
    (["train", "--preset", "digit"], 2, "did you mean digits"),
    (["train", "--init", "kaiming_norml"], 2, "did you mean kaiming_normal"),
    (["train", "--set", "optimizer.lrr=1"], 2, "did you mean lr"),
    (["train", "--set", "lr"], 2, "section.key=value"),
    (["train", "--lr", "-1"], 2, "lr must be a number above 0, not -1"),
    (["train", "--lr", "nan"], 2, "lr must be"),
    (["train", "--weight-decay", "-0.1"], 2, "weight_decay must be 0 or more"),
    (["train", "--epochs", "-1"], 2, "epochs must be 0 or more"),
    (["train", "--batch-size", "0"], 2, "batch_size must be 1 or more"),
    (["train", "--label-noise", "1.5"], 2, "label_noise must be a fraction"),
    (["train", "--train-size", "0"], 2, "train_size must be"),
    (["train", "--train-size", "100000"], 2, "1437"),
    (["train", "--width", "3", "--model", "lenet5"], 2, "unknown option of model lenet5 'width'"),
    (["train", "--width", "0"], 2, "width"),
    (["train", "--norm", "bach"], 2, "batch, none, group, layer"),
    (["train", "--batch-size", "1"], 2, "BatchNorm cannot take statistics of one example"),
    (["train", "--save-at", "²"], 2, "--save-at takes epochs"),
    (["train", "--seed", "-1"], 2, "seed must be 0 or more"),
    (["train", "--warmup", "100"], 2, "warm-up"),
    (["train", "--save-at", "1,x"], 2, "--save-at takes epochs"),
    (["train", "--save-at", "99"], 2, "the run has 30 epochs"),
    (["train", "--device", "gpu"], 2, "auto, cpu, cuda"),
    (["train", "--device", "cuda:7"], 2, "not here"),
    (["train", "nowhere.toml"], 3, "cannot read the configuration"),
    (["train", "--resume", "x", "--lr", "1"], 2, "leave the other settings out"),
    (["train", "--init", "nowhere.safetensors"], 3, "there is no file"),
    (["train", "--data", "imagefolder:nowhere"], 3, "nowhere"),
    (["show"], 3, "there are no runs"),
    (["interpolate"], 3, "there are no runs"),
    (["barriers"], 3, "there are no runs"),
    (["compare"], 3, "lininterp runs"),
    (["rm", "x"], 3, "there are no runs"),
    (["reset-block", "--block", "fc"], 3, "there are no runs"),
    (["reset-block"], 2, "give either --block or --all-but"),
    (["interpolate", "--alphas", "2:x"], 2, "--alphas takes"),
    (["interpolate", "--alphas", "0,2"], 2, "alphas lie in [0, 1]"),
    (["interpolate", "--alphas", "0,2"], 2, "add --extrapolate"),
    (["interpolate", "--alphas", "adaptive:3"], 2, "adaptive:N takes a number of points"),
    (["interpolate", "--precision", "0"], 2, "--precision must be a number above 0"),
    (["interpolate", "--tolerance", "-1"], 2, "--tolerance must be a number above 0"),
    (["interpolate", "--batch-size", "0"], 2, "batch_size must be 1 or more"),
    (["interpolate", "--split", "valid"], 2, "unknown split 'valid'"),
]


@pytest.mark.parametrize(
    ("words", "code", "message"), BAD, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_a_mistake_is_one_clear_line_and_leaves_nothing(cli, tmp_path, words, code, message):
    outcome = cli(*words)
    assert outcome.code == code, outcome.err
    assert message in outcome.err
    assert outcome.out == ""
    assert len(outcome.err.strip().splitlines()) == 1, outcome.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["show", "resnet9"], 3, "did you mean resnet8"),
        (["interpolate", "--block", "layre1"], 2, "did you mean layer1"),
        (["interpolate", "--split", "valid"], 2, "unknown split 'valid'"),
        (["interpolate", "--examples", "1000"], 2, "the test split has 360 examples"),
        (["interpolate", "--memory", "much"], 2, "--memory takes 1M or more, with a unit as in 512M or 8G, not 'much'"),
        (["interpolate", "--memory", "8"], 2, "--memory takes 1M or more, with a unit as in 512M or 8G, not '8'"),
        (["interpolate", "--tolerance", "0.1"], 2, "add --alphas adaptive"),
        (["interpolate", "--rest", "initial"], 2, "add --layer-wise"),
        (["interpolate", "--devices", "cpu,cuda:9"], 2, "not here"),
        (["interpolate", "--devices", ","], 2, "--devices takes all"),
        (["interpolate", "--dtype", "tf32", "--device", "cpu"], 2, "tf32 needs an NVIDIA GPU"),
        (["interpolate", "--from", "epoch-7"], 3, "it has: initial, final"),
        (["interpolate", "--to", "nobody:final"], 3, "nobody"),
        (["interpolate", "--to", "random:x"], 2, "whole number"),
        (["interpolate", "--batch-size", "0"], 2, "batch_size"),
        (["reset-block", "--block", "layer9"], 2, "did you mean layer"),
        (["compare", "--sort", "test_acuracy"], 2, "did you mean test_accuracy"),
        (["compare", "--curve", "by-blok"], 2, "did you mean by-block"),
        (["rm", "resnet8"], 2, "--yes"),
        (["train", "--save-at", "3"], 2, "train it anew with --force, or delete it first: lininterp rm "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_about_a_run_changes_no_file(cli, demo, words, code, message):
    def files():
        return {path: path.read_bytes() for path in demo[0].rglob("*") if path.is_file()}

    before = files()
    outcome = cli(*words, "--runs", demo[0])
    assert (outcome.code, outcome.out) == (code, "")
    assert message in outcome.err
    assert files() == before


def test_an_advised_command_works_as_it_stands(cli, tmp_path):
    def advised(outcome):
        _, *words = shlex.split(outcome.err.splitlines()[-1].rpartition(": ")[2])
        return words

    place = ["--runs", "my runs"]
    assert advised(cli("runs", *place)) == advised(cli("show", *place)) == ["train", *place]
    small = ["--epochs", "0", "--width", "4", "--train-size", "100", "--device", "cpu"]
    trained = cli(*advised(cli("compare", "some", *place)), *small)
    no_curve = cli("barriers", *place)
    assert no_curve.code == 3
    for words in (advised(trained), advised(no_curve)):
        assert cli(*words, "--alphas", "3").code == 0
    assert cli("barriers", *place).code == 0
    assert advised(cli("study", "report", "base", *place)) == ["study", "run", "base", *place]


def test_an_unwritable_store_is_said(cli, tmp_path):
    (tmp_path / "file").write_text("")
    outcome = cli("train", "--epochs", "0", "--runs", tmp_path / "file" / "runs")
    assert outcome.code == 2
    assert "--runs" in outcome.err


def test_weights_that_do_not_fit_are_listed(cli, demo, tmp_path):
    weights = next(demo[0].glob("*/checkpoints/final.safetensors"))
    outcome = cli("train", "--width", "8", "--init", weights)
    assert outcome.code == 2
    assert "do not fit the network: conv1.weight is 16x1x3x3, the network has 8x1x3x3" in outcome.err
    assert list(tmp_path.iterdir()) == []


def test_the_version_is_the_packages(cli):
    import lininterp_cli

    assert cli("--version").out.strip() == lininterp_cli.__version__


def test_json_is_strict_everywhere(cli, demo):
    for words in (
        ["runs"],
        ["show"],
        ["barriers"],
        ["compare"],
        ["interpolate", "-l", "-q"],
        ["list", "models"],
        ["list", "presets"],
    ):
        extra = [] if words[0] == "list" else ["--runs", demo[0]]
        assert json.loads(cli(*words, "--json", *extra).out, parse_constant=_refuse)


def _refuse(constant):
    raise AssertionError(f"{constant} is not JSON")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_under_the_output_is_one_line(unbuffered):
    command = [sys.executable, "-m", "lininterp_cli", "list", "presets", "--json"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
            env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
        )  # fmt: skip
    assert done.stderr == "lininterp: cannot write the output: No space left on device\n"
    assert done.returncode == 1


def test_the_module_calls_itself_as_the_command_does():
    done = subprocess.run(
        [sys.executable, "-m", "lininterp_cli", "runs", "--nope"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith("Usage: lininterp runs ")
