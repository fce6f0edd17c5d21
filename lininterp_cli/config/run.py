"""The configuration of one run: everything that decides its weights, and how often these are measured.

The device of a run, its name and the checkpoints it keeps are not part of it: two runs of one configuration on one
device have the same weights.
"""

import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, Literal, get_args

from lininterp_cli.config.values import MAX_INTEGER, Value, is_value, shown
from lininterp_cli.errors import ConfigError, UnknownNameError

Precision = Literal["float32", "bfloat16", "float16"]
ResetTo = Literal["random", "initial"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A registered function and its hyper-parameters."""

    name: str
    """The name in its registry."""
    options: Mapping[str, Value] = field(default_factory=dict)
    """The given hyper-parameters; the others have their defaults."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Data(Part):
    """A data set and the changes to its training split."""

    train_size: float = 1.0
    """The part of the training split that is used: a fraction up to 1, or a number of examples above it."""
    label_noise: float = 0.0
    """The fraction of training labels that are replaced by random ones; with 1, a label is true only by chance."""
    copies: int = 1
    """Number of copies of each training example, each with its own random label and zeroed entries."""
    zeroed: float = 0.0
    """The fraction of each training example's entries that are set to 0."""

    def __post_init__(self) -> None:
        if not (0 < self.train_size <= 1 or (self.train_size > 1 and float(self.train_size).is_integer())):
            raise ConfigError(
                f"train_size must be a fraction in (0, 1] or a whole number above 1, not {self.train_size:g}"
            )
        if not 0 <= self.label_noise <= 1:
            raise ConfigError(f"label_noise must be a fraction in [0, 1], not {self.label_noise:g}")
        if self.copies < 1:
            raise ConfigError(f"copies must be 1 or more, not {self.copies}")
        if not 0 <= self.zeroed < 1:
            raise ConfigError(f"zeroed must be a fraction in [0, 1), not {self.zeroed:g}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule(Part):
    """The learning-rate schedule and its warm-up."""

    warmup_epochs: float = 0.0
    """Epochs over which the learning rate rises linearly from 0, before the schedule itself begins."""

    def __post_init__(self) -> None:
        if not 0 <= self.warmup_epochs < math.inf:
            raise ConfigError(f"warmup_epochs must be 0 or more, not {self.warmup_epochs:g}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Training:
    """The length, batch size and precision of training, and the epochs at which it is measured."""

    epochs: int = 10
    """Passes over the training split; 0 measures the initial weights and trains nothing."""
    batch_size: int = 128
    """Examples per step; the last step of an epoch takes the remaining ones, see `batches.cut`."""
    dtype: Precision = "float32"
    """Number format of the forward and backward pass; the weights are always float32."""
    stop_accuracy: float = 1.0
    """The training accuracy, a fraction, at which training ends before its last epoch; 1 for never."""
    eval_every: int = 1
    """Epochs from one measurement of both splits to the next; no weight depends on it.  Epoch 0, the last epoch and
    those whose checkpoints are kept are always measured."""

    def __post_init__(self) -> None:
        if self.epochs < 0:
            raise ConfigError(f"epochs must be 0 or more, not {self.epochs}")
        if self.batch_size < 1:
            raise ConfigError(f"batch_size must be 1 or more, not {self.batch_size}")
        if self.dtype not in get_args(Precision):
            raise UnknownNameError("dtype", self.dtype, get_args(Precision))
        if not 0 < self.stop_accuracy <= 1:
            raise ConfigError(f"stop_accuracy must be a fraction in (0, 1], not {self.stop_accuracy:g}")
        if self.eval_every < 1:
            raise ConfigError(f"eval_every must be 1 or more, not {self.eval_every}")
        if self.stop_accuracy < 1 < self.eval_every:
            raise ConfigError("stop_accuracy is looked at after every epoch, so that eval_every must be 1")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reset:
    """The weights a reset-block run starts from: a parent's final ones with some blocks reset."""

    run: str
    """The parent's id."""
    blocks: tuple[str, ...]
    """The blocks that are reset, in the network's order."""
    to: ResetTo = "random"
    """`random` for a fresh draw, `initial` for the parent's initial values."""

    def __post_init__(self) -> None:
        if not self.blocks:
            raise ConfigError("reset.blocks names no block")
        if self.to not in get_args(ResetTo):
            raise UnknownNameError("reset.to", self.to, get_args(ResetTo))


@dataclass(frozen=True, kw_only=True, slots=True)
class RunConfig:
    """Everything that decides a run's weights, and how often these are measured."""

    data: Data = field(default_factory=lambda: Data(name="digits"))
    """The data set."""
    model: Part = field(default_factory=lambda: Part(name="resnet8"))
    """The network."""
    optimizer: Part = field(default_factory=lambda: Part(name="momentum"))
    """The optimizer."""
    schedule: Schedule = field(default_factory=lambda: Schedule(name="constant"))
    """The learning-rate schedule."""
    training: Training = field(default_factory=Training)
    """The length, batch size and precision of training."""
    init: str = "default"
    """The origin of the initial weights: a scheme's name, or an endpoint or ImageNet weights with a content hash."""
    reset: Reset | None = None
    """Set for reset-block runs; `init` is then the parent's."""
    block_lr: Mapping[str, float] = field(default_factory=dict)
    """Block to its own full learning rate; 0 keeps its parameters at their initial values."""
    block_weight_decay: Mapping[str, float] = field(default_factory=dict)
    """Block to its own weight decay."""
    block_init_scale: Mapping[str, float] = field(default_factory=dict)
    """Block to the factor on its freshly drawn parameters of two or more dimensions."""
    seed: int = 0
    """The one seed that every random stream is derived from."""

    def __post_init__(self) -> None:
        if not 0 <= self.seed < MAX_INTEGER:
            raise ConfigError(f"seed must be 0 or more and below 2**63, not {shown(self.seed)}")
        for section in BLOCK_SECTIONS:
            for block, value in getattr(self, section).items():
                if not 0 <= value < math.inf:
                    raise ConfigError(f"{_one_line(section, block)} must be 0 or more, not {value:g}")

    @property
    def parts(self) -> tuple[Part, ...]:
        """The sections that name something, which may be in a user's own file."""
        return self.model, self.data, self.optimizer, self.schedule

    def to_dict(self) -> dict[str, Any]:
        """The configuration as nested plain data, options beside their part's name.

        Returns:
            Data that `from_dict` reads back; unset sections are left out.
        """
        out: dict[str, Any] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, Part):
                out[item.name] = _own(value) | dict(value.options)
            elif isinstance(value, Training):
                out[item.name] = _own(value)
            elif isinstance(value, Reset):
                out[item.name] = {"run": value.run, "blocks": list(value.blocks), "to": value.to}
            elif item.name in BLOCK_SECTIONS:
                out |= {item.name: dict(value)} if value else {}
            elif value is not None:
                out[item.name] = value
        return out


BLOCK_SECTIONS = ("block_lr", "block_weight_decay", "block_init_scale")
"""The settings that map blocks to numbers."""

_LATER: dict[str, Value] = {"copies": 1, "zeroed": 0.0, "stop_accuracy": 1.0, "eval_every": 1}
"""Settings added after the first records, with their defaults; a record leaves them out while they are default."""

_SECTIONS: dict[str, type[Any]] = {
    "data": Data,
    "model": Part,
    "optimizer": Part,
    "schedule": Schedule,
    "training": Training,
    "reset": Reset,
}


def from_dict(given: Mapping[str, Any]) -> RunConfig:
    """A configuration from nested plain data (a TOML file, a run's own record).

    Args:
        given: Sections and values; missing ones have their defaults.

    Returns:
        The configuration.  Options of registered functions are not checked here, but by `recipe.resolve`, which
        has the registries.

    Raises:
        UnknownNameError: For a section or key that does not exist.
        ConfigError: For an invalid value.
    """
    allowed = [item.name for item in fields(RunConfig)]
    built: dict[str, Any] = {}
    for key, value in given.items():
        if key not in allowed:
            raise UnknownNameError("setting", key, allowed)
        section = _SECTIONS.get(key)
        if key in BLOCK_SECTIONS:
            built[key] = {block: _typed(_one_line(key, block), float, one) for block, one in _table(key, value).items()}
        else:
            built[key] = value if section is None else _section(key, section, value)
    if not isinstance(built.get("seed", 0), int) or isinstance(built.get("seed", 0), bool):
        raise ConfigError(f"seed must be a whole number, not {shown(built['seed'])}")
    if not isinstance(built.get("init", ""), str):
        raise ConfigError(f"init must be a text, not {shown(built['init'])}")
    return RunConfig(**built)


def _own(section: Part | Training) -> dict[str, Any]:
    own = {item.name: getattr(section, item.name) for item in fields(section) if item.name != "options"}
    return {key: value for key, value in own.items() if key not in _LATER or value != _LATER[key]}


def _table(key: str, value: object) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{key} must be a table of settings, not {shown(value)}")
    return value


def _section(key: str, section: type[Any], given: object) -> Any:
    value = _table(key, given)
    own = {item.name: item for item in fields(section)}
    is_part = own.pop("options", None) is not None
    direct = {name: _typed(f"{key}.{name}", own[name].type, one) for name, one in value.items() if name in own}
    rest = {name: one for name, one in value.items() if name not in own}
    if is_part:
        if "name" not in direct:
            raise ConfigError(f"{key} needs a name: {key}.name")
        for name, one in rest.items():
            if not is_value(one) or name == "options":
                raise ConfigError(f"{_one_line(key, name)} must be one finite value, not {shown(one)}")
        direct["options"] = rest
    elif rest:
        raise UnknownNameError(f"setting of {key}", next(iter(rest)), own)
    missing = [name for name, item in own.items() if name not in direct and not _has_default(item)]
    if missing:
        raise ConfigError(f"{key} needs {' and '.join(f'{key}.{name}' for name in missing)}")
    return section(**direct)


def _has_default(item: Field[Any]) -> bool:
    return item.default is not MISSING or item.default_factory is not MISSING


def _one_line(key: str, name: str) -> str:
    return f"{key}.{name}" if name.isprintable() else f"{key}.{name!r}"


def _typed(name: str, annotation: Any, value: Any) -> Any:
    if annotation is float or annotation is int:
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and is_value(value)
        if not is_number or (annotation is int and value != int(value)):
            kind = "a number" if annotation is float else "a whole number"
            raise ConfigError(f"{name} must be {kind}, not {shown(value)}")
        return annotation(value)
    if annotation == tuple[str, ...]:
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            raise ConfigError(f"{name} must be a list of texts, not {shown(value)}")
        return tuple(value)
    if not isinstance(value, str):
        raise ConfigError(f"{name} must be a text, not {shown(value)}")
    return value
