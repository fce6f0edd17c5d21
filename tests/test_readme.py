"""What the README promises stands."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_ci_runs_the_two_commands_as_they_stand():
    block = re.search(r"```sh\n(.*?)```", README, re.DOTALL)
    commands = [line.partition("#")[0].strip() for line in block.group(1).splitlines()]
    assert len(commands) == 2
    steps = (ROOT / ".ci" / "run").read_text().splitlines()
    assert all(command in steps for command in commands)


def test_every_file_it_names_is_there():
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).is_file(), target


def test_the_page_of_reproduction_knows_every_study_that_comes_along():
    page = (ROOT / "docs" / "reproduction.md").read_text()
    for study in (ROOT / "lininterp_cli" / "study" / "shipped").glob("*.toml"):
        assert f"`{study.stem}`" in page, study.stem


def test_pictures_fetch_nothing():
    for picture in (ROOT / "assets").glob("*.svg"):
        drawing = picture.read_text()
        assert "font-face" not in drawing
        assert not re.search(r"(?:href|src)=|url\(http", drawing)


def test_the_changelog_knows_this_version():
    import lininterp_cli

    assert f"## [{lininterp_cli.__version__}]" in (ROOT / "CHANGELOG.md").read_text()


def test_versions_are_pinned_for_every_dependency():
    pinned = {line.partition("==")[0].lower().replace("_", "-") for line in _lines("constraints.txt")}
    wanted = set(re.findall(r'^  "([a-z0-9-]+)>=', (ROOT / "pyproject.toml").read_text(), re.MULTILINE))
    assert wanted
    assert wanted <= pinned


def _lines(name):
    return [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith("#")]
