"""The desk: a cursor over what is done, its fields, the start and the jobs."""

from pathlib import Path

import pytest

from lininterp_cli.runs.jobs import Job
from lininterp_cli.runs.record import Record
from lininterp_cli.tui.work import desk_lines
from lininterp_cli.tui.work.commands import KINDS, Subject
from lininterp_cli.tui.work.desk import Desk
from lininterp_cli.tui.work.hearing import Heard
from lininterp_cli.view.look import Look

NOW = 1_000_000.0


def record():
    config = {"data": {"name": "digits"}, "model": {"name": "resnet8", "width": 16}, "seed": 0}
    return Record(id="run-s0", config=config, distance={"conv1": 1.0})


def heard(name, state="running", line="epoch 3/30", words=("train", "--runs", "runs"), **more):
    job = Job(folder=Path(name), words=words, created=NOW - 200, state=state, **more)
    return Heard(job=job, line=line, written=NOW - 100)


def test_the_cursor_runs_over_everything_and_stops_at_both_ends():
    desk = Desk(runs=Path("runs"), heard=(heard("b"), heard("a")))
    desk.move(-5)
    assert (desk.place, desk.field, desk.job) == (0, None, None)
    desk.move(1)
    assert desk.field.name == "preset"
    desk.move(desk.start_place - 1)
    assert desk.place == desk.start_place
    assert (desk.field, desk.job) == (None, None)
    desk.move(100)
    assert desk.job.job.id == "a"
    desk.go_to_jobs()
    assert desk.job.job.id == "b"


def test_the_cursor_stays_on_its_job_when_others_come_and_go():
    desk = Desk(runs=Path("runs"), heard=(heard("b"), heard("a")))
    desk.move(10**6)
    desk.hear((heard("c"), heard("b"), heard("a")))
    assert desk.job.job.id == "a"
    desk.hear((heard("c"), heard("b")))
    assert desk.job.job.id == "b"
    desk.hear(())
    assert desk.place == desk.start_place


@pytest.mark.parametrize("place", [0, 10**6])
def test_the_cursor_goes_to_the_job_that_was_started_once_it_is_listed(place):
    desk = Desk(runs=Path("runs"), heard=(heard("b"), heard("a")))
    desk.move(place)
    desk.started = "c"
    # An older listing may arrive first.
    desk.hear((heard("b"), heard("a")))
    desk.hear((heard("d"), heard("c"), heard("b"), heard("a")))
    assert desk.job.job.id == "c"
    desk.hear((heard("e"), heard("d"), heard("c")))
    assert desk.job.job.id == "c"
    desk.started = "f"
    desk.move(1)
    desk.hear((heard("f"), heard("e")))
    assert desk.job is None or desk.job.job.id != "f"


def test_choices_change_the_command():
    desk = Desk(runs=Path("runs"), subject=Subject(record=record(), state="finished"))
    assert desk.words == ["interpolate", "run-s0", "--by", "block", "--runs", "runs"]
    desk.move(1)
    before = desk.words
    assert "nothing to choose" in desk.turn(1)
    assert desk.words == before
    desk.move(1)
    assert desk.turn(1) == ""
    assert "kind" in desk.words
    desk.turn(1)
    assert "layer" in desk.words
    desk.write("")
    assert "--by" not in desk.words
    desk.move(-2)
    desk.turn(1)
    assert desk.kind == "resume"
    for _ in KINDS:
        desk.turn(1)
    assert desk.kind == "resume"


def test_what_lininterp_list_says_gives_choices_and_spares_defaults():
    desk = Desk(runs=Path("runs"), subject=Subject(record=record()), kind="like")
    assert desk.wants() == []
    desk.move(1)
    assert desk.wants() == ["models", "data", "opts", "schedules"]
    before = {field.name for field in desk.form.fields}
    assert "model.width" in before
    desk.learn("models", {"resnet8": {"width": 16}, "vit": {}})
    assert "model.width" not in {field.name for field in desk.form.fields}
    desk.choose("train")
    desk.move(1)
    assert desk.field.name == "model"
    assert {"resnet8", "vit"} <= set(desk.field.choices)
    assert desk.wants() == ["opts", "data"]


def test_what_was_written_is_not_lost_when_the_names_arrive():
    desk = Desk(runs=Path("runs"), subject=Subject(record=record()), kind="like")
    desk.move(2)
    desk.write("77")
    desk.learn("models", {"resnet8": {"width": 16}})
    assert "77" in desk.words


def test_every_form_is_kept_as_it_was_filled_in():
    desk = Desk(runs=Path("runs"), subject=Subject(record=record()), kind="like")
    desk.move(2)
    desk.write("77")
    words = desk.words
    desk.choose("train")
    desk.form.named("epochs").value = "5"
    desk.learn("models", {"resnet8": {"width": 16}})
    desk.choose("like")
    assert desk.words == words
    desk.choose("train")
    assert desk.form.named("epochs").value == "5"
    # A form in which nothing was filled in spares the defaults that came meanwhile.
    desk = Desk(runs=Path("runs"), subject=Subject(record=record()), kind="like")
    desk.choose("train")
    desk.learn("models", {"resnet8": {"width": 16}})
    desk.choose("like")
    assert "model.width" not in {field.name for field in desk.form.fields}


