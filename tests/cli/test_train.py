"""`train` as a user types it."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from waiting import wait_for

SMALL = ["--epochs", "2", "--width", "4", "--train-size", "300", "--device", "cpu"]


def _only_run(folder):
    (run,) = [path for path in folder.iterdir() if path.is_dir()]
    return run


def test_a_run_has_every_file_of_the_contract(cli, tmp_path):
    outcome = cli(
        "train", "--opt", "sgd", *SMALL, "--save-at", "0,1,end", "--name", "first", "--tag", "a", "--tag", "b"
    )
    assert outcome.code == 0, outcome.err
    run = _only_run(tmp_path / "runs")
    record = json.loads((run / "run.json").read_text())
    assert (record["schema"], record["id"], record["status"], record["kind"]) == (1, run.name, "finished", "train")
    assert (record["name"], record["tags"], record["parent"]) == ("first", ["a", "b"], None)
    for end in ("initial", "final"):
        assert set(record["result"][end]) == {"train_loss", "train_accuracy", "test_loss", "test_accuracy"}
    assert set(record["distance"]) == {"conv1", "layer1", "layer2", "layer3", "fc"}
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [row["epoch"] for row in rows] == [0, 1, 2]
    assert {key: rows[-1][key] for key in record["result"]["final"]} == record["result"]["final"]
    names = sorted(path.name for path in (run / "checkpoints").iterdir())
    assert names == ["epoch-0001.safetensors", "final.safetensors", "initial.safetensors"]
    assert not (run / "resume").exists()


def test_checkpoints_load_into_the_plain_network(cli, tmp_path):
    from lininterp_cli.models.registry import build

    cli("train", *SMALL, "--quiet")
    state = load_file(_only_run(tmp_path / "runs") / "checkpoints" / "final.safetensors")
    build("resnet8", (1, 8, 8), 10, width=4).load_state_dict(state, strict=True)


def test_the_same_settings_are_the_same_run_whichever_way_they_are_said(cli, tmp_path):
    assert cli("train", "--opt", "sgd", *SMALL).code == 0
    run = _only_run(tmp_path / "runs")
    before = (run / "run.json").read_bytes()
    (tmp_path / "same.toml").write_text(
        'preset = "digits"\n[optimizer]\nname = "sgd"\nlr = 0.1\n[model]\nwidth = 4\n[training]\nepochs = 2\n'
        "[data]\ntrain_size = 300\n"
    )
    again = cli("train", "same.toml", "--device", "cpu")
    assert "finished already" in again.err
    assert f"next: lininterp interpolate {run.name} --layer-wise\n" in again.err
    assert _only_run(tmp_path / "runs") == run
    assert (run / "run.json").read_bytes() == before


def test_a_flag_wins_over_a_file_and_set_over_a_flag(cli, tmp_path):
    (tmp_path / "some.toml").write_text("seed = 1\n[optimizer]\nlr = 0.5\nweight_decay = 0.5\n")
    words = ["train", "some.toml", *SMALL, "--weight-decay", "0.25", "--seed", "2", "--set", "seed=3", "--epochs", "0"]
    assert cli(*words).code == 0
    config = json.loads((_only_run(tmp_path / "runs") / "run.json").read_text())["config"]
    assert (config["optimizer"]["lr"], config["optimizer"]["weight_decay"], config["seed"]) == (0.5, 0.25, 3)


def test_another_data_set_starts_from_its_own_recipe(cli, tmp_path):
    assert cli("train", "--data", "spiral", "--epochs", "1", "--device", "cpu").code == 0
    config = json.loads((_only_run(tmp_path / "runs") / "run.json").read_text())["config"]
    assert (config["model"]["name"], config["optimizer"]["name"]) == ("mlp", "adam")


def test_force_trains_anew_and_finds_the_same_weights(cli, tmp_path):
    cli("train", *SMALL)
    run = _only_run(tmp_path / "runs")
    before = (run / "checkpoints" / "final.safetensors").read_bytes()
    record = json.loads((run / "run.json").read_text())
    assert cli("train", *SMALL, "--force").code == 0
    assert (run / "checkpoints" / "final.safetensors").read_bytes() == before
    after = json.loads((run / "run.json").read_text())
    assert after["result"] == record["result"]


def test_data_that_changed_are_refused_and_data_that_are_gone_are_said(cli, tmp_path):
    (tmp_path / "data.py").write_text(
        "import torch\n"
        "def load(folder):\n"
        "    inputs = torch.load(folder / 'inputs.pt')\n"
        "    return (inputs, torch.arange(9) % 3), (inputs, torch.arange(9) % 3)\n"
    )
    inputs = tmp_path / "inputs.pt"
    torch.save(torch.ones(9, 2), inputs)
    command = ("train", "--data", f"{tmp_path}/data.py:load", "--data-dir", tmp_path, "--model", "mlp", "--epochs", "1")
    assert cli(*command).code == 0
    torch.save(torch.zeros(9, 2), inputs)
    refused = cli(*command)
    assert refused.code == 2
    assert "trained on other data than data.py:load gives now" in refused.err
    assert "--force" in refused.err
    inputs.unlink()
    found = cli(*command)
    assert found.code == 0
    assert "whether it is of the data as they are now is not known" in found.err
    assert "finished already" in found.err


def test_a_diverged_run_fails_and_says_what_to_do(cli, tmp_path):
    outcome = cli("train", *SMALL, "--lr", "1e8", "--norm", "none")
    assert outcome.code == 1
    assert "diverged" in outcome.err
    assert "smaller --lr" in outcome.err
    assert json.loads((_only_run(tmp_path / "runs") / "run.json").read_text())["status"] == "diverged"


def test_blocks_have_settings_of_their_own(cli, tmp_path):
    blocks = ["--block-lr", "layer1=0", "--block-lr", "fc=0.5", "--block-weight-decay", "fc=0"]
    made = json.loads(cli("train", *SMALL, *blocks, "--block-init-scale", "layer2=2", "--json", "-q").out)
    assert made["config"]["block_lr"] == {"layer1": 0, "fc": 0.5}
    assert made["config"]["block_weight_decay"] == {"fc": 0}
    assert made["config"]["block_init_scale"] == {"layer2": 2}
    assert made["distance"]["layer1"] == 0
    refused = cli("train", *SMALL, "--block-lr", "layer4=0.1")
    assert (refused.code, "layer3" in refused.err, "unknown block" in refused.err) == (2, True, True)


def test_a_fit_to_random_labels_and_what_it_is_made_of(cli, tmp_path):
    words = ["--label-noise", "1", "--copies", "2", "--zeroed", "0.1", "--no-augment", "--stop-at", "0.05"]
    made = json.loads(cli("train", *SMALL, *words, "--json", "-q").out)
    assert {key: made["config"]["data"][key] for key in ("copies", "zeroed")} == {"copies": 2, "zeroed": 0.1}
    assert made["config"]["training"]["stop_accuracy"] == 0.05
    assert (made["status"], made["epoch"] < 2) == ("finished", True)


def test_epochs_that_are_not_measured_say_the_loss_of_their_batches(cli, tmp_path):
    made = cli("train", *SMALL, "--epochs", "3", "--eval-every", "2", "--json")
    said = [line.split() for line in made.err.splitlines() if line.startswith("epoch")]
    assert [(line[1], line[2]) for line in said] == [
        ("0/3", "train"), ("1/3", "batches"), ("2/3", "train"), ("3/3", "train")
    ]  # fmt: skip
    assert 0 < float(said[1][3]) < 10
    assert json.loads(made.out)["config"]["training"]["eval_every"] == 2
    refused = cli("train", *SMALL, "--eval-every", "2", "--stop-at", "0.5")
    assert (refused.code, "eval_every must be 1" in refused.err) == (2, True)


def test_the_readme_s_own_optimizer_and_schedule(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    (code,) = re.findall(r"```python\n(import torch  # steps\.py\n.*?)```", readme, re.DOTALL)
    (command,) = re.findall(r"^lininterp (train .*steps\.py:.*)$", readme, re.MULTILINE)
    (tmp_path / "steps.py").write_text(code)
    made = cli(*shlex.split(command), *SMALL, "--json", "-q")
    assert made.code == 0, made.err
    config = json.loads(made.out)["config"]
    assert config["optimizer"]["name"].startswith("steps.py:nadam#")
    assert (config["optimizer"]["lr"], config["schedule"]["times"]) == (0.01, 2)
    rows = (_only_run(tmp_path / "runs") / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(row).get("lr") for row in rows] == [None, 0.01, 0.005]


def test_two_time_scales(cli, tmp_path):
    made = json.loads(cli("train", *SMALL, "--opt", "multirate", "--set", "optimizer.k=3", "--json", "-q").out)
    assert made["config"]["optimizer"] == {
        "name": "multirate", "lr": 0.1, "momentum": 0.9, "weight_decay": 0.0, "fast": "", "k": 3
    }  # fmt: skip
    refused = cli("train", *SMALL, "--opt", "multirate", "--set", "optimizer.fast=head")
    assert (refused.code, "unknown block 'head'" in refused.err) == (2, True)


def test_init_takes_weights_from_another_run_and_from_a_file(cli, tmp_path):
    cli("train", *SMALL, "--name", "donor")
    donor = _only_run(tmp_path / "runs")
    final = load_file(donor / "checkpoints" / "final.safetensors")
    for init in ("donor", "donor:final", str(donor / "checkpoints" / "final.safetensors"), "donor@1"):
        made = json.loads(cli("train", *SMALL, "--seed", "5", "--init", init, "--json", "-q").out)
        start = load_file(tmp_path / "runs" / made["id"] / "checkpoints" / "initial.safetensors")
        assert all(start[name].equal(tensor) for name, tensor in final.items()), init


def test_an_interrupted_run_is_no_endpoint_and_says_how_to_go_on(cli, tmp_path):
    process = _start("train", *SMALL, "--epochs", "500", cwd=tmp_path)
    run = _wait_for_epoch(tmp_path, 2)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=300)[1]
    assert process.returncode == 130
    assert "goes on with it" in said
    assert json.loads((run / "run.json").read_text())["status"] == "interrupted"
    outcome = cli("interpolate", run.name)
    assert outcome.code == 3
    assert f"lininterp train --resume {run.name}" in outcome.err


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_command_goes_on_to_the_same_weights(cli, tmp_path, how):
    words = ["train", "--epochs", "30", "--width", "8", "--opt", "adam", "--device", "cpu"]
    process = _start(*words, cwd=tmp_path)
    run = _wait_for_epoch(tmp_path, 3)
    process.send_signal(how)
    process.communicate(timeout=300)
    assert not (run / "checkpoints" / "final.safetensors").exists()
    assert cli("train", "--resume", run.name, "--device", "cpu").code == 0
    assert cli(*words, "--runs", tmp_path / "undisturbed").code == 0
    resumed, whole = (
        (folder / run.name / "checkpoints" / "final.safetensors").read_bytes()
        for folder in (tmp_path / "runs", tmp_path / "undisturbed")
    )
    assert resumed == whole


def _start(*words, cwd):
    command = [sys.executable, "-m", "lininterp_cli", *words]
    return subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ)


def _wait_for_epoch(folder, epoch):
    def reached():
        for path in (folder / "runs").glob("*/metrics.jsonl"):
            if len(path.read_text().splitlines()) > epoch and (path.parent / "resume" / "position.json").exists():
                return path.parent
        return None

    return wait_for(reached)
