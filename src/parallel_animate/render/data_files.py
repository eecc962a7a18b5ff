"""Which files an animator reads: its setup() and update() run for a few frames, without drawing.

Both drivers name segments by the content of these files, so a change of one renders again.
"""

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

# Frames whose update() is run: what every frame reads shows in them.
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
        A copy of it is run.
    frames : sequence of Frame
        The first frames of the movie.
    settings : VideoSettings
        Of the movie.
    work : Path
        The folder of the movie's files, which are not data.
    caches : sequence
        As for `note_reads`.

    Raises
    ------
    SetupError, RenderError
        If setup() or update() fails.
    """
    opened = OpenedFiles(Path.cwd(), own_files=(work, Path(tempfile.gettempdir())))
    note_reads(opened, animator, frames, settings, caches)
    return data_files(opened)


def note_reads(
    opened: OpenedFiles,
    animator: AnimatorBase,
    frames: Sequence[Frame],
    settings: VideoSettings,
    caches: Sequence[Any],
) -> None:
    """Run a copy of an animator, so that ``opened`` records the files that it reads.

    Parameters
    ----------
    caches : sequence
        Functions under ``functools.cache``. They forget what they have loaded: else it would depend
        on what ran before whether they open a file.
    """
    for cached in caches:
        cached.cache_clear()
    with opened.noted_as(PHASE), isolated_drawing(), quiet():
        scene = Scene(best_copy(animator), Chunk(tuple(frames)), settings)
        for frame in frames:
            scene.update(frame)


def data_files(opened: OpenedFiles, phases: Sequence[str] = (PHASE,)) -> dict[str, str]:
    """Return the recorded data files of some phases: path -> digest of the content."""
    paths = {path for phase in phases for path in opened.data_files(phase)}
    return {path: file_digest(opened.here / path) for path in sorted(paths)}
