"""Arithmetic on whole states against float64, and what is said of states that do not fit."""

import math
from copy import deepcopy

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from lininterp_cli.errors import StateError
from lininterp_cli.models.state import (
    State,
    check_finite,
    check_same,
    copied,
    distance,
    distances,
    fits,
    length,
    lerp,
    state_of,
)

FLOATS = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
COMPLEX = [torch.complex64, torch.complex128]
ALPHAS = [-0.5, 0.0, 0.001, 0.25, 1 / 3, 0.5, 0.7, 0.999, 1.0, 1.5]
FINITE = st.floats(-1000, 1000, width=16)


def drawn(seed: int, dtype: torch.dtype, shape: tuple[int, ...] = (6, 5)) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    if dtype.is_complex:
        return torch.complex(
            torch.randn(shape, generator=generator, dtype=torch.float64),
            torch.randn(shape, generator=generator, dtype=torch.float64),
        ).to(dtype)
    return torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype)


def exact(start: Tensor, end: Tensor, alpha: float) -> np.ndarray:
    wide = np.complex128 if start.dtype.is_complex else np.float64
    first, last = (np.asarray(t.to(torch.complex128 if wide is np.complex128 else torch.float64)) for t in (start, end))
    return np.asarray((1 - alpha) * first + alpha * last, dtype=wide)


def bytes_of(state: State) -> dict[str, list[object]]:
    return {name: [tensor.dtype, tensor.shape, tensor.reshape(-1).tolist()] for name, tensor in state.items()}


