"""A list to choose from: arrows, letters, and a way out."""

import asyncio

import pytest
from textual.app import App

from lininterp_cli.tui.screens.menu import Menu

OTHER_NAMES = {"acc": "model", "height": "barrier", "od": "nothing"}
CHOICES = [("accuracy", "of the final weights"), ("age", ""), ("barrier", "the highest"), ("model", "\x1b[31mred")]


@pytest.fixture
def choose():
    def run(*keys, size=(80, 24)):
        async def go():
            app, answers = App(), []
            async with app.run_test(size=size) as pilot:
                app.push_screen(Menu("sort by", CHOICES, present="age", meant=OTHER_NAMES.get), answers.append)
                await pilot.pause()
                await pilot.press(*keys)
                await pilot.pause()
            return answers

        return asyncio.run(go())

    return run


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        (["enter"], "age"),
        (["down", "enter"], "barrier"),
        (["up", "up", "up", "enter"], "accuracy"),
        (["pagedown", "enter"], "model"),
        ([*"bar", "enter"], "barrier"),
        ([*"zz", "enter"], None),
        ([*"zz", "backspace", "backspace", "enter"], "accuracy"),
        (["escape"], None),
        (["ctrl+c"], None),
        ([*"height", "enter"], "barrier"),
        # What begins with the text comes before what it is another name for.
        ([*"acc", "enter"], "accuracy"),
        ([*"acc", "down", "enter"], "model"),
        ([*"od", "enter"], "model"),
        # The words about a choice come last.
        ([*"final", "enter"], "accuracy"),
        ([*"re", "enter"], "model"),
        ([*"e", "down", "down", "down", "enter"], "accuracy"),
    ],
)
@pytest.mark.parametrize("size", [(80, 24), (12, 4)])
def test_choosing(choose, keys, chosen, size):
    assert choose(*keys, size=size) == [chosen]
