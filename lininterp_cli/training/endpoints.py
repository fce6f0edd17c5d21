"""Endpoints: the states that a path can start or end at, and that a run can start from."""

import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lininterp_cli.config.seeds import derive
from lininterp_cli.errors import ConfigError, NotFoundError
from lininterp_cli.models.blocks import statistics_of, whole
from lininterp_cli.models.state import State, check_finite, check_same, fits, lerp
from lininterp_cli.runs.run import Run
from lininterp_cli.runs.store import Store
from lininterp_cli.training.checkpoints import fingerprint, full_name, load_checkpoint, load_state
from lininterp_cli.training.initial import blank, draw

FORMS = (
    "initial, final, epoch-5, RUN:CHECKPOINT, RUN@ALPHA, random:SEED, noise:SEED, direction:SEED, zero, or a file of "
    "weights"
)

_CHECKPOINT = re.compile(r"initial|final|epoch-\d{1,9}")
_SEED = re.compile(r"\d{1,18}")
_SEEDED = ("random", "noise", "direction")
"""Endpoints that are drawn: each needs a seed after a colon."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A named state of a network and the function that loads it."""

    text: str
    """Its name, in one spelling."""
    description: dict[str, Any]
    """Its entry in a curve's file."""
    load: Callable[[Callable[[], nn.Module], str], State]
    """Loads the weights: takes a factory of the network and the name of its initial scheme, returns a state on the CPU
    that fits it."""

    @property
    def identity(self) -> str:
        """Its text and the hash of each file that its weights are read from: two different endpoints never share it."""
        known = self.description.get("sha256", ())
        hashes = [known] if isinstance(known, str) else list(known)
        return self.text + "".join(f"#{digest[:12]}" for digest in hashes)


def locate(text: str, store: Store, run: Run | None) -> Endpoint:
    """The endpoint that a text denotes.

    Args:
        text: One of FORMS; `RUN` alone is `RUN:final`, and `@ALPHA` alone is a point on the path of `run` (of the
            newest finished run if that is None).
        store: The store in which runs are looked up.
        run: The present run, whose checkpoints need no `RUN:` before them; None if there is none.

    Returns:
        The endpoint; its weights are not loaded yet.

    Raises:
        NotFoundError: If the run, the checkpoint or the file does not exist, or the text has none of the forms.
    """
    if text == "zero":
        return Endpoint("zero", {"zero": True}, _zero)
    head, colon, tail = text.rpartition(":")
    if colon and head == "random":
        return _random(tail)
    if colon and head in ("noise", "direction"):
        return _control(run, head, _seed(head, tail))
    if run is not None and _CHECKPOINT.fullmatch(text):
        return _checkpoint(run, text)
    if os.path.isfile(text):  # unlike Path.is_file, False for a text that cannot be a path at all
        return _file(Path(text))
    if colon and _CHECKPOINT.fullmatch(tail):
        return _checkpoint(store.find(head), tail)
    head, at, tail = text.rpartition("@")
    if at:
        return _point(run if run is not None and not head else store.find(head or None), tail)
    if Path(text).suffix in (".safetensors", ".pt", ".pth"):
        raise NotFoundError(f"there is no file {text}")
    return _final_of(text, store)


def check_end(text: str, store: Store) -> None:
    """Check that a text will denote an endpoint for a run that is not there yet.

    Args:
        text: One of FORMS.
        store: The store in which other runs are looked up.
    """
    head, colon, tail = text.rpartition(":")
    if colon and head in _SEEDED:
        _seed(head, tail)
    elif text.startswith("@"):
        _alpha(text[1:])
    elif not _CHECKPOINT.fullmatch(text):
        locate(text, store, None)


def load_ends(
    start: Endpoint,
    end: Endpoint,
    build: Callable[[], nn.Module],
    scheme: str,
    *,
    has_statistics: bool = True,
    has_choice: bool = False,
) -> tuple[State, State]:
    """Load the states at both ends of a path and check that they are finite.

    Args:
        start: The endpoint at alpha 0.
        end: The endpoint at alpha 1.
        build: Factory of the network.
        scheme: Name of its initial scheme.
        has_statistics: Whether the BatchNorm statistics stored with the weights are used; else they are not checked.
        has_choice: Whether the user may choose others by `--bn`, which the message then advises.

    Returns:
        The states at alpha 0 and 1, on the CPU.

    Raises:
        StateError: If an entry that is used is NaN or infinite; a buffer that is no statistic (a mask) may be infinite.
    """  # noqa: DOC502 - raised below
    model, states = blank(build), (start.load(build, scheme), end.load(build, scheme))
    statistics = set(statistics_of(model))
    checked = [*whole(model).parameters, *(sorted(statistics) if has_statistics else ())]
    for endpoint, state in zip((start, end), states, strict=True):
        masks = state.keys() - statistics.union(checked)
        undefined = sorted(name for name in masks if state[name].isnan().any())
        advice = "take an earlier checkpoint"
        if has_choice and statistics:
            advice += ", or --bn recalibrate where only BatchNorm statistics are listed"
        check_finite(state, [*checked, *undefined], endpoint.text, advice)
    return states


