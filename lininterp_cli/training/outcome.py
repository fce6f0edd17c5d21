"""The metrics of a run's weights, and their distance from the initial ones, for its record."""

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
    """Loss and accuracy of a state on every split.

    Args:
        probe: The network, in evaluation mode; its own weights are not used.
        state: The weights, on any device.
        splits: Name of each split to its examples; at least one, all on the device that computes.
        normalise: Maps stored inputs to the network's input.

    Returns:
        `train_loss`, `train_accuracy`, `test_loss`, `test_accuracy`: losses in nats, None if not finite; fractions.
    """
    device = next(iter(splits.values())).labels.device
    state = {name: tensor.to(device) for name, tensor in state.items()}
    found: dict[str, float | None] = {}
    for name, split in splits.items():
        one = evaluate(probe, state, split, normalise)
        found |= {f"{name}_loss": finite(one.loss), f"{name}_accuracy": one.accuracy}
    return found


def tell_move(record: Record, model: nn.Module, initial: State, final: State) -> None:
    """Set in a record how far every block moved, and its initial norm.

    Args:
        record: The record, changed in place.
        model: The network, for its blocks.
        initial: The initial state.
        final: The final state.
    """
    blocks = {name: group.parameters for name, group in groups(model, "block").items()}
    everything = whole(model).parameters
    moved = distances(initial, final, everything)
    record.distance = {name: length(moved, own) for name, own in blocks.items()}
    record.distance_total = length(moved, everything)
    record.initial_norm = {name: norm(initial, own) for name, own in blocks.items()}
    record.initial_norm_total = norm(initial, everything)
