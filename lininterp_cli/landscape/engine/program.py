"""A network as a list of steps, so that a forward pass can begin where the weights begin to differ.

The list comes from `tracing`; a network that cannot be traced is one single step, with the same logits.
Nothing here knows paths, data or losses.
"""

import copy
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, fx, nn

from lininterp_cli.landscape.engine.batchnorm import uses_batch
from lininterp_cli.landscape.engine.linear import is_linear
from lininterp_cli.landscape.engine.memory import is_out_of_memory
from lininterp_cli.landscape.engine.reference import Reference
from lininterp_cli.landscape.engine.runner import Runner, Values, Watch
from lininterp_cli.landscape.engine.survey import Survey
from lininterp_cli.landscape.engine.tracing import exported, reads, single, symbolic
from lininterp_cli.models.state import State, copied

_NUM_SURVEYED = 4
"""Examples of a survey, which keeps all values alive; half of them must be two, for BatchNorm in training mode."""


class Program:
    """A network's forward pass in steps, compared with the plain network before it is used.

    A trace can silently be another computation: a network that checks the type of its input takes another branch for
    the stand-in.  So each way of tracing is tried on real inputs.

    Args:
        network: The network, in the mode it is to be run in; its own weights are not used and not changed.
        inputs: Some examples, normalised; at least two, to see which values have a row for each example.
        state: The weights of most passes.
        other: Weights far from these, such as those of the line's other end, at which traces are compared too: where
            all logits are the same, as with a last layer of zeros, any trace agrees with the network.
    """

    def __init__(self, network: nn.Module, inputs: Tensor, state: State, other: State) -> None:
        self.reason: str | None = None
        """Why the network is one single step; None where it was traced."""
        self._network = network
        self._sample = inputs[: len(inputs) // 2 * 2], state
        if uses_batch(network) and len(inputs) < _NUM_SURVEYED:
            inputs = torch.cat([inputs] * _NUM_SURVEYED)[:_NUM_SURVEYED]
        reference = Reference(network, inputs, (state, other))
        self.row_bytes = reference.peak_bytes // len(inputs)
        """Peak memory of a plain pass, bytes per example."""
        self._private = reference.private
        refusal = self._refusal(symbolic, reference)
        if refusal is not None and self._refusal(lambda whole: exported(whole, inputs), reference):
            self.reason = refusal  # that of torch.fx, which names the line of the network's own code
            self._take(single(network))
        self._study(inputs[:_NUM_SURVEYED], state)

    def _refusal(self, way: Callable[[nn.Module], fx.GraphModule], reference: Reference) -> str | None:
        """Trace the network in one way; return why the trace cannot be used, or None if it can."""
        try:
            if reference.reason is not None:
                return reference.reason
            self._take(way(self._network))
            return reference.refusal(lambda inputs, state: self.finish(self.begin(inputs), 0, state))
        except Exception as error:  # tracing runs the network's own code on stand-ins, which can raise anything
            if is_out_of_memory(error):
                raise
            return f"{type(error).__name__}: {error}".partition("\n")[0]

    def _take(self, module: fx.GraphModule) -> None:
        inputs, *steps, output = module.graph.nodes
        self._runner = Runner(module)
        self._input, self._steps, self._output = inputs, steps, output.args[0]
        self._place = {node: index for index, node in enumerate([inputs, *steps])}
        num = len(self._place)
        self._last_use = {
            node: max((self._place.get(user, num) for user in node.users), default=-1) for node in self._place
        }
        self._reads = reads(module, self._network.state_dict())
        self._joins: dict[int, bool] = {}

    @property
    def num_steps(self) -> int:
        """How many steps there are."""
        return len(self._steps)

    @property
    def reused(self) -> frozenset[str]:
        """The entries that more than one step uses."""
        counts = Counter(name for some in self._reads for name in some)
        return frozenset(name for name, count in counts.items() if count > 1)

    def span(self, entries: Iterable[str]) -> tuple[int, int]:
        """The steps between which some entries of the state are used.

        Args:
            entries: Names.

        Returns:
            The first step that uses them and the one after the last that does; `(num_steps, num_steps)` if none does.
        """
        wanted = frozenset(entries)
        places = [place for place, some in enumerate(self._reads) if some & wanted]
        return (places[0], max(map(self._end_of, places))) if places else (self.num_steps, self.num_steps)

    def _end_of(self, place: int) -> int:
        """The step after the last one that uses the entries of a step, which may be a mere fetch of a weight."""
        step = self._steps[place]
        return min(max(place + 1, self._last_use[step]), self.num_steps) if step.op == "get_attr" else place + 1

    def is_linear(self, entries: Iterable[str]) -> bool:
        """Whether a single step uses some entries, and its output is linear in them.

        Args:
            entries: Names.

        Returns:
            True for the weights of one convolution or linear layer that is called once.
        """
        begin, end = self.span(entries)
        if end - begin != 1 or self._steps[begin].op != "call_module":
            return False
        target = str(self._steps[begin].target)
        own = {f"{target}.{name}".removeprefix("network.") for name in ("weight", "bias")}
        # A module that computes its weights from other entries, by a parametrization or a hook, is not linear in those.
        return is_linear(self._runner.network.get_submodule(target)) and own.issuperset(entries)

    def begin(self, inputs: Tensor) -> Values:
        """The values before the first step: the inputs, (N, C, H, W) or (N, F), normalised."""
        return {self._input: inputs}

    def fork(self, values: Values, begin: int) -> Values:
        """Values that later steps may overwrite while the given ones stay intact.

        Args:
            values: The values before a step.
            begin: That step.

        Returns:
            The values; copies if this or a later step writes into one of them.
        """
        if not any(self._survey.is_overwritten(node, begin) for node in values):
            return dict(values)
        # Networks add and apply ReLU in place.  One deep copy of all keeps values that share memory sharing it.
        return dict(zip(values, copy.deepcopy(list(values.values())), strict=True))

    def advance(self, values: Values, begin: int, end: int, state: State) -> Values:
        """Run some steps.

        Args:
            values: The values before the first of them; must not be used afterwards.
            begin: The first step.
            end: The step after the last.
            state: The weights; buffers that a step updates are updated in these tensors.

        Returns:
            The values that a step from `end` on still uses.
        """
        if begin == end:
            return values
        done = self._run(values, begin, end, state)
        return {node: value for node, value in done.items() if self._last_use[node] > end}

    def finish(self, values: Values, begin: int, state: State) -> Tensor:
        """Run all steps from one on.

        Args:
            values: The values before the first of them; must not be used afterwards.
            begin: The first step.
            state: The weights.

        Returns:
            Logits, (N, num_classes).
        """
        logits = self._run(values, begin, self.num_steps, state)[self._output]
        assert isinstance(logits, Tensor)
        return logits

    def mix(self, first: Values, last: Values, alpha: float) -> Values:
        """Interpolate between two sets of values that differ in the output of one linear step.

        W x is linear in W: (1 - alpha) W_0 x + alpha W_1 x = ((1 - alpha) W_0 + alpha W_1) x, biases included.

        Args:
            first: The values at alpha 0.
            last: The values at alpha 1; where either is not finite, the outcome is not that of interpolated weights.
            alpha: Position.

        Returns:
            The values; tensors that do not differ are shared, and at 0 and 1 all are.
        """
        if alpha in {0.0, 1.0}:  # 0 times infinity is NaN
            return dict(last if alpha else first)
        return {
            node: value if value is last[node] else torch.lerp(value, last[node], alpha)
            for node, value in first.items()
        }

    def joins(self, begin: int, end: int) -> bool:
        """Whether the values of several states can be concatenated as rows of one larger batch.

        Args:
            begin: The first step in which the states differ.
            end: The step after the last; from here on their weights are the same.

        Returns:
            True where all values that differ have a row for each example and a joined run gave the same logits.
        """
        if end not in self._joins:
            self._joins[end] = self._joins_at(end)
        own = (node for node, last in self._last_use.items() if begin < self._place[node] <= end < last)
        return self._joins[end] and all(self._survey.has_rows(node) for node in own)

    def join(self, parts: list[Values]) -> Values:
        """Concatenate the values of several states as one batch.

        Args:
            parts: The values of each state, all before one step at which they can be joined.

        Returns:
            The values, the first part's rows first.
        """
        if len(parts) == 1:
            return parts[0]
        return {node: self._joined(node, [part[node] for part in parts]) for node in parts[0]}

    def _joined(self, node: fx.Node, values: list[Any]) -> Any:
        if not self._survey.has_rows(node):
            return values[0]
        return torch.cat(values) if isinstance(values[0], Tensor) else sum(values)

    def _joins_at(self, place: int) -> bool:
        inputs, state = self._sample
        alive = [node for node, last in self._last_use.items() if self._place[node] <= place < last]
        if len(inputs) < 2 or any(self._survey.has_rows(node) is None for node in alive):
            return False
        # A norm in training mode uses the batch's statistics, and may write into the buffers that it is lent.
        if any(part.training for part in self._network.modules()):
            return False
        try:
            parts = [self.advance(self.begin(rows.clone()), 0, place, state) for rows in inputs.chunk(2)]
            alone = torch.cat([self.finish(self.fork(part, place), place, state) for part in parts])
            together = self.finish(self.join(parts), place, state)
        except Exception:  # the network's own code may not take another number of rows
            return False
        # A result over the whole batch, such as its mean, differs; other kernels round, as fractions of large logits.
        largest = max(1.0, float(alone.abs().max()))
        return together.shape == alone.shape and torch.allclose(together, alone, rtol=0, atol=1e-5 * largest)

    def _study(self, inputs: Tensor, state: State) -> None:
        """Observe the values between the steps, on some examples and on half of them."""
        self._survey = Survey()
        for rows in (inputs, inputs.chunk(2)[0]) if len(inputs) > 1 else (inputs,):
            values, lent = self.begin(rows.clone()), copied(state)
            with self._survey.run(len(rows)):
                self._survey.note(-1, values)
                self._run(values, 0, self.num_steps, lent, self._survey.note)

    def _run(self, values: Values, begin: int, end: int, state: State, watch: Watch | None = None) -> Values:
        names = frozenset().union(*self._reads[begin:end])
        weights = {
            f"network.network.{name}": state[name].clone() if name in self._private else state[name] for name in names
        }
        given = values, range(begin, end), self._last_use, watch
        # Each name of a tied tensor is in the state, so there is nothing left for torch to tie.
        done: Values = torch.func.functional_call(self._runner, weights, given, tie_weights=False)
        return done
