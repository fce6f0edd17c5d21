"""From a configuration to the objects that it names: data set, network, optimizer, schedule."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from numbers import Real
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lininterp_cli.config.guarded import guarded
from lininterp_cli.config.options import Registry, look_up, non_default, with_defaults
from lininterp_cli.config.own import call, is_own, short_name
from lininterp_cli.config.run import Part, RunConfig
from lininterp_cli.config.values import Value, shown
from lininterp_cli.data.dataset import Dataset, Split, join
from lininterp_cli.data.draws import corrupt, select, zero
from lininterp_cli.data.registry import DATASETS, load
from lininterp_cli.errors import ConfigError
from lininterp_cli.models.blocks import chosen, groups
from lininterp_cli.models.registry import MODELS, build
from lininterp_cli.training.initial import INITS
from lininterp_cli.training.loop import Trainee
from lininterp_cli.training.optimizers import OPTIMIZERS, Parameters
from lininterp_cli.training.schedules import SCHEDULES

REGISTRIES: dict[str, tuple[str, Registry]] = {
    "data": ("data set", DATASETS),
    "model": ("model", MODELS),
    "optimizer": ("optimizer", OPTIMIZERS),
    "schedule": ("schedule", SCHEDULES),
}
"""Section of a configuration to the kind of its names, for messages, and their registry."""


def resolve(config: RunConfig) -> RunConfig:
    """A configuration with its options checked and those equal to their defaults dropped.

    Equivalent configurations come out equal, so that they have one id.

    Args:
        config: The configuration as a user wrote it.

    Returns:
        The equivalent resolved configuration.

    Raises:
        ConfigError: If the warm-up is longer than the training.
    """
    resolved = _with_options(config, non_default)
    if 0 < resolved.training.epochs < resolved.schedule.warmup_epochs:
        raise ConfigError(
            f"a warm-up of {resolved.schedule.warmup_epochs:g} epochs does not fit into {resolved.training.epochs}"
        )
    schedule(resolved)(0.0)
    _make_optimizer(resolved.optimizer, [{"params": [nn.Parameter(torch.zeros(1))]}], False)
    return resolved


def explicit(config: RunConfig) -> dict[str, Any]:
    """Every setting of a run, including those at their defaults.

    Args:
        config: A resolved configuration.

    Returns:
        Nested plain data that `from_dict` reads back.
    """
    return _with_options(config, with_defaults).to_dict()


def load_dataset(config: RunConfig, folder: Path) -> Dataset:
    """The run's data set: its training split reduced, copied, and with random labels and zeroed entries, as configured.

    The statistics for normalising inputs remain those of the whole original training split.

    Args:
        config: A resolved configuration.
        folder: The folder of data sets.

    Returns:
        The data set, on the CPU.
    """
    data, dataset = config.data, load(config.data.name, folder, **config.data.options)
    # Labels are drawn before examples are selected, so that an image's label does not depend on train_size.
    labels = corrupt(dataset.train.labels.repeat(data.copies), data.label_noise, dataset.num_classes, config.seed)
    copies = [
        select(Split(dataset.train.inputs, own), data.train_size, config.seed) for own in labels.chunk(data.copies)
    ]
    train = copies[0] if data.copies == 1 else join(copies)
    return replace(dataset, train=Split(zero(train.inputs, data.zeroed, config.seed), train.labels))


def network(config: RunConfig, dataset: Dataset) -> Callable[[], nn.Module]:
    """The factory of the run's network.

    Args:
        config: A resolved configuration.
        dataset: The data set, for the shape of an example and the number of classes.

    Returns:
        A function that makes one with weights from torch's global generator, and an attribute `block_init_scale`, which
        `draw` reads, if the configuration has one.
    """
    make = partial(build, config.model.name, dataset.shape, dataset.num_classes, **config.model.options)
    return partial(_with_scale, make, config.block_init_scale) if config.block_init_scale else make


def scheme(config: RunConfig) -> str:
    """The initial scheme for fresh weights of this run; `default` if its own initial weights have no scheme.

    Args:
        config: A resolved configuration.

    Returns:
        A key of INITS.
    """
    return config.init if config.init in INITS else "default"


def schedule(config: RunConfig) -> Callable[[float], float]:
    """The run's schedule.

    Args:
        config: A resolved configuration.

    Returns:
        A function from progress in [0, 1] to a factor on the learning rate; a user's own raises ConfigError if it fails
        or gives no finite number.
    """
    name = config.schedule.name
    function = partial(look_up("schedule", name, SCHEDULES), **config.schedule.options)
    return partial(_own_factor, short_name(name), function) if is_own(name) else function


def trainee(config: RunConfig, model: nn.Module, device: torch.device) -> Trainee:
    """A network, moved to its device, with its optimizer and gradient scaler.

    Args:
        config: A resolved configuration.
        model: The network with its initial weights; moved, not copied.
        device: The device to train on.

    Returns:
        The trainee, for `loop.fit`.
    """
    model = model.to(device)
    layout = _layout(model, device)
    if any(parameter.dim() == 4 for parameter in model.parameters()):
        model = model.to(memory_format=layout)
    scaler = torch.amp.GradScaler(device.type, enabled=config.training.dtype == "float16")
    return Trainee(model=model, optimizer=optimizer(config, model, device), scaler=scaler, layout=layout)


def optimizer(config: RunConfig, model: nn.Module, device: torch.device) -> torch.optim.Optimizer:
    """The run's optimizer: one parameter group per block, with the block's own learning rate and weight decay if set.

    Args:
        config: A resolved configuration.
        model: The network, on the device.
        device: The device of its parameters.

    Returns:
        The optimizer.
    """
    blocks = {name: group for name, group in groups(model, "block").items() if group.parameters}
    own: dict[str, dict[str, Any]] = {name: {} for name in blocks}
    for key, values in (("lr", config.block_lr), ("weight_decay", config.block_weight_decay)):
        for name in chosen(blocks, values, "block") if values else ():
            own[name][key] = values[name]
    tensors = {name: [model.get_parameter(entry) for entry in group.parameters] for name, group in blocks.items()}
    parameters = [{"block": name, "params": [*some]} | own[name] for name, some in tensors.items()]
    made = _make_optimizer(config.optimizer, parameters, device.type == "cuda")
    if is_own(config.optimizer.name):
        for name, some in tensors.items():
            _check_kept(made, some, own[name], name, short_name(config.optimizer.name))
    return made


def _check_kept(
    made: torch.optim.Optimizer, tensors: list[nn.Parameter], own: Mapping[str, Any], block: str, name: str
) -> None:
    """Refuse a user's optimizer that has dropped what is a block's own; it need not train all tensors."""
    trained = [group for group in made.param_groups if {*map(id, group["params"])} & {*map(id, tensors)}]
    for key, value in own.items():
        others = [group.get(key) for group in trained if group.get(key) != value]
        if others:
            raise ConfigError(
                f"{name} trains {block} with {key} {shown(others[0])}, not its own {value:g}; pass the parameter "
                f"groups on as they are, or leave block_{key} out"
            )


def _make_optimizer(part: Part, parameters: Parameters, fused: bool) -> torch.optim.Optimizer:
    """The optimizer of a name and options; a user's own function is checked."""
    if is_own(part.name):
        made = call(part.name, "the parameter groups and fused", ConfigError, parameters, fused, **part.options)
    else:
        made = look_up("optimizer", part.name, OPTIMIZERS)(parameters, fused, **part.options)
    if not isinstance(made, torch.optim.Optimizer):
        raise ConfigError(f"{short_name(part.name)} must give a torch.optim.Optimizer, not {type(made).__name__}")
    return made


