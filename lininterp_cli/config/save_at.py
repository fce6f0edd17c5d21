"""Parsing of `--save-at`, the epochs to keep checkpoints of, for the command line and the explorer's form."""

from lininterp_cli.errors import ConfigError


def parse_save_at(text: str) -> tuple[int, ...]:
    """The epochs to keep checkpoints of.

    Args:
        text: Epochs and `end`, separated by commas.

    Returns:
        The epochs in ascending order, without 0 and `end`, which are always kept.

    Raises:
        ConfigError: If a part is neither an epoch nor `end`.

    Example:
        >>> parse_save_at("0,1,5,end")
        (1, 5)
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    for part in parts:
        if part != "end" and not part.isdecimal():
            raise ConfigError(f"--save-at takes epochs and `end`, for example 0,1,5,end, not {text!r}")
    return tuple(sorted({int(part) for part in parts if part != "end"} - {0}))
