"""How much memory passes take and may take, beside what torch's own profiler counts."""

import gc
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import Tensor, nn

from lininterp_cli.errors import ConfigError
from lininterp_cli.landscape.engine.memory import (
    Limits,
    _allowed,
    _unused,
    excess,
    explained,
    free,
    is_out_of_memory,
    parse,
    watched,
    written,
)
from lininterp_cli.models.registry import build

MEGABYTE = 2**20

Profiled = Callable[[Callable[[], object]], int]


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1M", 1024**2), ("1048576", 1024**2), ("2048K", 2 * 1024**2), ("8G", 8 * 1024**3), ("8 GiB", 2**33),
        ("1.5M", 3 * 2**19), ("2T", 2 * 1024**4), (" 3 mib ", 3 * 1024**2), ("7000000B", 7_000_000),
    ],
)  # fmt: skip
def test_sizes_are_read(text: str, size: int):
    assert parse(text) == size


@pytest.mark.parametrize(
    "text", ["", "G", "-1G", "0G", "8X", "1e9", "8GG", "eight", "8.G.", "nan", "8", "1048575", "1023K"]
)
def test_what_is_no_size_is_refused(text: str):
    with pytest.raises(ConfigError, match=rf"^--memory takes 1M or more, .* as in 512M or 8G, not '{text}'$"):
        parse(text)


@given(st.integers(1, 2**20), st.sampled_from(["", "K", "M", "G", "T"]), st.sampled_from(["", "B", "iB"]))
def test_every_whole_size_is_read_exactly(number: int, unit: str, ending: str):
    assume(unit or ending != "iB")
    size = number * 1024 ** ["", "K", "M", "G", "T"].index(unit)
    assume(size >= MEGABYTE)
    assert parse(f"{number}{unit}{ending}") == size


@given(st.integers(MEGABYTE, 2**50))
def test_a_size_that_is_written_is_read_again_to_a_tenth_of_its_unit(size: int):
    assert parse(written(size)) == pytest.approx(size, rel=0.05)


@pytest.mark.parametrize(("rows", "says"), [(0, False), (20, False), (21, True)])
def test_batches_that_may_not_fit_are_told_of(rows: int, says: bool):
    words = excess(10_000, 100, rows, "batches of mice")
    assert (words is not None) == says
    if words is not None:
        assert words.startswith("up to 10.3K may be needed for batches of mice, which cannot be made smaller")
        assert "9.8K for activations (--memory)" in words


