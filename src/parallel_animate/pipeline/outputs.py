"""The key ``outputs`` of a config: several files of one movie, whose frames are drawn once.

Each file is a movie of its own, with its own work folder. The first one has the movie's name, and
the others have names such as "wave+gif". Imports little, since the Snakefile imports it.
"""

import logging
from collections.abc import Callable, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from parallel_animate.atomic_files import remove_file
from parallel_animate.encode.supplements import SUPPLEMENTS
from parallel_animate.errors import SettingsError
from parallel_animate.formats import (
    FORMATS,
    H264,
    MP4,
    OTHER_FILE,
    first_of,
    is_other_file,
    other_file_name,
)
from parallel_animate.pipeline.config_check import check_value
from parallel_animate.pipeline.schema import MOVIE_SCHEMA
from parallel_animate.project.failures import Failure, write_failure
from parallel_animate.project.plan import Cost, Plan
from parallel_animate.project.work_folder import WorkFolder

logger = logging.getLogger(__name__)

# The keys that are for the first file alone.
OF_THE_FIRST = (
    *("outputs", "codec", "video_quality", "video_preset", "video_extra_ffmpeg_params"),
    *("video_backend", "poster", "poster_frame"),
)


def expand_outputs(movies: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return the movies of a config, with one for each file of those with ``outputs``.

    A config that was expanded stays as it is.

    Raises
    ------
    SettingsError
        If ``outputs`` cannot be used.
    """
    expanded: dict[Any, Any] = {}
    for name, movie in movies.items():
        outputs = movie.get("outputs") if isinstance(movie, Mapping) else None
        if outputs is None:
            expanded[name] = movie
            continue
        _check(f"movie {name!r}: outputs", movie)
        first, *others = outputs
        rest = {key: value for key, value in movie.items() if key != "outputs"}
        # As in a config without the key, so that adding a file does not plan the first one again.
        expanded[name] = rest if first == MP4.name else {**rest, "output": first}
        for output in others:
            expanded[other_file_name(name, output)] = entry_of_other_file(movie, output)
    return expanded


def _check(where: str, movie: Mapping[str, Any]) -> None:
    outputs = movie["outputs"]
    check_value(where, outputs, MOVIE_SCHEMA["outputs"])
    if "output" in movie:
        raise SettingsError(f"{where} and output cannot both be given; add {movie['output']!r}.")
    if len(set(outputs)) < len(outputs):
        raise SettingsError(f"{where} names a kind of file twice: {', '.join(outputs)}.")


def entry_of_other_file(movie: Mapping[str, Any], output: str) -> dict[str, Any]:
    """Return the entry of another file of a movie, given the movie's entry and the file's format.

    Whatever decides the drawing is the same.
    """
    kind = FORMATS[output]
    dropped = {*OF_THE_FIRST, *(SUPPLEMENTS if kind.is_picture else ())}
    if kind.codec != H264 or (kind.has_alpha and movie.get("transparent")):
        dropped.add("video_mode")
    kept = {key: value for key, value in movie.items() if key not in dropped}
    return {**kept, "output": output}


def is_expanded(name: object, movies: Mapping[Any, Any]) -> bool:
    """Return whether a movie of an expanded config is another file of one of its movies."""
    if not isinstance(name, str) or not is_other_file(name):
        return False
    output, first = name.partition(OTHER_FILE)[2], movies.get(first_of(name))
    if output not in FORMATS or not isinstance(first, Mapping):
        return False
    return bool(movies[name] == entry_of_other_file(first, output))


def left_out(first: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Return the keys of a movie that another file of its frames cannot hold."""
    texts_and_sound = set(SUPPLEMENTS).difference(OF_THE_FIRST)
    return [key for key in first if key in texts_and_sound and key not in other]


def plan_files(
    movies: Mapping[str, Mapping[str, Any]],
    work: Path,
    plan: Callable[[str, Mapping[str, Any]], Failure | None],
) -> dict[str, Failure]:
    """Plan the files of one movie; return the failures, which are also recorded.

    Parameters
    ----------
    movies : mapping
        Name -> entry of each file, the first one first: the others take their chunks from its plan.
    work : Path
        The folder that holds the movies' folders.
    plan : callable
        Plans a file, given name and entry; returns the failure, if any, after recording it.
    """
    failures: dict[str, Failure] = {}
    for name, config in movies.items():
        first = first_of(name)
        if first in failures:
            failure = Failure(f"Movie {name!r} cannot be planned, because {first!r} cannot.")
            write_failure(WorkFolder(work / name).plan_failure, failure)
            failures[name] = failure
        elif failed := plan(name, config):
            failures[name] = failed
        elif name != first and (without := left_out(movies.get(first, {}), config)):
            logger.warning(
                "Movie %s: %s: left out in the .%s, which can hold pictures only.",
                *(first, ", ".join(without), config["output"]),
            )
    return failures


def forget_dropped_files(movies: Mapping[str, Mapping[str, Any]], work: Path) -> None:
    """Remove the plans of files that a movie no longer has, so that no job encodes them.

    Their segments stay: if the file is added again, it is planned again, and they are found.

    Parameters
    ----------
    movies : mapping
        Name -> entry of the config, with all files of each movie.
    work : Path
        The folder that holds the movies' folders.
    """
    names = {other_file_name(first_of(name), output) for name in movies for output in FORMATS}
    for name in names.difference(movies):
        plan = WorkFolder(work / name).plan
        if plan.is_file():
            remove_file(plan)


Chunk = tuple[str, str]


def where_drawn(plans: Mapping[str, Plan], missing: Mapping[str, Set[str]]) -> dict[Chunk, Chunk]:
    """Return which job draws each missing chunk.

    The first file of a movie that lacks a range of frames draws it, and its job encodes it for the
    other files as well. A job without a GPU cannot encode for a file that needs one.

    Parameters
    ----------
    plans : mapping of str to Plan
        The plans of all movies, the first file of a movie before the others.
    missing : mapping of str to set of str
        For each movie, the names of its chunks without a segment.

    Returns
    -------
    dict
        Movie and name of a missing chunk -> movie and name of the chunk that is rendered for it,
        which may be itself.
    """
    drawn: dict[Chunk, Chunk] = {}
    firsts: dict[tuple[str, str, str], Chunk] = {}
    for movie, plan in plans.items():
        for name, _ in plan.chunks:
            if name not in missing[movie]:
                continue
            start_stop = name.rpartition("-")[0]
            # A plan of an older version does not know how it is drawn.
            same = (first_of(movie), plan.drawing or movie, start_stop)
            found = firsts.get(same)
            if found is None or (plan.uses_gpu and not plans[found[0]].uses_gpu):
                found = firsts[same] = (movie, name)
            drawn[movie, name] = found
    return drawn


def cost_of_all_files(movie: str, plans: Mapping[str, Plan]) -> Cost:
    """Return what a job of a movie may cost, since it encodes for the movie's other files as well.

    It is an upper limit: what was measured for the others includes the drawing.
    """
    drawing = plans[movie].drawing
    costs = [
        plan.cost
        for name, plan in plans.items()
        if name == movie or (first_of(name) == first_of(movie) and plan.drawing == drawing != "")
    ]
    return Cost(
        max(cost.setup_seconds for cost in costs),
        sum(cost.frame_seconds for cost in costs),
        sum(cost.memory_mb for cost in costs),
    )


def sorted_groups(names: Sequence[str]) -> list[list[str]]:
    """Return movies grouped by their frames, the first file of each before the others."""
    groups: dict[str, list[str]] = {}
    for name in sorted(names, key=is_other_file):
        groups.setdefault(first_of(name), []).append(name)
    return list(groups.values())
