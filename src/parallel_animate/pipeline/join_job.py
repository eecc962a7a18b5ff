"""Join a movie's segments, as the job of rule concat_segments."""

from collections.abc import Sequence
from pathlib import Path

from parallel_animate.atomic_files import replace_text
from parallel_animate.encode.concat import SegmentFile, concat_segments
from parallel_animate.encode.encoders import on_this_machine
from parallel_animate.encode.segment import has_segment
from parallel_animate.errors import (
    SegmentError,
)
from parallel_animate.project.chunk_files import JoinFile, fetch
from parallel_animate.project.finished_movie import record_movie
from parallel_animate.project.work_folder import WorkFolder


def concat_join_file(join_path: Path, output: Path) -> None:
    """Join the segments in a join file, and record in its folder which join was made.

    Damaged segments are removed, so that the same command renders them again.

    Raises
    ------
    SegmentError, FFmpegError
        As in `concat_segments`.
    """
    join: JoinFile = fetch(join_path)
    folder = WorkFolder(join_path.parent.parent)
    segments = [SegmentFile(folder.segment(name), n_frames) for name, n_frames in join.segments]
    _remove_damaged([segment.path for segment in segments])
    # If this job is killed after writing the movie, the record must not name another join.
    replace_text(folder.joined, "being joined\n")
    concat_segments(
        segments,
        output,
        join.settings,
        on_this_machine(join.encoder).ffmpeg,
        extradata=join.extradata,
    )
    record_movie(folder.root, output)
    replace_text(folder.joined, join_path.stem + "\n")


def _remove_damaged(paths: Sequence[Path]) -> None:
    damaged = [path for path in paths if not has_segment(path)]
    for path in damaged:
        path.unlink(missing_ok=True)
    if damaged:
        names = ", ".join(map(str, damaged))
        raise SegmentError(
            f"{len(damaged)} of {len(paths)} segments were missing or damaged and have been "
            f"removed: {names}. Run the same command again; it renders them again.",
            path=str(damaged[0]),
            expected="whole segments",
            found=f"{len(damaged)} missing or damaged",
        )
