"""`study` as a user types it: list, show, run and status, what stops it and what goes on."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from waiting import wait_for

from lininterp_cli.cli.study.commands import study as group
from lininterp_cli.study import reading, running, steps
from lininterp_cli.study.outcomes import State
from lininterp_cli.study.reading import read_study

COMMANDS = [command.name for command in group.registered_commands]

BASE = """
[base]
data = { name = "digits", train_size = 100 }
model = { name = "mlp", width = 8 }
training = { epochs = 1 }
"""

TINY = f"""
about = "Does weight decay shape the line?"
source = "nobody, 2026"
note = "tiny"
seeds = 2
{BASE}
[grid]
optimizer.weight_decay = [0.0, 1e-3]
[[steps]]
interpolate = {{ by = "block", alphas = 3, examples = 64 }}
[[steps]]
reset-block = {{ block = "fc3" }}
[[steps.steps]]
interpolate = {{ alphas = 3, examples = 64 }}
[targets]
"optimizer.weight_decay=0.001" = 0.92
[smoke]
training = {{ epochs = 0 }}
"""

ONE_GROUP = TINY.replace(", 1e-3]", "]").partition("[targets]")[0]


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    (tmp_path / "tiny.toml").write_text(TINY)
    return tmp_path / "tiny.toml"


def state_of(cli, *words):
    return json.loads(cli("study", "status", "tiny.toml", "--json", *words).out)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example_within_80_columns(cli, name):
    outcome = cli("study", name, "--help")
    assert outcome.code == 0
    assert f"lininterp study {name}" in outcome.out.partition("For example:")[2]
    assert max(len(line) for line in outcome.out.splitlines()) <= 80


@pytest.mark.parametrize("words", [["--help"], ["list"], ["status", "tiny.toml"]], ids=" ".join)
def test_looking_never_imports_torch(tiny, words):
    program = (
        "import sys; sys.argv = ['lininterp', 'study', *sys.argv[1:]]\n"
        "from lininterp_cli.cli.app import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('\\n' + ' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not loaded & {"torch", "numpy", "scipy", "ray", "sklearn"}
    assert "rich.console" in loaded


def test_the_studies_that_come_along(cli, tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "SHIPPED", tmp_path)
    out = cli("study", "list").out
    assert "Does weight decay shape the line?" in out
    assert "4 cells; nobody, 2026; published test accuracy: 92 %" in " ".join(out.split())
    (entry,) = json.loads(cli("study", "list", "--json").out)
    assert (entry["name"], entry["cells"]) == ("tiny", 4)
    accuracy = {"test_accuracy": {"mean": 0.92, "deviation": None}}
    assert entry["targets"] == {"optimizer.weight_decay=0.001": accuracy}
    assert json.loads(cli("study", "show", "tiny", "--json").out)["name"] == "tiny"


def test_show_says_everything_before_anything_is_spent(cli, tiny, tmp_path):
    outcome = cli("study", "show", tiny)
    assert (outcome.code, outcome.err) == (0, "")
    for words in (
        "source: nobody, 2026",
        "optimizer.weight_decay: 0.0, 0.001",
        "\n  optimizer.weight_decay=0.001: test_accuracy 0.92",
        "4 cells; of each, then",
        "\n  reset-block block=fc3\n    interpolate alphas=3 examples=64\n",
        "base: data.name=digits data.train_size=100 model.name=mlp model.width=8",
        "  2-3    0-1  optimizer.weight_decay=0.001",
        "trainings: 8, with 8 epochs; examples trained on: 800",
        f"examples evaluated on paths: {4 * (4 * 3 * 64 + 3 * 64):,} at most",
        "time: unknown; run one cell first",
    ):
        assert words in "\n".join(line.rstrip() for line in outcome.out.split("\n"))
    assert max(len(line) for line in outcome.out.splitlines()) <= 80
    shown = json.loads(cli("study", "show", tiny, "--smoke", "--json").out)
    assert (shown["name"], shown["cost"]["num_epochs"], shown["seeds"]) == ("tiny-smoke", 0, [0])
    assert [cell["index"] for cell in shown["cells"]] == [0, 1]
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.toml"]


def test_only_one_cell_by_its_index_and_a_time_from_it(cli, tiny, tmp_path):
    outcome = cli("study", "run", tiny, "--only", "2", "--device", "cpu", "--json")
    assert outcome.code == 0
    assert "training mlp-w8-digits-n100-momentum-wd0.001-s0" in outcome.err
    document = json.loads(outcome.out)
    assert document["states"] == {"done": 1}
    (cell,) = document["cells"]
    assert (cell["index"], cell["label"]) == (2, "optimizer.weight_decay=0.001, seed=0")
    assert [made["step"] for made in cell["made"]] == ["", "reset-block block=fc3"]
    assert [one["state"] for one in state_of(cli)["cells"]] == ["waiting", "waiting", "done", "waiting"]
    shown = cli("study", "show", tiny).out
    assert "for 8 trainings, by finished runs on" in shown
    rest = shown.partition("1 of 4 cells are done; the others come to:\n")[2]
    assert rest.startswith("trainings: 6, with 6 epochs; examples trained on: 600\n")
    assert json.loads(cli("study", "show", tiny, "--json").out)["left"]["cells"] == 3
    # Its group is both seeds; the one that is done is not done again.
    again = cli("study", "run", tiny, "--only", "optimizer.weight_decay=0.001", "--device", "cpu")
    assert again.code == 0
    assert "tiny: 2 done of 2 cells" in again.err
    assert "s0" not in again.err
    assert {tag for run in (tmp_path / "runs").glob("*/run.json") for tag in json.loads(run.read_text())["tags"]} == {
        "study:tiny"
    }


def test_a_cell_that_fails_is_said_with_its_reason(cli, tiny):
    tiny.write_text(TINY.replace("[base]", "[base]\ninit = 'nobody:final'"))
    outcome = cli("study", "run", tiny, "--only", "0", "--device", "cpu", "-q")
    assert outcome.code == 1
    (line,) = outcome.err.splitlines()
    assert line.startswith("failed: optimizer.weight_decay=0, seed=0: there are no runs in ")
    assert state_of(cli)["states"] == {"failed": 1, "waiting": 3}
    assert "there are no runs in" in " ".join(cli("study", "status", tiny).out.split())


def test_a_changed_file_makes_outcomes_stale_and_deletes_nothing(cli, tiny, tmp_path):
    cli("study", "run", tiny, "--only", "0", "--device", "cpu")
    kept = sorted(tmp_path.rglob("*.*"))
    tiny.write_text(TINY.replace("alphas = 3", "alphas = 2", 1))
    assert state_of(cli)["stale"] == ["optimizer.weight_decay=0, seed=0"]
    told = "stale and kept: 1 outcome of a cell that the study no longer has: optimizer.weight_decay=0, seed=0"
    assert told in " ".join(cli("study", "status", tiny).out.split())
    assert told in cli("study", "run", tiny, "--engine", "ray", "--ray-address", "ray://x").err
    assert sorted(tmp_path.rglob("*.*")) == kept


def test_every_process_does_the_study_as_it_was_at_the_beginning(cli, tiny, monkeypatch):
    before, files = read_study(tiny), []

    def run_processes(cells, slots, words, log, ended):
        tiny.write_text(TINY.replace("alphas = 3", "alphas = 2"))
        files.extend(Path(word) for cell in cells for word in words(cell) if word.endswith(".toml"))
        assert {read_study(file) == before for file in files} == {True}

    monkeypatch.setattr(running, "run_processes", run_processes)
    first, *others = cli("study", "run", tiny, "--device", "cpu").err.splitlines()
    assert first == "tiny: 4 waiting of 4 cells; Ctrl-C stops it, and the same command goes on"
    assert "tiny: 4 waiting of 4 cells" in others
    assert len(files) == 8  # what is not done is tried once more
    assert not any(file.exists() for file in files)


BAD = [
    (["run", "tina"], 3, "there is no study 'tina'"),
    (["run", "nowhere.toml"], 3, "cannot read"),
    (["status", "nowhere.toml"], 3, "cannot read"),
    (["run", "tiny.toml", "--only", "4"], 2, "lists the cells 0 to 3"),
    (["run", "tiny.toml", "--only", "0", "--jobs", "2"], 2, "leave --jobs out"),
    (["run", "tiny.toml", "--only", "0", "--engine", "ray"], 2, "leave --engine out"),
    (["run", "tiny.toml", "--ray-address", "auto"], 2, "--ray-address is of --engine ray"),
    (["run", "tiny.toml", "--gpus-per-job", "0.5", "--device", "cpu"], 2, "needs an NVIDIA GPU"),
    (["run", "tiny.toml", "--device", "gpu"], 2, "auto, cpu, cuda"),
    (["run", "tiny.toml", "--only", "0", "--device", "gpu"], 2, "auto, cpu, cuda"),
    (["run", "bad.toml"], 2, "bad: optimizer.lrr=1: unknown option of optimizer momentum 'lrr'; did you mean lr"),
    (["show", "bad.toml"], 2, "did you mean lr"),
    (["show", "block.toml"], 2, "did you mean fc3"),
    (["run", "bad.toml", "--only", "0"], 2, "did you mean lr"),
    (["run", "block.toml"], 2, "block: base: unknown block 'fc9'; did you mean fc3"),
    (["run", "empty.toml"], 2, "grid.optimizer.lr must be a list of one value or more"),
]


@pytest.mark.parametrize(("words", "code", "message"), BAD, ids=[" ".join(words) for words, _, _ in BAD])
def test_a_mistake_is_one_clear_line_and_leaves_nothing(cli, tiny, tmp_path, words, code, message):
    (tmp_path / "bad.toml").write_text("[grid]\noptimizer.lrr = [1]\n")
    (tmp_path / "block.toml").write_text(f"{BASE}\n[[steps]]\nreset-block = {{ block = 'fc9' }}\n")
    (tmp_path / "empty.toml").write_text("[grid]\noptimizer.lr = []\n")
    before = sorted(tmp_path.iterdir())
    outcome = cli("study", *words)
    assert (outcome.code, outcome.out) == (code, ""), outcome.err
    assert message in outcome.err
    assert len(outcome.err.strip().splitlines()) == 1
    assert sorted(tmp_path.iterdir()) == before


def start(*words):
    return subprocess.Popen(
        [sys.executable, "-m", "lininterp_cli", "study", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def words_of(folder):
    try:
        return (folder / "cmdline").read_text().split("\0")
    except (OSError, UnicodeDecodeError):
        return []


@pytest.mark.slow
def test_killed_run_again_and_shared(cli, tiny, tmp_path):
    """The real command line: killed with its processes, run again by two at once, and every cell done once."""
    words = ["run", "tiny.toml", "--jobs", "2", "--device", "cpu"]

    def metrics():
        return (tmp_path / "runs").glob("*/metrics.jsonl")

    tiny.write_text(ONE_GROUP.replace("epochs = 1 }", "epochs = 80 }", 1))
    first = start(*words)
    wait_for(lambda: state_of(cli)["states"].get("running") == 2)
    # An epoch of each is measured and kept once the next one is measured.
    wait_for(lambda: [len(path.read_text().splitlines()) > 2 for path in metrics()] == [True] * 2)
    first.kill()
    first.communicate()
    # What it had started is on its own, and is killed too, in the middle.
    digests = {cell["digest"] for cell in state_of(cli)["cells"]}
    ours = [folder for folder in Path("/proc").iterdir() if digests & set(words_of(folder))]
    assert len(ours) == 2
    for folder in ours:
        os.kill(int(folder.name), signal.SIGKILL)
    wait_for(lambda: not state_of(cli)["states"].get("running"))
    both = [start("run", "tiny.toml", "--jobs", "1", "--device", "cpu", "--quiet") for _ in range(2)]
    outcomes = [(*process.communicate(timeout=600), process.returncode) for process in both]
    assert outcomes == [("", "", 0)] * 2
    after = state_of(cli)
    assert after["states"] == {"done": 2}
    logs = [(tmp_path / cell["log"]).read_text() for cell in after["cells"]]
    # Nothing was trained twice: of every training each epoch was measured once, or gone on with.
    assert sum(log.count("epoch 80:") for log in logs) == 4
    assert sum(log.count("going on after epoch") for log in logs) == 2
    assert cli("study", "run", tiny, "--device", "cpu").err == "tiny: 2 done of 2 cells\n"


@pytest.mark.slow
def test_ctrl_c_stops_every_process_and_the_same_command_goes_on(cli, tiny, tmp_path):
    tiny.write_text(ONE_GROUP.replace("epochs = 1 }", "epochs = 5000 }", 1))
    words = ["run", "tiny.toml", "--jobs", "2", "--device", "cpu"]
    process = start(*words)
    wait_for(lambda: len(list((tmp_path / "runs").glob("*/metrics.jsonl"))) == 2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=300)
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1] == "lininterp: stopped; what is done is kept; the same command goes on"
    assert state_of(cli)["states"] == {"waiting": 2}
    statuses = [json.loads(path.read_text())["status"] for path in (tmp_path / "runs").glob("*/run.json")]
    assert statuses == ["interrupted"] * 2


@pytest.mark.slow
def test_a_cell_that_fails_and_one_that_diverges_hold_nothing_up(cli, tiny):
    variants = "[variants.sound]\n[variants.hot]\noptimizer = { name = 'sgd', lr = 1e30 }\n"
    variants += "[variants.orphan]\ninit = 'nobody:final'\n"
    tiny.write_text(ONE_GROUP.replace("[grid]", f"{variants}[grid]").replace("seeds = 2", ""))
    outcome = cli("study", "run", tiny, "--jobs", "2", "--device", "cpu")
    assert outcome.code == 1
    after = state_of(cli)
    assert [cell["state"] for cell in after["cells"]] == ["done", "done", "failed"]
    assert [[made["status"] for made in cell["made"]] for cell in after["cells"]] == [
        ["finished", "finished"],
        ["diverged"],
        [],
    ]
    cell = after["cells"][2]
    assert cell["error"].startswith("no run 'nobody' in runs")
    assert f"failed: {cell['label']}: {cell['error']} (see {cell['log']})" in outcome.err
    assert Path(cell["log"]).read_text().count("lininterp_cli study run") == 2
    assert re.search(r"done: hot, .*seed=0 \(.*; diverged\)", outcome.err)
    assert "training: diverged" in cli("study", "status", tiny).out


@pytest.mark.slow
def test_data_that_are_not_there_fail_their_cells_alone(cli, tiny):
    gone = "[variants.gone]\ndata = { name = 'imagefolder:nowhere', train_size = 8 }\n"
    plain = ONE_GROUP.replace("seeds = 2", "").partition("[grid]")[0]
    tiny.write_text(f"{plain}[variants.there]\n{gone}")
    outcome = cli("study", "run", tiny, "--jobs", "1", "--device", "cpu")
    assert outcome.code == 1
    there, lacking = state_of(cli)["cells"]
    assert (there["state"], lacking["state"]) == ("done", "failed")
    assert "nowhere" in lacking["error"]
    assert f"failed: {lacking['label']}: {lacking['error']}\n" in outcome.err
    tiny.write_text(f"{plain}{gone}")
    assert cli("study", "run", tiny, "--device", "cpu").code == 2


DOCS = (Path(__file__).parents[3] / "docs" / "studies.md").read_text()


def test_the_page_about_studies_has_every_key_option_and_flag(cli):
    for key in reading._KEYS:
        assert re.search(rf"^(\[+)?{key}\b", DOCS, re.MULTILINE), key
    for options in (steps._QUESTION, steps._RESET, steps._TRAIN):
        for name in options:
            assert f"`{name}`" in DOCS, name
    for flag in ("--engine", "--jobs", "--gpus-per-job", "--only", "--smoke", "--ray-address"):
        assert flag in cli("study", "run", "--help").out
        assert flag in DOCS
    for state in get_args(State):
        assert f"`{state}`" in DOCS, state


def test_the_example_on_the_page_is_a_study(cli, tmp_path):
    (tmp_path / "example.toml").write_text(re.search(r"```toml\n(.*?)```", DOCS, re.DOTALL)[1])
    shown = json.loads(cli("study", "show", "example.toml", "--json").out)
    assert len(shown["cells"]) == 2 * 2 * 3
    assert "half of the data, optimizer.weight_decay=0.01" in {cell["group"] for cell in shown["cells"]}
    assert [list(step) for step in shown["steps"]] == [["interpolate", "steps"], *[["reset-block", "steps"]] * 2]
