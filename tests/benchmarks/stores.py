"""Stores of runs of the tool's own shape, thousands of them in seconds: what the explorer is measured on."""

import time
from pathlib import Path

from lininterp_cli.landscape.curves.curve import Curve, Series, Values
from lininterp_cli.runs.files import write_json
from lininterp_cli.runs.record import Record

BLOCKS = ("conv1", "layer1", "layer2", "layer3", "layer4", "fc")
NUM_TEMPLATES = 16
"""Curves that differ; thousands of runs share them."""


def make_store(folder: Path, num_runs: int, num_alphas: int) -> None:
    """Write runs as the tool does: a record each, and a curve by block on two splits.

    Args:
        folder: The store.
        num_runs: How many.
        num_alphas: Of each of the seven series.
    """
    scratch = folder / "template.json"
    folder.mkdir()
    curves, records = [], []
    for place in range(NUM_TEMPLATES):
        curve_of(place, num_alphas).write(scratch)
        curves.append(scratch.read_text())
        write_json(scratch, _record(place).to_dict())
        records.append(scratch.read_text())
    scratch.unlink()
    for number in range(num_runs):
        key, place = f"resnet18-cifar10-sgd-s{number}-{number:06x}", number % NUM_TEMPLATES
        (folder / key / "curves").mkdir(parents=True)
        moment = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(1_767_323_045 + 60 * number))
        record = records[place].replace("THIS-RUN", key).replace("THIS-MOMENT", moment).replace("-77", str(number))
        (folder / key / "run.json").write_text(record)
        (folder / key / "curves" / "by-block.json").write_text(curves[place].replace("THIS-RUN", key))


def _record(place: int) -> Record:
    final = {"train_loss": 0.01, "train_accuracy": 0.99, "test_loss": 0.3, "test_accuracy": 0.9 + place / 1000}
    config = {
        "data": {"name": "cifar10", "train_size": 1.0, "label_noise": 0.0, "augment": True},
        "model": {"name": "resnet18", "width": 8 * (place % 4 + 1), "norm": "batch", "skip": True, "stem": "cifar"},
        "optimizer": {"name": "sgd", "lr": 0.1 / (place % 3 + 1), "momentum": 0.9, "weight_decay": 5e-4},
        "schedule": {"name": "cosine", "warmup_epochs": 0.0, "floor": 0.0},
        "training": {"epochs": 200, "batch_size": 128, "dtype": "float32"},
        "init": "default", "seed": -77,
    }  # fmt: skip
    return Record(
        id="THIS-RUN", config=config, digest="d2cfa7" * 10, status="finished", epoch=200, tags=["first"],
        environment={"lininterp": "0.1.0", "python": "3.11.7", "torch": "2.15.0", "device": "cuda"},
        times={"created": "THIS-MOMENT", "seconds": 1234.5, "finished": "THIS-MOMENT"}, num_parameters=11_173_962,
        num_classes=10, result={"initial": final, "final": final}, distance=dict.fromkeys(BLOCKS, 1.5),
        distance_total=34.9,
    )  # fmt: skip


def curve_of(place: int, num_alphas: int, blocks: tuple[str, ...] = BLOCKS) -> Curve:
    """A curve by block on two splits.

    Args:
        place: Which one; its neighbours have other barriers.
        num_alphas: Of each series.
        blocks: One series each, after that of the whole network.

    Returns:
        The curve.
    """
    alphas = tuple(index / (num_alphas - 1) for index in range(num_alphas))

    def values(height: float) -> Values:
        loss = tuple(2.3 * (1 - alpha) ** 2 + 0.1 + height * 4 * alpha * (1 - alpha) for alpha in alphas)
        accuracy = tuple(max(0.0, 1 - value / 3) for value in loss)
        return Values(num_examples=10_000, loss=loss, loss_stderr=(0.0123456789,) * num_alphas, accuracy=accuracy)

    ends = [{"run": "THIS-RUN", "checkpoint": checkpoint} for checkpoint in ("initial", "final")]
    return Curve(
        name="by-block", run="THIS-RUN", by="block", rest="final", bn="running", dtype="float32", batch_size=512,
        start=ends[0], end=ends[1],
        series=tuple(
            Series(block=block, tensors=(f"{block}.weight",), distance=1.5, alphas=alphas,
                   splits={split: values((index + place) % 7 / 2) for split in ("test", "train")})
            for index, block in enumerate((None, *blocks))
        ),
    )  # fmt: skip
