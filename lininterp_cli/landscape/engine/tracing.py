"""A network's forward pass as a graph of steps, in three ways that a caller tries one after the other.

Every graph maps a batch to logits.  Its weights are those of the network, named `network.<name>`, so that
`torch.func.functional_call` can lend it others; it holds nothing else of the network's state.  The caller decides which
graph is right.
"""

import contextlib
import copy
import io
import warnings
from collections.abc import Iterable

import torch
from torch import Tensor, fx, nn

from lininterp_cli.landscape.engine.batchnorm import uses_batch
from lininterp_cli.models.state import State, copied, widened

_CHECKS = ("aten._assert", "aten.sym_constrain_range")


def symbolic(network: nn.Module) -> fx.GraphModule:
    """Trace with torch.fx: modules of torch.nn are steps, and so is every function called between them.

    The network runs on a stand-in, `fx.Proxy`, that is no tensor and has no shape or values; where the network branches
    on these, it raises an error of any class, or the graph is another computation.

    Args:
        network: The network, in the mode it is to be run in; not changed.

    Returns:
        The graph; it shares the network's tensors.
    """
    root = _Root(network)
    return _arranged(root, _Tracer(whole=False).trace(root))


def exported(network: nn.Module, inputs: Tensor) -> fx.GraphModule:
    """Trace with torch.export: steps are single operations of torch, for batches of any size.

    Shapes are known, so a network may branch on them.  All sizes but that of the batch become part of the graph, and so
    do the dtypes it names: so the inputs must have the dtype that is computed in, and autocast must be set as it will
    be later.  Statistics that the network updates in place are updated in the tensors that are lent.

    Args:
        network: The network, in the mode it is to be run in; not changed.
        inputs: Some examples, (N, C, H, W) or (N, F), normalised; on the device that is computed on.

    Returns:
        The graph; it shares the network's tensors where they have the dtype and device of the inputs.

    Raises:
        TypeError: If the network returns anything but one tensor.
        ValueError: If the graph computes something else than the network on a single example; not checked where a
            BatchNorm needs two.
    """  # noqa: DOC502 - what else torch.export raises is of any class, as the network's own code is
    state = {name: tensor.to(inputs.device) for name, tensor in network.state_dict().items()}
    state = widened(state) if inputs.dtype == torch.float64 else state
    # torch.export would make a batch size of 1 a constant.
    several = inputs if len(inputs) > 1 else torch.cat([inputs, inputs])
    try:
        # Running the Python code copes with most networks; strict mode, which reads its bytecode, knows `len(inputs)`.
        graph_module = _export(network, state, several, strict=False)
    except Exception:
        graph_module = _export(network, state, several, strict=True)
    arranged = _arranged(graph_module, graph_module.graph)
    _compare(network, arranged, state, several[: 2 if uses_batch(network) else 1])
    return arranged


def single(network: nn.Module) -> fx.GraphModule:
    """The graph of one step, which is the whole network.

    Args:
        network: The network, in the mode it is to be run in; not changed.

    Returns:
        The graph; it holds the network itself.
    """
    root = _Root(network)
    return _arranged(root, _Tracer(whole=True).trace(root))


def reads(graph_module: fx.GraphModule, entries: Iterable[str]) -> list[frozenset[str]]:
    """Which entries of a state each step uses directly.

    Args:
        graph_module: A graph of this module.
        entries: Names, as the network's state has them.

    Returns:
        The entries of each node between input and output, in their order.
    """
    names = [f"network.{entry}" for entry in entries]
    _, *steps, _ = graph_module.graph.nodes
    return [
        frozenset(name.removeprefix("network.") for name in names if _is_read(step, name))
        if step.op in ("call_module", "get_attr")
        else frozenset()
        for step in steps
    ]


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


def _export(network: nn.Module, state: State, inputs: Tensor, *, strict: bool) -> fx.GraphModule:
    # Export leaves stand-ins in attributes that a forward pass assigns, so it is given a copy.  Assigning the state
    # makes a separate tensor for each name of a tied one, of which export would keep one name only.
    private = copy.deepcopy(network)
    private.load_state_dict(state, assign=True)
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        # Export advises the network's author, in warnings and in whole programs on stderr; here another way of tracing
        # is tried, and the error states the reason.  Torch warns of its own parts, too.
        warnings.simplefilter("ignore")
        batch = torch.export.Dim("batch")
        program = torch.export.export(_Root(private), (inputs,), dynamic_shapes=({0: batch},), strict=strict)
        # Its guards reject a batch smaller than two, and cost time in every pass.
        graph_module = program.module(check_guards=False)
    output = graph_module.graph.output_node()
    outputs = output.args[0]
    if not isinstance(outputs, tuple) or len(outputs) != 1:
        raise TypeError("the network gives several tensors")
    output.args = (outputs[0],)
    return graph_module


def _arranged(root: nn.Module, graph: fx.Graph) -> fx.GraphModule:
    """The same graph, in which each step fetches the weights it uses, without checks and numbers that no step uses."""
    for node in reversed(graph.nodes):
        if str(node.target).startswith(_CHECKS) or (not node.users and _is_number(node)):
            graph.erase_node(node)
    arranged, copies = fx.Graph(), dict[fx.Node, fx.Node]()
    for node in graph.nodes:
        if node.op != "get_attr":
            fetched = {used: arranged.node_copy(used) for used in node.all_input_nodes if used.op == "get_attr"}
            copies[node] = arranged.node_copy(node, (copies | fetched).__getitem__)
    return fx.GraphModule(root, arranged)


def _is_number(node: fx.Node) -> bool:
    # Steps that return numbers have no other effect.  Those that return tensors may write in place, unknown to fx.
    return isinstance(node.meta.get("val"), int | float | torch.SymInt | torch.SymFloat | torch.SymBool)


def _compare(network: nn.Module, graph_module: fx.GraphModule, state: State, alone: Tensor) -> None:
    # Export assumes two examples or more, and drops branches that the network takes for a batch of one.
    parameters = {name for name, _ in network.named_parameters(remove_duplicate=False)}
    state = {name: _moved(tensor) if name in parameters else tensor for name, tensor in state.items()}
    plain = torch.func.functional_call(network, copied(state), (alone.clone(),), tie_weights=False)
    if not isinstance(plain, Tensor):
        raise TypeError(f"the network gives {type(plain).__name__}, not a tensor of logits")
    lent = {f"network.{name}": tensor.clone() for name, tensor in state.items()}
    used = {name: lent[name] for name in graph_module.state_dict() if name in lent}
    logits = torch.func.functional_call(graph_module, used, (alone.clone(),), tie_weights=False)
    if logits.dtype != plain.dtype or not torch.allclose(logits, plain, rtol=1e-5, atol=1e-5, equal_nan=True):
        raise ValueError("its exported graph computes something else on a single example")


def _moved(tensor: Tensor) -> Tensor:
    # A last layer may start at zero, where all graphs agree; so parameters are shifted a little.
    places = torch.arange(tensor.numel(), device=tensor.device)
    return tensor + 0.01 * places.sin().reshape(tensor.shape).to(tensor.dtype)


def _is_read(step: fx.Node, name: str) -> bool:
    return name == step.target or name.startswith(f"{step.target}.")
