"""A network as a list of steps, so that a forward pass can begin where the weights begin to differ.

The list comes from torch.fx.  A network that cannot be traced is one single step: results are the same, nothing is
shared.  Nothing here knows paths, data or losses.
"""

from collections.abc import Iterable
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
        if inputs.op != "placeholder" or any(step.op == "placeholder" for step in steps):
            raise TypeError("the network takes more than one input")
        self._input, self._steps, self._output = inputs, steps, output.args[0]
        self._runner = _Runner(fx.GraphModule(root, graph))
        place = {node: index for index, node in enumerate([inputs, *steps])}
        self._last_use = {node: max((place.get(user, len(place)) for user in node.users), default=-1) for node in place}
        entries = [name.removeprefix("network.") for name in self._runner.network.state_dict()]
        self._entries = frozenset(entries)
        self._reads = [frozenset(name for name in entries if _is_read(step, name)) for step in steps]
        self._overwritten: dict[int, frozenset[fx.Node]] = {}

    @property
    def num_steps(self) -> int:
        """How many steps there are."""
        return len(self._steps)

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
        known = self._overwritten.get(begin)
        copied = {
            node: value.clone() if isinstance(value, Tensor) and (known is None or node in known) else value
            for node, value in values.items()
        }
        if known is None:
            before = {node: value._version for node, value in copied.items() if isinstance(value, Tensor)}
            logits = self._logits(copied, begin, state)
            # Networks add into a branch and rectify in place; from now on only what they overwrite is copied.
            changed = (node for node, version in before.items() if copied[node]._version != version)
            self._overwritten[begin] = frozenset(changed)
            return logits
        return self._logits(copied, begin, state)

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


def _is_read(step: fx.Node, entry: str) -> bool:
    if step.op not in ("call_module", "get_attr"):
        return False
    target = str(step.target).removeprefix("network").removeprefix(".")
    return not target or entry == target or entry.startswith(f"{target}.")
