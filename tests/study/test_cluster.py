"""Cells on Ray: a real cluster of several nodes on this machine, one of which dies; and what is said without one.

A real cluster takes most of a minute, so that those tests are slow; the others need no Ray.
"""

import json
import os
import socket
import subprocess
import sys
from types import SimpleNamespace

import pytest
from waiting import wait_for

from lininterp_cli.errors import ConfigError
from lininterp_cli.runs.store import Store
from lininterp_cli.study import cluster as module
from lininterp_cli.study.cluster import Place, ray_engine, work_there
from lininterp_cli.study.outcomes import folder_of, log_path, settled
from lininterp_cli.study.reading import read_study
from lininterp_cli.study.running import Order

TEXT = """
[[steps]]
interpolate = { by = "block", alphas = 3, examples = 64 }
"""


@pytest.fixture
def order(study, tmp_path):
    one = study(TEXT, top="seeds = 3")
    return Order(study=one, words=(), runs=tmp_path / "runs", device="cpu", told=lambda _: None)


def engine_of(order, tmp_path, address=None):
    with ray_engine(order, tmp_path / "data", address, None, None):
        raise AssertionError("it began")


def test_without_ray_it_is_said_how_to_get_it(order, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match=r"pip install 'lininterp\[ray\]'"):
        engine_of(order, tmp_path)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("127.0.0.1:1", "no Ray cluster at 127.0.0.1:1 (.*refused"),
        ("127.0.0.1:99999", "no Ray cluster at 127.0.0.1:99999"),
        ("ray://127.0.0.1:10001", "of another kind; give HOST:PORT"),
    ],
)
def test_a_dead_address_is_said_at_once(order, tmp_path, address, message):
    pytest.importorskip("ray")
    with pytest.raises(ConfigError, match=message.replace("(", r"\(")):
        engine_of(order, tmp_path, address)
    assert not order.runs.exists()


