"""`demo`: the whole way, as a newcomer sees it."""


def test_demo_shows_the_curves_the_table_and_what_comes_next(demo):
    folder, outcome = demo
    assert outcome.code == 0
    assert max(len(line) for line in outcome.out.splitlines()) <= 80
    for word in ("loss (nats) on test", "rise barrier", "conv1", "layer1", "layer2", "layer3", "fc", "all"):
        assert word in outcome.out
    assert "check: the ends are the run's own stored losses, to 0 nats" in outcome.out
    assert f"  lininterp tui --runs {folder} " in outcome.err
