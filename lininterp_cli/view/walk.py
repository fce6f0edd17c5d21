"""A walk that is going on: how far it is, and how it tells its pace in a line of its log; it draws nothing."""

import re
from dataclasses import dataclass

from lininterp_cli.landscape.curve import Curve

_EXAMPLES = re.compile(r"(?:^|-)(\d+)-examples(?:-|$)")
_PACE = re.compile(r"chunk (\d+)(?:/(\d+))?, ([\d,]+) ex/s(?:, (\d+) min (\d+) s left)?(?:; |$)")


@dataclass(frozen=True, kw_only=True, slots=True)
class WalkPace:
    """What a walk says of its pace."""

    chunk: int
    """The chunk of examples that it is at."""
    num_chunks: int | None = None
    """How many there are; None where nobody knows, as it goes on until barriers are precise."""
    speed: float
    """Examples per second, each counted at every point."""
    seconds_left: float | None = None
    """How long the rest takes; None where nobody knows."""

    @property
    def chunks(self) -> str:
        """How far it is."""
        return f"chunk {self.chunk}" + ("" if self.num_chunks is None else f"/{self.num_chunks}")

    @property
    def rate(self) -> str:
        """How fast it is."""
        return f"{self.speed:,.0f} ex/s"

    @property
    def words(self) -> str:
        """The pace as a line of the log begins; `read_pace` reads it.

        Example:
            >>> WalkPace(chunk=1, num_chunks=3, speed=5432.1, seconds_left=96).words
            'chunk 1/3, 5,432 ex/s, 1 min 36 s left'
        """
        minutes, seconds = divmod(int(self.seconds_left or 0), 60)
        left = "" if self.seconds_left is None else f", {minutes} min {seconds:02} s left"
        return f"{self.chunks}, {self.rate}{left}"


def read_pace(line: str) -> WalkPace | None:
    """The pace that a line of a walk's log tells.

    Args:
        line: The line.

    Returns:
        The pace; None where the line is of something else.

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
    """How many examples of a split a growing curve is to have in the end.

    Args:
        curve: The curve, whose name tells how many were asked for where that was not all.
        split: One of the curve's.

    Returns:
        A number; 0 where the file does not tell how many there are.
    """
    size = max((series.splits[split].split_size for series in curve.series if split in series.splits), default=0)
    asked = _EXAMPLES.findall(curve.name)
    return min(size, int(asked[-1])) if asked else size


def walk_share(curve: Curve) -> float | None:
    """How much of a growing curve is measured.

    Args:
        curve: The curve.

    Returns:
        Examples that are known over those that are wanted, a mean over series, in [0, 1]; None where its file does
        not tell how many there are.
    """
    known = [
        (values.num_examples, wanted_examples(curve, split))
        for series in curve.series
        for split, values in series.splits.items()
    ]
    if not known or any(wanted < 1 for _, wanted in known):
        return None
    return min(1.0, sum(num / wanted for num, wanted in known) / len(known))
