"""Render one chunk file in this process: what a worker of the pool and a job of the workflow do.

Knows files, not who asked for them.
"""

import functools
import logging
from collections.abc import Callable
from pathlib import Path

from parallel_animate.animator import Animator
from parallel_animate.encoders import Encoder, on_this_machine
from parallel_animate.environment import apply_environment, drawing_versions, enter_folder
from parallel_animate.errors import AnimatorLoadError, SettingsError
from parallel_animate.frames import Chunk, Frame
from parallel_animate.pickling import load, load_params
from parallel_animate.render import fresh_copy, render_chunk
from parallel_animate.segment import Segment
from parallel_animate.store import ChunkFile, Recipe, WorkFolder, fetch

logger = logging.getLogger(__name__)


def render_chunk_file(
    chunk_path: Path,
    segment_path: Path,
    on_frame: Callable[[int], None] = lambda frame_id: None,
) -> Segment:
    """Render a chunk file into a segment.

    Parameters
    ----------
    chunk_path : Path
        ``.../chunks/NAME.chunk``; its recipe lies in ``.../recipes``.
    segment_path : Path
        The segment; its folder must be there.
    on_frame : callable
        Called with the id of each frame that was drawn.

    Raises
    ------
    SegmentError
        If a file is damaged.
    SettingsError, FFmpegNotFoundError
        If this machine has other versions than the plan was made with.
    AnimatorLoadError
        If the animator cannot be built in this process.
    RenderError, SetupError, FFmpegError
        As `render_chunk`.
    """
    content: ChunkFile = fetch(chunk_path)
    recipe, animator, encoder = _prepare(WorkFolder(chunk_path.parent.parent).recipe(content.recipe))
    frames = (
        Frame(frame_id, load_params(params))
        for frame_id, params in zip(content.frame_ids, content.params, strict=True)
    )
    return render_chunk(
        fresh_copy(animator),
        Chunk(tuple(frames)),
        recipe.settings,
        encoder,
        segment_path,
        extradata=recipe.extradata,
        on_frame=on_frame,
    )


@functools.lru_cache(maxsize=1)
def _prepare(recipe_path: Path) -> tuple[Recipe, Animator, Encoder]:
    """Load a recipe and make this process draw as it says; once per process."""
    recipe: Recipe = fetch(recipe_path)
    _check_versions(recipe)
    enter_folder(recipe.path, recipe.folder)
    try:
        animator = recipe.animator.build()
        environment = load(recipe.environment)
    except (ImportError, AttributeError) as error:
        raise AnimatorLoadError(
            f"A worker process cannot rebuild the animator: {error}. Classes and functions must be "
            "defined in the script itself or in a module that the worker can import."
        ) from error
    apply_environment(environment)
    return recipe, animator, on_this_machine(recipe.encoder)


def _check_versions(recipe: Recipe) -> None:
    here = drawing_versions()
    for package, planned in recipe.versions:
        if here.get(package) != planned:
            raise SettingsError(
                f"The movie was planned with {package} {planned}, and here is {here.get(package)}; "
                "frames of different versions must not be mixed. Install the same version here, "
                "or plan the movie again."
            )
