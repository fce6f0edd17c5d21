"""Filters that a person keeps under names, in a TOML file of theirs; a damaged file is a remark, never a stop."""

import json
import tomllib
from pathlib import Path

from lininterp_cli.errors import ConfigError
from lininterp_cli.runs.files import replace
from lininterp_cli.tui.preferences import preferences_path


def filters_path() -> Path:
    """Where they are: `filters.toml` beside the preferences."""
    return preferences_path().with_name("filters.toml")


def filters() -> tuple[dict[str, str], str]:
    """The filters that were kept.

    Returns:
        Name to filter, and one line about what is wrong with the file; empty where nothing is.
    """
    path = filters_path()
    try:
        content = tomllib.loads(path.read_bytes().decode())
    except FileNotFoundError:
        return {}, ""
    except (OSError, ValueError, RecursionError) as error:
        return {}, f"{path} is not used: {error}"
    kept = {name: query for name, query in content.items() if isinstance(query, str)}
    return kept, "" if len(kept) == len(content) else f"{path}: what is not a text is not used"


def save_filter(name: str, query: str) -> None:
    """Keep a filter, in place of one of that name; nothing as its text forgets it.

    Args:
        name: Its name.
        query: The filter.

    Raises:
        ConfigError: If the file there is holds something else, which must not be lost, or the name is empty.
    """
    kept, problem = filters()
    if problem:
        raise ConfigError(f"nothing was kept: {problem}; set the file right or remove it")
    if not name:
        raise ConfigError("a filter that is kept needs a name")
    kept |= {name: query}
    # A TOML basic string has JSON's escapes, but for the delete character, which JSON leaves bare.
    words = [
        [json.dumps(word, ensure_ascii=False).replace("\x7f", "\\u007f") for word in pair] for pair in kept.items()
    ]
    text = "".join(f"{key} = {word}\n" for key, word in words if word != '""')
    replace(filters_path(), lambda temporary: temporary.write_bytes(text.encode()))