def test_a_port_that_is_not_rays_is_given_up(order, tmp_path, monkeypatch):
    pytest.importorskip("ray")
    monkeypatch.setattr(module, "_PROBE_SECONDS", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        with pytest.raises(ConfigError, match="no answer"):
            engine_of(order, tmp_path, f"127.0.0.1:{server.getsockname()[1]}")


@pytest.fixture
def place(order, tmp_path):
    return Place(study=order.study, runs=order.runs, data=tmp_path, device="cpu", token=".token-x")


def test_a_worker_that_does_not_see_the_store_makes_nothing_there(order, place, monkeypatch):
    monkeypatch.setattr(module, "_TOKEN_SECONDS", 0.3)
    error = work_there(order.study.cells()[0], place)
    assert error.startswith(f"the worker on {socket.gethostname()} does not see {folder_of(place.runs, place.study)}")
    assert not place.runs.exists()


def test_a_worker_that_sees_it_keeps_the_outcome_and_what_was_said(order, place):
    folder = folder_of(place.runs, place.study)
    folder.mkdir(parents=True)
    (folder / place.token).touch()
    cell = order.study.cells()[0]
    assert work_there(cell, place) == ""
    now = settled(place.runs, place.study, cell)
    assert (now.state, len(now.outcome.made[0].curves)) == ("done", 1)
    assert "epoch 1:" in log_path(place.runs, place.study, cell).read_text()
    elsewhere = Place(study=place.study, runs=place.runs, data=place.data, device="cuda:99", token=place.token)
    assert "not here" in work_there(cell, elsewhere)


class LostError(Exception):
    """What Ray raises of a worker that is gone."""


class Stand:
    """Ray as far as tasks go: those of odd seeds are lost."""

    exceptions = SimpleNamespace(RayError=LostError)

    def __init__(self):
        self.most, self.cancelled = 0, []

    def wait(self, references, num_returns=1, timeout=None):
        self.most = max(self.most, len(references))
        return references[:1], references[1:]

    def get(self, reference):
        if reference % 2:
            raise LostError("the node died\nand more")
        return ""

    def cancel(self, reference):
        self.cancelled.append(reference)


@pytest.mark.parametrize("num_jobs", [1, 2, None])
def test_a_lost_task_costs_its_cell_alone(order, num_jobs):
    cells = order.study.cells()
    ray, ended = Stand(), []
    module._run_tasks(ray, cells, lambda cell: cell.config.seed, num_jobs, lambda *one: ended.append(one))
    assert [(cell.config.seed, error) for cell, error in ended] == [(0, ""), (1, "Ray lost it: the node died"), (2, "")]
    assert ray.most == (num_jobs or 3)


def test_an_interruption_cancels_what_is_under_way(order):
    ray = Stand()

    def ended(cell, error):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        module._run_tasks(ray, order.study.cells(), lambda cell: cell.config.seed, 2, ended)
    assert ray.cancelled == [1]


def test_what_tasks_take_of_a_cluster():
    assert module._device("auto", None, {"CPU": 4.0}) == ("cpu", 0.0)
    assert module._device("auto", None, {"GPU": 1.0}) == ("cuda", 1.0)
    assert module._device("cuda", 0.25, {"GPU": 1.0}) == ("cuda", 0.25)
    assert module._device("cpu", None, {"GPU": 1.0}) == ("cpu", 0.0)
    with pytest.raises(ConfigError, match="has no GPU"):
        module._device("cuda", None, {})
    with pytest.raises(ConfigError, match="a share of one GPU"):
        module._device("cuda", 2.0, {"GPU": 8.0})
    with pytest.raises(ConfigError, match="needs NVIDIA GPUs"):
        module._device("auto", 0.5, {})


@pytest.fixture
def nodes(monkeypatch):
    """A real Ray cluster: a head that takes no cells, and two nodes for one cell each."""
    pytest.importorskip("ray")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    for _ in range(2):
        made.add_node(num_cpus=1)
    yield made
    made.shutdown()


def command(tmp_path, runs, *words):
    return subprocess.Popen(
        [sys.executable, "-m", "lininterp_cli", "study", "run", "tiny.toml", "--device", "cpu", "--runs", runs, *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def finished(process):
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    return said


def found(runs):
    """Everything of a store that must not depend on where it was computed."""
    kept = {}
    for run in Store(runs).runs():
        for path in sorted(run.folder.glob("checkpoints/*")):
            kept[run.id, path.name] = path.read_bytes()
        kept[run.id, "metrics"] = [
            {key: value for key, value in row.items() if "second" not in key} for row in run.metrics()
        ]
        for path in run.curve_paths():
            kept[run.id, path.name] = json.loads(path.read_text())["series"]
    return kept


@pytest.mark.slow
def test_the_same_comes_of_it_as_on_this_machine(nodes, study_file, tmp_path):
    study_file(TEXT, top="seeds = 3")
    words = ("--engine", "ray", "--ray-address", nodes.address)
    said = finished(command(tmp_path, "there", *words))
    assert said.splitlines()[-1] == "tiny: 3 done of 3 cells"
    assert "ray" not in said.lower().replace("array", "")
    finished(command(tmp_path, "here", "--jobs", "1"))
    assert found(tmp_path / "there") == found(tmp_path / "here")
    assert len(found(tmp_path / "there")) == 3 * (2 + 1 + 1)
    assert not list((tmp_path / "there" / ".studies" / "tiny").glob(".token*"))


@pytest.mark.slow
def test_a_node_that_is_killed_in_the_middle_loses_nothing(nodes, study_file, tmp_path):
    path = study_file(TEXT, top="seeds = 2")
    path.write_text(path.read_text().replace("epochs = 1 }", "epochs = 100 }"))
    process = command(tmp_path, "there", "--engine", "ray", "--ray-address", nodes.address)
    runs = Store(tmp_path / "there").runs
    wait_for(lambda: len([run for run in runs() if len(run.metrics()) > 2]) == 2, process.stdout.read)
    nodes.remove_node(next(iter(nodes.worker_nodes)), allow_graceful=False)
    finished(process)
    # The cell of the node that is gone went on elsewhere from where it was, and nothing was done again.
    one = read_study(path)
    logs = [log_path(tmp_path / "there", one, cell).read_text() for cell in one.cells()]
    assert sorted(log.count("going on after epoch") for log in logs) == [0, 1]
    finished(command(tmp_path, "here", "--jobs", "1"))
    assert found(tmp_path / "there") == found(tmp_path / "here")


@pytest.mark.slow
def test_a_ray_of_ones_own(study_file, tmp_path):
    pytest.importorskip("ray")
    study_file(TEXT, top="seeds = 2")
    said = finished(command(tmp_path, "there", "--engine", "ray", "--jobs", "1"))
    assert said.splitlines()[-1] == "tiny: 2 done of 2 cells"
