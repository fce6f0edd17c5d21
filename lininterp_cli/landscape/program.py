"""A network as a list of steps, so that a forward pass can begin where the weights begin to differ.

The list comes from torch.fx.  A network that cannot be traced is one single step: results are the same, nothing is
shared.  Nothing here knows paths, data or losses.
"""

import copy
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, fx, nn

from lininterp_cli.models.state import State

Values = dict[fx.Node, Any]
"""What the steps so far came to, as far as a later step uses it."""


class Program:
    """A network's forward pass in steps.

    Args:
        network: The network, in the mode it is to be run in; its own weights are not used and not changed.
    """

    def __init__(self, network: nn.Module) -> None:
        self.reason: str | None = None
        """Why the network is one single step; None where it was traced."""
        try:
            self._build(network, whole=False)
        except Exception as error:  # tracing runs the network's own code on stand-ins, which can end in anything
            self.reason = f"{type(error).__name__}: {error}".partition("\n")[0]
            self._build(network, whole=True)

    def _build(self, network: nn.Module, *, whole: bool) -> None:
        root = _Root(network)
        graph = _Tracer(whole).trace(root)
        inputs, *steps, output = graph.nodes
        self._network = network
        self._input, self._steps, self._output = inputs, steps, output.args[0]
        self._runner = _Runner(fx.GraphModule(root, graph))
        place = {node: index for index, node in enumerate([inputs, *steps])}
        self._last_use = {node: max((place.get(user, len(place)) for user in node.users), default=-1) for node in place}
        # What else the graph holds are constants of the network, which no state has.
        used = {name.removeprefix("network.") for name in self._runner.network.state_dict()}
        entries = [name for name in network.state_dict() if name in used]
        self._entries = frozenset(entries)
        self._reads = [frozenset(name for name in entries if _is_read(step, name)) for step in steps]
        self._overwrites: dict[int, bool] = {}

    @property
    def num_steps(self) -> int:
        """How many steps there are."""
        return len(self._steps)

    @property
    def reused(self) -> frozenset[str]:
        """The entries that more than one step depends on."""
        counts = Counter(name for reads in self._reads for name in reads)
        return frozenset(name for name, count in counts.items() if count > 1)

    def settle(self, inputs: Tensor, state: State) -> None:
        """Compare the steps with the plain network on real inputs, and become one single step where they differ.

        A trace can be another computation without anybody noticing: a network that asks what type its input has
        takes another branch for the stand-in.

        Args:
            inputs: Some examples, normalised.
            state: The weights.
        """
        if self.reason is not None:
            return
        plain = torch.func.functional_call(self._network, state, (inputs.clone(),), tie_weights=False)
        try:
            steps = self.finish(self.begin(inputs), 0, state)
            same = torch.allclose(steps, plain, rtol=1e-5, atol=1e-5, equal_nan=True)
            reason = None if same else "its trace computes something else"
        except Exception as error:  # as in tracing, the network's own code decides what this can be
            reason = f"{type(error).__name__}: {error}".partition("\n")[0]
        if reason is not None:
            self.reason = reason
            self._build(self._network, whole=True)

    def first_use(self, entries: Iterable[str]) -> int:
        """The first step whose result depends on some entries of the state.

        Args:
            entries: Names.

        Returns:
            Its place; the number of steps where none of them is used.
        """
        wanted = frozenset(entries)
        return next((place for place, reads in enumerate(self._reads) if reads & wanted), self.num_steps)

    def begin(self, inputs: Tensor) -> Values:
        """What there is before the first step.

        Args:
            inputs: (N, C, H, W) or (N, F), normalised.

        Returns:
            The values.
        """
        return {self._input: inputs}

    def advance(self, values: Values, begin: int, end: int, state: State) -> Values:
        """Run some steps.

        Args:
            values: What there is before the first of them; may be changed.
            begin: The first step.
            end: The step after the last.
            state: The weights.

        Returns:
            What a step from `end` on still uses.
        """
        done = self._run(values, begin, end, state)
        return {node: value for node, value in done.items() if self._last_use[node] > end}

    def finish(self, values: Values, begin: int, state: State) -> Tensor:
        """Run all steps from one on, and leave the values as they were, so that another state can begin there too.

        Args:
            values: What there is before the first of them; not changed.
            begin: The first step.
            state: The weights.

        Returns:
            Logits, (N, num_classes).
        """
        if self._overwrites.get(begin) is False:
            return self._logits(values, begin, state)
        # Networks add into a branch and rectify in place.  The copy keeps what shares memory shared.
        copied = dict(zip(values, copy.deepcopy(list(values.values())), strict=True))
        tensors = list(_tensors(copied))
        before = [tensor._version for tensor in tensors]
        logits = self._logits(copied, begin, state)
        self._overwrites[begin] = before != [tensor._version for tensor in tensors]
        return logits

    def _logits(self, values: Values, begin: int, state: State) -> Tensor:
        done = self._run(dict(values), begin, self.num_steps, state)
        logits = done[self._output]
        assert isinstance(logits, Tensor)
        return logits

    def _run(self, values: Values, begin: int, end: int, state: State) -> Values:
        weights = {f"network.network.{name}": state[name] for name in self._entries}
        steps = self._steps[begin:end]
        # Each name of a tied tensor is in the state, so there is nothing left for torch to tie.
        done: Values = torch.func.functional_call(
            self._runner, weights, (values, steps, begin, self._last_use), tie_weights=False
        )
        return done


class _Root(nn.Module):
    """Gives the network a name, so that it can be a step as a whole."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, inputs: Tensor) -> Tensor:
        logits: Tensor = self.network(inputs)
        return logits


class _Tracer(fx.Tracer):
    # Buffers are part of a state: arithmetic on them is a step, not a constant.
    proxy_buffer_attributes = True

    def __init__(self, whole: bool) -> None:
        super().__init__()
        self._whole = whole

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return self._whole or super().is_leaf_module(m, module_qualified_name)


class _Runner(nn.Module):
    """Runs steps inside `functional_call`, which lends the weights to the modules the steps call."""

    def __init__(self, network: fx.GraphModule) -> None:
        super().__init__()
        self.network = network

    def forward(self, values: Values, steps: list[fx.Node], begin: int, last_use: dict[fx.Node, int]) -> Values:
        interpreter = fx.Interpreter(self.network, garbage_collect_values=False)
        interpreter.env = values
        for place, step in enumerate(steps, begin + 1):
            values[step] = interpreter.run_node(step)
            for used in step.all_input_nodes:
                if last_use[used] <= place:
                    values.pop(used, None)
        return values


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _tensors(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _tensors(one)


def _is_read(step: fx.Node, entry: str) -> bool:
    if step.op not in ("call_module", "get_attr"):
        return False
    target = str(step.target).removeprefix("network").removeprefix(".")
    return not target or entry == target or entry.startswith(f"{target}.")
