"""The plain network at some states: the logits that a trace must reproduce, and whether a pass changes its weights.

Nothing here knows how a network is traced.
"""

import functools
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from lininterp_cli.landscape.engine.memory import watched
from lininterp_cli.models.blocks import statistics_of
from lininterp_cli.models.state import State, copied


class Reference:
    """The outcomes of plain passes over the same examples.

    Args:
        network: The network, in the mode it is to be run in; its own weights are not used and not changed.
        inputs: The examples, normalised.
        states: The weights of each pass; not changed.
    """

    def __init__(self, network: nn.Module, inputs: Tensor, states: Sequence[State]) -> None:
        self._inputs, self._states, self._logits = inputs, states, list[Tensor]()
        self.peak_bytes = 0
        """Peak memory of one pass, bytes."""
        self.private = frozenset[str]()
        """The entries of which each pass needs a copy: all but BatchNorm statistics if a pass writes into any."""
        for state in states:
            lent = copied(state)
            places = {name: tensor.data_ptr() for name, tensor in lent.items()}
            plain = functools.partial(torch.func.functional_call, network, lent, (inputs.clone(),), tie_weights=False)
            logits, peak = watched(plain)
            self._logits.append(logits)
            self.peak_bytes = max(self.peak_bytes, peak)
            # BatchNorm statistics are there to be updated.
            own = state.keys() - statistics_of(network)
            if any(_is_written(lent[name], places[name], state[name]) for name in own):
                self.private = frozenset(own)

    @property
    def reason(self) -> str | None:
        """Why only the plain network can be used; None where a trace may be."""
        if self.private:
            return "its forward pass writes into its weights"
        # NaN everywhere is equal to any other computation's NaN.
        is_finite = any(bool(logits.isfinite().any()) for logits in self._logits)
        return None if is_finite else "its logits are not finite at either end"

    def refusal(self, compute: Callable[[Tensor, State], Tensor]) -> str | None:
        """Compare another way of computing the logits with the plain network.

        Args:
            compute: Returns the logits of some examples, which it may overwrite, at a state, which it may overwrite.

        Returns:
            Why the other way cannot be used, or None if it can.
        """
        for state, expected in zip(self._states, self._logits, strict=True):
            found = compute(self._inputs.clone(), copied(state))
            if not torch.allclose(found, expected, rtol=1e-5, atol=1e-5, equal_nan=True):
                return "its trace computes something else"
        return None


def _is_written(lent: Tensor, place: int, given: Tensor) -> bool:
    """Whether a pass wrote into a tensor it was lent; a write that changes nothing here may change other weights."""
    # `tensor.data = other` moves a tensor, and counts as no new version; neither does writing into `tensor.data`.
    if lent.data_ptr() != place or lent._version:
        return True
    return not bool(((lent == given) | given.isnan()).all())
