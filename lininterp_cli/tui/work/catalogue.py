"""What there is to choose from, as `lininterp list` says it in a process of its own: the explorer imports no torch."""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping
from typing import Any

SECTIONS = {"models": "model", "data": "data", "opts": "optimizer", "schedules": "schedule", "inits": "init"}
"""What `lininterp list` can list to the section of a configuration that names it."""


async def listed(kind: str) -> Mapping[str, Mapping[str, Any]]:
    """Ask for the names of a registry; it takes seconds, and the process is ended if the asking is.

    Args:
        kind: A key of SECTIONS.

    Returns:
        Name to hyper-parameters at their defaults; nothing where they cannot be had.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "lininterp_cli", "list", kind, "--json", stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL
    )
    try:
        out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    try:
        return {entry["name"]: entry["options"] for entry in json.loads(out)}
    except (ValueError, KeyError, TypeError):
        return {}
