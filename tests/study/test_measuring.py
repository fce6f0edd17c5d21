"""Steps that measure: their options against the questions of the command line."""

import pytest

from lininterp_cli.landscape.criticality import CriticalityQuestion
from lininterp_cli.landscape.gauss_length import GaussLengthQuestion
from lininterp_cli.study.measuring import measure_question
from lininterp_cli.study.plan import Step


@pytest.mark.parametrize(
    ("kind", "question"), [("criticality", CriticalityQuestion()), ("gauss-length", GaussLengthQuestion())]
)
def test_without_options_it_is_the_usual_question(kind, question):
    assert measure_question(Step(kind=kind)) == question


def test_every_option_of_criticality():
    options = {"by": "layer", "block": "fc1, fc2", "epsilon": 0.25, "alphas": "0,0.5,1", "examples": 7, "draws": 2}
    assert measure_question(Step(kind="criticality", options=options)) == CriticalityQuestion(
        by="layer", blocks=("fc1", "fc2"), epsilon=0.25, alphas=(0.0, 0.5, 1.0), num_examples=7, num_draws=2
    )


def test_every_option_of_gauss_length():
    options = {"from": "epoch-3", "to": "random:1", "alphas": 3, "examples": 7, "split": "train"}
    assert measure_question(Step(kind="gauss-length", options=options)) == GaussLengthQuestion(
        start="epoch-3", end="random:1", alphas=(0.0, 0.5, 1.0), num_examples=7, split="train"
    )
