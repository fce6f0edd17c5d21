"""What is said of how far a curve goes."""

from dataclasses import replace

import pytest

from lininterp_cli.view.curves.extent import examples_words, outer_remark, outer_ticks, preview_words, span_words


def _measured(curve, *counts, size=10_000):
    series = [
        replace(one, splits={"test": replace(one.splits["test"], num_examples=count, split_size=size)})
        for one, count in zip(curve.series, counts, strict=True)
    ]
    return replace(curve, series=tuple(series))


@pytest.mark.parametrize(
    ("counts", "size", "complete", "words"),
    [
        ((360, 360, 360), 0, True, "360 examples"),
        ((360, 360, 360), 360, True, "360 examples"),
        ((512, 512, 512), 10_000, True, "first 512 of 10000 examples"),
        ((512, 512, 512), 10_000, False, "preview: first 512 of 10000 examples"),
        ((512, 1024, 512), 10_000, False, "preview: first 512-1024 of 10000 examples"),
        ((512, 360, 360), 512, True, "first 360-512 of 512 examples"),
        # Every example, but not at every alpha yet.
        ((360, 360, 360), 360, False, "preview: 360 examples"),
    ],
)
def test_examples(make_curve, counts, size, complete, words):
    curve = replace(_measured(make_curve(), *counts, size=size), complete=complete)
    assert examples_words(curve, "test") == words
    assert preview_words([curve], "test") == ("" if complete else words)


def test_remarks_on_several_curves_are_made_once(make_curve):
    early = replace(_measured(make_curve(), 64, 64, 64), complete=False)
    later = replace(_measured(make_curve(), 128, 128, 128), complete=False)
    assert preview_words([early, make_curve(), later, early], "test") == (
        "preview: first 64 of 10000 examples; preview: first 128 of 10000 examples"
    )


def test_counts_that_differ_are_a_range():
    assert [span_words(counts) for counts in ([], [3], [3, 3], [9, 3, 5])] == ["0", "3", "3", "3-9"]


def test_positions_beyond_the_ends_have_ticks_and_a_remark(make_curve):
    full, block, fc = make_curve().series
    assert outer_ticks([full, block, fc]) == []
    assert outer_ticks([]) == []
    assert outer_remark([full]) == ""
    beyond = replace(block, alphas=(-0.5, 0.0, 0.5, 1.0, 1.25))
    assert outer_ticks([full, beyond]) == [(-0.5, "-0.5"), (1.25, "1.25")]
    assert outer_ticks([replace(full, alphas=(0.0, 0.1, 0.2, 0.3, 2.0))]) == [(2.0, "2")]
    assert "0 to 1 only" in outer_remark([full, beyond])
