"""Which cell is meant by what a user or a job array says."""

import pytest

from lininterp_cli.errors import ConfigError, UnknownNameError
from lininterp_cli.study.plan import Study
from lininterp_cli.study.selection import select

CELLS = Study(name="x", variants={"a": {}, "7": {"optimizer": {"lr": 0.5}}}, seeds=tuple(range(30))).cells()


def test_every_cell_by_index_label_and_digest():
    for index, cell in enumerate(CELLS):
        for text in (str(index), cell.label, cell.digest):
            # A variant's name comes before an index, as a label does.
            assert select(CELLS, text) == ((cell,) if text != "7" else CELLS[30:])


def test_a_group_is_all_of_its_seeds():
    assert select(CELLS, "a") == CELLS[:30]


def test_the_beginning_of_a_digest():
    beginnings = {cell.digest[:6] for cell in CELLS}
    assert len(beginnings) == len(CELLS)
    for cell in CELLS:
        if not cell.digest[:6].isdecimal():
            assert select(CELLS, cell.digest[:6]) == (cell,)
    first = next(cell.digest[0] for cell in CELLS if cell.digest[0].isalpha() and cell.digest[0] != "a")
    with pytest.raises(ConfigError, match="give more of it"):
        select(CELLS, first)


@pytest.mark.parametrize("text", ["60", "999999"])
def test_an_index_beyond_the_last(text):
    if not any(cell.digest.startswith(text) for cell in CELLS):
        with pytest.raises(ConfigError, match=f"there is no cell {text}; the cells are 0 to 59"):
            select(CELLS, text)


@pytest.mark.parametrize("text", ["", "a, seed=30", "nobody", "²"])
def test_what_nothing_is_called(text):
    with pytest.raises(UnknownNameError):
        select(CELLS, text)
