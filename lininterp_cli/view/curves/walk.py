"""The progress of a walk (the measurement of a curve), and its pace as a line of its log; nothing is drawn here."""

import re
from dataclasses import dataclass

from lininterp_cli.landscape.curves.curve import Curve

_EXAMPLES = re.compile(r"(?:^|-)(\d+)-examples(?:-|$)")
_PACE = re.compile(r"chunk (\d+)(?:/(\d+))?, ([\d,]+) ex/s(?:, (\d+) min (\d+) s left)?(?:; |$)")


@dataclass(frozen=True, kw_only=True, slots=True)
class WalkPace:
    """The pace of a walk."""

    chunk: int
    """The chunk of examples that is being measured, from 1."""
    num_chunks: int | None = None
    """Number of chunks; None where it is unknown, as the walk goes on until barriers are precise."""
    speed: float
    """Examples per second, each counted at every point."""
    seconds_left: float | None = None
    """Remaining time in seconds; None where it is unknown."""

    @property
    def chunks(self) -> str:
        """The progress in words."""
        return f"chunk {self.chunk}" + ("" if self.num_chunks is None else f"/{self.num_chunks}")

    @property
    def rate(self) -> str:
        """The speed in words."""
        return f"{self.speed:,.0f} ex/s"

    @property
    def words(self) -> str:
        """The pace as the beginning of a line of the log; `read_pace` parses it.

        Example:
            >>> WalkPace(chunk=1, num_chunks=3, speed=5432.1, seconds_left=96).words
            'chunk 1/3, 5,432 ex/s, 1 min 36 s left'
        """
        minutes, seconds = divmod(int(self.seconds_left or 0), 60)
        left = "" if self.seconds_left is None else f", {minutes} min {seconds:02} s left"
        return f"{self.chunks}, {self.rate}{left}"


def read_pace(line: str) -> WalkPace | None:
    """Parse a line of a walk's log.

    Args:
        line: The line.

    Returns:
        The pace; None if the line does not begin with one.

    Example:
        >>> read_pace("chunk 2, 12 ex/s; conv1 rise ±0.1, asked ±0.05").speed
        12.0
    """
    found = _PACE.match(line)
    if found is None:
        return None
    chunk, num_chunks, speed, minutes, seconds = found.groups()
    return WalkPace(
        chunk=int(chunk),
        num_chunks=None if num_chunks is None else int(num_chunks),
        speed=float(speed.replace(",", "")),
        seconds_left=None if minutes is None else 60.0 * int(minutes) + int(seconds),
    )


def wanted_examples(curve: Curve, split: str) -> int:
    """The number of examples of a split that a growing curve will have in the end.

    Args:
        curve: The curve; its name contains the requested number if that is not all examples.
        split: One of the curve's.

    Returns:
        The number; 0 if the file does not state the size of the split.
    """
    size = max((series.splits[split].split_size for series in curve.series if split in series.splits), default=0)
    asked = _EXAMPLES.findall(curve.name)
    return min(size, int(asked[-1])) if asked else size


def walk_share(curve: Curve) -> float | None:
    """The fraction of a growing curve that is measured.

    Args:
        curve: The curve.

    Returns:
        Measured over wanted examples, a mean over series and splits, in [0, 1]; None if its file does not state the
        size of a split.
    """
    known = [
        (values.num_examples, wanted_examples(curve, split))
        for series in curve.series
        for split, values in series.splits.items()
    ]
    if not known or any(wanted < 1 for _, wanted in known):
        return None
    return min(1.0, sum(num / wanted for num, wanted in known) / len(known))
