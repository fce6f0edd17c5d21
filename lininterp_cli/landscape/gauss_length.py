"""Gauss length: how much the path of a network's logits bends while its weights move along a straight line.

Lucas, Bae, Zhang, Fort, Zemel & Grosse 2021 (arXiv 2104.11044).  Nothing is printed here.

z(alpha) are the logits of one example along the straight line, v = dz/dalpha by forward-mode differentiation
(parameters and buffers move), n = v / ||v||.  The length of n's path on the sphere is

    sum over k of the angle between n(alpha_k) and n(alpha_k+1)   radians,

which is 0 if the logits move along a straight line.  Lucas et al. integrate ||dn/dalpha||, which takes second
derivatives.  For smooth networks the sum converges to that integral from below as the grid becomes finer.  At the
kinks of ReLU networks v jumps: second derivatives miss that, angles do not.

Where v is 0 it has no direction: such positions are skipped.  An example whose v is not finite somewhere has no
length.
"""

import contextlib
import itertools
import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.overrides import TorchFunctionMode

from lininterp_cli.config.identity import digest_of
from lininterp_cli.data.dataset import Dataset, Split
from lininterp_cli.errors import ConfigError, UnknownNameError
from lininterp_cli.landscape.curves.alphas import USUAL_ALPHAS, parse
from lininterp_cli.landscape.curves.curve import SPLITS
from lininterp_cli.landscape.curves.measures import GaussLength
from lininterp_cli.landscape.engine import memory, paths
from lininterp_cli.landscape.interpolate import Ground
from lininterp_cli.landscape.measuring import OnProgress, Scene, obtain
from lininterp_cli.models.state import State, copied
from lininterp_cli.runs.run import Run
from lininterp_cli.training.batches import cut
from lininterp_cli.training.device import exact
from lininterp_cli.training.evaluation import frozen, usual_batch


@dataclass(frozen=True, kw_only=True, slots=True)
class GaussLengthQuestion:
    """A request for a Gauss length; every field affects the value."""

    start: str = "initial"
    """The endpoint at alpha 0."""
    end: str = "final"
    """The endpoint at alpha 1."""
    alphas: tuple[float, ...] = parse(USUAL_ALPHAS)
    """Positions between which angles are measured."""
    num_examples: int | None = 256
    """Maximum number of examples, the first in the split's order; None for all."""
    split: str = "test"
    """The split it is measured on."""

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise UnknownNameError("split", self.split, SPLITS)
        if self.num_examples is not None and self.num_examples < 1:
            raise ConfigError(f"examples must be 1 or more, not {self.num_examples}")
        if len(self.alphas) < 2:
            raise ConfigError("an angle is between two positions: --alphas must name two or more")

    @property
    def name(self) -> str:
        """The measure's name, with a hash if any field is not the default."""
        asked = {key: getattr(self, key) for key in self.__slots__}
        return "gauss-length" + ("" if self == GaussLengthQuestion() else f"-{digest_of(asked)[:6]}")


def gauss_length(
    run: Run, question: GaussLengthQuestion, ground: Ground, on_progress: OnProgress, told: Callable[[str], None],
    *, force: bool = False,
) -> tuple[GaussLength, bool]:  # fmt: skip
    """The Gauss length of a run's line; stored with the run.

    Args:
        run: The run.
        question: The request.
        ground: Store, data and device.
        on_progress: Called with the number of batch derivatives that are done, and their total.
        told: Called with a message if the network's code has changed or the data cannot be checked.
        force: Measure even if the measure is stored already.

    Returns:
        The measure, and whether it was measured just now.
    """

    def found(scene: Scene) -> GaussLength:
        examples = scene.examples(question.split, question.num_examples)
        lengths = measure(
            scene.model, scene.ends, scene.dataset, examples, question.alphas, device=ground.device,
            on_progress=on_progress,
        )  # fmt: skip
        known = lengths[lengths.isfinite()]
        num = len(known)
        return GaussLength(
            name=question.name,
            split=question.split,
            alphas=question.alphas,
            mean=float(known.mean()) if num else math.nan,
            stderr=float(known.std()) / math.sqrt(num) if num > 1 else math.nan,
            num_examples=num,
            num_missing=len(lengths) - num,
            **scene.about,
        )

    return obtain(run, question.name, (question.start, question.end), ground, GaussLength, found, told, force=force)


