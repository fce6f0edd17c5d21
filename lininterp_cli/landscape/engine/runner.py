"""Runs steps of a traced network on values that the caller holds; it decides neither which steps nor with what weights.

An `fx.Interpreter` would look each step up again in each pass, which takes as long as the layers of a small network.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from torch import fx, nn

Values = dict[fx.Node, Any]
"""Outputs of the steps so far that a later step uses, by graph node."""

Watch = Callable[[int, Values], None]
"""Called with the index of a step after it has run, and the values that are alive."""


class Runner(nn.Module):
    """The steps of a graph, as a module so that `torch.func.functional_call` can lend weights to the modules they call.

    Args:
        network: The graph: one input, the steps, and one output.
    """

    def __init__(self, network: fx.GraphModule) -> None:
        super().__init__()
        self.network = network
        _, *self._steps, _ = network.graph.nodes
        self._calls = [_call(network, step) for step in self._steps]

    def forward(
        self, values: Values, places: range, last_use: Mapping[fx.Node, int], watch: Watch | None = None
    ) -> Values:
        """Run some steps.

        Args:
            values: The values before the first of them; changed.
            places: The indices of the steps.
            last_use: Graph node to the number of steps after which its value is dropped, since none uses it.
            watch: Called after each step, before values are dropped; None for nothing.

        Returns:
            The values after the last of them.
        """
        for place in places:
            step = self._steps[place]
            values[step] = self._calls[place](values)
            if watch is not None:
                watch(place, values)
            for used in step.all_input_nodes:
                if last_use[used] <= place + 1:
                    values.pop(used, None)
        return values


def _call(network: fx.GraphModule, step: fx.Node) -> Callable[[Values], Any]:
    """A step as a function of the values that it uses."""
    args, options, filled = step.args, step.kwargs, fx.node.map_arg
    if step.op == "get_attr":
        path, _, name = str(step.target).rpartition(".")
        owner = network.get_submodule(path)
        return lambda _: getattr(owner, name)
    function: Any = step.target
    if step.op == "call_module":
        function = network.get_submodule(function)
    elif step.op == "call_method":
        function = functools.partial(_call_method, function)
    return lambda values: function(*filled(args, values.__getitem__), **filled(options, values.__getitem__))


def _call_method(name: str, value: Any, *args: Any, **options: Any) -> Any:
    return getattr(value, name)(*args, **options)
