"""`list`: every registry entry is there, with its options."""

import json

import pytest

from lininterp_cli.config.options import options_of
from lininterp_cli.config.presets import PRESETS
from lininterp_cli.training.initial import INITS
from lininterp_cli.training.pretrained import imagenet
from lininterp_cli.training.recipe import REGISTRIES

KINDS = {
    "models": REGISTRIES["model"][1],
    "data": REGISTRIES["data"][1],
    "opts": REGISTRIES["optimizer"][1],
    "schedules": REGISTRIES["schedule"][1],
    "inits": INITS | {"imagenet": imagenet},
    "presets": PRESETS,
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_entry_is_listed_within_80_columns(cli, kind):
    out = cli("list", kind).out
    assert max(len(line) for line in out.splitlines()) <= 80
    entries = json.loads(cli("list", kind, "--json").out)
    assert [entry["name"] for entry in entries] == list(KINDS[kind])
    for entry in entries:
        assert entry["name"] in out
        assert entry["about"]
        if kind != "presets":
            assert set(entry["options"]) == set(options_of(KINDS[kind][entry["name"]]))