def measure(
    model: nn.Module,
    ends: tuple[State, State],
    dataset: Dataset,
    examples: Split,
    alphas: Sequence[float],
    *,
    device: torch.device,
    batch_size: int | None = None,
    on_progress: OnProgress = lambda done, total: None,
) -> Tensor:
    """The Gauss length of each example, as the module defines it, for any network and any two of its states.

    Args:
        model: The network; its own weights are not used and not changed.
        ends: The states at alpha 0 and 1.
        dataset: The data set that normalises the inputs.
        examples: N examples, in their order.
        alphas: Ascending positions.
        device: The device to compute on.
        batch_size: Examples in one forward pass, without effect on the values; None for the device's default.
        on_progress: Called with the number of batch derivatives that are done, and their total.

    Returns:
        Radians, (N,) float64 on the CPU; NaN for an example without a length.

    Raises:
        ConfigError: If the network has no forward-mode derivative, or one example does not fit into memory.
    """
    network = frozen(model).to(device)
    start, end = ({name: tensor.to(device) for name, tensor in state.items()} for state in ends)
    course = _Course(network, start, end)
    normalise, here = dataset.normaliser(device), examples.to(device)
    size = batch_size or usual_batch(device) // 2
    while True:
        batches = cut(len(here), size)
        total, count = len(batches) * len(alphas), itertools.count(1)
        try:
            with exact(), _forward_mode(), _MovingStatistics():
                lengths = []
                for rows in batches:
                    inputs = normalise(here.inputs[rows])
                    bend = _Bend(len(inputs))
                    for alpha in alphas:
                        bend.to(course.tangents(inputs, alpha))
                        on_progress(next(count), total)
                    lengths.append(bend.lengths())
            return torch.cat(lengths)
        except (RuntimeError, MemoryError) as error:
            if not memory.is_out_of_memory(error):
                why = str(error).partition("\n")[0]
                raise ConfigError(f"the network has no forward-mode derivative, which this needs: {why}") from error
            if size == 1:
                raise ConfigError(f"{device} has too little memory for one example; use another --device") from error
            size = max(1, size // 2)


class _Course:
    """The derivatives of the logits along a line."""

    def __init__(self, network: nn.Module, start: State, end: State) -> None:
        self._network, self._path, self._room = network, paths.linear(start, end), State()
        # Where both ends are the same infinity, as in masks, the derivative is 0, but end - start is NaN.
        self._moves = {
            name: torch.where(end[name] == tensor, torch.zeros_like(tensor), end[name] - tensor)
            for name, tensor in start.items()
            if tensor.is_floating_point() or tensor.is_complex()
        }

    def tangents(self, inputs: Tensor, alpha: float) -> Tensor:
        """dz/dalpha, (N, num_classes)."""
        state = self._path(alpha, None, self._room)
        still = {name: tensor for name, tensor in state.items() if name not in self._moves}

        def logits(moving: State) -> Tensor:
            given = copied(still | moving), (inputs.clone(),)  # a pass may write into these, and into their tangents
            found: Tensor = torch.func.functional_call(self._network, *given, tie_weights=False)
            return found

        moving = {name: state[name] for name in self._moves}
        tangents: Tensor = torch.func.jvp(logits, (moving,), (self._moves,))[1]
        return tangents


class _Bend:
    """Sums the angles between successive directions, in float64."""

    def __init__(self, num_examples: int) -> None:
        self._last: Tensor | None = None
        self._angles = torch.zeros(num_examples, dtype=torch.float64)
        self._has_begun = torch.zeros(num_examples, dtype=torch.bool)
        self._is_finite = torch.ones(num_examples, dtype=torch.bool)

    def to(self, tangents: Tensor) -> None:
        """Add the angles from the last directions to those of some derivatives, (N, num_classes)."""
        wide = tangents.cpu().double()
        norms = wide.norm(dim=1)
        moves = norms > 0
        directions = wide / torch.where(moves, norms, 1.0)[:, None]
        last = directions if self._last is None else self._last
        # Kahan's formula: the inverse cosine does not resolve angles below 1e-4 in float32, or 1e-8 in float64.
        angles = 2 * torch.atan2((directions - last).norm(dim=1), (directions + last).norm(dim=1))
        self._angles += torch.where(moves & self._has_begun, angles, 0.0)
        self._last = torch.where(moves[:, None], directions, last)
        self._has_begun |= moves
        self._is_finite &= norms.isfinite()

    def lengths(self) -> Tensor:
        """Radians, (N,); NaN where a derivative was not finite."""
        return torch.where(self._is_finite, self._angles, torch.nan)


class _MovingStatistics(TorchFunctionMode):
    """Computes BatchNorm with fixed statistics as plain arithmetic: the derivative in torch treats them as constant."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Iterable[type], args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        return (_batch_norm if func is functional.batch_norm else func)(*args, **kwargs or {})


def _batch_norm(
    inputs: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """As `torch.nn.functional.batch_norm`."""
    if training or running_mean is None or running_var is None:
        return functional.batch_norm(inputs, running_mean, running_var, weight, bias, training, momentum, eps)
    shape = 1, -1, *(1,) * (inputs.ndim - 2)
    scale = (running_var + eps).rsqrt()
    shift = -running_mean * scale
    if weight is not None:
        scale, shift = scale * weight, shift * weight
    if bias is not None:
        shift = shift + bias
    return inputs * scale.view(shape) + shift.view(shape)


@contextlib.contextmanager
def _forward_mode() -> Iterator[None]:
    """Compute attention in operations that have a forward-mode derivative, since its fast kernels have none."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with sdpa_kernel(SDPBackend.MATH), warnings.catch_warnings():
            # torch compiles its own derivatives with torch.jit.script, which it deprecates.
            warnings.filterwarnings("ignore", message=r".*torch\.jit\.script")
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)
