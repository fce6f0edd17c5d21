"""What the tests of the data room share: no network, and a downloader to put in its place."""

import socket
from typing import Any
from urllib.error import URLError

import pytest


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a test tried to reach the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every download of torchvision fails, after it has begun to write a file."""
    from torchvision.datasets import utils

    def fail(url: str, filename: str, *_: Any) -> None:
        with open(filename, "wb") as file:
            file.write(b"half")
        raise URLError("no route to host")

    monkeypatch.setattr(utils, "_get_redirect_url", lambda url, **_: url)
    monkeypatch.setattr(utils, "_urlretrieve", fail)