def _checkpoint(run: Run, name: str) -> Endpoint:
    name = full_name(name)
    path = run.checkpoint_path(name)
    known = {"sha256": fingerprint(path)} if path.is_file() else {}
    if not known:
        load_checkpoint(run, name)  # raises; the message lists the run's checkpoints

    def load(build: Callable[[], nn.Module], _: str) -> State:
        return fits(blank(build), load_checkpoint(run, name), f"{run.id}:{name}")

    return Endpoint(f"{run.id}:{name}", {"run": run.id, "checkpoint": name, **known}, load)


def _final_of(text: str, store: Store) -> Endpoint:
    try:
        return _checkpoint(store.find(text), "final")
    except NotFoundError as error:
        if text in _SEEDED:
            raise NotFoundError(f"{text!r} needs a seed: {text}:1") from error
        raise NotFoundError(f"{text!r} is no endpoint: {error} (endpoints are {FORMS})") from error


def _point(run: Run, alpha_text: str) -> Endpoint:
    alpha = _alpha(alpha_text)
    first, last = _checkpoint(run, "initial"), _checkpoint(run, "final")

    def load(build: Callable[[], nn.Module], scheme: str) -> State:
        start, end = first.load(build, scheme), last.load(build, scheme)
        check_same(start, end)
        return lerp(start, end, alpha)

    known = {"sha256": [first.description["sha256"], last.description["sha256"]]}
    # All digits, so that two points of one path never share a text.
    return Endpoint(f"{run.id}@{repr(alpha).removesuffix('.0')}", {"run": run.id, "alpha": alpha, **known}, load)


def _alpha(text: str) -> float:
    try:
        alpha = float(text) + 0.0  # -0 is 0
    except ValueError:
        alpha = math.nan
    if not math.isfinite(alpha):
        raise ConfigError(f"RUN@ALPHA needs a finite number after the @, not {text!r}")
    return alpha


def _random(seed_text: str) -> Endpoint:
    seed = _seed("random", seed_text)
    return Endpoint(f"random:{seed}", {"random": seed}, lambda build, scheme: draw(build, scheme, seed)[1])


def _control(run: Run | None, kind: str, seed: int) -> Endpoint:
    """Per tensor, `noise`: Gaussian of norm ||initial||; `direction`: final + Gaussian of norm ||final - initial||."""
    # `noise` is that of Tao, Li & Zhan 2024 (ICML); `direction` that of Adilova, Andriushchenko, Kamp, Fischer & Jaggi
    # 2024, arXiv 2307.06966.  BatchNorm statistics are not drawn: a variance must not be negative.
    if run is None:
        raise ConfigError(f"{kind}:{seed} is measured against a run's own weights; nothing can start from it")
    first, last = _checkpoint(run, "initial"), _checkpoint(run, "final")

    def load(build: Callable[[], nn.Module], scheme: str) -> State:
        start = first.load(build, scheme)
        first_name = _first_names(blank(build))
        if kind == "noise":
            return start | _offsets(first_name, start, derive(seed, kind))
        end = last.load(build, scheme)
        check_same(start, end)
        moved = {name: end[name] - start[name] for name in first_name}
        return end | {name: end[name] + way for name, way in _offsets(first_name, moved, derive(seed, kind)).items()}

    known = {"sha256": [first.description["sha256"], last.description["sha256"]]}
    return Endpoint(f"{kind}:{seed}", {kind: seed, **known}, load)


def _first_names(model: nn.Module) -> dict[str, str]:
    """Name of each floating or complex parameter to the first name of its tensor, which tied parameters share."""
    first: dict[int, str] = {}
    return {
        name: first.setdefault(id(tensor), name)
        for name, tensor in model.state_dict(keep_vars=True).items()
        if isinstance(tensor, nn.Parameter) and (tensor.is_floating_point() or tensor.is_complex())
    }


def _offsets(first_name: Mapping[str, str], like: State, seed: int) -> State:
    """Gaussian noise for each of the parameters, scaled to its norm in `like`; tied parameters share one draw."""
    offsets: State = {}
    for name, first in first_name.items():
        generator = torch.Generator().manual_seed(derive(seed, first))
        wide = torch.promote_types(like[name].dtype, torch.float64)
        noise = torch.randn(like[name].shape, generator=generator, dtype=wide)
        scale = like[name].to(wide).norm() / noise.norm().clamp_min(torch.finfo(torch.float64).tiny)
        offsets[name] = (noise * scale).to(like[name].dtype)
    return offsets


def _seed(kind: str, text: str) -> int:
    if not _SEED.fullmatch(text):
        raise ConfigError(f"{kind}:SEED needs a whole number from 0 on, not {text!r}")
    return int(text)


def _file(path: Path) -> Endpoint:
    digest = fingerprint(path)

    def load(build: Callable[[], nn.Module], _: str) -> State:
        return fits(blank(build), load_state(path), str(path))

    return Endpoint(path.name, {"file": path.name, "sha256": digest}, load)


def _zero(build: Callable[[], nn.Module], _: str) -> State:
    return {name: torch.zeros_like(tensor) for name, tensor in blank(build).state_dict().items()}
