"""Epochs whose weights are kept, as they are written."""

import pytest

from lininterp_cli.config.save_at import parse_save_at
from lininterp_cli.errors import ConfigError


@pytest.mark.parametrize(("text", "epochs"), [("0,end", ()), ("", ()), ("5,1,end,0,5", (1, 5)), (" 2 , 3", (2, 3))])
def test_save_at_names_epochs(text, epochs):
    assert parse_save_at(text) == epochs


@pytest.mark.parametrize("text", ["-1", "1.5", "last", "1;2"])
def test_save_at_refuses_what_is_no_epoch(text):
    with pytest.raises(ConfigError, match="--save-at"):
        parse_save_at(text)
