"""Read the config of the workflow: which movies there are, with keys that are known.

Light, as `parallel_animate.plan` is.
"""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from parallel_animate.errors import SettingsError
from parallel_animate.settings import (
    MOVIE_NAME_PATTERN,
    check_movie_keys,
    config_schema,
    did_you_mean,
    movie_settings,
)


def read_movies(source: str, names: Sequence[str] = ()) -> dict[str, dict[str, Any]]:
    """Return the movies of a config.

    Parameters
    ----------
    source : str
        A YAML or JSON file; "-" reads JSON from standard input.
    names : sequence of str
        Only these; empty means all.

    Raises
    ------
    SettingsError
        If the config is no mapping with movies, or a movie has a key or value that cannot be used.
    """
    content = _parse(source)
    movies = content.get("movies") if isinstance(content, Mapping) else None
    if not isinstance(movies, Mapping) or not movies:
        raise SettingsError("The config must have 'movies:' with at least one movie below it.")
    for name in names:
        if name not in movies:
            hint = did_you_mean(name, movies) or f" Its movies: {', '.join(map(str, movies))}."
            raise SettingsError(f"The config has no movie {name!r}.{hint}")
    return {
        name: _checked(name, movie) for name, movie in movies.items() if not names or name in names
    }


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def format_schema() -> str:
    """Return the JSON schema of the config as the text of workflow/schemas/config.schema.yaml."""
    header = "# Made by 'make schema' from parallel_animate.settings; a test compares the two.\n"
    return header + yaml.dump(config_schema(), Dumper=_Dumper, sort_keys=False, width=95)


def _parse(source: str) -> Any:
    try:
        if source == "-":
            return json.load(sys.stdin)
        return yaml.safe_load(Path(source).read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"The config {source} cannot be read: {error.strerror}.") from error
    except (ValueError, yaml.YAMLError) as error:
        raise SettingsError(f"The config {source} is no valid YAML or JSON: {error}") from error


def _checked(name: object, movie: Any) -> dict[str, Any]:
    if not isinstance(name, str) or not re.match(MOVIE_NAME_PATTERN, name):
        raise SettingsError(
            f"{name!r} cannot be a movie's name: it becomes a file name, so use letters, digits, "
            "'_', '-' and '.'."
        )
    check_movie_keys(name, movie)
    try:
        movie_settings(movie)
    except SettingsError as error:
        raise SettingsError(f"movie {name!r}: {error}") from error
    return dict(movie)
