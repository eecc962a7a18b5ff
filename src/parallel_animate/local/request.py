"""A call of make_video, validated, and the folders with its files."""

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parallel_animate.atomic_files import temporary_folder
from parallel_animate.encode.concat import SegmentFile
from parallel_animate.encode.encoders import Encoder
from parallel_animate.encode.supplements import Supplements
from parallel_animate.errors import NoFramesError
from parallel_animate.inputs.animator import AnimatorBase
from parallel_animate.project.folder_lock import folder_in_use
from parallel_animate.project.work_folder import WorkFolder
from parallel_animate.settings import RenderOptions, VideoSettings

Rendered = tuple[list[SegmentFile], Encoder]


def no_frames() -> NoFramesError:
    """Return the error for params without an item."""
    return NoFramesError("param_by_frame is empty, so there is no frame to render.")


@dataclass(frozen=True)
class Request:
    """One call of make_video, validated.

    Parameters
    ----------
    animator : AnimatorBase
        The user's animator.
    output : Path
        File of the movie.
    params : iterable
        The params of the frames.
    options : RenderOptions
        The options as they were given.
    total : int or None
        Number of frames, if it is known.
    chunk_size : int
        Frames per segment.
    n_workers : int
        Number of processes; 1 means this process alone.
    supplements : Supplements
        What the movie gets besides its frames, checked.
    """

    animator: AnimatorBase
    output: Path
    params: Iterable[Any]
    options: RenderOptions
    total: int | None
    chunk_size: int
    n_workers: int
    supplements: Supplements

    @property
    def settings(self) -> VideoSettings:
        """The settings that are the same for all frames."""
        return self.options.settings

    @property
    def is_kept(self) -> bool:
        """True if segments outlive the call; their names then depend on their content."""
        return self.options.work_dir is not None


@dataclass(frozen=True)
class Folders:
    """The folders with the files of one call.

    Parameters
    ----------
    work : WorkFolder
        Holds the segments; it is kept if the user named it.
    jobs : WorkFolder
        Holds what workers read: recipe and chunk files. It is removed when the call ends.
    """

    work: WorkFolder
    jobs: WorkFolder


@contextlib.contextmanager
def open_folders(work_dir: str | os.PathLike[str] | None) -> Iterator[Folders]:
    """Make the folders of a call, and remove those that do not outlive it."""
    if work_dir is None:
        with temporary_folder() as name:
            yield Folders(_jobs_folder(name), _jobs_folder(name))
        return
    kept = WorkFolder(Path(work_dir).absolute())
    try:
        kept.make()
    except OSError as error:
        raise OSError(
            error.errno, f"work_dir {str(work_dir)!r} cannot be used: {error.strerror}"
        ) from error
    # Next to the segments: the disk of the temporary folder may be too small for the params of a
    # long movie.
    with folder_in_use(kept), temporary_folder(kept.root, ".make_video") as name:
        kept.remove_stale()
        yield Folders(kept, _jobs_folder(name))


def _jobs_folder(path: Path) -> WorkFolder:
    jobs = WorkFolder(path)
    jobs.make_for_jobs()
    jobs.segments.mkdir(exist_ok=True)
    return jobs
