"""The forms for commands about a run; they must offer no flag that the CLI lacks."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import get_args

from lininterp_cli.config.presets import DEFAULT_PRESET, PRESETS, assignments
from lininterp_cli.config.run import Precision, ResetTo
from lininterp_cli.config.save_at import parse_save_at
from lininterp_cli.landscape.curves.alphas import USUAL_ALPHAS
from lininterp_cli.landscape.curves.barrier import BARRIERS
from lininterp_cli.landscape.curves.curve import BatchNorm, Metric, Rest
from lininterp_cli.runs.record import Record
from lininterp_cli.tui.work.checks import check_count, check_number
from lininterp_cli.tui.work.forms import Field, Form, split
from lininterp_cli.tui.work.settings import Defaults, Flat, free_seed, nearest_preset

RECIPE = "the recipe's"
"""Shown for an empty field whose value in the recipe is not known."""

KINDS = {
    "train": "train from a preset",
    "like": "train like this run",
    "reset": "reset a block of this run",
    "interpolate": "interpolate this run",
    "resume": "resume this run",
}
"""Name of a form to the words for its command."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """The run that a form is about, and the settings of all runs."""

    record: Record | None = None
    """The run's record; None if there is no run."""
    state: str = ""
    """The run's state."""
    settings: Flat = field(default_factory=dict)
    """Its settings, as `optimizer.lr` to value."""
    others: tuple[Flat, ...] = ()
    """The settings of all runs, for names and free seeds."""

    @property
    def free_seed(self) -> int:
        """The next seed that no run of the same configuration has."""
        return free_seed(self.settings, self.others)

    @property
    def usual_kind(self) -> str:
        """The form that is most likely wanted for the run: a key of KINDS."""
        if self.record is None:
            return "train"
        return {"finished": "interpolate", "interrupted": "resume", "failed": "resume"}.get(self.state, "like")


def form(kind: str, subject: Subject, defaults: Defaults | None = None) -> Form:
    """A form with all known values filled in.

    Args:
        kind: A key of KINDS.
        subject: The run that it is about.
        defaults: Known defaults of hyper-parameters.

    Returns:
        The form; it has an obstacle if there is no run that it could be about, or the run cannot be used for it.
    """
    record = subject.record
    if kind == "train":
        return _train(subject.others)
    if record is None:
        return Form(KINDS[kind], "train", obstacle="there is no run here to do this with; go back and choose one")
    if kind in {"like", "reset"} and record.kind == "import":
        return Form(KINDS[kind], "train", obstacle="the run was trained elsewhere, and its recipe is not known")
    if kind == "like" and not record.config.get("reset"):
        return _like(record, subject.free_seed, defaults)
    if kind in {"like", "reset"}:
        return _reset(record, subject.free_seed if kind == "like" else None)
    return _interpolate(record) if kind == "interpolate" else _resume(record, subject.state)


def _train(others: Sequence[Flat]) -> Form:
    def seen(section: str) -> tuple[str, ...]:
        names = [settings[section]["name"] for settings in PRESETS.values() if section in settings]
        names += [other.get(f"{section}.name") for other in others]
        return tuple(sorted({name for name in names if isinstance(name, str) and name}))

    fields = [
        Field("preset", "--preset", "a named recipe; fields below change it", DEFAULT_PRESET, "by the data",
              tuple(PRESETS), is_open=False),
        Field("model", "--model", "network; see: lininterp list models", choices=seen("model"),
              listed="models", key="model.name"),
        Field("data", "--data", "data set; see: lininterp list data", choices=seen("data"),
              listed="data", key="data.name"),
        Field("epochs", "--epochs", "passes over the training data", key="training.epochs", check=check_count),
        Field("optimizer", "--opt", "see: lininterp list opts", choices=seen("optimizer"),
              listed="opts", key="optimizer.name"),
        Field("lr", "--lr", "learning rate at its highest", key="optimizer.lr", check=check_number),
        Field("weight decay", "--weight-decay", "strength of the decay; 0 for none",
              key="optimizer.weight_decay", check=check_number),
        Field("schedule", "--schedule", "course of the learning rate", choices=seen("schedule"),
              listed="schedules", key="schedule.name"),
        Field("batch size", "--batch-size", "examples per step", key="training.batch_size", check=check_count),
        Field("augment", "--augment", "crop and flip the images", choices=("yes", "no"), is_open=False,
              default=RECIPE, kind="switch", no_flag="--no-augment", key="data.augment"),
        Field("train size", "--train-size", "training examples: a fraction up to 1, or a number",
              key="data.train_size", check=check_number),
        Field("label noise", "--label-noise", "fraction of labels drawn at random, 0 to 1",
              key="data.label_noise", check=check_number),
        Field("precision", "--dtype", "what training computes in", default="float32", choices=get_args(Precision),
              is_open=False),
        Field("init", "--init", "where weights start: a scheme, RUN, RUN:CHECKPOINT or a file",
              listed="inits", key="init"),
        Field("seed", "--seed", "the run's one seed", default="0", check=check_count),
    ]  # fmt: skip
    for one in fields[1:]:
        one.default = one.default or RECIPE
    return Form(KINDS["train"], "train", [*fields, _settings(), *_labels(), *_place()])


