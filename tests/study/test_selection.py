"""Which cell is meant by what a user or a job array says."""

import pytest

from lininterp_cli.errors import ConfigError, NotFoundError, UnknownNameError
from lininterp_cli.study.plan import Study
from lininterp_cli.study.selection import select

CELLS = Study(name="x", variants={"a": {}, "7": {"optimizer": {"lr": 0.5}}}, seeds=tuple(range(30))).cells()


def test_every_cell_by_index_label_and_digest():
    for index, cell in enumerate(CELLS):
        for text in (str(index), f"{index:03d}", cell.label, cell.digest):
            assert select(CELLS, text) == (cell,)


def test_a_group_is_all_of_its_seeds():
    assert select(CELLS, "a") == CELLS[:30]
    # An array job names every cell by its index, whatever the groups are called.
    few = CELLS[29:31]
    assert [cell.group for cell in few] == ["a", "7"]
    assert select(few, "7") == few[1:]
    assert select(CELLS, "7") == CELLS[7:8]


def test_the_beginning_of_a_digest():
    beginnings = {cell.digest[:6] for cell in CELLS}
    assert len(beginnings) == len(CELLS)
    for cell in CELLS:
        if not cell.digest[:6].isdecimal():
            assert select(CELLS, cell.digest[:6]) == (cell,)
    first = next(cell.digest[0] for cell in CELLS if cell.digest[0].isalpha() and cell.digest[0] != "a")
    with pytest.raises(ConfigError, match="give more of it"):
        select(CELLS, first)


def test_a_digest_that_no_cell_has():
    with pytest.raises(NotFoundError, match="no cell has the digest 0123456789ab: the study's file"):
        select(CELLS, "0123456789ab")


@pytest.mark.parametrize("text", ["60", "999999", "9" * 5000])
def test_an_index_beyond_the_last(text):
    if not any(cell.digest.startswith(text) for cell in CELLS):
        with pytest.raises(ConfigError, match=f"there is no cell '{text[:40]}.*; .* lists the cells 0 to 59"):
            select(CELLS, text)


@pytest.mark.parametrize("text", ["", "a, seed=30", "nobody", "²"])
def test_what_nothing_is_called(text):
    with pytest.raises(UnknownNameError):
        select(CELLS, text)