class Told:
    """Hears what it is told."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def passed(self, progress: Any) -> None: ...

    def grew(self, curve: Any) -> None: ...

    def told(self, words: str) -> None:
        self.words.append(words)


@pytest.mark.parametrize(
    ("bn", "size"), [("recalibrate", 192), ("batch", 48), ("running", 0), ("final", 0)], ids=lambda one: str(one)
)
def test_where_batches_are_whole_the_line_says_how_much_they_take_and_they_take_no_more(
    bn: str, size: int, pictures: Any, far: Any, walked: Any, profiled: Profiled
):
    def make() -> nn.Module:
        return build("resnet8", (3, 16, 16), 10, width=16)

    dataset = pictures(num_train=192, num_test=60, shape=(3, 16, 16))
    ends, watcher = far(make, dataset), Told()
    weights = sum(tensor.nbytes for tensor in ends[0].values())

    def compute(memory: int) -> None:
        walked(make(), ends, dataset, by="block", bn=bn, batch_size=48, memory_bytes=memory, watcher=watcher)

    compute(2**40)
    assert watcher.words == []
    peak = profiled(lambda: compute(MEGABYTE))
    if not size:
        assert watcher.words == []
        return
    (words,) = watcher.words
    assert f"batches of {size} " in words
    assert f"--bn {bn}" in words
    assert "more than the 1M" in words
    most = parse(words.split()[2])
    assert MEGABYTE < peak <= most + 5 * weights


def test_a_share_of_the_machine_is_free():
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert 0 < free(torch.device("cpu")) < total / 2


def files(folder: Path, **contents: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / f"memory.{name}").write_text(content + "\n")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("MemTotal:  8 kB\nMemFree:  2 kB\nMemAvailable:     3000 kB\n", [3000 * 1024]),
        ("MemTotal:  8 kB\nMemFree:  2 kB\n", []),
        ("", []),
    ],
)
def test_what_is_unused_is_read(content: str, expected: list[int], tmp_path: Path):
    (tmp_path / "meminfo").write_text(content)
    assert _unused(tmp_path / "meminfo") == expected
    assert _unused(tmp_path / "elsewhere") == []


def test_limits_of_control_groups_of_version_2_and_those_around_them(tmp_path: Path):
    membership, mount = tmp_path / "cgroup", tmp_path / "mount"
    membership.write_text("0::/slurm/job_1/step_0\n")
    assert _allowed(membership, mount) == []
    files(mount / "slurm" / "job_1" / "step_0", max="max", current="10")
    files(mount / "slurm" / "job_1", max="5000", current="3000", stat="anon 1000\ninactive_file 500\nfile 9")
    files(mount / "slurm", max="9000", current="9500")
    assert _allowed(membership, mount) == [2500, 0]
    # In a container the mount itself is the group, whatever it is called outside.
    files(mount, max="7000", current="1000")
    membership.write_text("0::/docker/abc\n")
    assert _allowed(membership, mount) == [6000]


def test_limits_of_control_groups_of_version_1(tmp_path: Path):
    membership, mount = tmp_path / "cgroup", tmp_path / "mount"
    membership.write_text("12:cpu,cpuacct:/a\n4:memory:/a\n1:name=systemd:/a\nbroken\n0::/a\n")
    files(mount / "a", limit_in_bytes="1", usage_in_bytes="0")
    stat = "inactive_file 1\ntotal_inactive_file 1\n"
    files(mount / "memory" / "a", limit_in_bytes="4000", usage_in_bytes="1000", stat=stat)
    assert _allowed(membership, mount) == [3001]
    assert _allowed(tmp_path / "elsewhere", mount) == []


@pytest.mark.parametrize(
    ("unused", "allowed", "expected"), [([4000], [3000, 9000], 1500), ([4000], [], 2000), ([], [2], 1), ([0], [], 1)]
)
def test_half_of_the_smallest_is_taken(
    unused: list[int], allowed: list[int], expected: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("lininterp_cli.landscape.engine.memory._unused", lambda _: unused)
    monkeypatch.setattr("lininterp_cli.landscape.engine.memory._allowed", lambda *_: allowed)
    assert free(torch.device("cpu")) == expected


def test_where_nothing_says_what_is_unused_a_quarter_of_the_machine_is_taken(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lininterp_cli.landscape.engine.memory._read", lambda _: "")
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert free(torch.device("cpu")) == total // 4


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"), True),
        (MemoryError(), True),
        (RuntimeError("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory: you"), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 1.00 GB)"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"), True),
        (RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), True),
        (RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"), False),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError("out of memory"), False),
        (KeyboardInterrupt(), False),
    ],
)
def test_lack_of_memory_is_told_from_other_errors(error: BaseException, expected: bool):
    assert is_out_of_memory(error) == expected


def test_a_lack_of_memory_is_explained_and_other_errors_are_left_alone():
    with (
        pytest.raises(ConfigError, match=r"^cpu has too little memory for a cat; use a dog$"),
        explained(torch.device("cpu"), "a cat; use a dog"),
    ):
        torch.empty(2**58)
    with pytest.raises(RuntimeError, match="something else"), explained(torch.device("cpu"), "a cat"):
        raise RuntimeError("something else")


def test_a_real_lack_of_memory_is_known():
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**58)
    assert is_out_of_memory(caught.value)


SIZES = st.integers(1, 2**40)


@given(SIZES, st.integers(1, 2**30), st.integers(1, 4096), st.integers(1, 8192), st.booleans())
def test_limits_fit_into_the_memory(memory: int, row_bytes: int, batch_size: int, full: int, is_fixed: bool):
    limits = Limits.within(memory, row_bytes, batch_size, full, is_fixed)
    assert 1 <= limits.rows <= batch_size
    assert limits.capacity >= 1
    assert limits.is_fixed == is_fixed
    if is_fixed:
        assert limits.rows == batch_size
    elif limits.rows > 1:
        assert 5 * limits.rows * row_bytes <= memory
    if limits.capacity > 1:
        assert (5 + 2 * limits.capacity) * limits.rows * row_bytes <= memory
        assert limits.capacity * limits.rows <= full


@given(SIZES, st.integers(1, 2**30), st.integers(1, 4096), st.integers(1, 8192))
def test_memory_that_is_there_is_used(memory: int, row_bytes: int, batch_size: int, full: int):
    limits = Limits.within(memory, row_bytes, batch_size, full, False)
    if limits.rows < batch_size:
        assert 5 * (limits.rows + 1) * row_bytes > memory
    more = limits.capacity + 1
    assert more * limits.rows > full or (5 + 2 * more) * limits.rows * row_bytes > memory


@given(SIZES, st.integers(1, 2**30), st.integers(1, 4096), st.integers(1, 8192), st.booleans())
def test_halving_goes_down_to_one_example_and_ends(
    memory: int, row_bytes: int, batch_size: int, full: int, is_fixed: bool
):
    limits = Limits.within(memory, row_bytes, batch_size, full, is_fixed)
    before = limits.rows * limits.capacity
    while limits.halve():
        assert limits.rows >= 1
        assert limits.capacity >= 1
        assert limits.rows * limits.capacity <= before * 2 / 3
        before = limits.rows * limits.capacity
    assert limits.capacity == 1
    assert limits.rows == (batch_size if is_fixed else 1)


@pytest.fixture
def profiled(tmp_path: Path) -> Profiled:
    """The most bytes that torch's profiler sees allocated at a time, over what there was at the start."""

    def measure(compute: Callable[[], object]) -> int:
        gc.collect()
        path = tmp_path / "trace.json"
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as profile:
            compute()
        profile.export_chrome_trace(str(path))
        events = [one["args"] for one in json.loads(path.read_text())["traceEvents"] if one.get("name") == "[memory]"]
        totals = [one["Total Allocated"] for one in events]
        return int(max(totals) - (totals[0] - events[0]["Bytes"]))

    return measure


