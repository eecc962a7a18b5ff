"""The files of a planned movie: its recipe, chunks and join, named after their content."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from parallel_animate.encode.supplements import Supplements
from parallel_animate.errors import SettingsError
from parallel_animate.formats import first_of
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.inputs.matplotlib_state import font_digest
from parallel_animate.pipeline.try_movie import TriedMovie
from parallel_animate.project.chunk_files import (
    ChunkFile,
    JoinFile,
    Recipe,
    fetch,
    is_whole,
    make_recipe,
    store,
)
from parallel_animate.project.content_name import (
    chunk_name,
    drawing_name,
    join_name,
    recipe_name,
)
from parallel_animate.project.plan import read_valid_plan
from parallel_animate.project.work_folder import WorkFolder
from parallel_animate.render.other_files import has_same_frames


def movie_recipe_name(tried: TriedMovie) -> str:
    """Return the name of a movie's recipe."""
    return recipe_name(
        tried.digest,
        tried.data_files,
        tried.settings,
        tried.encoder,
        tried.environment.drawing,
        _provider(tried),
    )


def movie_drawing_name(tried: TriedMovie) -> str:
    """Return the digest of what affects the pixels of a movie's frames, except their params."""
    return drawing_name(
        tried.digest,
        tried.data_files,
        tried.settings,
        tried.environment.drawing,
        _provider(tried),
    )


def _provider(tried: TriedMovie) -> list[object]:
    """Return the provider of the params as plain values, if jobs read them themselves."""
    provider = tried.provider
    if provider is None:
        return []
    return [[provider.module, provider.name], [m.digest() for m in provider.sources]]


def movie_recipe(tried: TriedMovie, config: Mapping[str, Any]) -> Recipe:
    """Return the recipe that every job of a movie reads, from its trial and its config entry."""
    return make_recipe(
        tried.source,
        tried.settings,
        tried.encoder,
        replace(tried.environment, path=_search_path(config), folder=None, log_levels={}),
        font_digest(),
        tried.trial.extradata,
        tried.provider,
        tried.job_files,
        tried.trial.size,
    )


def store_chunks(
    folder: WorkFolder, recipe: str, chunks: Iterable[Chunk], first: Frame | None = None
) -> Iterator[tuple[str, int]]:
    """Write the missing chunk files; yield the name and the number of frames of every chunk.

    Parameters
    ----------
    folder : WorkFolder
        The movie's folder.
    recipe : str
        Name of the movie's recipe.
    chunks : iterable of Chunk
        The chunks.
    first : Frame, optional
        The movie's first frame, if all chunks are drawn after it.
    """
    for chunk in chunks:
        name = chunk_name(recipe, chunk, first)
        is_settled = first is not None and first.id != chunk.start
        content = ChunkFile.of(
            chunk, recipe, first=first if is_settled else None, is_settled=is_settled
        )
        store(folder.chunk(name), content)
        yield name, len(chunk.frames)


def check_frames_of_first(
    folder: WorkFolder, drawing: str, chunks: Sequence[tuple[str, int]]
) -> None:
    """Raise SettingsError if another file of a movie would show other frames than the first.

    Each file is planned in a process of its own, so that params may be other ones.

    Parameters
    ----------
    folder : WorkFolder
        The folder of the file.
    drawing : str
        What `movie_drawing_name` returned for it.
    chunks : sequence of (str, int)
        Name and number of frames of each of its chunks.
    """
    name, first = folder.root.name, first_of(folder.root.name)
    if name == first:
        return
    of_first = WorkFolder(folder.root.with_name(first))
    plan = read_valid_plan(of_first.root)
    if plan is None or plan.drawing != drawing:
        return
    theirs = {chunk.rpartition("-")[0]: of_first.chunk(chunk) for chunk, _ in plan.chunks}
    for chunk, _ in chunks:
        path = theirs.get(chunk.rpartition("-")[0])
        if path is None or not is_whole(path):
            continue
        if not has_same_frames(fetch(folder.chunk(chunk)), fetch(path)):
            start, stop = map(int, chunk.split("-")[:2])
            raise SettingsError(
                f"{name} would show other frames than {first}: in frames {start} to {stop - 1}, "
                "params are other ones when they are read again. Let them be the same each time: "
                "seed random numbers, and do not use the time."
            )


def store_join(
    folder: WorkFolder,
    tried: TriedMovie,
    chunks: tuple[tuple[str, int], ...],
    supplements: Supplements,
    files: tuple[tuple[str, str], ...],
) -> str:
    """Write the join file unless it exists, and return its name.

    Parameters
    ----------
    folder, tried, chunks : WorkFolder, TriedMovie, tuple of (str, int)
        The movie's folder, its trial, and name and number of frames of each chunk.
    supplements : Supplements
        What the movie gets besides its frames; chapters and poster name positions of frames.
    files : tuple of (str, str)
        The files with sound and captions: path and digest of the content.
    """
    extradata, settings = tried.trial.extradata, tried.settings
    name = join_name(settings.extra.join, extradata, chunks, settings, supplements, files)
    content = JoinFile(settings, tried.encoder, extradata, chunks, supplements, files)
    store(folder.join(name), content)
    return name


def _search_path(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the folders where a job searches modules that were not copied, as planning does.

    They are relative, so that the project may be moved.
    """
    module = config["animator"].rpartition(":")[0]
    folder = str(Path(module).parent) if module.endswith(".py") else "."
    return tuple(dict.fromkeys([folder, "."]))
