"""Files found, unpacked, downloaded or broken, on a small data set in MNIST's format."""

import gzip
import hashlib
import os
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torchvision import datasets
from torchvision.datasets import mnist as torchvision_mnist
from torchvision.datasets import utils

from lininterp_cli.data.fetch import PATIENCE_SECONDS, File, Source, fetch
from lininterp_cli.data.vision import cifar10
from lininterp_cli.errors import DataError

NAMES = [f"{split}-{kind}-ubyte" for split in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]
RAW = "MNIST/raw"


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Five training and five test images as archives, known to torchvision as the whole of MNIST."""
    folder = tmp_path / "published"
    (folder / RAW).mkdir(parents=True)
    resources = []
    for seed, name in enumerate(NAMES):
        shape = (5, 28, 28) if "images" in name else (5,)
        values = np.random.default_rng(seed).integers(0, 10, shape, dtype=np.uint8)
        header = np.array([0x800 + len(shape), *shape], dtype=">u4").tobytes()
        content = gzip.compress(header + values.tobytes(), mtime=0)
        (folder / RAW / f"{name}.gz").write_bytes(content)
        resources.append((f"{name}.gz", hashlib.md5(content).hexdigest()))
    monkeypatch.setattr(datasets.MNIST, "resources", resources)
    return folder


@pytest.fixture
def source(published: Path) -> Source:
    sizes = {name: 8 + 5 if "labels" in name else 16 + 5 * 28 * 28 for name in NAMES}
    return Source(
        name="tiny",
        reader=datasets.MNIST,
        files=tuple(File(path=f"{RAW}/{name}", num_bytes=size) for name, size in sizes.items()),
        archives=tuple(File(path=f"{RAW}/{name}", md5=md5) for name, md5 in datasets.MNIST.resources),
    )


@pytest.fixture
def online(published: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Torchvision downloads from the published folder and prints; the names of what was downloaded."""
    downloaded: list[str] = []

    def retrieve(url: str, filename: str, *_: Any) -> None:
        assert socket.getdefaulttimeout() == PATIENCE_SECONDS
        print("downloading")
        downloaded.append(Path(filename).name)
        shutil.copyfile(published / RAW / Path(filename).name, filename)

    monkeypatch.setattr(utils, "_get_redirect_url", lambda url, **_: url)
    monkeypatch.setattr(utils, "_urlretrieve", retrieve)
    return downloaded


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def unpack(folder: Path) -> None:
    for name in NAMES:
        archive = folder / RAW / f"{name}.gz"
        (folder / RAW / name).write_bytes(gzip.decompress(archive.read_bytes()))
        archive.unlink()


