"""Which device is meant, and the flags that make its numbers exact."""

import json

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.errors import ConfigError
from lininterp_cli.training.device import environment, exact, resolve


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


@given(st.text(max_size=12))
def test_any_text_is_a_device_or_an_error_of_ours(name: str) -> None:
    try:
        device = resolve(name)
    except ConfigError:
        return
    assert device.type in {"cpu", "cuda", "mps"}


def test_exact_holds_inside_and_is_taken_back() -> None:
    names = ("enabled", "benchmark", "deterministic", "allow_tf32")
    before = [getattr(torch.backends.cudnn, name) for name in names]
    torch.backends.cudnn.benchmark = True
    with exact():
        assert [getattr(torch.backends.cudnn, name) for name in names] == [True, False, True, False]
    assert torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = before[1]
    assert [getattr(torch.backends.cudnn, name) for name in names] == before


def test_environment_is_plain_data() -> None:
    found = environment(torch.device("cpu"))
    assert json.loads(json.dumps(found)) == found
    assert found["torch"] == torch.__version__
    assert found["threads"] == torch.get_num_threads()
    assert found["device"] == "cpu"
