"""What a run's record says of its weights: how good they are, and how far they are from where they began."""

from collections.abc import Callable, Mapping

from torch import Tensor, nn

from lininterp_cli.data.dataset import Split
from lininterp_cli.models.blocks import groups, whole
from lininterp_cli.models.state import State, distances, length, norm
from lininterp_cli.runs.files import finite
from lininterp_cli.runs.record import Record
from lininterp_cli.training.evaluation import evaluate


def metrics(
    probe: nn.Module, state: State, splits: Mapping[str, Split], normalise: Callable[[Tensor], Tensor]
) -> dict[str, float | None]:
    """Loss and accuracy of some weights on every split.

    Args:
        probe: The network, in evaluation mode; its own weights do not matter.
        state: The weights, on any device.
        splits: Split to its examples, one or more, all on the device that computes.
        normalise: From stored inputs to what the network takes.

    Returns:
        `train_loss` and `train_accuracy`, `test_loss` and `test_accuracy`: nats, None where not finite, and fractions.
    """
    device = next(iter(splits.values())).labels.device
    state = {name: tensor.to(device) for name, tensor in state.items()}
    found: dict[str, float | None] = {}
    for name, split in splits.items():
        one = evaluate(probe, state, split, normalise)
        found |= {f"{name}_loss": finite(one.loss), f"{name}_accuracy": one.accuracy}
    return found


def tell_move(record: Record, model: nn.Module, initial: State, final: State) -> None:
    """Write into a record how far every block moved, and how long it was before.

    Args:
        record: The record.
        model: The network, for its blocks.
        initial: The state at the beginning.
        final: The state at the end.
    """
    blocks = {name: group.parameters for name, group in groups(model, "block").items()}
    everything = whole(model).parameters
    moved = distances(initial, final, everything)
    record.distance = {name: length(moved, own) for name, own in blocks.items()}
    record.distance_total = length(moved, everything)
    record.initial_norm = {name: norm(initial, own) for name, own in blocks.items()}
    record.initial_norm_total = norm(initial, everything)