class TestLerp:
    @pytest.mark.parametrize("alpha", ALPHAS)
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64, *COMPLEX])
    def test_against_float64(self, dtype: torch.dtype, alpha: float) -> None:
        start, end = drawn(0, dtype), drawn(1, dtype)
        mixed = lerp({"w": start}, {"w": end}, alpha)["w"]
        assert mixed.dtype == dtype
        tolerance = 8 * torch.finfo(dtype).eps
        np.testing.assert_allclose(mixed.numpy(), exact(start, end, alpha), rtol=tolerance, atol=tolerance)

    @pytest.mark.parametrize("alpha", ALPHAS)
    @pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
    def test_half_precision_is_mixed_wide_and_rounded_once(self, dtype: torch.dtype, alpha: float) -> None:
        start, end = drawn(0, dtype, (2000,)), drawn(1, dtype, (2000,))
        mixed = lerp({"w": start}, {"w": end}, alpha)["w"]
        rounded = torch.from_numpy(exact(start, end, alpha)).to(dtype)
        assert mixed.dtype == dtype
        # float32 on the way to a half may fall on the other side of a tie, by one step, and very seldom
        off = (mixed != rounded).double()
        assert off.mean() <= 0.01
        torch.testing.assert_close(mixed, rounded, rtol=2 * torch.finfo(dtype).eps, atol=1e-6)
        narrow = torch.lerp(start, end, torch.tensor(alpha, dtype=dtype))
        assert alpha in {0.0, 1.0, 0.25, 0.5, -0.5, 1.5} or (narrow != rounded).double().mean() > off.mean()

    @settings(deadline=None)
    @given(
        pairs=st.lists(st.tuples(FINITE, FINITE), min_size=1, max_size=6),
        alpha=st.floats(-1, 2),
        dtype=st.sampled_from([torch.float32, torch.float64]),
    )
    @example(pairs=[(1.0, 1000.0)], alpha=5e-324, dtype=torch.float32)
    @example(pairs=[(-1000.0, 1000.0)], alpha=math.nextafter(1, 0), dtype=torch.float64)
    def test_any_pair_against_float64(self, pairs: list[tuple[float, float]], alpha: float, dtype: torch.dtype) -> None:
        start, end = (torch.tensor(column, dtype=dtype) for column in zip(*pairs, strict=True))
        mixed = lerp({"w": start}, {"w": end}, alpha)["w"]
        bound = 4 * torch.finfo(dtype).eps * (1 + abs(alpha)) * (start.abs() + end.abs()).double().numpy()
        assert (np.abs(mixed.double().numpy() - exact(start, end, alpha)) <= bound + 1e-40).all()

    @pytest.mark.parametrize("dtype", [*FLOATS, *COMPLEX])
    def test_exact_at_the_ends(self, dtype: torch.dtype) -> None:
        start, end = {"w": drawn(0, dtype) * 1e3}, {"w": drawn(1, dtype) / 1e3}
        for alpha, expected in ((0.0, start), (1.0, end), (0, start), (1, end), (-0.0, start)):
            assert torch.equal(lerp(start, end, alpha)["w"], expected["w"])

    @pytest.mark.parametrize("dtype", FLOATS)
    def test_an_infinity_at_one_end_does_not_spoil_the_other(self, dtype: torch.dtype) -> None:
        wild, tame = torch.tensor([math.inf, -math.inf, math.nan], dtype=dtype), torch.ones(3, dtype=dtype)
        assert torch.equal(lerp({"w": wild}, {"w": tame}, 1.0)["w"], tame)
        assert torch.equal(lerp({"w": tame}, {"w": wild}, 0.0)["w"], tame)

    @pytest.mark.parametrize("dtype", [*FLOATS, *COMPLEX])
    @given(alpha=st.floats(-1, 2))
    @settings(deadline=None, max_examples=30)
    def test_exact_where_the_ends_agree(self, dtype: torch.dtype, alpha: float) -> None:
        start = drawn(0, dtype)
        end = drawn(1, dtype)
        end[::2] = start[::2]
        mixed = lerp({"w": start}, {"w": end}, alpha)["w"]
        assert torch.equal(mixed[::2], start[::2])
        if 0 < alpha < 1e-3 or 1e-3 < alpha < 1 - 1e-3:
            assert dtype in {torch.float16, torch.bfloat16} or alpha < 1e-5 or not torch.equal(mixed[1::2], start[1::2])

    @pytest.mark.parametrize("dtype", FLOATS)
    @pytest.mark.parametrize("value", [math.inf, -math.inf])
    @pytest.mark.parametrize("alpha", [-0.5, 0.25, 0.5, 0.75, 1.5])
    def test_a_mask_of_infinities_that_both_ends_share_stays(
        self, dtype: torch.dtype, value: float, alpha: float
    ) -> None:
        mask = torch.tensor([0.0, value, 1.0], dtype=dtype)
        assert torch.equal(lerp({"mask": mask}, {"mask": mask.clone()}, alpha)["mask"], mask)

    def test_what_is_not_a_number_stays_so(self) -> None:
        start, end = {"w": torch.tensor([math.nan, 1.0])}, {"w": torch.tensor([1.0, math.nan])}
        assert lerp(start, end, 0.5)["w"].isnan().all()
        assert lerp(start, end, 0.0)["w"].isnan().tolist() == [True, False]

    @pytest.mark.parametrize("dtype", [torch.int64, torch.int32, torch.uint8, torch.bool])
    def test_counts_are_the_starts_at_0_and_the_ends_elsewhere(self, dtype: torch.dtype) -> None:
        start, end = {"n": torch.tensor([0, 1], dtype=dtype)}, {"n": torch.tensor([1, 0], dtype=dtype)}
        assert torch.equal(lerp(start, end, 0.0)["n"], start["n"])
        for alpha in (-0.5, 1e-9, 0.5, 1.0, 1.5):
            mixed = lerp(start, end, alpha)["n"]
            assert mixed.dtype == dtype
            assert torch.equal(mixed, end["n"])

    @pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (1,), (2, 3, 4, 5)], ids=str)
    @pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.complex64])
    def test_shapes(self, shape: tuple[int, ...], dtype: torch.dtype) -> None:
        start, end = drawn(0, dtype, shape), drawn(1, dtype, shape)
        mixed = lerp({"w": start}, {"w": end}, 0.25)["w"]
        assert (mixed.shape, mixed.dtype) == (start.shape, dtype)
        torch.testing.assert_close(mixed, torch.as_tensor(exact(start, end, 0.25)).to(dtype))

    def test_tensors_that_are_not_contiguous(self) -> None:
        whole = drawn(0, torch.float32, (8, 6))
        views = [whole.t()[::2], whole[:, 0].expand(4, 8), whole[1:, 1:]]
        for start in views:
            end = drawn(1, torch.float32, tuple(start.shape[::-1])).t()
            mixed = lerp({"w": start}, {"w": end}, 0.25)["w"]
            np.testing.assert_allclose(mixed.numpy(), exact(start, end, 0.25), rtol=1e-6, atol=1e-6)

    @pytest.mark.parametrize("alpha", ALPHAS)
    def test_the_ends_are_left_alone(self, alpha: float) -> None:
        start: State = {str(dtype): drawn(0, dtype) for dtype in FLOATS + COMPLEX} | {"n": torch.tensor(3)}
        end: State = {str(dtype): drawn(1, dtype) for dtype in FLOATS + COMPLEX} | {"n": torch.tensor(9)}
        before = bytes_of(deepcopy(start)), bytes_of(deepcopy(end))
        mixed = lerp(start, end, alpha)
        assert list(mixed) == list(start)
        mixed.clear()
        assert (bytes_of(start), bytes_of(end)) == before

    def test_entries_that_do_not_move_are_shared(self) -> None:
        same, count = torch.ones(3), torch.tensor(1)
        end: State = {"same": same, "n": count, "w": torch.zeros(3)}
        mixed = lerp({"same": same, "n": torch.tensor(0), "w": torch.ones(3)}, end, 0.5)
        assert mixed["same"] is same
        assert mixed["n"] is count
        assert mixed["w"].tolist() == [0.5] * 3

    def test_an_empty_state(self) -> None:
        assert lerp({}, {}, 0.5) == {}


