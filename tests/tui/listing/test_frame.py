"""The first line of the list fits, and shows where it is shortened."""

from pathlib import Path

import pytest
from rich.cells import cell_len

from lininterp_cli.tui.listing.frame import advice, head
from lininterp_cli.tui.listing.shelf import Shelf
from lininterp_cli.tui.model import Snapshot


@pytest.mark.parametrize("num_marked", [0, 12])
def test_a_long_filter_is_shortened_visibly(num_marked):
    shelf = Shelf(text="optimizer.name:sgd model.name:resnet8 optimizer.lr:0.01 " * 3)
    found = Snapshot(entries=(), complete=True)
    for width in range(70, 160):
        line = head("runs", found, shelf, 5, num_marked, width, ascii=False).plain
        assert cell_len(line) <= width
        assert line.rstrip().endswith("…")


def test_an_empty_folder_says_how_to_make_the_first_run():
    def shown(folder):
        lines = [line.plain for line in advice(folder, Snapshot(complete=True), 80, ascii=False)]
        assert max(map(cell_len, lines)) <= 80
        return [line.strip() for line in lines]

    lines = shown(Path("/data/runs"))
    assert "Make one with x, or:" in lines
    assert "lininterp train --runs /data/runs" in lines
    deep = Path("/data") / ("b" * 60)
    assert shown(deep)[-4:-2] == ["lininterp train --runs", str(deep)]
    assert "  0 runs  " in head("runs", Snapshot(complete=True), Shelf(), 0, 0, 80, ascii=False).plain
