"""Changing what is on the disk from the list: tags, names, deletion; each ends in one line of words, never a stop."""

from collections.abc import Callable, Sequence
from pathlib import Path

from lininterp_cli.errors import LininterpError
from lininterp_cli.runs.store import Store


def tag(folder: Path, keys: Sequence[str], words: str) -> str:
    """Give runs other tags.

    Args:
        folder: The runs.
        keys: Folders of the runs.
        words: The tags, with commas between them; they take the place of those that are there.

    Returns:
        What was done, and what was refused.
    """
    tags = [word.strip() for word in words.split(",") if word.strip()]
    done = f"tagged {', '.join(tags)}" if tags else "no longer tagged"
    return _each(keys, lambda key: Store(folder).amend(key, tags=tags), done)


def rename(folder: Path, key: str, name: str) -> str:
    """Give a run another name.

    Args:
        folder: The runs.
        key: The run's folder.
        name: The name; nothing for none.

    Returns:
        What was done, or what was refused.
    """
    return _each([key], lambda one: Store(folder).amend(one, name=name.strip()), "renamed")


def delete(folder: Path, keys: Sequence[str]) -> str:
    """Delete runs with everything in their folders.

    Args:
        folder: The runs.
        keys: Folders of the runs.

    Returns:
        What was done, and what was refused: a run that a process is at work on is.
    """
    store = Store(folder)

    def remove(key: str) -> None:
        run = store.existing(key)
        if run is None:
            raise LininterpError(f"{key} is not there")
        store.delete(run)

    return _each(keys, remove, "deleted")


def _each(keys: Sequence[str], act: Callable[[str], object], done: str) -> str:
    refused = []
    for key in keys:
        try:
            act(key)
        except (LininterpError, OSError) as error:
            refused.append(str(error))
    num_done = len(keys) - len(refused)
    words = [f"{num_done} run{'s' * (num_done != 1)} {done}"] if num_done else []
    if refused:
        words.append(f"refused: {refused[0]}" + (f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""))
    return "; ".join(words)