class TestDistance:
    @pytest.mark.parametrize("dtype", FLOATS + COMPLEX)
    def test_against_numpy(self, dtype: torch.dtype) -> None:
        start: State = {"a": drawn(0, dtype), "b": drawn(1, dtype, ()), "c": drawn(2, dtype, (0, 3))}
        end: State = {"a": drawn(3, dtype), "b": drawn(4, dtype, ()), "c": drawn(5, dtype, (0, 3))}
        wide = torch.complex128 if dtype.is_complex else torch.float64
        moved = [np.asarray((end[n].to(wide) - start[n].to(wide)).reshape(-1)) for n in start]
        expected = float(np.linalg.norm(np.concatenate(moved)))
        assert distance(start, end, start) == pytest.approx(expected, rel=1e-14)
        assert distance(start, end, ["b"]) == pytest.approx(float(np.linalg.norm(moved[1])), rel=1e-14)

    def test_it_is_summed_in_float64(self) -> None:
        start, end = {"w": torch.zeros(3_000_000)}, {"w": torch.full((3_000_000,), 0.1)}
        expected = math.sqrt(3_000_000) * float(np.float64(np.float32(0.1)))
        assert distance(start, end, ["w"]) == pytest.approx(expected, rel=1e-12)

    def test_small_and_large_weights_do_not_leave_the_range(self) -> None:
        start = {"w": torch.zeros(2)}
        assert distance(start, {"w": torch.tensor([3e-30, 4e-30])}, ["w"]) == pytest.approx(5e-30, rel=1e-6)
        assert distance(start, {"w": torch.tensor([3e30, 4e30])}, ["w"]) == pytest.approx(5e30, rel=1e-6)

    @settings(deadline=None)
    @given(pairs=st.lists(st.tuples(FINITE, FINITE), max_size=8))
    def test_any_values(self, pairs: list[tuple[float, float]]) -> None:
        start = {"w": torch.tensor([first for first, _ in pairs], dtype=torch.float32)}
        end = {"w": torch.tensor([last for _, last in pairs], dtype=torch.float32)}
        found = distance(start, end, ["w"])
        assert found == pytest.approx(math.sqrt(math.fsum((a - b) ** 2 for a, b in pairs)), rel=1e-12)
        assert found == distance(end, start, ["w"])
        assert distance(start, start, ["w"]) == 0.0

    def test_several_groups_of_entries_share_the_work(self) -> None:
        start: State = {name: drawn(seed, torch.float32) for seed, name in enumerate("abc")}
        end: State = {name: drawn(seed + 3, torch.float32) for seed, name in enumerate("abc")}
        parts = distances(start, end, start)
        for names in (["a"], ["a", "c"], start):
            assert length(parts, names) == distance(start, end, names)
        assert length(parts, []) == 0.0
        assert math.isnan(length({"a": math.inf, "b": math.nan}, "ab"))

    def test_nothing_named_and_integers(self) -> None:
        start, end = {"n": torch.tensor([1, 2])}, {"n": torch.tensor([4, 6])}
        assert distance(start, end, []) == 0.0
        assert distance(start, end, iter(["n"])) == 5.0