def run(network: nn.Module, inputs: Tensor) -> Callable[[], Tensor]:
    def compute() -> Tensor:
        with torch.no_grad():
            result: Tensor = network(inputs)
            return result

    return compute


class Views(nn.Module):
    """Most of its values share the memory of others, and some are written over."""

    def forward(self, inputs: Tensor) -> Tensor:
        out = inputs.flatten(1) * 2
        first, last = out.chunk(2, 1)
        out = out.relu_().view_as(inputs).transpose(1, 2)
        return torch.cat([first, last, out.reshape(len(inputs), -1)], 1).add_(1)


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "layers": lambda: nn.Sequential(nn.Flatten(), nn.Linear(768, 4096), nn.ReLU(), nn.Linear(4096, 64)),
    "views": Views,
    "resnet8": lambda: build("resnet8", (3, 16, 16), 10, width=32).eval(),
    "vit-tiny": lambda: build("vit-tiny", (3, 16, 16), 10, depth=2).eval(),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_peak_is_what_the_profiler_sees(name: str, profiled: Profiled):
    compute = run(NETWORKS[name](), torch.randn(64, 3, 16, 16))
    compute()  # what is allocated once is no activation
    (_, counted), seen = watched(compute), profiled(compute)
    assert seen > MEGABYTE / 4
    # The profiler also sees what single operations need for themselves.
    assert 0.95 * seen <= counted <= seen


def test_the_peak_of_two_tensors_is_their_size():
    def compute() -> None:
        one = torch.zeros(1000)
        other = one + 1
        del one, other
        torch.zeros(1500).view(3, 500).t().relu_()

    assert watched(compute)[1] == 2 * 4000
    given_before = torch.zeros(10**6)
    assert watched(lambda: given_before.add_(1).view(10, -1))[1] == 0


@pytest.mark.parametrize("megabytes", [2, 8])
@pytest.mark.parametrize("name", ["own-resnet8", "own-vit-tiny"])
def test_a_sweep_stays_within_its_memory(
    name: str, megabytes: int, pictures: Any, far: Any, walked: Any, profiled: Profiled
):
    sizes: dict[str, Any] = {"width": 16} if name == "own-resnet8" else {"depth": 2, "width": 32, "heads": 2}

    def make() -> nn.Module:
        return build(name.removeprefix("own-"), (3, 16, 16), 10, **sizes)

    dataset = pictures(num_test=64, shape=(3, 16, 16))
    ends = far(make, dataset)
    weights = sum(tensor.nbytes for tensor in ends[0].values())
    rows: list[int] = []
    model = make()
    head = [part for part in model.modules() if isinstance(part, nn.Linear)][-1]
    head.register_forward_hook(lambda _, given, __: rows.append(len(given[0])))
    asked = {"by": "block", "alphas": (0.2, 0.6, 1.0), "batch_size": 64}

    def compute(memory: int) -> list[Any]:
        found: list[Any] = walked(model, ends, dataset, memory_bytes=memory, **asked)
        return found

    peak = profiled(lambda: compute(megabytes * MEGABYTE))
    # Beside the activations there are both ends as they are laid out, a state between them, and the network's copy.
    assert peak <= megabytes * MEGABYTE + 4 * weights
    small = max(rows)
    rows.clear()
    plenty = compute(1024 * MEGABYTE)
    assert max(rows) >= small
    for one, other in zip(compute(megabytes * MEGABYTE), plenty, strict=True):
        assert one.splits["test"].loss == pytest.approx(other.splits["test"].loss, abs=1e-5)