def test_the_cursor_stays_on_its_field_when_the_names_arrive():
    desk = Desk(runs=Path("runs"), subject=Subject(record=record()), kind="like")
    desk.place = 1 + [field.name for field in desk.form.fields].index("name")
    desk.learn("models", {"resnet8": {"width": 16}})
    assert "model.width" not in {field.name for field in desk.form.fields}
    assert desk.field.name == "name"


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize(("width", "height"), [(1, 1), (20, 3), (80, 12), (120, 40)])
def test_every_line_fits_whatever_it_says(width, height, ascii):
    evil = "\x1b[2J\u202e[bold]\n" * 9
    jobs = tuple(heard(name, state, evil, ("train", evil)) for name, state in enumerate_states())
    record = Record(id=evil, name=evil, config={}, distance={evil: 1.0})
    desk = Desk(runs=Path(evil), subject=Subject(record=record, state=evil))
    desk.hear(jobs)
    for place in (0, 1, desk.start_place, 10**6):
        desk.place = 0
        desk.move(place)
        lines = [desk_lines.heading(desk, width, ascii=ascii)] if width >= 40 else []
        lines += desk_lines.form_lines(desk, width, height, ascii=ascii) if width >= 40 else []
        lines += desk_lines.command_lines(desk, width, 3, ascii=ascii)
        lines += desk_lines.job_lines(desk, NOW, width, height, look=Look(ascii=ascii))
        lines.append(desk_lines.help_line(desk, width, ascii=ascii))
        for line in lines:
            assert line.plain.isprintable() or not line.plain
            assert not ascii or line.plain.isascii()
            assert width < 20 or line.cell_len <= width


def enumerate_states():
    return [(f"j{index}", state) for index, state in enumerate(desk_lines.JOB_GLYPHS)]


def test_a_job_is_told_in_a_line():
    desk = Desk(runs=Path("runs"))
    desk.hear((heard("a"), heard("b", "failed", code=3), heard("c", is_stopping=True)))
    _, running, failed, stopping = desk_lines.job_lines(desk, NOW, 80, 9, look=Look(depth="none"))
    assert running.plain.split() == ["●", "running", "3m", "train", "epoch", "3/30"]
    assert failed.plain.split()[:3] == ["✗", "failed", "3"]
    assert "stopping" in stopping.plain


def test_the_field_under_the_cursor_is_in_sight():
    desk = Desk(runs=Path("runs"))
    for place in range(desk.start_place + 1):
        desk.place = place
        lines = desk_lines.form_lines(desk, 80, 5, ascii=True)
        assert len(lines) == 5
        assert sum(line.plain.startswith(">") for line in lines) == 1


def default(desk, name):
    return desk.form.named(name).default


def test_empty_fields_say_what_the_recipe_means():
    desk = Desk(runs=Path("runs"), kind="train")
    assert (default(desk, "epochs"), default(desk, "weight decay")) == ("30 (recipe)", "0.01 (recipe)")
    assert (default(desk, "model"), default(desk, "batch size")) == ("resnet8 (recipe)", "128 (recipe)")
    # Nobody has said yet what an optimizer does of itself.
    assert default(desk, "lr") == default(desk, "augment") == "the recipe's"
    desk.move(1)
    assert desk.wants() == ["opts", "data"]
    desk.learn("opts", {"momentum": {"lr": 0.1}, "adam": {"lr": 0.001, "weight_decay": 0.0}})
    desk.learn("data", {"digits": {"augment": False}})
    assert (default(desk, "lr"), default(desk, "augment")) == ("0.1 (recipe)", "no (recipe)")
    desk.place = 1 + next(place for place, one in enumerate(desk.form.fields) if one.name == "optimizer")
    desk.write("adam")
    assert (default(desk, "lr"), default(desk, "weight decay")) == ("0.001 (recipe)", "0.0 (recipe)")
    desk.place = 1
    desk.write("mlp-spiral")
    assert (default(desk, "epochs"), default(desk, "data")) == ("200 (recipe)", "spiral (recipe)")
    desk.write("")
    assert default(desk, "epochs") == "30 (recipe)"
    assert "0.1" not in desk.words


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("save at", "1,x", "save at: --save-at takes epochs"), ("epochs", "ten", "epochs: takes a whole number"),
     ("lr", "nan", "lr: takes a number"), ("save at", "1,5,end", ""), ("lr", "1e-3", ""), ("seed", "", "")],
)  # fmt: skip
def test_what_the_command_would_not_take_is_said_in_the_form(name, value, said):
    desk = Desk(runs=Path("runs"), kind="train")
    desk.form.named(name).value = value
    assert desk.form.problem().startswith(said)
    assert bool(desk.form.problem()) == bool(said)
