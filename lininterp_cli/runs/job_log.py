"""Reading a job's log: its last lines, and the run that the job works on; nothing is changed."""

import os
import re

from lininterp_cli.runs.jobs import Job

TAIL_BYTES = 65_536
"""The largest part of a log's end that is read."""

_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])")
"""A control sequence of a terminal: CSI, OSC, or one of two characters (ECMA-48)."""

_BEGINNING = re.compile(r"^(?:training|going on after epoch \d+ with) (\S+) on ", re.MULTILINE)
"""The line that `train` and `reset-block` print once they know their run."""


def tail(job: Job, num_lines: int) -> list[str]:
    """The last lines of a job's log; however long it is, only its end is read.

    Args:
        job: The job.
        num_lines: The largest number of lines.

    Returns:
        The lines without terminal control sequences; of a line overwritten by carriage returns, its last text.
    """
    try:
        with job.log_path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL_BYTES))
            text = file.read(TAIL_BYTES).decode("utf-8", "replace")
    except OSError:
        return []
    lines = text.split("\n")
    # If only a part is read, its first line is most likely half a line.
    lines = lines[1:] if size > TAIL_BYTES and len(lines) > 1 else lines
    shown = [_settled(_SEQUENCE.sub("", line)) for line in lines]
    while shown and not shown[-1].strip():
        shown.pop()
    return shown[-num_lines:] if num_lines > 0 else []


def run_of(job: Job) -> str | None:
    """The id or name of the run that a job works on.

    Args:
        job: The job.

    Returns:
        The run in its log, or else in its command line; None if neither has one, as before training begins.
    """
    try:
        with job.log_path.open("rb") as file:
            said = _BEGINNING.search(file.read(4096).decode("utf-8", "replace"))
    except OSError:
        said = None
    if said is not None:
        return said[1]
    words = job.words[1:]
    if "--resume" in words[:-1]:
        return words[words.index("--resume") + 1]
    # The command line of reset-block has the run that it starts from, not the one that it makes.
    if job.words[:1] != ("interpolate",) or not words:
        return None
    if "--" in words[:-1]:
        return words[words.index("--") + 1]
    return None if words[0].startswith("-") else words[0]


def _settled(line: str) -> str:
    """The text that a terminal shows of a line overwritten by carriage returns."""
    parts = [part for part in line.split("\r") if part.strip()]
    return parts[-1].rstrip() if parts else ""
