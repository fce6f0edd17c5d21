"""Forms against the real command line: no form may offer a flag or a choice that is not there."""

from pathlib import Path

import pytest
import typer

from lininterp_cli.cli.app import app
from lininterp_cli.runs.record import Record
from lininterp_cli.tui.work.commands import KINDS, Subject, form

RECORD = Record(
    id="resnet8-digits-s0-abcdef",
    name="a 'name' with $(things)",
    config={
        "data": {"name": "digits", "train_size": 0.5}, "model": {"name": "resnet8", "width": 8},
        "optimizer": {"name": "adam", "lr": 0.01}, "schedule": {"name": "cosine"},
        "training": {"epochs": 3, "batch_size": 64}, "init": "default", "seed": 4,
    },
    distance={"conv1": 1.0, "odd block": 2.0},
)  # fmt: skip
FLAT = {"data.name": "digits", "model.name": "resnet8", "seed": 4.0}


def about(record, state=""):
    return Subject(record=record, state=state, settings=FLAT, others=(FLAT, {**FLAT, "model.name": "other"}))


RESET = Record(
    id="child",
    config={**RECORD.config, "reset": {"run": "parent", "blocks": ["conv1", "odd block"], "to": "initial"}},
    kind="reset-block",
    distance={"conv1": 1.0},
)


def parsed(words):
    """What the real parser makes of a command line, without running it."""
    command = typer.main.get_command(app).commands[words[0]]
    return command.make_context(words[0], list(words[1:])).params


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("record", [None, RECORD, RESET])
def test_every_form_as_it_stands_is_a_command_line(kind, record):
    one = form(kind, about(record, "interrupted"))
    if one.obstacle:
        assert record is None
        return
    params = parsed(one.words(Path("my runs")))
    assert params.get("runs", params.get("folder")) == Path("my runs")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("record", [RECORD, RESET])
def test_every_field_is_a_flag_and_every_choice_is_taken(kind, record):
    one = form(kind, about(record, "interrupted"))
    numbers = {"epochs", "lr", "weight decay", "batch size", "train size", "label noise", "seed", "examples"}
    for field in one.fields:
        before = field.value
        for value in [*field.choices, *([] if not field.is_open else ["1" if field.name in numbers else "x=1"])]:
            if field.name == "precision" and value == "x=1":
                continue
            field.value = value
            parsed(one.words(Path("runs")))
        field.value = before


def test_what_the_forms_say():
    interpolate = parsed(form("interpolate", about(RECORD)).words(Path("runs")))
    assert (interpolate["run"], interpolate["by"]) == (RECORD.id, "block")
    resume = form("resume", about(RECORD, "interrupted"))
    assert parsed(resume.words(Path("runs")))["resume"] == RECORD.id
    assert "other" in form("train", about(None)).named("model").choices
    assert "finished" in form("resume", about(RECORD, "finished")).problem()
    like = parsed(form("like", about(RECORD)).words(Path("runs")))
    assert (like["preset"], like["seed"]) == ("digits", 5)
    assert "optimizer.name=adam" in like["settings"]
    train = form("train", about(None))
    for text, is_allowed in {"optimizer.lr=0.1 seed=3": True, "400": False, "a.b=1 lr": False}.items():
        train.named("settings").value = text
        assert (train.problem() == "") == is_allowed
        assert is_allowed or "section.key=value" in train.problem()
    reset = form("reset", about(RECORD))
    assert "either" in reset.problem()
    reset.named("blocks").value = "'odd block' conv1"
    assert reset.problem() == ""
    params = parsed(reset.words(Path("runs")))
    assert (params["run"], params["block"]) == (RECORD.id, ["odd block", "conv1"])
    again = parsed(form("like", about(RESET)).words(Path("runs")))
    assert (again["run"], again["block"], again["to"], again["seed"]) == (
        "parent", ["conv1", "odd block"], "initial", 5,
    )  # fmt: skip


def test_what_one_most_likely_wants():
    assert Subject().usual_kind == "train"
    assert [about(RECORD, state).usual_kind for state in ("finished", "interrupted", "running", "diverged")] == [
        "interpolate", "resume", "like", "like",
    ]  # fmt: skip


def test_a_record_of_any_shape_has_forms():
    odd = Record(id="x", config={"data": 3, "model": {"name": 5}, "seed": "no", "reset": {"blocks": [1], "run": 2}})
    for kind in KINDS:
        form(kind, about(odd, "finished")).words(Path("runs"))
        form(
            kind,
            Subject(
                record=Record(id="x", config={"model": [], "training": {"epochs": None}}), others=({"model.name": 7},)
            ),
        ).problem()


def test_nobody_trains_by_the_recipe_of_a_run_from_elsewhere():
    config = {key: RECORD.config[key] for key in ("data", "model")}
    imported = Record(id="net-digits-import-abcdef", config=config, kind="import", distance={"conv1": 1.0})
    for kind in ("like", "reset"):
        assert "recipe is not known" in form(kind, about(imported, "finished")).obstacle
    walk = form("interpolate", about(imported, "finished"))
    assert not walk.obstacle
    assert parsed(walk.words(Path("runs")))["run"] == imported.id
