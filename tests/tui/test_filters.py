"""Filters are kept as they are written."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lininterp_cli.errors import ConfigError
from lininterp_cli.tui.filters import filters, filters_path, save_filter


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path / "lininterp" / "filters.toml"


def test_kept_and_forgotten(home):
    assert filters_path() == home
    assert filters() == ({}, "")
    save_filter("good", "barrier<0.1 -tag:old")
    save_filter("wide", 'name:"a b"')
    save_filter("good", "barrier<0.2")
    assert filters() == ({"good": "barrier<0.2", "wide": 'name:"a b"'}, "")
    save_filter("good", "")
    assert filters() == ({"wide": 'name:"a b"'}, "")
    with pytest.raises(ConfigError, match="needs a name"):
        save_filter("", "x")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
)
def test_any_text_comes_back(home, name, query):
    home.unlink(missing_ok=True)
    save_filter(name, query)
    assert filters() == ({name: query}, "")


@pytest.mark.parametrize("content", [b"x = ", b"\xff", b"x = 3\n", b"[x]\ny = 1\n"])
def test_a_damaged_file_is_a_remark_and_stays(home, content):
    home.parent.mkdir()
    home.write_bytes(content)
    kept, problem = filters()
    assert kept == {}
    assert str(home) in problem
    with pytest.raises(ConfigError, match="nothing was kept"):
        save_filter("a", "b")
    assert home.read_bytes() == content
