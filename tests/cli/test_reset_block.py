"""`reset-block` as a user types it."""

import json

from safetensors.torch import load_file

SMALL = ["--epochs", "2", "--width", "4", "--train-size", "300", "--device", "cpu"]


def test_reset_block_names_its_parent_and_moves_only_its_block(cli, tmp_path):
    cli("train", *SMALL, "--name", "parent")
    (parent,) = (tmp_path / "runs").iterdir()
    outcome = cli("reset-block", "parent", "--block", "layer2", "--no-train", "--device", "cpu", "--json", "-q")
    made = json.loads(outcome.out)
    assert (made["kind"], made["parent"], made["config"]["reset"]["blocks"]) == ("reset-block", parent.name, ["layer2"])
    before = load_file(parent / "checkpoints" / "final.safetensors")
    after = load_file(tmp_path / "runs" / made["id"] / "checkpoints" / "initial.safetensors")
    moved = {name.partition(".")[0] for name in before if not before[name].equal(after[name])}
    assert moved == {"layer2"}
    assert made["result"]["initial"] == made["result"]["final"]


def test_all_but_puts_every_other_block_back_to_its_own_start(cli, tmp_path):
    cli("train", *SMALL, "--name", "parent")
    words = ["reset-block", "parent", "--all-but", "fc", "--to", "initial", "--device", "cpu", "--json", "-q"]
    made = json.loads(cli(*words).out)
    assert made["config"]["reset"] == {
        "run": made["parent"],
        "blocks": ["conv1", "layer1", "layer2", "layer3"],
        "to": "initial",
    }
    folder = tmp_path / "runs" / made["parent"] / "checkpoints"
    first, last = load_file(folder / "initial.safetensors"), load_file(folder / "final.safetensors")
    start = load_file(tmp_path / "runs" / made["id"] / "checkpoints" / "initial.safetensors")
    for name, tensor in start.items():
        assert tensor.equal((last if name.startswith("fc.") else first)[name]), name
    assert made["status"] == "finished"
    assert made["config"]["training"]["epochs"] == 2


def test_a_run_that_is_there_is_not_made_again_and_said_to_be(cli):
    cli("train", *SMALL, "--name", "parent")
    words = ["reset-block", "parent", "--block", "fc", "--no-train", "--device", "cpu", "--json"]
    first, again = cli(*words), cli(*words)
    assert "already" not in first.err
    assert f"{json.loads(first.out)['id']} is finished already; --force trains it anew" in again.err
    assert again.out == first.out
