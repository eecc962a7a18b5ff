"""A call of make_video, validated, and the folders with its files."""

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from parallel_animate.atomic_files import temporary_folder
from parallel_animate.encode.concat import SegmentFile
from parallel_animate.encode.encoders import Encoder
from parallel_animate.encode.packets import Packets
from parallel_animate.encode.segment import Segment
from parallel_animate.errors import NoFramesError
from parallel_animate.inputs.animator import AnimatorBase
from parallel_animate.local.outputs import OutputFile
from parallel_animate.project.folder_lock import folder_in_use
from parallel_animate.project.work_folder import WorkFolder
from parallel_animate.settings import RenderOptions, VideoSettings


@dataclass(frozen=True)
class Rendered:
    """The segments of a movie's files.

    Parameters
    ----------
    encoders : tuple of Encoder
        The encoder of each file.
    chunks : list of (tuple of Path, int)
        The segments of each chunk, one for each file, and their number of frames, in playing order.
        Files that are encoded alike share segments.
    packets : dict of Path to Packets
        What was found in segments when they were written.
    """

    encoders: tuple[Encoder, ...]
    chunks: list[tuple[tuple[Path, ...], int]] = field(default_factory=list)
    packets: dict[Path, Packets] = field(default_factory=dict)

    @property
    def n_frames(self) -> int:
        """Number of frames of the movie."""
        return sum(count for _, count in self.chunks)

    def add(self, paths: tuple[Path, ...], n_frames: int) -> None:
        """Add the segments of the next chunk, one for each file."""
        self.chunks.append((paths, n_frames))

    def written(self, segments: Sequence[Segment]) -> None:
        """Note what was found in segments when they were written."""
        self.packets.update({segment.path: segment.packets for segment in segments})

    def of_file(self, number: int) -> list[SegmentFile]:
        """Return the segments of a file."""
        return [
            SegmentFile(paths[number], n_frames, self.packets.get(paths[number]))
            for paths, n_frames in self.chunks
        ]


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
    outputs : tuple of OutputFile
        The files of the movie, checked: the first one, and those of ``also``.
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
    """

    animator: AnimatorBase
    outputs: tuple[OutputFile, ...]
    params: Iterable[Any]
    options: RenderOptions
    total: int | None
    chunk_size: int
    n_workers: int

    @property
    def output(self) -> Path:
        """The first file."""
        return self.outputs[0].path

    @property
    def settings(self) -> VideoSettings:
        """The settings of the first file, which decide how frames are drawn."""
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
