"""The page: whole, self-contained, and nothing in it but text."""

from html.parser import HTMLParser

import pytest

from lininterp_cli.errors import StoreError
from lininterp_cli.view.study.page import page, write_page

VOID = {"meta", "br", "path", "polyline", "polygon", "circle"}


class Reader(HTMLParser):
    """Collects tags, attributes and text, and checks that tags are closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(content):
    reader = Reader()
    reader.feed(content)
    reader.close()
    assert reader.open == []
    return reader


def test_every_part_is_there(make_report):
    found = read(page(make_report(warnings=("something is odd",))))
    text = " ".join(found.text)
    for words in ("Does it?", "something is odd", "92.00±2.00", "2.500..3.500", "-0.95..0.25", "module criticality",
                  "700.0..800.0", "Computed with care.",
                  "5 of 6 cells are done", "neither direction"):  # fmt: skip
        assert words in text
    assert found.tags.count("svg") == 3


def test_nothing_is_fetched_and_nothing_runs(make_report):
    content = page(make_report())
    found = read(content)
    assert not {"script", "link", "img", "iframe", "a"} & set(found.tags)
    assert not {name for name, _ in found.attributes} & {"src", "href"}
    assert "url(" not in content
    assert "@import" not in content
    assert "prefers-color-scheme: dark" in content


def test_names_are_text(make_report, make_row, evil):
    found = read(page(make_report(rows=(make_row(evil), make_row("b")), name=evil, about=evil, sentences=(evil,))))
    assert "script" not in found.tags
    assert any("<script>alert(1)</script>" in text for text in found.text)
    assert not any("\x1b" in text for text in found.text)


def test_every_row_of_a_table_is_as_long_as_its_head(make_report, make_row):
    content = page(make_report(rows=(make_row(target=0.9), make_row("b", (), line="", states={"failed": 2}))))
    for table in content.split("<table>")[1:]:
        heads, *rows = table.split("</table>")[0].strip().split("\n")
        for row in rows:
            cells = row.count("<td>") if "colspan" not in row else int(row.split('colspan="')[1].split('"')[0])
            assert cells == heads.count("<th>")


def test_blocks_are_drawn_and_listed(make_report):
    found = read(page(make_report()))
    text = " ".join(found.text)
    assert "initial to final, each block by itself: mean loss on test" in text
    assert "decay=0: initial to final, by block" in text
    assert found.tags.count("figure") == 1


def test_a_page_of_ten_rows_of_ten_seeds_stays_small(make_report, make_row):
    alphas = tuple(at / 49 for at in range(50))
    paths = tuple((alphas, tuple(2.3 - alpha + seed / 10 for alpha in alphas)) for seed in range(10))
    rows = tuple(make_row(f"decay={at}", (0.9,) * 10, paths=paths) for at in range(10))
    assert len(page(make_report(rows=rows))) < 200_000


def test_a_report_of_nothing_is_a_page(make_report, make_row):
    waiting = (make_row("a", (), line="", states={"waiting": 3}),)
    found = read(page(make_report(rows=waiting, points=(), associations=(), sensitivities=(), sentences=(), blocks=())))
    assert "table" not in found.tags
    assert "svg" not in found.tags


def test_the_page_is_written_whole(make_report, tmp_path):
    write_page(make_report(name="\ud800"), tmp_path / "new" / "page.html")
    assert (tmp_path / "new" / "page.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        write_page(make_report(), tmp_path / "file" / "page.html")