def _own_factor(name: str, function: Callable[[float], object], progress: float) -> float:
    """The factor that a user's own schedule gives."""
    with guarded(f"{name}, the schedule, fails at progress {progress:g}"):
        factor = function(progress)
    if not isinstance(factor, Real) or not math.isfinite(factor):
        raise ConfigError(
            f"{name}, the schedule, must give a finite number, the factor on the learning rate, not {shown(factor)} at "
            f"progress {progress:g}"
        )
    return float(factor)


def _with_scale(make: Callable[[], nn.Module], block_init_scale: Mapping[str, float]) -> nn.Module:
    model = make()
    model.block_init_scale = dict(block_init_scale)  # type: ignore[assignment]
    return model


def _layout(model: nn.Module, device: torch.device) -> torch.memory_format:
    """Memory layout of images: channels last, which is faster, unless torch would then write out of bounds."""
    # torch 2.15 on the CPU: the gradient of a strided 1x1 convolution of fewer than 8 channels, channels last, ends
    # in "free(): invalid next size" or in a crash; `tests/training/test_recipe.py` reproduces it in a subprocess.
    is_hit = device.type == "cpu" and any(
        isinstance(module, nn.Conv2d)
        and module.kernel_size == (1, 1)
        and module.stride != (1, 1)
        and module.in_channels < 8
        for module in model.modules()
    )
    return torch.contiguous_format if is_hit else torch.channels_last


def _with_options(config: RunConfig, rule: Callable[..., dict[str, Value]]) -> RunConfig:
    changed: dict[str, Any] = {}
    for section, (kind, registry) in REGISTRIES.items():
        part: Part = getattr(config, section)
        changed[section] = replace(part, options=rule(kind, part.name, part.options, registry))
    return replace(config, **changed)
