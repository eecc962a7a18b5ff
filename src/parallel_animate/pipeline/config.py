"""Read the workflow's config and check the keys of its movies.

Imports little, like `parallel_animate.project.plan`.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import yaml

from parallel_animate.encode.supplements import (
    SUPPLEMENT_FILES,
    SUPPLEMENTS,
    Supplements,
    supplements,
)
from parallel_animate.errors import SettingsError
from parallel_animate.formats import MP4, OTHER_FILE, first_of, result_name
from parallel_animate.frame_rate import thinned_fps
from parallel_animate.pipeline.config_check import check_movie, check_other_keys
from parallel_animate.pipeline.outputs import expand_outputs, is_expanded
from parallel_animate.project.plan import poster_name
from parallel_animate.settings import (
    VIDEO_OPTIONS,
    VideoSettings,
    settings_of_another_file,
    video_settings,
)
from parallel_animate.validation import check_count, did_you_mean


def read_movies(source: str, names: Sequence[str] = ()) -> dict[str, dict[str, Any]]:
    """Return the movies of a config.

    Parameters
    ----------
    source : str
        A YAML or JSON file; "-" reads JSON from standard input.
    names : sequence of str
        Return only these movies; empty means all.

    Returns
    -------
    dict
        Name -> entry. A movie with ``outputs`` has one for each file; see
        `parallel_animate.pipeline.outputs`.

    Raises
    ------
    SettingsError
        If the config is not a mapping with movies, or a movie has an invalid key or value.
    """
    content = _parse(source)
    movies = content.get("movies") if isinstance(content, Mapping) else None
    if not isinstance(movies, Mapping) or not movies:
        raise SettingsError("The config must have 'movies:' with at least one movie below it.")
    check_other_keys(content)
    for name in names:
        if name not in movies:
            hint = did_you_mean(name, movies) or f" Movies: {', '.join(map(str, movies))}."
            raise SettingsError(f"The config has no movie {name!r}.{hint}")
    files = expand_outputs(movies)
    wanted = set(map(first_of, names))
    return {
        name: _checked(name, movie, files)
        for name, movie in files.items()
        if not names or first_of(name) in wanted
    }


def result_file(name: str, movie: Mapping[str, Any]) -> str:
    """Return the path of a movie in the config, relative to the project."""
    return f"results/{result_name(name, movie.get('output', MP4.name))}"


def select_movies(source: str, names: Sequence[str]) -> dict[str, Any]:
    """Return a config with only some of its movies.

    Parameters
    ----------
    source, names : str, sequence of str
        As in `read_movies`.

    Raises
    ------
    SettingsError
        As in `read_movies`.
    """
    return {**_parse(source), "movies": read_movies(source, names)}


def config_as_json(config: Mapping[str, Any]) -> str:
    """Return a config as JSON text, which `read_movies` can read from standard input.

    Raises
    ------
    SettingsError
        If it holds a value without a JSON form; YAML, for example, reads an unquoted date as one.
    """

    def refuse(value: object) -> NoReturn:
        raise SettingsError(
            f"The config holds {value!r}, a {type(value).__name__}. Values must be text, numbers, "
            "lists or mappings: put it in quotes."
        )

    return json.dumps(config, default=refuse)


def movie_settings(movie: Mapping[str, Any]) -> VideoSettings:
    """Return the video settings of a movie in the config, and ignore its other keys.

    With ``every: N`` the frame rate is 1/N of ``fps``, so that a draft lasts as long as its movie.

    Raises
    ------
    SettingsError
        As in `video_settings`.
    """
    settings = video_settings(**{key: movie[key] for key in VIDEO_OPTIONS if key in movie})
    every = check_count("every", movie.get("every", 1))
    return replace(settings, fps=thinned_fps(settings.fps, every))


def is_in_order(movie: Mapping[str, Any]) -> bool:
    """Return whether a movie's frames are to be drawn one after another, as one chunk."""
    return bool(movie.get("order") == "in_order")


def movie_supplements(name: str, movie: Mapping[str, Any]) -> Supplements:
    """Return what a movie in the config gets besides its frames; no file is read.

    Paths are relative: of sound and captions to the project, of the poster to the movie's folder.

    Raises
    ------
    SettingsError
        As in `supplements`.
    """
    given = {key: movie[key] for key in SUPPLEMENTS if key in movie}
    if "poster" in movie:
        given["poster"] = poster_name(name, movie)
    found = supplements(**given, output=movie.get("output", MP4.name))
    # As they were given, so that the project may be moved.
    captions, audio, poster = (given.get(key) for key in SUPPLEMENT_FILES)
    return replace(
        found,
        captions=captions and Path(captions),
        audio=audio and Path(audio),
        poster=poster and Path(poster),
    )


def draft_movies(
    movies: Mapping[str, Mapping[str, Any]], every: int | None, scale: float | None
) -> dict[str, dict[str, Any]]:
    """Return drafts of movies, with fewer or smaller frames and with names of their own.

    Parameters
    ----------
    movies : mapping
        Name -> entry of the config.
    every : int or None
        Render every Nth frame; None renders all.
    scale : float or None
        Factor for width and height; None means 1.

    Returns
    -------
    dict
        ``NAME-draft`` -> entry.

    Raises
    ------
    SettingsError
        If a movie already has the name of a draft.
    """
    drafts = {}
    for name, movie in movies.items():
        first, mark, output = name.partition(OTHER_FILE)
        draft = f"{first}-draft{mark}{output}"
        if draft in movies:
            raise SettingsError(
                f"The draft of {name!r} would be named {draft!r}, which is already a movie."
            )
        wanted = {"every": every, "scale": scale}
        drafts[draft] = {**movie, **{k: v for k, v in wanted.items() if v is not None}}
    return drafts


class _UniqueKeyLoader(yaml.SafeLoader):
    """Refuses a key that comes twice, of which YAML would keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping = super().construct_mapping(node, deep)
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1 and key != "<<":
                raise SettingsError(
                    f"The config has the key {key!r} twice (line {node.start_mark.line + 1} and "
                    "below); give each movie, and each key, a name of its own."
                )
        return mapping


def _parse(source: str) -> Any:
    try:
        if source == "-":
            return json.load(sys.stdin)
        return yaml.load(Path(source).read_text(encoding="utf-8"), _UniqueKeyLoader)
    except SettingsError:
        raise
    except OSError as error:
        raise SettingsError(f"The config {source} cannot be read: {error.strerror}.") from error
    except (ValueError, yaml.YAMLError) as error:
        raise SettingsError(f"The config {source} is not valid YAML or JSON: {error}") from error


def _checked(name: object, movie: Any, files: Mapping[Any, Any]) -> dict[str, Any]:
    is_other = is_expanded(name, files)
    check_movie(first_of(str(name)) if is_other else name, movie)
    try:
        settings = movie_settings(movie)
        if is_other:
            first = movie_settings(files[first_of(str(name))])
            settings_of_another_file(first, settings.output)
        movie_supplements(str(name), movie)
    except SettingsError as error:
        raise SettingsError(f"movie {name!r}: {error}") from error
    return dict(movie)
