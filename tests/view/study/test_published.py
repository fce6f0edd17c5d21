"""Published figures beside measured ones."""

import pytest
from rich.console import Group

from lininterp_cli.study.plan import Published
from lininterp_cli.study.report.figures import Spread
from lininterp_cli.view.study.page import page
from lininterp_cli.view.study.published import comparisons, is_more_than_accuracy
from lininterp_cli.view.study.tables import tables


@pytest.fixture
def lines(show):
    return lambda report: show(Group(*tables(report, width=80)), 80)


PUBLISHED = {
    "test_accuracy": Published(0.93, 0.002),
    "test_loss": Published(0.338, 0.007),
    "test_accuracy@11": Published(0.807),
    "monotone": Published(0.5),
}


def published_row(make_row):
    row = make_row(published=PUBLISHED)
    row.figures["test_loss"] = Spread(3, 0.4, 0.02)
    row.figures["test_accuracy@11"] = Spread(0, None, None)
    return row


def test_each_figure_in_its_unit_with_what_it_differs_by(make_report, make_row):
    row = published_row(make_row)
    assert list(comparisons(make_report(rows=(row,)))) == [
        (row, ("test accuracy (%)", "93.00±0.20", "92.00±2.00", "-1.00")),
        (row, ("test loss", "0.338±0.007", "0.400±0.020", "+0.062")),
        (row, ("accuracy, epoch 11 (%)", "80.70", "n/a", "n/a")),
        (row, ("monotonicity", "0.500", "0.333±0.577", "-0.167")),
    ]


def test_they_have_a_table_of_their_own_where_there_is_more_than_an_accuracy(make_report, make_row, lines):
    plain = make_report(rows=(make_row(target=0.93), make_row("b", (0.5,))))
    assert not is_more_than_accuracy(plain)
    assert "Published figures" not in lines(plain)
    assert "Published figures" not in page(plain)
    more = make_report(rows=(published_row(make_row), make_row("b", (0.5,))))
    out = lines(more)
    first, second = out[out.index("Published figures") + 2 :][:2]
    assert first.split() == ["a", "decay=0", "test", "accuracy", "(%)", "93.00±0.20", "92.00±2.00", "-1.00"]
    assert second.split() == ["test", "loss", "0.338±0.007", "0.400±0.020", "+0.062"]
    assert max(map(len, out)) <= 80
    assert "accuracy, epoch 11 (%)" in page(more)


def test_what_is_not_begun_is_compared_with_nothing(make_report, make_row):
    waiting = make_row("a", (), line="", states={"waiting": 3}, published=PUBLISHED)
    assert list(comparisons(make_report(rows=(waiting,)))) == []
