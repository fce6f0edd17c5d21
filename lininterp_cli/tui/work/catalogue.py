"""Names to choose from, by `lininterp list` in a process of its own, as the explorer imports no torch."""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping
from typing import Any

SECTIONS = {"models": "model", "data": "data", "opts": "optimizer", "schedules": "schedule", "inits": "init"}
"""Argument of `lininterp list` to the section of a configuration that has such a name."""


async def listed(kind: str) -> Mapping[str, Mapping[str, Any]]:
    """List the names of a registry in a process, which takes seconds and is killed if the call is cancelled.

    Args:
        kind: A key of SECTIONS.

    Returns:
        Name to the default hyper-parameters; empty if the process gives none.
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
