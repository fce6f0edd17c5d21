"""Names of the ends of a line."""

from collections.abc import Mapping
from typing import Any

from lininterp_cli.landscape.curves.curve import Curve
from lininterp_cli.landscape.curves.measures import Measure
from lininterp_cli.view.text import printable


def endpoint_names(curve: Curve | Measure) -> tuple[str, str]:
    """The names of the two ends of a curve: the checkpoint, after its run if that is another one.

    Args:
        curve: The curve, or another measure of a line.

    Returns:
        The name of the end at alpha 0 and of the end at alpha 1.
    """
    return endpoint_name(curve.start, curve.run, "start"), endpoint_name(curve.end, curve.run, "end")


def endpoint_name(end: Mapping[str, Any], run: str, fallback: str) -> str:
    """The name of one end.

    Args:
        end: Its description, as in the curve's file.
        run: Id of the curve's run, which is left out of the names of its own ends.
        fallback: The name if the description has none.

    Returns:
        One printable line.
    """
    if end.get("zero"):
        return "zero"
    for key, form in (("random", "random:{}"), ("noise", "noise:{}"), ("direction", "direction:{}"), ("file", "{}")):
        if key in end:
            return printable(form.format(end[key]))
    name = printable(end.get("checkpoint") or (f"@{end['alpha']}" if "alpha" in end else fallback))
    other = end.get("run")
    return name if not other or other == run else f"{printable(other)}:{name}"