def _like(record: Record, seed: int, defaults: Defaults | None) -> Form:
    name, settings = nearest_preset(record.config, defaults)
    fields = [
        Field("preset", "--preset", "the named recipe that is most like the run", name, choices=(name,),
              is_open=False),
        Field("seed", "--seed", "the first one above the run's that no such run has", str(seed), default="0",
              check=check_count),
    ]  # fmt: skip
    fields += [
        Field(key, "--set", "where the run differs from the recipe; empty for the recipe's", value, prefix=f"{key}=",
              default=RECIPE, key=key)
        for key, value in settings.items()
    ]  # fmt: skip
    return Form(f"train like {record.name or record.id}", "train", [*fields, _settings(), *_labels(), *_place()])


def _reset(record: Record, seed: int | None) -> Form:
    """The form to reset blocks of the run; with a seed, to repeat the reset that made the run with another draw."""
    reset = record.config.get("reset")
    reset = reset if seed is not None and isinstance(reset, dict) else {}
    given = reset.get("blocks")
    blocks = [block for block in given if isinstance(block, str)] if isinstance(given, list | tuple) else []
    source = str(reset.get("run", record.id))
    names = tuple(shlex.quote(name) for name in record.distance)
    fields = [
        Field("run", help="whose final weights it starts from", value=source, kind="positional"),
        Field("blocks", "--block", "put back; spaces between several", shlex.join(blocks), choices=names, kind="many",
              default="none"),
        Field("all but", "--all-but", "kept, all others are put back", choices=names, kind="many", default="none"),
        Field("to", "--to", "a fresh random draw, or the run's own initial values", str(reset.get("to", "")),
              choices=get_args(ResetTo), is_open=False, default="random"),
        Field("train", "--train", "train the whole again, or only measure", choices=("yes", "no"), is_open=False,
              default="yes", kind="switch", no_flag="--no-train"),
        Field("seed", "--seed", "of the draw and the training", "" if seed is None else str(seed),
              default="the run's", check=check_count),
    ]  # fmt: skip
    title = f"reset a block of {record.name or record.id}" if seed is None else f"like {record.name or record.id}"
    return Form(title, "reset-block", [*fields, *_labels(), *_place()], one_of=("blocks", "all but"))


def _interpolate(record: Record) -> Form:
    names = tuple(shlex.quote(name) for name in record.distance)
    fields = [
        Field("run", help="whose line is walked", value=record.id, kind="positional"),
        Field("by", "--by", "what moves at a time, beside the whole network", "block",
              choices=("block", "kind", "layer", "tensor"), is_open=False, default="the whole only"),
        Field("alphas", "--alphas", "number of points, START:STOP:STEP, a list, or adaptive[:N]", default=USUAL_ALPHAS,
              choices=("25", "50", "100", "adaptive")),
        Field("precision", "--precision", "stop when every barrier is known within this (nats)", default="all examples",
              choices=("0.1", "0.05", "0.02", "0.01")),
        Field("bn", "--bn", "BatchNorm statistics along the way; all compares", default="running",
              choices=(*get_args(BatchNorm), "all"), is_open=False),
        Field("metric", "--metric", "whose barriers are shown and made precise", default="loss",
              choices=get_args(Metric), is_open=False),
        Field("split", "--split", "test, train or test,train", default="test", choices=("test", "train", "test,train"),
              is_open=False),
        Field("examples", "--examples", "examples of each split", default="all", check=check_count),
        Field("only", "--block", "only these blocks; spaces between several", choices=names, kind="many",
              default="every one"),
        Field("from", "--from", "the end at alpha 0: initial, epoch-5, RUN:CHECKPOINT, random:SEED",
              default="initial"),
        Field("to", "--to", "the end at alpha 1: final, RUN:CHECKPOINT, a file", default="final"),
        Field("rest", "--rest", "which end the other blocks stay at", default="final", choices=get_args(Rest),
              is_open=False),
        Field("barrier", "--barrier", "definition shown and made precise", default="by the ends",
              choices=tuple(BARRIERS), is_open=False),
        Field("dtype", "--dtype", "what forward passes compute in", default="float32",
              choices=("float32", "float64", "bfloat16", "float16", "tf32"), is_open=False),
        Field("force", "--force", "measure again what is there", default="no", choices=("yes",), is_open=False,
              kind="switch"),
    ]  # fmt: skip
    return Form(f"interpolate {record.name or record.id}", "interpolate", [*fields, *_place()])


def _resume(record: Record, state: str) -> Form:
    fields = [Field("run", "--resume", "goes on after its last finished epoch", record.id)]
    obstacle = "" if state in {"interrupted", "failed"} else f"the run is {state}; only an interrupted one can go on"
    return Form(f"resume {record.name or record.id}", "train", [*fields, *_labels(), *_place()], obstacle=obstacle)


def _settings() -> Field:
    return Field("settings", "--set", "any other, as section.key=value; spaces between several", kind="many",
                 default="none", check=lambda text: assignments(split(text)))  # fmt: skip


def _labels() -> list[Field]:
    return [
        Field("name", "--name", "what you call the run", default="none"),
        Field("tags", "--tag", "your marks; spaces between several", kind="many", default="none"),
        Field(
            "save at",
            "--save-at",
            "epochs whose weights are kept, such as 0,1,5,end",
            default="0,end",
            check=parse_save_at,
        ),
    ]


def _place() -> list[Field]:
    return [
        Field("device", "--device", "auto, cpu, cuda, cuda:N or mps", default="auto",
              choices=("cpu", "cuda", "mps")),
        Field("data in", "--data-dir", "where data sets are or are downloaded to", default="./data"),
    ]  # fmt: skip
