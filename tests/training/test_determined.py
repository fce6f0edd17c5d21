"""Networks whose logits depend on more than their state, which is all that is stored and interpolated."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from lininterp_cli.data.dataset import Dataset, Split, assemble
from lininterp_cli.errors import ConfigError
from lininterp_cli.models.state import state_of
from lininterp_cli.runs.run import Run
from lininterp_cli.training import recipe
from lininterp_cli.training.checkpoints import load_checkpoint
from lininterp_cli.training.determined import check_network
from lininterp_cli.training.request import Request
from lininterp_cli.training.take_in import take_in
from lininterp_cli.training.train import config_of, train

Want = Callable[..., Request]

CODE = """
import torch
from torch import nn

class Fourier(nn.Module):
    def __init__(self, buffer):
        super().__init__()
        frequencies = torch.randn(2, 8)
        self.register_buffer("frequencies", frequencies) if buffer else setattr(self, "frequencies", frequencies)
        self.fc = nn.Linear(8, 3)

    def forward(self, inputs):
        return self.fc((inputs @ self.frequencies).sin())

class Listed(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = [nn.Linear(2, 8)]
        self.fc = nn.Linear(8, 3)

    def forward(self, inputs):
        return self.fc(self.hidden[0](inputs).relu())

class Aliased(nn.Module):
    def __init__(self, is_zero=False):
        super().__init__()
        self.fc = nn.Linear(2, 3)
        nn.init.zeros_(self.fc.weight) if is_zero else None
        self.weights = [self.fc.weight]

    def forward(self, inputs):
        return nn.functional.linear(inputs, self.weights[0], self.fc.bias)

class Drawing(nn.Linear):
    def forward(self, inputs):
        return nn.functional.dropout(super().forward(inputs), training=True)

def fourier(shape, num_classes, *, buffer: bool = False):
    return Fourier(buffer)

def listed(shape, num_classes):
    return Listed()

def aliased(shape, num_classes):
    return Aliased()

def zero(shape, num_classes):
    return Aliased(is_zero=True)

def drawing(shape, num_classes):
    return Drawing(2, 3)
"""

SHARING = """
from torch import nn

hidden = nn.Linear(2, 8)
whole = nn.Sequential(nn.Linear(2, 3))

def part(shape, num_classes):
    return nn.Sequential(hidden, nn.ReLU(), nn.Linear(8, 3))

def same(shape, num_classes):
    return whole

def tied(shape, num_classes):
    square = nn.Linear(2, 2)
    return nn.Sequential(square, nn.ReLU(), square, nn.Linear(2, 3))
"""

FAILING = """
from torch import nn

class Net(nn.Module):
    def __init__(self, kind, num_inputs=2):
        super().__init__()
        self.fc = nn.Linear(num_inputs, 3)
        self.kind = kind

    def forward(self, inputs):
        if self.kind == "tuples" and self.training:
            return self.fc(inputs), inputs

        # a comment
        if self.kind == "failing":
            raise ValueError("odd")
        logits = self.fc(inputs)
        if self.kind == "overwriting" and self.training:
            return logits.exp().mul_(2)
        return logits.detach() if self.kind == "detached" else logits

def tuples(shape, num_classes):
    return Net("tuples")

def failing(shape, num_classes):
    return Net("failing")

def misfit(shape, num_classes):
    return Net("misfit", 5)

def overwriting(shape, num_classes):
    return Net("overwriting")

def detached(shape, num_classes):
    return Net("detached")
"""

MESSAGE = r"nets.py:\w+ computes with values outside its state_dict: .* by register_buffer"


@pytest.fixture
def nets(tmp_path: Path) -> str:
    (tmp_path / "nets.py").write_text(CODE)
    return f"{tmp_path}/nets.py"


def own(name: str, **options: Any) -> dict[str, Any]:
    return {"model": {"name": name, **options}}


@pytest.fixture
def vectors() -> Dataset:
    split = Split(torch.arange(12.0).reshape(6, 2), torch.tensor([0, 1, 2, 0, 1, 2]))
    return assemble("vectors", split, split, 3)


@pytest.mark.parametrize("name", ["fourier", "listed", "aliased"])
def test_values_outside_the_state_are_refused_before_a_run_is_made(
    want: Want, silent: Any, nets: str, name: str
) -> None:
    request = want(own(f"{nets}:{name}"))
    with pytest.raises(ConfigError, match=MESSAGE):
        train(request, silent)
    assert request.store.runs() == []


@pytest.mark.parametrize(("name", "options"), [("fourier", {"buffer": True}), ("drawing", {})])
def test_buffers_and_draws_are_not(want: Want, silent: Any, nets: str, name: str, options: dict[str, Any]) -> None:
    assert train(want(own(f"{nets}:{name}", **options)), silent).status() == "finished"


def test_what_shows_only_once_it_is_trained_is_refused_after_the_first_epoch(
    want: Want, silent: Any, nets: str
) -> None:
    request = want(own(f"{nets}:zero"))
    with pytest.raises(ConfigError, match=MESSAGE):
        train(request, silent)
    (run,) = request.store.runs()
    assert (run.status(), run.record.epoch) == ("failed", 0)


def test_they_are_refused_where_weights_are_taken_in(want: Want, silent: Any, nets: str, tmp_path: Path) -> None:
    weights = tmp_path / "weights.pt"
    torch.save({"fc.weight": torch.ones(3, 8), "fc.bias": torch.zeros(3)}, weights)
    request = want(own(f"{nets}:fourier"))
    with pytest.raises(ConfigError, match=MESSAGE):
        take_in(request, (str(weights), str(weights)))
    assert request.store.runs() == []


@pytest.mark.parametrize("name", ["part", "same"])
def test_layers_that_are_made_once_are_refused(want: Want, silent: Any, tmp_path: Path, name: str) -> None:
    (tmp_path / "nets.py").write_text(SHARING)
    request = want(own(f"{tmp_path}/nets.py:{name}"))
    for do in (lambda: train(request, silent), lambda: take_in(request, ("random:1", "random:2"))):
        with pytest.raises(ConfigError, match=f"nets.py:{name} gives networks that share weights; make every layer"):
            do()
    assert request.store.runs() == []


def test_layers_that_one_network_has_twice_are_not(want: Want, silent: Any, tmp_path: Path) -> None:
    (tmp_path / "nets.py").write_text(SHARING)
    assert train(want(own(f"{tmp_path}/nets.py:tied")), silent).status() == "finished"


def test_a_network_must_give_logits(vectors: Dataset) -> None:
    class Dict(nn.Linear):
        def forward(self, inputs: Tensor) -> Any:
            return {"logits": super().forward(inputs)}

    with pytest.raises(ConfigError, match=r"net must give a tensor of logits, not dict"):
        check_network("net", lambda: Dict(2, 3), state_of(Dict(2, 3)), vectors, torch.device("cpu"))


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_logits_that_are_not_finite_agree_with_themselves(vectors: Dataset, value: float) -> None:
    state = {name: torch.full_like(tensor, value) for name, tensor in nn.Linear(2, 3).state_dict().items()}
    check_network("net", lambda: nn.Linear(2, 3), state, vectors, torch.device("cpu"))


@pytest.mark.parametrize(("num_logits", "is_right"), [(2, False), (3, True), (7, True)])
def test_there_is_a_logit_for_each_class(vectors: Dataset, num_logits: int, is_right: bool) -> None:
    def network() -> nn.Module:
        return nn.Linear(2, num_logits)

    words = r"^net gives logits \(4, 2\); it must give \(4, 3\), one for each class$"
    refused = pytest.raises(ConfigError, match=words)
    with nullcontext() if is_right else refused:
        check_network("net", network, state_of(network()), vectors, torch.device("cpu"))


def test_logits_are_a_row_for_each_example(vectors: Dataset) -> None:
    def network() -> nn.Module:
        return nn.Sequential(nn.Linear(2, 3), nn.Unflatten(1, (3, 1)))

    with pytest.raises(ConfigError, match=r"gives logits \(4, 3, 1\); it must give \(4, 3\)"):
        check_network("net", network, state_of(network()), vectors, torch.device("cpu"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("tuples", r"nets.py:tuples must give a tensor of logits in training mode, not tuple"),
        ("failing", r"nets.py:failing fails on inputs \(4, 2\): ValueError: odd \(nets.py:16\)"),
        ("misfit", r"nets.py:misfit fails on inputs \(4, 2\): RuntimeError: .*cannot be multiplied.* \(nets.py:17\)"),
        ("overwriting", r"nets.py:overwriting fails when momentum trains it on inputs .* RuntimeError: .*inplace .*"),
        ("detached", r"nets.py:detached fails when momentum trains it on inputs .* RuntimeError: .* require grad .*"),
    ],
)
def test_a_network_that_fails_is_a_line_and_leaves_no_run(
    want: Want, silent: Any, tmp_path: Path, name: str, words: str
) -> None:
    (tmp_path / "nets.py").write_text(FAILING)
    request = want(own(f"{tmp_path}/nets.py:{name}"))
    with pytest.raises(ConfigError, match=f"^{words}$"):
        train(request, silent)
    assert request.store.runs() == []


def test_an_optimizer_that_fails_in_its_step_is_a_line_and_leaves_no_run(
    want: Want, silent: Any, tmp_path: Path
) -> None:
    (tmp_path / "own_steps.py").write_text(
        "from torch import optim\n\n"
        "def closing(parameters, fused, *, lr: float = 0.1):\n"
        "    return optim.LBFGS([one for group in parameters for one in group['params']], lr=lr)\n"
    )
    request = want({"optimizer": {"name": f"{tmp_path}/own_steps.py:closing"}})
    words = r"^mlp fails when own_steps\.py:closing trains it on inputs \(4, 2\): TypeError: .*'closure'$"
    with pytest.raises(ConfigError, match=words):
        train(request, silent)
    assert request.store.runs() == []


def test_a_network_that_only_trains_badly_is_taken_in(want: Want, tmp_path: Path) -> None:
    (tmp_path / "nets.py").write_text(FAILING)
    run, _ = take_in(want(own(f"{tmp_path}/nets.py:tuples")), ("random:1", "random:2"))
    assert run.status() == "finished"


@pytest.mark.parametrize("name", ["pruned", "normalised"])
def test_networks_that_compute_weights_when_they_are_made_are_trained(
    want: Want, silent: Any, tmp_path: Path, name: str
) -> None:
    (tmp_path / "nets.py").write_text(
        """
import warnings
from torch import nn
from torch.nn.utils import prune, weight_norm

def pruned(shape, num_classes):
    return nn.Sequential(prune.random_unstructured(nn.Linear(2, 8), "weight", 0.5), nn.ReLU(), nn.Linear(8, 3))

def normalised(shape, num_classes):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return nn.Sequential(weight_norm(nn.Linear(2, 8)), nn.ReLU(), nn.Linear(8, 3))
"""
    )
    run: Run = train(want(own(f"{tmp_path}/nets.py:{name}")), silent)
    assert run.status() == "finished"
    # What was measured is the network of the formulas, in plain torch.
    state, probe = load_checkpoint(run, "final"), nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 3))
    if name == "pruned":
        assert int((state["0.weight_mask"] == 0).sum()) == 8
        weight = state["0.weight_orig"] * state["0.weight_mask"]
    else:
        weight = state["0.weight_g"] * state["0.weight_v"] / state["0.weight_v"].norm(dim=1, keepdim=True)
    rest = {key: state[key] for key in ("0.bias", "2.weight", "2.bias")}
    probe.load_state_dict({"0.weight": weight, **rest})
    dataset = recipe.load_dataset(config_of(run), tmp_path)
    with torch.no_grad():
        logits = probe(dataset.normalise(dataset.test.inputs))
    loss = float(nn.functional.cross_entropy(logits, dataset.test.labels))
    assert run.record.result["final"]["test_loss"] == pytest.approx(loss, rel=1e-5)
