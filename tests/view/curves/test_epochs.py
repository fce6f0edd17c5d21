"""The course of a training as a plot, whatever its file holds."""

from lininterp_cli.view.curves.epochs import epoch_line, epochs, training_rows
from lininterp_cli.view.plots.plot import text_of


def draw(rows):
    return text_of(training_rows(rows, width=60, height=14)).plain


def test_losses_by_epoch_and_those_that_are_missing():
    text = draw([
        {"epoch": e, "train_loss": 2 / (e + 1), "test_loss": None if e == 3 else 2.1 / (e + 1)} for e in range(10)
    ])
    assert text.startswith("loss (nats) by epoch")
    assert "1 not finite" in text
    assert text.split("\n")[-1].split() == ["━", "test", "t", "train"]


def test_without_any_epoch_there_is_a_remark():
    assert "nothing measured yet" in draw([])
    assert "nothing measured yet" in draw([{"epoch": "x", "test_loss": []}])


def test_an_integer_beyond_any_float_is_not_finite():
    rows = [{"epoch": e, "test_loss": 10**400 if e == 1 else 1.0} for e in range(3)]
    assert "1 not finite" in draw(rows)
    assert "nothing measured yet" in draw([{"epoch": 10**400, "test_loss": 1.0}])


def test_an_epoch_says_what_was_measured_then():
    rows = [{"epoch": 1, "train_loss": 2.0}, {"epoch": 2, "test_loss": None, "test_accuracy": 0.5, "lr": 0.05}, {}]
    assert epochs(rows) == [1, 2]
    assert epoch_line(rows, 1, 80).plain == " epoch 1  train loss 2.000"
    assert epoch_line(rows, 2, 80).plain == " epoch 2  test loss n/a  accuracy 0.5000  lr 0.05"
    assert epoch_line(rows, 2, 80, metric="accuracy").plain == " epoch 2  test accuracy 0.5000  loss n/a  lr 0.05"
    assert epoch_line(rows, 2, 12, ascii=True).cell_len == 12
