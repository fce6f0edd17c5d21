"""Batches: every example once, in order."""

from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.training.batches import cut


@given(st.integers(1, 200), st.integers(1, 60))
def test_every_example_is_in_one_batch_and_in_order(num: int, size: int) -> None:
    batches = cut(num, size)
    assert [index for rows in batches for index in range(rows.start, rows.stop)] == list(range(num))
    assert all(rows.stop - rows.start == size for rows in batches[:-1])
    last = batches[-1].stop - batches[-1].start
    assert 1 <= last <= size + 1


@given(st.integers(2, 200), st.integers(2, 60))
def test_no_batch_is_one_example(num: int, size: int) -> None:
    assert min(rows.stop - rows.start for rows in cut(num, size)) >= 2


@given(st.integers(1, 50))
def test_batches_of_one_are_to_be_had(num: int) -> None:
    assert cut(num, 1) == [slice(index, index + 1) for index in range(num)]
