"""Check what a movie of the config gets besides its frames, before any frame is drawn."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parallel_animate.encode.supplement_files import check_captions, check_files
from parallel_animate.encode.supplements import Supplements, in_positions
from parallel_animate.inputs.opened_files import OpenedFiles
from parallel_animate.pipeline.config import movie_settings, movie_supplements
from parallel_animate.project.chunk_files import ChunkFile, fetch
from parallel_animate.project.work_folder import WorkFolder
from parallel_animate.settings import VideoSettings


@dataclass(frozen=True)
class PlannedSupplements:
    """What a movie gets besides its frames, with its files as they were read.

    Parameters
    ----------
    wanted : Supplements
        As the config says; chapters and poster name frames by their ids.
    settings : VideoSettings
        The movie's settings.
    every : int
        The movie has one frame in this many.
    files : tuple of (str, str)
        The files with sound and captions: path and digest of the content.
    """

    wanted: Supplements
    settings: VideoSettings
    every: int
    files: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, name: str, config: Mapping[str, Any], opened: OpenedFiles) -> "PlannedSupplements":
        """Check the files that a movie's config names, and record them.

        Raises
        ------
        SettingsError
            If a file cannot be used.
        """
        wanted, settings = movie_supplements(name, config), movie_settings(config)
        paths = [str(path) for path in (wanted.captions, wanted.audio) if path is not None]
        for path in paths:
            opened.see(path, "supplements")
        check_files(wanted, settings.output)
        files = tuple((path, opened.digest(path)) for path in paths)
        return cls(wanted, settings, config.get("every", 1), files)

    def fitted(self, folder: WorkFolder, chunks: Sequence[tuple[str, int]]) -> Supplements:
        """Return the supplements with positions instead of frame ids.

        Raises
        ------
        SettingsError
            If a frame does not exist, or captions end after the movie.
        """
        if not self.wanted.need_frames:
            return self.wanted
        frame_ids = list(_frame_ids(folder, chunks))
        check_captions(self.wanted, len(frame_ids), self.settings.fps)
        return in_positions(self.wanted, frame_ids, self.every)


def _frame_ids(folder: WorkFolder, chunks: Sequence[tuple[str, int]]) -> Iterator[int]:
    for name, count in chunks:
        start, stop = map(int, name.split("-")[:2])
        if stop - start == count:
            yield from range(start, stop)
        else:
            content: ChunkFile = fetch(folder.chunk(name))
            yield from content.frame_ids
