"""Find the files an animator reads: run setup() and update() for a few frames, without drawing.

Both drivers name segments by the content of these files, so a changed file renders them again.
"""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from parallel_animate.atomic_files import file_digest
from parallel_animate.inputs.animator import AnimatorBase
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.inputs.opened_files import OpenedFiles
from parallel_animate.render.animator_copy import best_copy
from parallel_animate.render.isolation import isolated_drawing, quiet
from parallel_animate.render.scene import Scene
from parallel_animate.settings import VideoSettings

# The number of frames to run update() for: enough to find the files that every frame reads.
N_FRAMES = 3
PHASE = "animator"


def files_read(
    animator: AnimatorBase,
    frames: Sequence[Frame],
    settings: VideoSettings,
    work: Path,
    caches: Sequence[Any] = (),
) -> dict[str, str]:
    """Return the data files that an animator reads in this process: path -> digest of the content.

    Parameters
    ----------
    animator : AnimatorBase
        The animator; a copy of it is run.
    frames : sequence of Frame
        The movie's first frames.
    settings : VideoSettings
        The movie's settings.
    work : Path
        The movie's work folder; this package's own files in it are not data.
    caches : sequence
        As for `record_reads`.

    Raises
    ------
    SetupError, RenderError
        If setup() or update() fails.
    """
    opened = OpenedFiles(Path.cwd(), own_files=(work, Path(tempfile.gettempdir())))
    record_reads(opened, animator, frames, settings, caches)
    return data_files(opened)


def record_reads(
    opened: OpenedFiles,
    animator: AnimatorBase,
    frames: Sequence[Frame],
    settings: VideoSettings,
    caches: Sequence[Any] = (),
) -> None:
    """Run a copy of an animator, so that ``opened`` records the files that it reads.

    Parameters
    ----------
    opened : OpenedFiles
        The record to fill.
    animator, frames, settings : AnimatorBase, sequence of Frame, VideoSettings
        As for `files_read`.
    caches : sequence
        Functions under ``functools.cache``. Their caches are cleared first: a cached function would
        not open its file again, and the file would be missed.
    """
    for cached in caches:
        cached.cache_clear()
    here = Path.cwd()
    try:
        with opened.recorded_as(PHASE), isolated_drawing(), quiet():
            scene = Scene(best_copy(animator), Chunk(tuple(frames)), settings)
            for frame in frames:
                scene.update(frame)
    finally:
        # A setup() may change the working folder; the one that draws the movie starts here, too.
        os.chdir(here)


def data_files(opened: OpenedFiles, phases: Sequence[str] = (PHASE,)) -> dict[str, str]:
    """Return the recorded data files of some phases: path -> digest of the content."""
    paths = {path for phase in phases for path in opened.data_files(phase)}
    return {path: file_digest(opened.here / path) for path in sorted(paths)}
