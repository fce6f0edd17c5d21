"""Filters that a person keeps come back as they were, and a damaged file is neither used nor lost."""

import tomllib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lininterp_cli.errors import ConfigError
from lininterp_cli.tui.listing.filters import filters, filters_path, save_filter

TEXTS = st.text(st.characters(codec="utf-8"), min_size=1)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def test_where_they_are(tmp_path):
    assert filters_path() == tmp_path / "lininterp" / "filters.toml"
    assert filters() == ({}, "")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(TEXTS, TEXTS, max_size=4))
def test_they_come_back_as_they_were(kept):
    filters_path().unlink(missing_ok=True)
    for name, query in kept.items():
        save_filter(name, query)
    assert filters() == (kept, "")
    # And any reader of TOML reads them.
    if kept:
        assert tomllib.loads(filters_path().read_bytes().decode()) == kept


def test_another_text_takes_the_place_and_nothing_forgets():
    save_filter("old", "-tag:old")
    save_filter("deep", 'model:"resnet 110" | x')
    save_filter("old", "tag:old")
    assert filters()[0] == {"old": "tag:old", "deep": 'model:"resnet 110" | x'}
    save_filter("old", "")
    assert list(filters()[0]) == ["deep"]


@pytest.mark.parametrize("content", [b"x = ", b"\xff\xfe", b"[deep]\na = 1", b"n = 3", b"x = " + b"[" * 5000])
def test_a_damaged_file_is_a_remark_and_is_not_written_over(content):
    filters_path().parent.mkdir()
    filters_path().write_bytes(content)
    kept, problem = filters()
    assert kept == {}
    assert str(filters_path()) in problem
    with pytest.raises(ConfigError, match="nothing was kept"):
        save_filter("a", "b")
    assert filters_path().read_bytes() == content


def test_a_filter_needs_a_name():
    with pytest.raises(ConfigError, match="needs a name"):
        save_filter("", "tag:old")
