"""What the studio shows: where a movie's code and params are, and its settings.

This module does not run the user's code.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from parallel_animate.frame_rate import parse_fps
from parallel_animate.pipeline.config import is_in_order, movie_settings, read_movies
from parallel_animate.settings import VideoSettings


@dataclass(frozen=True)
class MovieSource:
    """A movie, for the process that draws its frames.

    Parameters
    ----------
    name : str
        Its name, for the page.
    animator, params : str
        Targets such as "wave.py:Wave".
    settings : VideoSettings
        The movie's settings.
    params_fps : Fraction
        Frame rate for params that depend on it; that of a draft is lower than in its movie.
    kwargs : mapping
        Keyword arguments for the class.
    n_frames : int or None
        Use only this many items of the params; None uses all.
    every : int
        Show one frame in this many.
    in_order : bool
        True draws all frames before a frame first.
    inputs : tuple of str
        Files or folders that the config declares as inputs.
    """

    name: str
    animator: str
    params: str
    settings: VideoSettings
    params_fps: Fraction
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    n_frames: int | None = None
    every: int = 1
    in_order: bool = False
    inputs: tuple[str, ...] = ()

    def files(self) -> list[str]:
        """Return the files that the targets name, as absolute paths."""
        names = (target.rpartition(":")[0] for target in (self.animator, self.params))
        return [os.path.abspath(name) for name in names if name.endswith(".py")]


# Returns the movie as its files describe it now.
ReadSource = Callable[[], MovieSource]


def movie_of_config(config: Path, name: str) -> MovieSource:
    """Return a movie of a config.

    Raises
    ------
    SettingsError
        If the config cannot be used, or has no such movie.
    """
    movie = read_movies(str(config), [name])[name]
    return MovieSource(
        name=name,
        animator=movie["animator"],
        params=movie["params"],
        settings=movie_settings(movie),
        params_fps=parse_fps(movie["fps"]),
        kwargs=movie.get("kwargs", {}),
        n_frames=movie.get("n_frames"),
        every=movie.get("every", 1),
        in_order=is_in_order(movie),
        inputs=tuple(movie.get("inputs", ())),
    )
