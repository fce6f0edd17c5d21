"""Checks of example shapes and options that several model families share; no network is built here."""

from lininterp_cli.errors import ConfigError


def image_shape(model: str, shape: tuple[int, ...], *, min_pixels: int = 1) -> tuple[int, int, int]:
    """Check that examples are images, and large enough.

    Args:
        model: The model's name, for the message.
        shape: The shape of one example.
        min_pixels: The smallest height and width that the model can take.

    Returns:
        The same shape as (C, H, W).

    Raises:
        ConfigError: If an example is not an image, or is too small.

    Example:
        >>> image_shape("lenet5", (1, 28, 28), min_pixels=8)
        (1, 28, 28)
        >>> image_shape("lenet5", (64,), min_pixels=8)
        Traceback (most recent call last):
        ...
        lininterp_cli.errors.ConfigError: lenet5 takes images (C, H, W) of at least 8x8 pixels, but an example \
is (64,); choose a data set of such images or the model mlp
    """
    if len(shape) == 3 and shape[0] >= 1 and min(shape[1:]) >= min_pixels:
        return shape
    size = f" of at least {min_pixels}x{min_pixels} pixels" if min_pixels > 1 else ""
    raise ConfigError(
        f"{model} takes images (C, H, W){size}, but an example is {shape}; "
        f"choose a data set of such images or the model mlp"
    )


def check_positive(model: str, **options: int) -> None:
    """Check that counts are at least 1.

    Args:
        model: The model's name, for the message.
        **options: Hyper-parameters by name.

    Raises:
        ConfigError: If one is 0 or less.

    Example:
        >>> check_positive("mlp", width=0, depth=2)
        Traceback (most recent call last):
        ...
        lininterp_cli.errors.ConfigError: width of mlp is 0; it must be 1 or more
    """
    for name, value in options.items():
        if value < 1:
            raise ConfigError(f"{name} of {model} is {value}; it must be 1 or more")
