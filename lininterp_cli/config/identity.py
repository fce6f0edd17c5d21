"""The id of a run: a readable label and a hash of the settings that are not default.

The hash is taken over the settings that differ from their defaults, as canonical JSON, so that a setting added
later with a default that changes nothing keeps every old id.  For the same reason no default may ever change.
"""

import hashlib
import json
import re
from typing import Any

from lininterp_cli.config.own import is_own, short_name
from lininterp_cli.config.run import Part, RunConfig
from lininterp_cli.config.values import Value

_SHORT = {
    "weight_decay": "wd",
    "momentum": "m",
    "width": "w",
    "depth": "d",
    "label_noise": "noise",
    "train_size": "n",
}
_MAX_LABEL = 64

_HASHES = re.compile(r"(#[0-9a-f]{12})+\Z")

_NO_MATTER = {("training", "eval_every")}
"""Sections and settings that no weight depends on; they are left out of the hash."""


def canonical(config: RunConfig) -> str:
    """The settings of a run that are not default and decide its weights, as canonical JSON.

    Args:
        config: A resolved configuration: its options hold only values that differ from the defaults.

    Returns:
        JSON with sorted keys and no spaces; each part's name is always in it.

    Example:
        >>> canonical(RunConfig(seed=3)).partition(',"optimizer"')[0]
        '{"data":{"name":"digits"},"model":{"name":"resnet8"}'
    """
    default = RunConfig().to_dict()
    kept: dict[str, Any] = {}
    for key, value in config.to_dict().items():
        if key not in default:
            kept[key] = value
        elif isinstance(value, dict):
            base = default[key]
            own = {k: v for k, v in value.items() if (key, k) not in _NO_MATTER}
            section = {k: v for k, v in own.items() if k == "name" or k not in base or v != base[k]}
            kept |= {key: section} if section else {}
        elif value != default[key]:
            kept[key] = value
    return json.dumps(kept, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(config: RunConfig) -> str:
    """SHA-256 of the canonical settings, in hex."""
    return hashlib.sha256(canonical(config).encode()).hexdigest()


def digest_of(content: Any) -> str:
    """SHA-256 of plain data as JSON with sorted keys, in hex; it serves to name stored data and find it again.

    Args:
        content: Plain data.

    Returns:
        64 hex digits.
    """
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def run_id(config: RunConfig) -> str:
    """The id of a run: model, data, optimizer and their non-default settings, the seed, six digits of the hash.

    Args:
        config: A resolved configuration: its options hold only values that differ from the defaults.

    Returns:
        An id that is safe as a folder's name.

    Example:
        >>> run_id(RunConfig(model=Part(name="resnet18", options={"width": 16}), seed=1))
        'resnet18-w16-digits-momentum-s1-74cd69'
    """
    words = [*_words(config.model), *_words(config.data), *_words(config.optimizer)]
    for section, short in (("block_lr", "lr"), ("block_weight_decay", "wd"), ("block_init_scale", "scale")):
        words += [f"{block}-{short}{_number(value)}" for block, value in sorted(getattr(config, section).items())]
    if config.init != "default":
        words.append(_safe(config.init))
    if config.reset is not None:
        words += ["reset", *config.reset.blocks, *(["initial"] if config.reset.to == "initial" else [])]
    return f"{_label(words)}-s{config.seed}-{digest(config)[:6]}"


def import_id(config: RunConfig, content_digest: str) -> str:
    """The id of an imported run: model and data, and six digits of a hash.

    Args:
        config: A resolved configuration, of which the data and the model are used.
        content_digest: SHA-256 of these two and of the sources of the weights, in hex.

    Returns:
        An id that is safe as a folder's name.
    """
    return f"{_label([*_words(config.model), *_words(config.data), 'import'])}-{content_digest[:6]}"


def without_hashes(init: str) -> str:
    """The origin of initial weights without the content hashes that a record has.

    Args:
        init: A configuration's `init`.

    Returns:
        The text as a command takes it; a `#` in a file's name remains.

    Example:
        >>> without_hashes("w#1.pt#0123456789ab"), without_hashes("w#1.pt")
        ('w#1.pt', 'w#1.pt')
    """
    return _HASHES.sub("", init)


def _label(words: list[str]) -> str:
    return _safe("-".join(words))[:_MAX_LABEL].rstrip("-.") or "run"


def _words(part: Part) -> list[str]:
    words = [short_name(part.name).rpartition(":")[2] if is_own(part.name) else part.name.partition(":")[0]]
    extra: dict[str, Value] = dict(sorted(part.options.items()))
    for key, default in (("train_size", 1.0), ("label_noise", 0.0), ("copies", 1), ("zeroed", 0.0)):
        if getattr(part, key, default) != default:
            extra[key] = getattr(part, key)
    for key, value in extra.items():
        short = _SHORT.get(key, key)
        if isinstance(value, bool):
            words.append(short if value else f"no-{short}")
        elif isinstance(value, str):
            words.append(f"{short}-{value}")
        else:
            words.append(f"{short}{_number(value)}")
    return words


def _number(value: float) -> str:
    return f"{value:g}".replace("e+", "e")  # the plus would become a minus


def _safe(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-.").lower()