def numbered(count: int) -> State:
    return {f"layer{number:02d}.w": torch.zeros(2, 3) for number in range(count)}


class TestCheckSame:
    def test_the_same_is_fine(self) -> None:
        check_same(numbered(3), {name: torch.ones(2, 3) for name in reversed(numbered(3))})
        check_same({}, {})

    def test_every_kind_of_mismatch_is_listed(self) -> None:
        start: State = {"a": torch.zeros(2), "b": torch.zeros(2, 3), "c": torch.zeros(1), "d": torch.zeros(())}
        end: State = {"b": torch.zeros(3, 2), "c": torch.zeros(1).half(), "d": torch.zeros(1), "e": torch.zeros(2)}
        with pytest.raises(StateError) as caught:
            check_same(start, end)
        head, *problems = str(caught.value).replace(": ", "; ", 1).split("; ")
        assert head == "the two ends are not the same architecture"
        assert sorted(problems) == [
            "a is in one end only",
            "b is 2x3 at one end, 3x2 at the other",
            "c is torch.float32 at one end, torch.float16 at the other",
            "d is a scalar at one end, 1 at the other",
            "e is in one end only",
        ]

    def test_the_first_ten_are_listed_and_the_rest_counted(self) -> None:
        start = numbered(13)
        with pytest.raises(StateError) as caught:
            check_same(start, {})
        assert [f"{name} is" in str(caught.value) for name in start] == [True] * 10 + [False] * 3
        assert str(caught.value).endswith("; and 3 more")

    def test_shapes_are_listed_in_the_networks_order(self) -> None:
        start, end = numbered(13), {name: torch.zeros(3, 2) for name in numbered(13)}
        with pytest.raises(StateError) as caught:
            check_same(start, end)
        assert [f"{name} is" in str(caught.value) for name in start] == [True] * 10 + [False] * 3

    def test_ten_have_no_rest(self) -> None:
        with pytest.raises(StateError) as caught:
            check_same(numbered(10), {})
        assert "more" not in str(caught.value)


class Wrapper(nn.Module):
    """A network that itself calls a part `module`."""

    def __init__(self) -> None:
        super().__init__()
        self.module = nn.Linear(2, 3)


