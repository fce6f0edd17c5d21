"""Which device is meant, and the flags that make its numbers exact."""

import json
from collections.abc import Iterator

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.errors import ConfigError
from lininterp_cli.training.device import environment, exact, resolve, resolve_all


def test_cpu_is_cpu() -> None:
    assert resolve("cpu") == torch.device("cpu")


def test_auto_is_a_device_that_computes() -> None:
    device = resolve("auto")
    assert float(torch.ones(2, device=device).sum()) == 2
    assert (device.type == "cuda") == torch.cuda.is_available()


@pytest.mark.parametrize("name", ["", "gpu", "cuda:999", "cuda:-1", "meta", "cpu cuda", "CPU0", "tpu"])
def test_what_is_not_here_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=r"--device|there are auto"):
        resolve(name)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_cuda_without_a_gpu_says_what_to_do() -> None:
    with pytest.raises(ConfigError, match="'cuda' is not here; use --device auto or cpu"):
        resolve("cuda")


def test_one_device_has_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolve("cpu:0") == resolve("cpu") == torch.device("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 1)
    assert {str(resolve(name)) for name in ("auto", "cuda", "cuda:1")} == {"cuda:1"}
    assert str(resolve("cuda:2")) == "cuda:2"
    assert [str(device) for device in resolve_all("cuda, cuda:0")] == ["cuda:1", "cuda:0"]


@given(st.text(max_size=12))
def test_any_text_is_a_device_or_an_error_of_ours(name: str) -> None:
    try:
        device = resolve(name)
    except ConfigError:
        return
    assert device.type in {"cpu", "cuda", "mps"}


FLAGS = ("enabled", "benchmark", "deterministic", "allow_tf32")


def flags() -> tuple[object, ...]:
    return *(getattr(torch.backends.cudnn, name) for name in FLAGS), torch.get_float32_matmul_precision()


@pytest.fixture
def unusual() -> Iterator[tuple[object, ...]]:
    """Flags that are not what anybody sets them to, and what there was before."""
    before = flags()
    torch.backends.cudnn.benchmark, torch.backends.cudnn.allow_tf32 = True, True
    torch.set_float32_matmul_precision("medium")
    yield flags()
    for name, value in zip(FLAGS, before, strict=False):
        setattr(torch.backends.cudnn, name, value)
    torch.set_float32_matmul_precision(str(before[-1]))


@pytest.mark.parametrize(("tf32", "matmul"), [(False, "highest"), (True, "high")])
def test_exact_holds_inside_and_is_taken_back(tf32: bool, matmul: str, unusual: tuple[object, ...]) -> None:
    with exact(tf32=tf32):
        assert flags() == (True, False, True, tf32, matmul)
        with exact(tf32=not tf32):
            assert flags() != (True, False, True, tf32, matmul)
        assert flags() == (True, False, True, tf32, matmul)
    assert flags() == unusual


def test_exact_is_taken_back_after_an_error(unusual: tuple[object, ...]) -> None:
    with pytest.raises(KeyError), exact(tf32=True):
        raise KeyError
    assert flags() == unusual


def test_exact_is_exact_unless_asked(unusual: tuple[object, ...]) -> None:
    with exact():
        assert flags() == (True, False, True, False, "highest")
    assert flags() == unusual


def test_environment_is_plain_data() -> None:
    found = environment(torch.device("cpu"))
    assert json.loads(json.dumps(found)) == found
    assert found["torch"] == torch.__version__
    assert found["threads"] == torch.get_num_threads()
    assert found["device"] == "cpu"
