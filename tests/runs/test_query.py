"""The filter means what it says, and nonsense ends in one kind of error."""

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.errors import ConfigError
from lininterp_cli.runs.query import amount, parse, quoted

RUN = {
    "id": "resnet18-cifar10-s0", "name": "Wide WD", "model": "resnet18", "data": "cifar10", "optimizer": "momentum",
    "state": "finished", "tag": ("old", "paper run"), "opt.lr": 0.1, "barrier": 0.75, "age": 90_000.0, "epochs": 200.0,
}  # fmt: skip


def fits(text):
    return parse(text).fits(RUN.get)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("   ", True),
        ("RESNET momentum", True),
        ("resnet sgd", False),
        ("wd", True),
        ('"wide wd"', True),
        ("finishedold", False),
        ("model:resnet18", True),
        ("model:resnet", False),
        ("model:resnet*", True),
        ("model:*18", True),
        ('model:"resnet*"', False),
        ('model:"=18"', False),
        ("model=RESNET18", True),
        ("model!=resnet18", False),
        ("model!=vgg", True),
        ("nothing!=vgg", False),
        ("-nothing:vgg", True),
        ("nothing:*", False),
        ("-barrier:*", False),
        ("name:~wd", True),
        ('name:"wide wd"', True),
        ("tag:old", True),
        ("-tag:old", False),
        ('tag:"paper run"', True),
        ("tag:~paper", True),
        ("opt.lr>=0.1 opt.lr<=1e-1 opt.lr:0.10", True),
        ("opt.lr<0.1", False),
        ("epochs:200", True),
        ("epochs:2*", True),
        ("barrier>50% barrier<80%", True),
        ("age<2d age>1d", True),
        ("model<3", False),
        ("sgd | wide", True),
        ("sgd wide | vgg", False),
        ("sgd | wide vgg", False),
        ("(sgd | wide) vgg", False),
        ("(sgd | wide) resnet", True),
        ("-(sgd | wide)", False),
        ("--wide", True),
        ("cifar10-s0", True),
        ("http://x", False),
    ],
)
def test_meaning(text, expected):
    assert fits(text) is expected


def test_a_comparison_sign_in_quotes_is_text():
    assert parse('">"').fits(lambda name: "a > b" if name == "name" else None)


@pytest.mark.parametrize(
    ("text", "position", "problem"),
    [
        ("model:", 1, "model: needs a value"),
        ("lr==0.1", 1, "lr= needs a value, not '=0.1': one sign is enough"),
        ("a lr:>0.1", 3, "lr: needs a value, not '>0.1'"),
        ("lr=>0.1", 1, "one sign is enough"),
        ("a lr>abc", 3, "'abc' after lr> is no number"),
        ("a | ", 3, "both sides"),
        ("| a", 1, "both sides"),
        ("a -", 3, "a word after -"),
        ("accuracy > 0.5", 10, "write accuracy>0.5 without spaces"),
        ("accuracy >=0.5", 10, "without spaces"),
        ("a model = b", 9, "without spaces"),
        ("a model !=b", 9, "without spaces"),
        ("a (b", 3, "this ( is not closed"),
        ("a )", 3, "this ) closes nothing"),
        ('a "b', 3, 'this " is not closed'),
        ("()", 2, "inside ( )"),
        ("(" * 60 + "a", 51, "no more than 50"),
    ],
)
def test_nonsense(text, position, problem):
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert f"character {position}: " in str(caught.value)
    assert problem in str(caught.value)
    assert "write: word  field:value" in str(caught.value)


def test_names():
    assert parse("a model:x lr>1 -(model:y | seed=3)").names == ("model", "lr", "seed")


def test_amounts():
    known = {"1": 1, "-.5": -0.5, "1.5h": 5400, "2w": 1_209_600, "3k": 3000, "2M": 2e6, "2m": 120}
    assert {text: amount(text) for text in known} == known
    assert [amount(text) for text in ("", "x", "1x", "2026-13-01", "1e", "١")] == [None] * 6


@given(st.text(alphabet=st.sampled_from('ab:~=!<>|-() "\\*1.dé\n\x00'), max_size=40))
def test_any_text_is_a_filter_or_a_config_error(text):
    try:
        query = parse(text)
    except ConfigError:
        return
    assert query.fits(RUN.get) in (True, False)
    assert query.fits(lambda name: None) in (True, False)


@given(st.text(), st.text())
def test_a_quoted_value_means_itself(value, other):
    if value:
        query = parse(f"name:{quoted(value)}")
        assert query.fits({"name": value}.get)
        assert query.fits({"name": other}.get) == (other.lower() == value.lower())


@given(st.text("ab*", min_size=1), st.text("ab"))
def test_stars_are_those_of_fnmatch(pattern, word):
    assert parse(f"name:{pattern}").fits({"name": word}.get) == fnmatch.fnmatchcase(word, pattern)


FIELDS = "pqrs"
EXPRESSIONS = st.recursive(
    st.sampled_from(FIELDS),
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner),
        st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=12,
)


def written(tree):
    if isinstance(tree, str):
        return f"{tree}:1"
    kind, inside = tree
    if kind == "not":
        return f"-({written(inside)})"
    return "(" + (" " if kind == "and" else " | ").join(map(written, inside)) + ")"


def holds(tree, facts):
    if isinstance(tree, str):
        return facts[tree]
    kind, inside = tree
    if kind == "not":
        return not holds(inside, facts)
    return (all if kind == "and" else any)(holds(one, facts) for one in inside)


@given(EXPRESSIONS, st.fixed_dictionaries({name: st.booleans() for name in FIELDS}))
def test_and_or_not_are_those_of_logic(tree, facts):
    assert parse(written(tree)).fits(lambda name: float(facts[name])) == holds(tree, facts)


@given(st.lists(st.lists(st.tuples(st.booleans(), st.sampled_from(FIELDS)), min_size=1), min_size=1),
       st.fixed_dictionaries({name: st.booleans() for name in FIELDS}))  # fmt: skip
def test_without_parentheses_or_binds_least(alternatives, facts):
    text = "|".join(" ".join(f"{'-' * negated}{name}:1" for negated, name in words) for words in alternatives)
    expected = any(all(facts[name] != negated for negated, name in words) for words in alternatives)
    assert parse(text).fits(lambda name: float(facts[name])) == expected