class TestFits:
    @pytest.fixture
    def model(self) -> nn.Module:
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))

    def test_the_networks_own_order(self, model: nn.Module) -> None:
        state = state_of(model)
        fitted = fits(model, dict(reversed(state.items())), "a.pt")
        assert list(fitted) == list(model.state_dict())
        assert all(fitted[name] is tensor for name, tensor in state.items())

    @pytest.mark.parametrize(
        "prefix",
        ["module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module.", "model.", "model._orig_mod.", "a.b.", "0."],
    )
    def test_what_wrappers_leave_is_taken_off(self, model: nn.Module, prefix: str) -> None:
        state = {prefix + name: tensor for name, tensor in state_of(model).items()}
        assert list(fits(model, state, "a.pt")) == list(model.state_dict())

    @pytest.mark.parametrize("prefix", ["", "module.", "_orig_mod."])
    def test_a_part_called_module_is_not_a_wrapper(self, prefix: str) -> None:
        model = Wrapper()
        state = {prefix + name: tensor for name, tensor in state_of(model).items()}
        assert list(fits(model, state, "a.pt")) == ["module.weight", "module.bias"]

    def test_real_wrappers(self, model: nn.Module) -> None:
        wrapped = nn.DataParallel(model)
        assert list(fits(model, wrapped.state_dict(), "a.pt")) == list(model.state_dict())
        compiled = torch.compile(model, backend="eager")
        assert isinstance(compiled, nn.Module)
        assert list(fits(model, compiled.state_dict(), "a.pt")) == list(model.state_dict())

    def test_a_prefix_is_that_of_all_names(self, model: nn.Module) -> None:
        state = {f"net.{name}": tensor for name, tensor in state_of(model).items()}
        with pytest.raises(StateError, match=r"which has none of their names: they are net\.0\.weight; .*; other;"):
            fits(model, state | {"other": torch.zeros(1)}, "a.pt")
        # What the network has a name of is not taken for a wrapper.
        inner = nn.Sequential(nn.Sequential(nn.Linear(2, 3)))
        own = {f"0.{name}": tensor for name, tensor in state_of(inner).items()}
        with pytest.raises(StateError, match=r"1\.bias is missing"):
            fits(nn.Sequential(inner, nn.Linear(3, 1)), own, "a.pt")

    def test_the_names_of_both_are_listed_where_none_agrees(self, model: nn.Module) -> None:
        with pytest.raises(StateError) as caught:
            fits(model, numbered(12), "a.pt")
        names = list(numbered(12))
        assert str(caught.value) == (
            "the weights of a.pt do not fit the network, which has none of their names: they are "
            f"{'; '.join(names[:10])}; and 2 more; those of the network are {'; '.join(state_of(model))}"
        )

    def test_one_name_under_two_spellings_is_refused(self, model: nn.Module) -> None:
        state = state_of(model)
        twice = state | {"module.0.weight": state["0.weight"] + 1}
        with pytest.raises(StateError, match=r"0\.weight"):
            fits(model, twice, "a.pt")

    def test_every_kind_of_mismatch_is_listed(self, model: nn.Module) -> None:
        state = state_of(model)
        del state["0.bias"]
        state |= {"extra": torch.zeros(1), "0.weight": torch.zeros(2, 3), "1.num_batches_tracked": torch.zeros(1)}
        with pytest.raises(StateError) as caught:
            fits(model, state, "a.pt")
        assert str(caught.value) == (
            "the weights of a.pt do not fit the network: 0.bias is missing; extra is not in the network; "
            "0.weight is 2x3, the network has 3x2; 1.num_batches_tracked is 1, the network has a scalar; "
            "1.num_batches_tracked is float32, the network has int64; "
            "only the precision of floating numbers may differ: convert the others and save them again"
        )

    @pytest.mark.parametrize("dtype", FLOATS)
    def test_any_floating_precision_becomes_the_networks(self, model: nn.Module, dtype: torch.dtype) -> None:
        own = state_of(model)
        given = {name: one.to(dtype) if one.is_floating_point() else one for name, one in own.items()}
        fitted = fits(model, given, "a.pt")
        assert {name: one.dtype for name, one in fitted.items()} == {name: one.dtype for name, one in own.items()}
        assert bytes_of(fitted) == bytes_of({name: given[name].to(own[name].dtype) for name in own})

    @pytest.mark.parametrize("dtype", [torch.int64, torch.uint8, torch.bool, torch.complex64])
    def test_other_kinds_of_numbers_are_listed_and_never_cast(self, model: nn.Module, dtype: torch.dtype) -> None:
        state = state_of(model)
        state["0.weight"] = state["0.weight"].to(dtype)
        kind = str(dtype).removeprefix("torch.")
        with pytest.raises(StateError, match=rf": 0\.weight is {kind}, the network has float32; only the precision"):
            fits(model, state, "a.pt")

    def test_counts_of_another_width_are_listed(self, model: nn.Module) -> None:
        state = state_of(model) | {"1.num_batches_tracked": torch.tensor(3, dtype=torch.int32)}
        with pytest.raises(StateError, match=r"1\.num_batches_tracked is int32, the network has int64"):
            fits(model, state, "a.pt")

    def test_counts_that_old_files_lack_are_those_that_torch_takes(self, model: nn.Module) -> None:
        old = {name: one + 1 for name, one in state_of(model).items() if "num_batches" not in name}
        twin = deepcopy(model)
        assert old.keys() < state_of(model).keys()
        twin.load_state_dict(old)  # torch takes a dict without the metadata of a version as one of an old file
        assert bytes_of(fits(model, old, "a.pt")) == bytes_of(state_of(twin))

    def test_the_first_ten_are_listed_and_the_rest_counted(self, model: nn.Module) -> None:
        with pytest.raises(StateError) as caught:
            fits(model, state_of(model) | numbered(14), "a.pt")
        assert [name in str(caught.value) for name in numbered(14)] == [True] * 10 + [False] * 4
        assert str(caught.value).endswith("; and 4 more")

    def test_nothing_given(self, model: nn.Module) -> None:
        with pytest.raises(StateError, match=r"0\.weight is missing"):
            fits(model, {}, "a.pt")

    def test_the_network_and_the_weights_are_left_alone(self, model: nn.Module) -> None:
        before = bytes_of(state_of(model))
        given_state = {f"module.{name}": torch.zeros_like(tensor) for name, tensor in state_of(model).items()}
        fits(model, given_state, "a.pt")
        assert bytes_of(state_of(model)) == before
        assert all(name.startswith("module.") for name in given_state)


