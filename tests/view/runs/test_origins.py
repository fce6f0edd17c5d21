"""Which settings name runs that differ only in the seed."""

from lininterp_cli.view.runs.origins import alike
from lininterp_cli.view.runs.summary import Summary


def run(name, **settings):
    return Summary(id=name, name="", state="finished", settings=settings)


RUNS = [
    run("a-s0", seed=0, lr=0.1),
    run("a-s1", seed=1, lr=0.1),
    run("b-s0", seed=0, lr=0.2),
    run("r0", seed=0, **{"reset.run": "a-s0"}),
    run("r1", seed=1, **{"reset.run": "a-s1"}),
    run("r2", seed=0, **{"reset.run": "b-s0"}),
    run("f0", seed=0, init="r0@0.25#12#34"),
    run("f1", seed=1, init="r1@0.25#56#78"),
    run("f2", seed=1, init="r1@0.5#56#78"),
    run("f3", seed=1, init="r2@0.25#56#78"),
    run("plain", seed=0, init="default"),
    run("pretrained", seed=0, init="imagenet:file.pth[conv1]#12"),
]

PARENTS = ("a-s0", "a-s1")
POINTS = ("r0@0.25#12#34", "r1@0.25#56#78")


def test_runs_points_and_checkpoints_of_other_seeds_are_alike():
    found = alike(RUNS, RUNS)
    assert found == {
        **{("reset.run", one): PARENTS for one in PARENTS},
        ("reset.run", "b-s0"): ("b-s0",),
        **{("init", one): POINTS for one in POINTS},
        ("init", "r1@0.5#56#78"): ("r1@0.5#56#78",),
        ("init", "r2@0.25#56#78"): ("r2@0.25#56#78",),
    }


def test_only_values_of_the_runs_are_named_and_only_runs_that_are_there_are_known():
    assert alike(RUNS[3:4], RUNS) == {("reset.run", "a-s0"): ("a-s0",)}
    assert alike(RUNS[3:5], RUNS[1:2]) == {("reset.run", "a-s1"): ("a-s1",)}


def test_a_damaged_record_that_names_itself():
    itself = run("x", init="x:final")
    assert alike([itself], [itself]) == {("init", "x:final"): ("x:final",)}
