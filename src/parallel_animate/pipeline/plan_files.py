"""The files of a planned movie: its recipe, chunks and join, each named by what is in it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from parallel_animate.inputs.frames import Chunk
from parallel_animate.inputs.matplotlib_state import (
    capture_environment,
    describe_drawing,
    drawing_versions,
    font_digest,
)
from parallel_animate.inputs.value_digest import digest_of
from parallel_animate.pipeline.try_movie import TriedMovie
from parallel_animate.project.chunk_files import (
    BYTE_FORMAT,
    ChunkFile,
    JoinFile,
    Recipe,
    chunk_name,
    make_recipe,
    store,
)
from parallel_animate.project.work_folder import WorkFolder
from parallel_animate.settings import describe_settings


def recipe_digest(tried: TriedMovie, inputs: list[list[str]]) -> str:
    """Return the digest of all that decides a movie's pixels and bytes, beside its params.

    Parameters
    ----------
    tried : TriedMovie
        The movie.
    inputs : list of [path, digest]
        The files that its animator reads.
    """
    source, encoder, provider = tried.source, tried.encoder, tried.provider
    read_by: list[Any] = []
    if provider is not None:
        read_by = [[provider.module, provider.name], [m.digest() for m in provider.sources]]
    return digest_of(
        [
            BYTE_FORMAT,
            [source.module, source.name, dict(source.kwargs)],
            [[module.name, module.digest()] for module in source.sources],
            inputs,
            describe_settings(tried.settings),
            [encoder.name, encoder.build, encoder.preset],
            describe_drawing(capture_environment().drawing),
            drawing_versions(),
            *read_by,
        ]
    )


def movie_recipe(tried: TriedMovie, config: Mapping[str, Any]) -> Recipe:
    """Return what every job of a movie needs, from its trial and its entry in the config."""
    environment = capture_environment()
    return make_recipe(
        tried.source,
        tried.settings,
        tried.encoder,
        replace(environment, path=_search_path(config), folder=None, log_levels={}),
        drawing_versions(),
        font_digest(),
        tried.trial.extradata,
        tried.provider,
    )


def store_chunks(
    folder: WorkFolder, recipe_name: str, chunks: Iterator[Chunk]
) -> Iterator[tuple[str, int]]:
    """Write the chunk files that are not there yet; yield name and number of frames of each."""
    for chunk in chunks:
        name = _chunk_name(chunk, recipe_name)
        store(folder.chunk(name), ChunkFile.of(chunk, recipe_name))
        yield name, len(chunk.frames)


def store_join(folder: WorkFolder, tried: TriedMovie, chunks: tuple[tuple[str, int], ...]) -> str:
    """Write the join file unless it is there, and return its name."""
    extradata = tried.trial.extradata
    title = list(tried.settings.extra.join)
    name = digest_of([BYTE_FORMAT, title, extradata, [list(chunk) for chunk in chunks]])
    store(folder.join(name), JoinFile(tried.settings, tried.encoder, extradata, chunks))
    return name


def _chunk_name(chunk: Chunk, recipe_name: str) -> str:
    # Where params are read in the job, what provides them is part of the recipe.
    frames = [(frame.id, frame.params if frame.source is None else None) for frame in chunk.frames]
    return chunk_name(chunk, digest_of([recipe_name, frames]))


def _search_path(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return where a job looks for modules that are not among the copies, as in planning.

    Relative, so that a project may move.
    """
    module = config["animator"].rpartition(":")[0]
    folder = str(Path(module).parent) if module.endswith(".py") else "."
    return tuple(dict.fromkeys([folder, "."]))
