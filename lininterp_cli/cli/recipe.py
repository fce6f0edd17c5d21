"""The options of `train` and the settings that they change; nothing is trained here."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from lininterp_cli.cli import completion
from lininterp_cli.config.presets import DEFAULT_PRESET, PRESETS, assignments, configure, preset, read_toml
from lininterp_cli.config.run import RunConfig
from lininterp_cli.errors import ConfigError

_RECIPE, _NETWORK, _STEPS, _START, _RUN = "Recipe", "Network", "Optimizer", "Start", "Run"

File = Annotated[
    Optional[Path],  # noqa: UP045 (typer shows no `| None` in this spelling)
    typer.Argument(metavar="FILE", help="A TOML file of settings."),
]
Preset = Annotated[
    str | None, typer.Option(help="A named recipe.", rich_help_panel=_RECIPE, autocompletion=completion.presets)
]
Data = Annotated[
    str | None, typer.Option(help="Data set (lininterp list data), or FILE.py:FUNCTION.", rich_help_panel=_RECIPE)
]
TrainSize = Annotated[
    float | None, typer.Option(help="Training examples: a fraction up to 1, or a number.", rich_help_panel=_RECIPE)
]
LabelNoise = Annotated[
    float | None, typer.Option(help="Fraction of labels drawn at random; 1 is all.", rich_help_panel=_RECIPE)
]
Copies = Annotated[int | None, typer.Option(help="How often each training example is there.", rich_help_panel=_RECIPE)]
Zeroed = Annotated[
    float | None, typer.Option(help="Fraction of each training example set to 0.", rich_help_panel=_RECIPE)
]
Augment = Annotated[bool | None, typer.Option("--augment/--no-augment", help="Crop and flip.", rich_help_panel=_RECIPE)]
Epochs = Annotated[int | None, typer.Option(help="Passes over the data.", rich_help_panel=_RECIPE)]
StopAt = Annotated[
    float | None, typer.Option(help="Training accuracy to stop at, e.g. 0.9999.", rich_help_panel=_RECIPE)
]
BatchSize = Annotated[int | None, typer.Option(help="Examples per step.", rich_help_panel=_RECIPE)]
Dtype = Annotated[str | None, typer.Option(help="float32, bfloat16 or float16 (autocast).", rich_help_panel=_RECIPE)]
Model = Annotated[
    str | None, typer.Option(help="Network (lininterp list models), or FILE.py:FUNCTION.", rich_help_panel=_NETWORK)
]
Width = Annotated[int | None, typer.Option(help="Channels or units.", rich_help_panel=_NETWORK)]
Depth = Annotated[int | None, typer.Option(help="Layers.", rich_help_panel=_NETWORK)]
Norm = Annotated[str | None, typer.Option(help="batch, none, group or layer.", rich_help_panel=_NETWORK)]
Skip = Annotated[bool | None, typer.Option("--skip/--no-skip", help="Skip connections.", rich_help_panel=_NETWORK)]
Stem = Annotated[str | None, typer.Option(help="paper, cifar or imagenet.", rich_help_panel=_NETWORK)]
Opt = Annotated[
    str | None,
    typer.Option("--opt", help="Optimizer (lininterp list opts), or FILE.py:FUNCTION.", rich_help_panel=_STEPS),
]
Lr = Annotated[float | None, typer.Option(help="Learning rate.", rich_help_panel=_STEPS)]
Momentum = Annotated[float | None, typer.Option(help="Momentum.", rich_help_panel=_STEPS)]
WeightDecay = Annotated[float | None, typer.Option(help="Weight decay.", rich_help_panel=_STEPS)]
Schedule = Annotated[
    str | None,
    typer.Option(help="constant, step, drops, cosine, onecycle, or FILE.py:FUNCTION.", rich_help_panel=_STEPS),
]
Warmup = Annotated[float | None, typer.Option(help="Epochs of linear warm-up.", rich_help_panel=_STEPS)]
BlockLr = Annotated[
    list[str] | None,
    typer.Option(metavar="BLOCK=RATE", help="A block's own learning rate; repeatable.", rich_help_panel=_STEPS),
]
BlockWeightDecay = Annotated[
    list[str] | None,
    typer.Option(metavar="BLOCK=DECAY", help="A block's own weight decay.", rich_help_panel=_STEPS),
]
BlockInitScale = Annotated[
    list[str] | None,
    typer.Option(metavar="BLOCK=FACTOR", help="Multiply a block's drawn weights.", rich_help_panel=_START),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Any setting, e.g. schedule.every=0.5.", rich_help_panel=_RECIPE),
]
Init = Annotated[
    str | None,
    typer.Option(
        metavar="START",
        help="Where weights start: a name (lininterp list inits), RUN[:CHECKPOINT] or a file of weights.",
        rich_help_panel=_START,
    ),
]
Seed = Annotated[int | None, typer.Option(help="The run's one seed.", rich_help_panel=_START)]
Resume = Annotated[
    str | None,
    typer.Option(
        metavar="RUN",
        help="Go on with an interrupted run.",
        rich_help_panel=_RUN,
        autocompletion=completion.runs,
    ),
]
SaveAt = Annotated[str, typer.Option(help="Epochs whose weights are kept; 0 and end always are.", rich_help_panel=_RUN)]
EvalEvery = Annotated[
    int | None, typer.Option(help="Epochs from one measurement of both splits to the next.", rich_help_panel=_RUN)
]
Name = Annotated[str | None, typer.Option(help="A name for the run.", rich_help_panel=_RUN)]
Tag = Annotated[list[str] | None, typer.Option(help="A mark; may be repeated.", rich_help_panel=_RUN)]
Force = Annotated[bool, typer.Option("--force", help="Train anew a run that is there.", rich_help_panel=_RUN)]

SECTIONS = {
    "data": ("data", "name"),
    "augment": ("data", "augment"),
    "label_noise": ("data", "label_noise"),
    "train_size": ("data", "train_size"),
    "copies": ("data", "copies"),
    "zeroed": ("data", "zeroed"),
    "model": ("model", "name"),
    "width": ("model", "width"),
    "depth": ("model", "depth"),
    "norm": ("model", "norm"),
    "skip": ("model", "skip"),
    "stem": ("model", "stem"),
    "opt": ("optimizer", "name"),
    "lr": ("optimizer", "lr"),
    "momentum": ("optimizer", "momentum"),
    "weight_decay": ("optimizer", "weight_decay"),
    "schedule": ("schedule", "name"),
    "warmup": ("schedule", "warmup_epochs"),
    "epochs": ("training", "epochs"),
    "batch_size": ("training", "batch_size"),
    "dtype": ("training", "dtype"),
    "stop_at": ("training", "stop_accuracy"),
    "eval_every": ("training", "eval_every"),
}
"""Flag to the setting it changes; `--set` changes all others."""


def configuration(name: str | None, file: Path | None, flags: dict[str, Any], settings: list[str]) -> RunConfig:
    """The configuration from a preset, a file, flags and `--set`; each overrides those before it.

    Without the name of a preset, the first preset of the given data set is used, or the default one if it has none.

    Args:
        name: A preset's name, or None.
        file: A TOML file; the preset that it names counts only without `name`.
        flags: Nested settings.
        settings: `section.key=value` texts.

    Returns:
        The configuration.
    """
    changes = [read_toml(file, name) if file else {}, flags, assigned(settings)]
    if name is None:
        named = [change["data"]["name"] for change in changes if "name" in change.get("data", {})]
        own = [key for key, value in PRESETS.items() if named and value["data"]["name"] == named[-1]]
        name = own[0] if own else DEFAULT_PRESET
    return configure(preset(name), *changes)


def changes(flags: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that flags change, section by section.

    Args:
        flags: Flag to value, None if it was not given; flags that are not settings are ignored.

    Returns:
        Nested settings.
    """
    out: dict[str, Any] = {}
    for flag, (section, key) in SECTIONS.items():
        if flags.get(flag) is not None:
            out.setdefault(section, {})[key] = flags[flag]
    out |= {name: flags[name] for name in ("init", "seed") if flags.get(name) is not None}
    for name in ("block_lr", "block_weight_decay", "block_init_scale"):
        if flags.get(name):
            out[name] = parse_blocks(name.replace("_", "-"), flags[name])
    return out


