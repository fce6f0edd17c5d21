"""Sentences say what the numbers support, and no more."""

import pytest

from lininterp_cli.study.report.figures import FIGURES, OUTCOMES, SHAPES
from lininterp_cli.study.report.findings import Association
from lininterp_cli.study.report.words import NAMES, conclusions, p_words, sentence

FOUND = {"num_runs": 10, "num_groups": 2, "rho": -0.31, "rho_low": -0.8, "rho_high": 0.4, "tau": -0.2, "num_tests": 24}


def association(**known):
    about = {"shape": "barrier_rise", "outcome": "test_accuracy", "scope": "all"}
    return Association(**(about | FOUND | known))


def test_without_support_neither_direction_is_claimed():
    assert sentence(association(p=0.38, p_holm=1.0)) == (
        "Over 10 runs, barrier (rise) against test accuracy: rho = -0.31 (95 % interval -0.80..0.40), p = 0.38; "
        "the data support neither direction."
    )


@pytest.mark.parametrize(("rho", "side"), [(-0.9, "lower"), (0.9, "higher")])
def test_with_support_the_direction_is_said(rho, side):
    words = sentence(association(rho=rho, p=0.0004, p_holm=0.0096))
    assert words.endswith(
        f"p = 0.0004; the data support that a higher barrier (rise) goes with a {side} test accuracy."
    )


def test_a_p_value_that_many_tests_explain_supports_nothing():
    words = sentence(association(p=0.03, p_holm=0.72))
    assert "p = 0.030; 0.72 after correction for 24 tests, so the data support neither direction" in words


@pytest.mark.parametrize(
    ("scope", "num_runs", "num_groups", "words"),
    [
        ("all", 3, 1, "Over 3 runs: fewer than 4 runs say nothing"),
        ("between", 30, 3, "Between 3 groups (30 trainings): fewer than 4 groups say nothing"),
        ("within", 1, 1, "Within 1 group (1 training): fewer than 4 trainings say nothing"),
    ],
)
def test_too_few_say_nothing(scope, num_runs, num_groups, words):
    one = association(scope=scope, num_runs=num_runs, num_groups=num_groups, rho=None)
    assert sentence(one).startswith(words)


def test_what_does_not_vary_is_not_correlated():
    assert "does not vary" in sentence(association(rho=None, is_constant=True))


def test_an_order_without_exception_has_no_interval():
    assert "rho = 1.00 (no interval)" in sentence(association(rho=1.0, rho_low=None, rho_high=None, p=0.1, p_holm=1.0))


def test_conclusions_speak_of_the_asked_barrier_and_of_all_that_holds():
    every = [
        association(shape=shape, outcome=outcome, scope=scope, p=0.5, p_holm=1.0)
        for scope in ("all", "between", "within")
        for outcome in OUTCOMES
        for shape in SHAPES
        if (shape, scope) != ("plateau", "all")
    ]
    every.append(association(shape="plateau", outcome="distance", rho=0.8, p=0.0001, p_holm=0.002))
    said = conclusions(every, "barrier_chord")
    assert sum("barrier (chord) against" in words for words in said) == 6
    assert not any("barrier (rise)" in words for words in said)
    assert "1 holds after Holm's correction: plateau length and distance moved (rho = 0.80)." in " ".join(said)
    assert "between groups, none holds" in " ".join(said)
    assert "None of this says what causes what" in said[-1]


@pytest.mark.parametrize(("p", "is_said"), [(0.001, True), (0.9, False)])
def test_a_mean_barrier_that_holds_is_said_to_hold_the_fall_itself(p, is_said):
    said = conclusions([association(shape="barrier_mean", p=p, p_holm=p)], "barrier_rise")
    assert any("half the fall of the loss" in words for words in said) == is_said


@pytest.mark.parametrize(("scopes", "is_said"), [(("all",), False), (("all", "between", "within"), True)])
def test_what_holds_over_all_runs_of_several_groups_is_said_with_care(scopes, is_said):
    said = conclusions([association(scope=scope, p=0.001, p_holm=0.001) for scope in scopes], "barrier_rise")
    assert any("not independent" in words for words in said) == is_said


def test_a_coefficient_is_never_less_than_nothing():
    assert "rho = 0.00" in sentence(association(rho=-0.001, p=0.9, p_holm=1.0))


@pytest.mark.parametrize(("num_runs", "words"), [(0, "0 runs"), (1, "1 run"), (3, "3 runs")])
def test_of_too_few_runs_one_sentence_says_so(num_runs, words):
    every = [association(shape=shape, num_runs=num_runs, rho=None) for shape in SHAPES] if num_runs else []
    assert conclusions(every, "barrier_rise") == (f"{words}: fewer than 4 say nothing of shapes and outcomes.",)


def test_every_figure_has_a_name():
    assert NAMES.keys() == FIGURES.keys()
    assert set(SHAPES) | set(OUTCOMES) <= FIGURES.keys()


@pytest.mark.parametrize("p", [0.99, 0.5, 0.1, 0.0999, 0.012, 0.00123, 0.00011])
def test_a_p_value_is_told_to_two_digits(p):
    assert float(p_words(p)) == pytest.approx(p, rel=0.05, abs=5e-5)


@pytest.mark.parametrize(
    ("reason", "words"),
    [("few", "no interval of so few"), ("order", "an order without exception"), ("ties", "too many are tied")],
)
def test_why_there_is_no_interval_is_said(reason, words):
    one = association(rho_low=None, rho_high=None, no_interval=reason, p=0.3, p_holm=1.0)
    assert f"({words}" in sentence(one) or f"{words})" in sentence(one)


def test_data_that_could_not_support_anything_are_said_not_to():
    words = sentence(association(p=0.4, p_least=0.2, p_holm=1.0))
    assert "the data could support neither direction: in no order of them is p below 0.20" in words


def test_a_scope_that_could_not_have_held_is_told_from_one_that_did_not():
    groups = {"scope": "between", "num_groups": 5, "p": 0.3, "p_holm": 1.0, "p_least": 2 / 120}
    every = [association(shape=shape, outcome=outcome, **groups) for outcome in OUTCOMES[:1] for shape in SHAPES]
    runs = [association(shape=shape, p=0.3, p_holm=1.0, p_least=0.0001) for shape in SHAPES]
    said = conclusions([*runs, *every], "barrier_rise")
    assert "Of 8 correlations over all runs, none holds after Holm's correction." in said
    assert (
        "Of 8 correlations between groups, none holds after Holm's correction, and none could have: the smallest p "
        "that 5 groups with these ties can give is 0.017, 0.13 after correction." in said
    )