class TestStateOf:
    def test_it_is_a_detached_copy(self) -> None:
        model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
        state = state_of(model)
        assert list(state) == list(model.state_dict())
        before = bytes_of(deepcopy(state))
        assert not any(tensor.requires_grad for tensor in state.values())
        model.train()(torch.randn(4, 2)).sum().backward()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(1)
        assert bytes_of(state) == before
        assert state["1.num_batches_tracked"].item() == 0

    def test_tied_tensors_stand_under_each_name(self) -> None:
        model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
        model[1].weight = model[0].weight
        state = state_of(model)
        assert torch.equal(state["0.weight"], state["1.weight"])
        assert list(state) == ["0.weight", "0.bias", "1.weight", "1.bias"]

    def test_buffers_that_are_not_persistent_are_left_out(self) -> None:
        model = nn.Linear(2, 2)
        model.register_buffer("scratch", torch.zeros(1), persistent=False)
        assert list(state_of(model)) == ["weight", "bias"]


class TestCheckFinite:
    @pytest.mark.parametrize("dtype", [*FLOATS, *COMPLEX])
    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
    def test_says_which_entries_and_how_many_of_each(self, value: float, dtype: torch.dtype) -> None:
        bad = drawn(0, dtype, (2, 3))
        bad[0, 1] = bad[1, 2] = value
        state = {"fine": drawn(1, dtype), "fc.weight": bad, "scale": torch.tensor(value), "step": torch.tensor(3)}
        message = (
            r"^the weights of run:final are not finite: fc\.weight has 2 of 6.*scale has 1 of 1.*"
            r"take an earlier checkpoint$"
        )
        with pytest.raises(StateError, match=message) as caught:
            check_finite(state, state, "run:final")
        assert "fine" not in str(caught.value)
        assert "step" not in str(caught.value)

    def test_only_the_first_ten_are_listed(self) -> None:
        state = {f"w{number:02d}": torch.tensor([math.nan]) for number in range(14)}
        with pytest.raises(StateError) as caught:
            check_finite(state, state, "x")
        assert [name for name in state if name in str(caught.value)] == list(state)[:10]
        assert "4" in str(caught.value).partition("w09 has 1 of 1")[2]

    def test_the_largest_numbers_and_empty_tensors_are_fine(self) -> None:
        largest = {str(dtype): torch.tensor([torch.finfo(dtype).max, -0.0], dtype=dtype) for dtype in FLOATS}
        check_finite(
            largest | {"empty": torch.zeros(0), "count": torch.tensor(2**60)}, [*largest, "empty", "count"], "x"
        )

    def test_what_is_not_asked_about_is_not_looked_at(self) -> None:
        state = {"weight": torch.ones(2), "mask": torch.tensor([0.0, -math.inf])}
        check_finite(state, ["weight"], "x")
        check_finite(state, (), "x")
        with pytest.raises(StateError, match="mask has 1 of 2"):
            check_finite(state, ["weight", "mask"], "x")


def test_a_copied_state_shares_nothing() -> None:
    state = {"w": torch.ones(2)}
    copied(state)["w"].zero_()
    assert state["w"].tolist() == [1.0, 1.0]