def assigned(texts: list[str]) -> dict[str, Any]:
    """The settings of `--set`.

    Args:
        texts: Its arguments, each `section.key=value`.

    Returns:
        Nested settings.

    Raises:
        ConfigError: If a text has another form, or names a setting as the flag does, without its section.
    """
    settings = assignments(texts)
    sections = {section for section, _ in SECTIONS.values()}
    for name in settings.keys() & SECTIONS.keys() - sections:
        raise ConfigError(f"--set takes section.key=value, not {name}=...; did you mean {'.'.join(SECTIONS[name])}?")
    return settings


def parse_blocks(flag: str, texts: list[str]) -> dict[str, float]:
    """Parse the numbers that blocks are given.

    Args:
        flag: The flag's name, without dashes, for the message.
        texts: Its values, one for each time it was given.

    Returns:
        Block to number; if a block is repeated, the last one counts.

    Raises:
        ConfigError: If a text is not BLOCK=NUMBER.

    Example:
        >>> parse_blocks("block-lr", ["layer1=0.01", "fc=1"])
        {'layer1': 0.01, 'fc': 1.0}
    """
    out: dict[str, float] = {}
    for text in texts:
        block, _, number = text.rpartition("=")
        try:
            out[block.strip()] = float(number)
        except ValueError:
            block = ""
        if not block:
            raise ConfigError(f"--{flag} takes BLOCK=NUMBER, for example layer1=0.01, not {text!r}")
    return out
