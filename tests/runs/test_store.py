"""The run store: find, list, name, delete."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lininterp_cli.errors import ConfigError, NotFoundError, StoreError
from lininterp_cli.runs.record import Record, read_record
from lininterp_cli.runs.run import Run
from lininterp_cli.runs.store import Store


def add(store: Store, run_id: str, *, created: str = "", **values: Any) -> Run:
    run = store.run(Record(id=run_id, config={}, times={"created": created}, **values))
    run.record.write(run.record_path)
    return run


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "runs")


@pytest.fixture
def three(store: Store) -> Store:
    add(store, "mlp-digits-sgd-s0-aaaaaa", created="2026-01-01", status="finished", name="first")
    add(store, "mlp-digits-sgd-s1-bbbbbb", created="2026-01-03", status="failed")
    add(store, "vgg-digits-sgd-s0-cccccc", created="2026-01-02", status="finished", name="both")
    return store


class TestRuns:
    def test_the_newest_is_first(self, three: Store) -> None:
        assert [run.record.times["created"] for run in three.runs()] == ["2026-01-03", "2026-01-02", "2026-01-01"]
        assert three.damaged == {}

    def test_a_store_that_is_not_there_is_empty(self, store: Store) -> None:
        assert store.runs() == []

    def test_a_store_that_is_a_file_is_a_store_error(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(StoreError, match="cannot read the runs"):
            Store(tmp_path / "file").runs()

    def test_damaged_runs_are_listed_and_skipped(self, three: Store) -> None:
        for name, content in {"torn": b'{"schema', "list": b"[]", "newer": b'{"schema": 9}', "empty": b""}.items():
            (three.folder / name).mkdir()
            (three.folder / name / "run.json").write_bytes(content)
        (three.folder / "folder" / "run.json").mkdir(parents=True)
        assert len(three.runs()) == 3
        assert sorted(three.damaged) == ["empty", "folder", "list", "newer", "torn"]
        assert "newer lininterp" in three.damaged["newer"]
        (three.folder / "torn" / "run.json").unlink()
        three.runs()
        assert "torn" not in three.damaged

    def test_what_is_no_run_is_neither_run_nor_damaged(self, three: Store) -> None:
        (three.folder / "notes.txt").write_text("a file instead of a folder")
        (three.folder / "empty-folder").mkdir()
        (three.folder / ".deleted-x-1").mkdir()
        (three.folder / ".deleted-x-1" / "run.json").write_text("{")
        (three.folder / "dangling").symlink_to(three.folder / "nowhere")
        assert len(three.runs()) == 3
        assert three.damaged == {}

    def test_existing_reads_exactly_that_run(self, three: Store) -> None:
        run = three.existing("mlp-digits-sgd-s0-aaaaaa")
        assert run is not None
        assert (run.id, run.folder) == ("mlp-digits-sgd-s0-aaaaaa", three.folder / "mlp-digits-sgd-s0-aaaaaa")
        assert three.existing("mlp-digits-sgd-s0") is None
        assert three.existing("first") is None

    def test_existing_does_not_hide_damage(self, store: Store) -> None:
        (store.folder / "a").mkdir(parents=True)
        (store.folder / "a" / "run.json").write_text("{")
        with pytest.raises(StoreError, match="damaged"):
            store.existing("a")


class TestFind:
    @pytest.mark.parametrize(
        ("reference", "expected"),
        [
            ("mlp-digits-sgd-s0-aaaaaa", "aaaaaa"),
            ("mlp-digits-sgd-s1", "bbbbbb"),
            ("vgg", "cccccc"),
            ("first", "aaaaaa"),
            ("both", "cccccc"),
            (None, "cccccc"),
        ],
    )
    def test_by_id_prefix_name_or_nothing(self, three: Store, reference: str | None, expected: str) -> None:
        assert three.find(reference).id.endswith(expected)

    def test_nothing_means_the_newest_that_is_finished(self, store: Store) -> None:
        add(store, "a", created="2026-01-01", status="failed")
        with pytest.raises(NotFoundError, match=r"no run in .* is finished"):
            store.find(None)

    def test_an_exact_id_wins_over_longer_ones_and_names(self, store: Store) -> None:
        add(store, "run-1")
        add(store, "run-10", name="run-1")
        assert store.find("run-1").id == "run-1"
        assert store.find("run-10").id == "run-10"

    def test_a_copy_of_a_run_is_found_by_its_folder(self, store: Store) -> None:
        run = add(store, "mlp-digits-s0-aaaaaa")
        shutil.copytree(run.folder, store.folder / "a copy")
        assert store.find(run.id).folder == run.folder
        assert store.find("a copy").folder == store.folder / "a copy"
        with pytest.raises(ConfigError, match="a copy") as caught:
            store.find("mlp")
        assert run.id in str(caught.value)

    def test_a_name_wins_over_a_prefix(self, store: Store) -> None:
        add(store, "abc-1")
        add(store, "xyz-1", name="abc")
        assert store.find("abc").id == "xyz-1"

    def test_an_ambiguous_prefix_lists_what_it_fits(self, three: Store) -> None:
        with pytest.raises(ConfigError, match=r"^'mlp' means 2 runs: ") as caught:
            three.find("mlp")
        assert "mlp-digits-sgd-s0-aaaaaa" in str(caught.value)
        assert "mlp-digits-sgd-s1-bbbbbb" in str(caught.value)

    def test_a_name_given_twice_is_ambiguous(self, store: Store) -> None:
        for number in range(5):
            add(store, f"run-{number}", name="same")
        with pytest.raises(ConfigError, match=r"^'same' means 5 runs: .*, .*, .*, "):
            store.find("same")

    @pytest.mark.parametrize("reference", ["first", None, ""])
    def test_an_empty_store_says_how_to_make_a_run(self, store: Store, reference: str | None) -> None:
        with pytest.raises(NotFoundError, match=r"there are no runs in .*lininterp train"):
            store.find(reference)

    def test_the_nearest_is_offered(self, three: Store) -> None:
        with pytest.raises(NotFoundError, match=r"no run 'frist' in .*; did you mean first"):
            three.find("frist")
        with pytest.raises(NotFoundError, match=r"did you mean .*mlp-digits-sgd-s1-bbbbbb"):
            three.find("mlp-digits-sgd-s1-bbbbbc")
        with pytest.raises(NotFoundError, match="the newest is mlp-digits-sgd-s1-bbbbbb"):
            three.find("@@@@")

    def test_damaged_runs_do_not_hide_the_others(self, three: Store) -> None:
        (three.folder / "torn").mkdir()
        (three.folder / "torn" / "run.json").write_text("{")
        assert three.find("first").record.name == "first"
        with pytest.raises(StoreError, match="is damaged"):
            three.find("torn")

    @settings(deadline=None, max_examples=50)
    @given(reference=st.text(max_size=8))
    def test_any_reference_is_a_run_or_an_error_of_ours(
        self, tmp_path_factory: pytest.TempPathFactory, reference: str
    ) -> None:
        store = Store(tmp_path_factory.getbasetemp() / "any-reference")
        if not store.folder.exists():
            add(store, "abc-1", name="x")
            add(store, "abd-2")
        try:
            run = store.find(reference)
        except (NotFoundError, ConfigError):
            return
        assert run.record.name == reference or run.id.startswith(reference)


class TestNames:
    @pytest.mark.parametrize("name", ["", " ", "final", "initial", "zero", "epoch-5", "random:1", "a/b", "a@0.5"])
    def test_one_that_means_something_else_is_refused(self, three: Store, name: str) -> None:
        with pytest.raises(ConfigError, match=f"^{name!r} cannot name a run: a name has no / : @ and is not empty"):
            three.check_name(name, "mlp-digits-sgd-s0-aaaaaa")

    @pytest.mark.parametrize("name", [None, "first", "third", "epoch-x", "finally"])
    def test_any_other_is_free_unless_another_run_has_it(self, three: Store, name: str | None) -> None:
        three.check_name(name, "mlp-digits-sgd-s0-aaaaaa")

    def test_it_belongs_to_one_run(self, three: Store) -> None:
        with pytest.raises(ConfigError, match=r"^the name 'both' is vgg-digits-sgd-s0-cccccc's; choose another$"):
            three.amend("mlp-digits-sgd-s0-aaaaaa", name="both")
        three.amend("vgg-digits-sgd-s0-cccccc", name="")
        three.amend("mlp-digits-sgd-s0-aaaaaa", name="both")
        assert three.find("both").id == "mlp-digits-sgd-s0-aaaaaa"


class TestDelete:
    def test_a_worker_that_runs_cannot_be_deleted_between_look_and_rename(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = add(store, "a")
        held_by_deleter: list[bool] = []
        real = Path.rename

        def rename(path: Path, target: Path) -> Path:
            held_by_deleter.append(run.is_locked())
            return real(path, target)

        monkeypatch.setattr(Path, "rename", rename)
        store.delete(run.id)
        assert held_by_deleter == [True]

    def test_everything_in_the_folder_goes_and_nothing_else(self, three: Store) -> None:
        run = three.find("first")
        run.curves_folder.mkdir()
        (run.curves_folder / "a.json").touch()
        three.delete(run.id)
        assert not run.folder.exists()
        assert len(os.listdir(three.folder)) == 2
        assert len(three.runs()) == 2

    def test_a_run_that_is_being_measured_stays_until_it_is_measured(self, three: Store) -> None:
        run = three.find("first")
        with run.measuring("full", pytest.fail):
            with run.measuring("by-block", pytest.fail):
                pass
            assert not run.is_locked()
            with pytest.raises(StoreError, match=r"a process is at work on .*; stop it first"):
                three.delete(run.folder.name)
            assert run.record_path.exists()
        three.delete(run.folder.name)
        assert not run.folder.exists()

    def test_a_run_that_is_gone_is_a_store_error(self, three: Store) -> None:
        run = three.find("first")
        three.delete(run.id)
        with pytest.raises(StoreError, match="cannot delete"):
            three.delete(run.id)
        assert not run.folder.exists()

    def test_a_folder_that_was_renamed_is_deleted_by_its_own_name(self, three: Store) -> None:
        old = three.folder / "mlp-digits-sgd-s0-aaaaaa"
        old.rename(three.folder / "moved")
        three.delete(three.find("first").folder.name)
        assert not (three.folder / "moved").exists()
        assert len(three.runs()) == 2

    def test_of_a_link_only_the_link_goes(self, three: Store, tmp_path: Path, holder: Any) -> None:
        run = three.find("first")
        run.folder.rename(tmp_path / "elsewhere")
        run.folder.symlink_to(tmp_path / "elsewhere")
        with holder(run), pytest.raises(StoreError, match="a process is at work"):
            three.delete(run.id)
        assert three.find("first").id == run.id
        three.delete(run.id)
        assert len(three.runs()) == 2
        assert len(os.listdir(three.folder)) == 2
        assert read_record(tmp_path / "elsewhere" / "run.json") == run.record

    @pytest.mark.parametrize("text", ["{", '{"schema": 1}', '{"schema": 99}'])
    def test_a_damaged_run_goes_by_the_name_of_its_folder_unless_it_is_at_work(
        self, three: Store, holder: Any, text: str
    ) -> None:
        run = three.find("first")
        with holder(run):
            run.record_path.write_text(text)
            with pytest.raises(StoreError, match="a process is at work"):
                three.delete(run.id)
        with pytest.raises(StoreError, match=run.id):
            three.find(run.id)
        three.delete(run.id)
        assert not run.folder.exists()
        assert (len(three.runs()), three.damaged) == (2, {})

    def test_a_link_to_itself_is_listed_as_damaged_and_can_be_deleted(self, three: Store) -> None:
        (three.folder / "loop").symlink_to("loop")
        assert len(three.runs()) == 3
        assert "symbolic links" in three.damaged["loop"]
        with pytest.raises(StoreError, match="symbolic links"):
            three.existing("loop")
        three.delete("loop")
        assert (len(three.runs()), three.damaged) == (3, {})

    def test_what_cannot_be_deleted_is_not_hidden(self, three: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(path: Path) -> None:
            raise OSError("it is in use")

        monkeypatch.setattr(shutil, "rmtree", refuse)
        run = three.find("first")
        with pytest.raises(StoreError, match=r"cannot delete .*: it is in use"):
            three.delete(run.id)
        assert three.find("first").id == run.id

    def test_a_damaged_folder_is_not_taken_for_the_beginning_of_an_id(self, three: Store) -> None:
        (three.folder / "mlp").mkdir()
        (three.folder / "mlp" / "run.json").write_text("{")
        with pytest.raises(StoreError, match="is damaged"):
            three.find("mlp")
