"""What a job has said: the end of its log, and which run it speaks of; it changes nothing."""

import os
import re

from lininterp_cli.runs.jobs import Job

TAIL_BYTES = 65_536
"""How much of a log's end is read at most."""

_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])")
"""A control sequence of a terminal: CSI, OSC, or one of two characters (ECMA-48)."""

_BEGINNING = re.compile(r"^(?:training|going on after epoch \d+ with) (\S+) on ", re.MULTILINE)
"""What `train` and `reset-block` say when they know which run they work on."""


def tail(job: Job, num_lines: int) -> list[str]:
    """The last lines that a job has said; however long its log is, only its end is read.

    Args:
        job: The job.
        num_lines: How many at most.

    Returns:
        The lines without control sequences of terminals; of a line that was written over, what stands last.
    """
    try:
        with job.log_path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL_BYTES))
            text = file.read(TAIL_BYTES).decode("utf-8", "replace")
    except OSError:
        return []
    lines = text.split("\n")
    # The first line of a part is most likely half a line.
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
        What its log or its command line says; None where neither does, as before a training has begun.
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
    # A reset-block names the run that it starts from, not the one it makes.
    if job.words[:1] != ("interpolate",) or not words:
        return None
    if "--" in words[:-1]:
        return words[words.index("--") + 1]
    return None if words[0].startswith("-") else words[0]


def _settled(line: str) -> str:
    """What a terminal shows of a line whose beginning was written over again and again."""
    parts = [part for part in line.split("\r") if part.strip()]
    return parts[-1].rstrip() if parts else ""
