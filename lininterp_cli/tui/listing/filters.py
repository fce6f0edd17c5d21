"""The user's saved filters, in a TOML file; a damaged file is reported and stops nothing."""

import json
import tomllib
from pathlib import Path

from lininterp_cli.errors import ConfigError
from lininterp_cli.runs.files import replace
from lininterp_cli.tui.preferences import preferences_path


def filters_path() -> Path:
    """The path of the file: `filters.toml` beside the preferences."""
    return preferences_path().with_name("filters.toml")


def filters() -> tuple[dict[str, str], str]:
    """Read the saved filters.

    Returns:
        Name to filter, and one line about a problem with the file; empty if there is none.
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
    """Save a filter, replacing one of the same name; an empty query deletes that.

    Args:
        name: Its name.
        query: The filter.

    Raises:
        ConfigError: If the existing file is invalid, whose content must not be lost, or the name is empty.
    """
    kept, problem = filters()
    if problem:
        raise ConfigError(f"nothing was kept: {problem}; set the file right or remove it")
    if not name:
        raise ConfigError("a filter that is kept needs a name")
    kept |= {name: query}
    # A TOML basic string has JSON's escapes, and needs one for the delete character too, which JSON leaves as it is.
    words = [
        [json.dumps(word, ensure_ascii=False).replace("\x7f", "\\u007f") for word in pair] for pair in kept.items()
    ]
    text = "".join(f"{key} = {word}\n" for key, word in words if word != '""')
    replace(filters_path(), lambda temporary: temporary.write_bytes(text.encode()))
