"""Find the files an animator reads: run setup() and update() for a few frames, without drawing.

Both drivers name segments by the content of these files, so a changed file renders them again.
"""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from parallel_animate.inputs.animator import AnimatorBase
from parallel_animate.inputs.file_states import Digests
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.inputs.opened_files import OpenedFiles
from parallel_animate.project.work_folder import WorkFolder
from parallel_animate.render.animator_copy import best_copy
from parallel_animate.render.isolation import isolated_drawing
from parallel_animate.render.quiet import quiet
from parallel_animate.render.scene import Scene
from parallel_animate.settings import VideoSettings

# The number of frames to run update() for: enough to find the files that every frame reads.
N_FRAMES = 3
PHASE = "animator"


class DataFiles(NamedTuple):
    """The files that an animator reads.

    Parameters
    ----------
    named : dict of str to str
        The data files, for the names of segments: path -> digest of the content that was read.
    kept : dict of str to str
        The files that must not change while the movie is drawn: the data files, without those that
        the animator itself writes, and the code.
    """

    named: dict[str, str]
    kept: dict[str, str]


def files_read(
    animator: AnimatorBase,
    frames: Sequence[Frame],
    settings: VideoSettings,
    work: Path,
    sources: Sequence[str],
    caches: Sequence[Any] = (),
) -> DataFiles:
    """Return the files that an animator reads in this process.

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
    sources : sequence of str
        The files whose code counts already. Other code that is imported, by a computed name for
        example, counts as data.
    caches : sequence
        As for `record_reads`.

    Raises
    ------
    SetupError, RenderError
        If setup() or update() fails.
    """
    digests = Digests(WorkFolder(work).digests)
    opened = OpenedFiles(Path.cwd(), (work, Path(tempfile.gettempdir())), digests)
    known = {opened.path(source) or source: digests.of(Path(source)) for source in sources}
    record_reads(opened, animator, frames, settings, caches)
    digests.remember()
    code = {path: opened.digest(path) for path in opened.code_files(PHASE)}
    named = data_files(opened) | {path: code[path] for path in code.keys() - known.keys()}
    kept = {path: digest for path, digest in named.items() if not opened.is_own(path)}
    return DataFiles(named, kept | known)


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
    """Return the recorded data files of some phases: path -> digest of what was read."""
    paths = {path for phase in phases for path in opened.data_files(phase)}
    return {path: opened.digest(path) for path in sorted(paths)}
