"""What is read of a run is kept until its files change."""

import pytest

from lininterp_cli.tui.model import Catalog
from lininterp_cli.tui.reader import Reader


@pytest.fixture
def found(store):
    *_, snapshot = Catalog(store).scan()
    return {entry.key: entry for entry in snapshot.entries}


def test_details(store, found):
    reader = Reader()
    detail = reader.detail(found["mlp-s0"])
    assert [curve.name for curve in detail.curves] == ["curve-0", "curve-1"]
    assert reader.detail(found["mlp-s0"]).curves[0] is detail.curves[0]
    (store / "mlp-s0" / "curves" / "torn.json").write_text("{")
    assert "torn.json is damaged" in reader.detail(found["mlp-s0"]).problems[0]
    assert reader.detail(found["broken"]).curves == ()
