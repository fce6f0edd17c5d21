"""What the ends of a line are called."""

from collections.abc import Mapping
from typing import Any

from lininterp_cli.landscape.curve import Curve
from lininterp_cli.landscape.measures import Measure
from lininterp_cli.view.text import printable


def endpoint_names(curve: Curve | Measure) -> tuple[str, str]:
    """What the two ends of a curve are called: the checkpoint, and the run where it is another one.

    Args:
        curve: The curve, or another measure of a line.

    Returns:
        The name of the end at alpha 0 and of the end at alpha 1.
    """
    return endpoint_name(curve.start, curve.run, "start"), endpoint_name(curve.end, curve.run, "end")


def endpoint_name(end: Mapping[str, Any], run: str, fallback: str) -> str:
    """What one end is called.

    Args:
        end: Its description, as files hold it.
        run: The run whose own ends need no run before them.
        fallback: What it is called where the description says nothing.

    Returns:
        One line.
    """
    if end.get("zero"):
        return "zero"
    for key, form in (("random", "random:{}"), ("noise", "noise:{}"), ("direction", "direction:{}"), ("file", "{}")):
        if key in end:
            return printable(form.format(end[key]))
    name = printable(end.get("checkpoint") or (f"@{end['alpha']}" if "alpha" in end else fallback))
    other = end.get("run")
    return name if not other or other == run else f"{printable(other)}:{name}"