@pytest.mark.usefixtures("offline")
def test_archives_are_unpacked_elsewhere_and_their_folder_is_not_touched(
    source: Source, published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    before = contents(published)
    train, test = fetch(source, published)
    expected = np.random.default_rng(0).integers(0, 10, (5, 28, 28), dtype=np.uint8)
    np.testing.assert_array_equal(train.data.numpy(), expected)
    assert len(test.targets) == 5
    assert contents(published) == before
    assert not list((tmp_path / "scratch").iterdir())


@pytest.mark.usefixtures("offline")
def test_a_folder_that_may_only_be_read_is_enough(source: Source, published: Path) -> None:
    folders = [published, published / "MNIST", published / RAW]
    for folder in folders:
        folder.chmod(0o555)
    try:
        packed = fetch(source, published)[0]
    finally:
        for folder in folders:
            folder.chmod(0o755)
    unpack(published)
    assert np.array_equal(packed.data, fetch(source, published)[0].data)


def test_what_is_not_there_is_downloaded_into_the_folder_and_found_the_next_time(
    source: Source, online: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new" / "data"
    assert len(fetch(source, folder)[0].data) == 5
    assert sorted(online) == sorted(f"{name}.gz" for name in NAMES)
    assert sorted(contents(folder)) == sorted(f"{RAW}/{name}{end}" for name in NAMES for end in ("", ".gz"))
    assert [path.name for path in folder.iterdir()] == ["MNIST"]
    assert socket.getdefaulttimeout() is None
    assert len(fetch(source, folder)[1].data) == 5
    assert len(online) == 4
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "downloading" in captured.err


def test_only_what_is_missing_or_broken_is_downloaded(source: Source, online: list[str], published: Path) -> None:
    folder = published.parent / "partial"
    shutil.copytree(published, folder)
    (folder / RAW / f"{NAMES[0]}.gz").unlink()
    (folder / RAW / f"{NAMES[1]}.gz").write_bytes(b"broken")
    fetch(source, folder)
    assert sorted(online) == sorted(f"{name}.gz" for name in NAMES[:2])


@pytest.mark.usefixtures("offline")
def test_a_failed_download_names_folder_files_and_option_and_leaves_nothing(source: Source, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    with pytest.raises(DataError) as caught:
        fetch(source, folder)
    for part in (str(folder), "--data-dir", "no route to host", *(archive.path for archive in source.archives)):
        assert part in str(caught.value)
    assert not (tmp_path / "new").exists()
    assert socket.getdefaulttimeout() is None


@pytest.mark.usefixtures("offline")
def test_a_single_file_that_is_not_there_is_named(source: Source, published: Path) -> None:
    unpack(published)
    (published / RAW / NAMES[1]).unlink()
    with pytest.raises(DataError, match=f"^{RAW}/{NAMES[1]} of {source.name} is not in {published} and could not be"):
        fetch(source, published)


@pytest.mark.usefixtures("offline")
def test_a_failed_download_leaves_a_folder_as_it_was(source: Source, published: Path) -> None:
    (published / RAW / f"{NAMES[0]}.gz").unlink()
    before = contents(published)
    with pytest.raises(DataError, match="could not be downloaded"):
        fetch(source, published)
    assert contents(published) == before


def test_an_interrupted_download_leaves_nothing(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(url: str, download_root: str, **_: Any) -> None:
        Path(download_root, "half").write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(torchvision_mnist, "download_and_extract_archive", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fetch(source, tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.usefixtures("offline")
def test_a_broken_archive_is_named(source: Source, published: Path) -> None:
    archive = published / RAW / f"{NAMES[2]}.gz"
    archive.write_bytes(archive.read_bytes()[:-1] + b"!")
    with pytest.raises(DataError, match=str(archive)):
        fetch(source, published)


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data + b"!", lambda data: b""])
def test_an_unpacked_file_of_another_size_is_named(source: Source, published: Path, change: Any) -> None:
    unpack(published)
    file = published / RAW / NAMES[1]
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(DataError, match=str(file)):
        fetch(source, published)


@pytest.mark.usefixtures("offline")
def test_an_unpacked_file_with_another_header_is_an_error_of_the_data(source: Source, published: Path) -> None:
    unpack(published)
    file = published / RAW / NAMES[0]
    file.write_bytes(bytes([9, 9, 9, 9]) + file.read_bytes()[4:])
    with pytest.raises(DataError, match=r"cannot be read: \w+"):
        fetch(source, published)


@pytest.mark.usefixtures("offline")
def test_an_error_of_the_disk_is_an_error_of_the_data(
    source: Source, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(shutil, "copyfile", deny)
    with pytest.raises(DataError, match="Permission denied"):
        fetch(source, published)


@pytest.mark.usefixtures("offline")
def test_a_broken_file_of_cifar10_is_named(real_data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    for path in (real_data / "cifar-10-batches-py").iterdir():
        os.symlink(path, folder / path.name)
    (folder / "data_batch_3").unlink()
    (folder / "data_batch_3").write_bytes(b"broken")
    with pytest.raises(DataError, match="data_batch_3 is not the file that was published"):
        cifar10(tmp_path)
