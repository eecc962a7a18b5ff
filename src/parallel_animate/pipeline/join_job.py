"""Join a movie's segments, as the job of rule concat_segments."""

import os
from collections.abc import Sequence
from pathlib import Path

from parallel_animate.atomic_files import replace_text
from parallel_animate.encode.concat import SegmentFile, concat_segments
from parallel_animate.encode.encoders import on_this_machine
from parallel_animate.encode.segment import has_segment
from parallel_animate.errors import InputsChangedError, SegmentError
from parallel_animate.formats import is_other_file
from parallel_animate.inputs.file_states import Digests, changed_files
from parallel_animate.project.chunk_files import JoinFile, fetch
from parallel_animate.project.finished_movie import record_movie
from parallel_animate.project.folder_lock import folder_in_use
from parallel_animate.project.work_folder import WorkFolder

# A few damaged segments are rendered here, one after another; more of them by jobs of the next run.
MOST_RENDERED_HERE = 4


def concat_join_file(join_path: Path, output: Path) -> None:
    """Join the segments in a join file, and record in its folder which join was made.

    Damaged segments are set aside and rendered again.

    Raises
    ------
    SegmentError
        If segments are missing, or many are damaged.
    InputsChangedError
        If a file with sound or captions has changed since the movie was planned.
    SegmentError, FFmpegError
        As in `concat_segments`.
    """
    folder = WorkFolder(join_path.parent.parent)
    join: JoinFile = fetch(join_path)
    with folder_in_use(folder):
        _check_files(join.files)
        _render_damaged(folder, [name for name, _ in join.segments])
        # If this job is killed after writing the movie, the record must not name another join.
        replace_text(folder.joined, "being joined\n")
        concat_segments(
            [SegmentFile(folder.segment(name), n_frames) for name, n_frames in join.segments],
            output,
            join.settings,
            on_this_machine(join.encoder).ffmpeg,
            extradata=join.extradata,
            supplements=join.supplements,
        )
        record_movie(folder.root, output)
        replace_text(folder.joined, join_path.stem + "\n")


def _check_files(files: Sequence[tuple[str, str]]) -> None:
    changed = changed_files(dict(files), Path(), Digests())
    if changed:
        raise InputsChangedError(
            f"{', '.join(changed)} changed after the movie was planned. Run the same command "
            "again; it plans the movie with the new content, and draws no frame again.",
            files=tuple(changed),
        )


def _render_damaged(folder: WorkFolder, names: Sequence[str]) -> None:
    missing = [name for name in names if not os.path.lexists(folder.segment(name))]
    if is_other_file(folder.root.name):
        # A job of the movie's first file was to encode it as well.
        missing = missing if len(missing) > MOST_RENDERED_HERE else []
    present = set(names).difference(missing)
    damaged = [name for name in names if name in present and not has_segment(folder.segment(name))]
    if missing or len(damaged) > MOST_RENDERED_HERE:
        wrong = [str(folder.segment(name)) for name in (*missing, *damaged)]
        raise SegmentError(
            f"{len(wrong)} of {len(names)} segments are missing or were damaged: "
            f"{', '.join(wrong)}. Run the same command again; it renders them again.",
            path=wrong[0],
            expected="whole segments",
            found=f"{len(wrong)} missing or damaged",
        )
    if damaged:
        # Imported here, since it loads matplotlib.
        from parallel_animate.render.job import render_chunk_job

        for name in damaged:
            render_chunk_job(folder.chunk(name), folder.segment(name))
