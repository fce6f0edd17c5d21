"""Tags, renames and deletes runs on the disk; each function returns one line about success and errors."""

from collections.abc import Callable, Sequence
from pathlib import Path

from lininterp_cli.errors import LininterpError
from lininterp_cli.runs.store import Store


def tag(folder: Path, keys: Sequence[str], offered: Sequence[str], words: str) -> str:
    """Change the tags of runs; tags that were not offered stay.

    Args:
        folder: The run store.
        keys: Folders of the runs.
        offered: The tags that all runs had in common.
        words: The tags that they are to have in common, separated by commas.

    Returns:
        The number of runs that were changed, and the first error with the number of others.
    """
    wanted = list(dict.fromkeys(word.strip() for word in words.split(",") if word.strip()))
    removed = [tag for tag in offered if tag not in wanted]
    added = [tag for tag in wanted if tag not in offered]
    if not removed and not added:
        return "the tags are as they were"
    store = Store(folder)

    def change(key: str) -> None:
        run = store.existing(key)
        present = run.record.tags if run is not None else []
        kept = [tag for tag in present if tag not in removed]
        store.amend(key, tags=[*kept, *(tag for tag in added if tag not in kept)])

    parts = [(added, "tagged"), (removed, "no longer tagged")]
    return _each(keys, change, ", ".join(f"{verb} {', '.join(tags)}" for tags, verb in parts if tags))


def rename(folder: Path, key: str, name: str) -> str:
    """Give a run another name.

    Args:
        folder: The run store.
        key: The run's folder.
        name: The name; empty for none.

    Returns:
        A confirmation, or the error.
    """
    return _each([key], lambda one: Store(folder).amend(one, name=name.strip()), "renamed")


def delete(folder: Path, keys: Sequence[str]) -> str:
    """Delete runs with everything in their folders; of symbolic links only the links.

    Args:
        folder: The run store.
        keys: Folders of the runs.

    Returns:
        The number of runs that were deleted, and the first error with the number of others; a run that a process is at
        work on is not deleted.
    """
    num_links = sum((folder / key).is_symlink() for key in keys)
    links = f" ({num_links} of them by a link: what it leads to stays)" if num_links else ""
    return _each(keys, Store(folder).delete, f"deleted{links}")


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
