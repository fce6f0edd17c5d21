"""Initial weights from a pre-trained network, in every block whose tensors agree; the other blocks are drawn.

ImageNet weights are torchvision's; `torch.hub` downloads them to its own folder (TORCH_HOME) and checks them.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import torch
import torchvision
from torch import Tensor, nn

from lininterp_cli.data.fetch import DOWNLOAD_ERRORS, patience
from lininterp_cli.errors import ConfigError, DataError, NotFoundError, StateError
from lininterp_cli.models.blocks import Group, groups
from lininterp_cli.models.state import State, is_other_kind, unwrapped
from lininterp_cli.training.checkpoints import fingerprint, load_state
from lininterp_cli.training.initial import blank

_EDITION = "IMAGENET1K_V1"
"""Key of torchvision's first weights of each network, those available to Vlaar & Frankle 2022."""


@dataclass(frozen=True, slots=True)
class Pretrained:
    """A file of pre-trained weights, and the blocks of a network to take from it."""

    path: Path
    """The file."""
    blocks: dict[str, Group]
    """The network's blocks whose tensors the file has, all with the same names and shapes."""

    @property
    def identity(self) -> str:
        """The file's name, the blocks taken from it, and the first digits of its hash."""
        return f"imagenet:{self.path.name}[{','.join(self.blocks)}]#{fingerprint(self.path)[:12]}"

    def over(self, drawn: State) -> State:
        """The initial state of a run.

        Args:
            drawn: The network's freshly drawn state.

        Returns:
            The file's values in its blocks, the drawn ones elsewhere.
        """
        names = [name for group in self.blocks.values() for name in group.entries + group.counts]
        given = _named(load_state(self.path), drawn)
        # `num_batches_tracked` may be missing: files older than this buffer of torch lack it.
        return drawn | {name: given[name].to(drawn[name].dtype) for name in names if name in given}


def imagenet(text: str, model_name: str, build: Callable[[], nn.Module]) -> Pretrained:
    """Weights trained on ImageNet in every block that has the same tensors; stem and head are usually drawn.

    As in the comparison of pre-trained and fresh networks in Vlaar & Frankle 2022 (arXiv 2106.16004), where the first
    and the last block of the network are not those of ImageNet.

    Args:
        text: `imagenet` for torchvision's weights, `imagenet:FILE` for any file of weights.
        model_name: The network's name in MODELS, which is also torchvision's if that has weights for it.
        build: Factory of the network.

    Returns:
        The file and the blocks to take from it.

    Raises:
        NotFoundError: If the file does not exist.
        StateError: If the file has no block of the network.
    """
    model, file = blank(build), text.partition(":")[2]
    if not file:
        return _published(model, model_name)
    path = Path(file)
    if not path.is_file():
        raise NotFoundError(f"there is no file {file!r}; --init imagenet:FILE takes weights, .pth or .safetensors")
    blocks = agreeing(model, load_state(path))
    if not blocks:
        raise StateError(f"{path} has no block of the network: {', '.join(groups(model, 'block'))} have other tensors")
    return Pretrained(path, blocks)


def agreeing(model: nn.Module, weights: Mapping[str, Tensor]) -> dict[str, Group]:
    """The blocks of a network that some weights cover completely.

    Args:
        model: The network.
        weights: Tensors by name; only their shapes and dtypes are read.

    Returns:
        Name to group, in the network's order, of each block whose parameters and floating buffers all have an entry in
        `weights` of the same shape and kind of numbers.
    """
    wanted = model.state_dict()
    given = _named(weights, wanted)
    return {
        name: group
        for name, group in groups(model, "block").items()
        if all(entry in given and _can_be(given[entry], wanted[entry]) for entry in group.entries)
    }


def fetched(url: str, folder: Path) -> Path:
    """The path of a file of weights, which is downloaded if missing.

    Args:
        url: Its address; the file's name ends in the first digits of its SHA-256, as torchvision's do.
        folder: The folder to keep it in.

    Returns:
        The path.

    Raises:
        DataError: If it cannot be downloaded, or its hash is not the published one.
    """
    path = folder / Path(urlsplit(url).path).name
    digits = path.stem.rpartition("-")[2]
    if not path.is_file():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with patience():
                torch.hub.download_url_to_file(url, str(path), hash_prefix=digits, progress=sys.stderr.isatty())
        except DOWNLOAD_ERRORS as error:
            reason = " ".join(str(error).split())
            raise DataError(
                f"{path.name} is not in {folder} and could not be downloaded from {url} ({reason}); put it there, or "
                f"name a copy: --init imagenet:FILE"
            ) from error
    elif not fingerprint(path).startswith(digits):
        raise DataError(f"{path} is not the file that was published; delete it and it is downloaded again")
    return path


def _published(model: nn.Module, name: str) -> Pretrained:
    if name not in torchvision.models.list_models(torchvision.models):
        raise ConfigError(f"torchvision has no ImageNet weights for {name}; name a file: --init imagenet:FILE")
    with torch.device("meta"):  # its names and shapes, without its weights
        theirs = torchvision.models.get_model(name).state_dict()
    blocks = agreeing(model, theirs)
    if not blocks:
        raise ConfigError(f"no block of this {name} has the tensors of torchvision's; the full width is needed")
    url = torchvision.models.get_model_weights(name)[_EDITION].url
    return Pretrained(fetched(url, Path(torch.hub.get_dir()) / "checkpoints"), blocks)


def _can_be(given: Tensor, wanted: Tensor) -> bool:
    return given.shape == wanted.shape and not is_other_kind(given, wanted)


def _named(weights: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> State:
    names = unwrapped(weights, wanted)
    return {names[name]: tensor for name, tensor in weights.items()}
