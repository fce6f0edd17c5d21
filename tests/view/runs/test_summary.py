"""What a list says of a run is what its files say."""

from lininterp_cli.view.runs.summary import damaged, glyph, seconds_of, summarise, worst_words


def test_summary(make_run):
    found = summarise(make_run(name="mine"))
    assert (found.title, found.state, found.model, found.data, found.optimizer, found.accuracy) == (
        "mine", "finished", "resnet8", "digits", "momentum", 0.9512,
    )  # fmt: skip
    assert found.age(seconds_of("2026-01-02T04:04:05+00:00")) == 3600
    assert summarise(make_run("bare", config={}, result={}, times={})).accuracy is None
    # A record that says `running` with nobody at work.
    assert summarise(make_run("left", status="running")).state == "interrupted"


def test_signs():
    assert glyph("running") == "●"
    assert glyph("running", ascii=True).isascii()
    assert glyph("anything else") == "?"
    assert damaged("x", "why").state == "damaged"
    assert seconds_of("yesterday") is None
    assert seconds_of(3) is None
    assert worst_words(None) == ""
