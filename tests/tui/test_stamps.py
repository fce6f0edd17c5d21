"""A stamp is another one whenever the file is."""

import os

from lininterp_cli.tui.stamps import ABSENT, stamp_of


def test_every_change_changes_the_stamp(tmp_path):
    path = tmp_path / "file"
    seen = [stamp_of(path)]
    assert seen == [ABSENT]
    path.write_text("a")
    seen.append(stamp_of(path))
    path.write_text("ab")
    seen.append(stamp_of(str(path)))
    os.utime(path, (1, 1))
    seen.append(stamp_of(path))
    # What is put in place of a file has its time and its size, and is another file.
    (tmp_path / "other").write_text("cd")
    os.utime(tmp_path / "other", (1, 1))
    (tmp_path / "other").replace(path)
    seen.append(stamp_of(path))
    assert len(set(seen)) == len(seen)
    assert stamp_of(path) == seen[-1]


def test_what_may_not_be_looked_at_is_not_absent(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    assert stamp_of(tmp_path / "file" / "below") == ABSENT
    (tmp_path / "loop").symlink_to("loop")
    assert stamp_of(tmp_path / "loop") not in (ABSENT, stamp_of(tmp_path / "file"))

    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "stat", refuse)
    assert stamp_of(tmp_path / "file") != ABSENT
