"""The pictures of the documentation are what the explorer shows today."""

import importlib.util
import os
from pathlib import Path

import pytest

ASSETS = Path(__file__).parents[2] / "assets"


def _make():
    spec = importlib.util.spec_from_file_location("lininterp_pictures", ASSETS / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAKE = _make()


@pytest.mark.parametrize("name", MAKE.SCREENS)
def test_a_screen_looks_as_in_its_picture(name, tmp_path, monkeypatch):
    """`make pictures` makes them anew, as LININTERP_UPDATE_GOLDEN=1 does."""
    monkeypatch.chdir(tmp_path)
    for variable in ("NO_COLOR", "COLORTERM", "TEXTUAL_COLOR_SYSTEM", "LININTERP_RUNS", "LININTERP_DATA"):
        monkeypatch.delenv(variable, raising=False)
    drawing = MAKE.draw(name)
    path = ASSETS / f"{name}.svg"
    if os.environ.get("LININTERP_UPDATE_GOLDEN"):
        path.write_text(drawing, encoding="utf-8")
    # Line by line, as a whole picture is no message.
    for now, before in zip(drawing.splitlines(), path.read_text(encoding="utf-8").splitlines(), strict=True):
        assert now == before


def test_no_picture_fetches_a_font():
    pictures = sorted(ASSETS.glob("*.svg"))
    assert {path.stem for path in pictures} == {*MAKE.SCREENS, "layer-wise"}
    for path in pictures:
        text = path.read_text(encoding="utf-8")
        assert "url(http" not in text.replace(" ", "").replace('"', "")
        assert "@font-face" not in text
