"""A growing file is read as it grows, and never by half lines."""

import os

from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.tui.follow import Follower


@given(st.lists(st.integers(0, 40), max_size=12), st.integers(0, 8))
def test_pieces_of_any_length_give_the_rows_of_the_whole(tmp_path_factory, lengths, num_rows):
    path = tmp_path_factory.mktemp("follow") / "metrics.jsonl"
    whole = b"".join(b'{"epoch": %d, "name": "\xc3\xa9"}\n' % index for index in range(num_rows))
    follower, at = Follower(path), 0
    assert follower.rows() == []
    for length in [*lengths, len(whole)]:
        with path.open("ab") as file:
            file.write(whole[at : at + length])
        at += length
        epochs = [row["epoch"] for row in follower.rows()]
        assert epochs == list(range(whole[:at].count(b"\n")))
    assert len(follower.rows()) == num_rows


def test_what_is_no_row_is_passed_over(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b'{"epoch": 1}\nnot json\n[1]\n\xff\xfe\n\n{"epoch": 2}\n{"epoch": 3}')
    assert [row["epoch"] for row in Follower(path).rows()] == [1, 2]


def test_a_file_that_begins_anew_is_read_anew(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"epoch": 1}\n{"epoch": 2}\n')
    follower = Follower(path)
    assert len(follower.rows()) == 2
    path.write_text('{"epoch": 9}\n')
    assert follower.rows() == [{"epoch": 9}]
    other = tmp_path / "other"
    other.write_text('{"epoch": 7}\n{"epoch": 8}\n{"epoch": 9}\n')
    os.replace(other, path)
    assert [row["epoch"] for row in follower.rows()] == [7, 8, 9]
    path.unlink()
    assert follower.rows() == []
