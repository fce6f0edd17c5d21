"""What there is to choose from, asked of the real command."""

import asyncio

from lininterp_cli.tui.work.catalogue import SECTIONS, listed


def test_the_command_is_asked_for_names_and_defaults():
    found = asyncio.run(listed("schedules"))
    assert {"constant", "cosine", "step"} <= set(found)
    assert "schedules" in SECTIONS


def test_what_cannot_be_listed_is_nothing():
    assert asyncio.run(listed("no such things")) == {}
