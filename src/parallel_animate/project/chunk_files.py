"""A movie's files that jobs read: the recipe, the chunk files and the join file.

Each file is either correct or missing: it is written under a temporary name, carries a checksum of
its content and name, and never changes. The files hold pickles, so trust them only as you trust
your own scripts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from parallel_animate.atomic_files import is_full, publish, set_aside, temporary_path
from parallel_animate.encode.encoders import Encoder
from parallel_animate.encode.supplements import NO_SUPPLEMENTS, Supplements
from parallel_animate.errors import FrameError, SegmentError
from parallel_animate.inputs.frames import Chunk, Frame, LazyParams
from parallel_animate.inputs.matplotlib_state import Environment, drawing_versions
from parallel_animate.inputs.pickling import dump, load
from parallel_animate.inputs.portable import PickledAnimator, SourceAnimator, SourceParams
from parallel_animate.project.work_files import examine_stored, sealed_pickle
from parallel_animate.project.work_folder import WorkFolder
from parallel_animate.settings import VideoSettings


@dataclass(frozen=True)
class Recipe:
    """The data that all chunks of a movie share.

    Parameters
    ----------
    animator : PickledAnimator or SourceAnimator
        Builds the animator.
    settings : VideoSettings
        The movie's settings.
    encoder : Encoder
        The movie's encoder.
    environment : bytes
        A pickled `Environment`; load it after the user's modules.
    path : tuple of str
        ``sys.path`` for the user's modules.
    folder : str or None
        The working folder; None keeps that of the process.
    versions : tuple of (str, str)
        Versions of the packages that draw.
    font : str
        Digest of the font file that rcParams resolve to; empty if it needs no check.
    extradata : str or None
        The extradata of all segments; None if it is unknown.
    params : SourceParams or None
        Provides the frames' params; None if the chunk files hold them.
    files : mapping of str to str
        The data files that the recipe's name stands for: path -> digest of the content.
    size : tuple of (int, int), optional
        Width and height of all frames in pixels; None if they are unknown.
    """

    animator: PickledAnimator | SourceAnimator
    settings: VideoSettings
    encoder: Encoder
    environment: bytes
    path: tuple[str, ...]
    folder: str | None
    versions: tuple[tuple[str, str], ...]
    font: str = ""
    extradata: str | None = None
    params: SourceParams | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    size: tuple[int, int] | None = None


def make_recipe(
    animator: PickledAnimator | SourceAnimator,
    settings: VideoSettings,
    encoder: Encoder,
    environment: Environment,
    font: str = "",
    extradata: str | None = None,
    params: SourceParams | None = None,
    files: Mapping[str, str] | None = None,
    size: tuple[int, int] | None = None,
) -> Recipe:
    """Return a recipe for an animator in an environment."""
    return Recipe(
        animator,
        settings,
        encoder,
        dump(environment),
        environment.path,
        environment.folder,
        tuple(sorted(drawing_versions().items())),
        font,
        extradata,
        params,
        dict(files or {}),
        size,
    )


@dataclass(frozen=True)
class ChunkFile:
    """The content of a chunk file.

    Parameters
    ----------
    recipe : str
        Name of the movie's recipe.
    frame_ids : tuple of int
        Ids of the chunk's frames, in ascending order.
    params : tuple of bytes
        Pickled params, one per frame; empty if the job reads them itself.
    tried : tuple of Frame
        Frames that are also drawn alone, which raises FrameOrderError if they look different: of
        this chunk, or the next one.
    first : Frame, optional
        The movie's first frame, if frames are tried, or the chunk is drawn after it.
    is_settled : bool
        True draws the chunk after the movie's first frame.
    parts : tuple of str
        Names of other chunk files that hold the params, in the order of their frames; then
        ``params`` is empty. So a chunk may have more frames than memory can hold.
    files : mapping of str to str
        As in `Recipe`; `make_video` knows them only after it has written the recipe.
    """

    recipe: str
    frame_ids: tuple[int, ...]
    params: tuple[bytes, ...]
    tried: tuple[Frame, ...] = ()
    first: Frame | None = None
    is_settled: bool = False
    parts: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        chunk: Chunk,
        recipe: str,
        tried: Sequence[Frame] = (),
        first: Frame | None = None,
        is_settled: bool = False,
        files: Mapping[str, str] | None = None,
    ) -> "ChunkFile":
        """Return the content for a chunk."""
        return cls(
            recipe,
            tuple(frame.id for frame in chunk.frames),
            tuple(frame.data for frame in chunk.frames if frame.source is None),
            tuple(tried),
            # A source of params is not stored: the job reads from its own.
            None if first is None else Frame(first.id, first.data),
            is_settled,
            files=dict(files or {}),
        )

    def frames(self, source: LazyParams | None = None) -> tuple[Frame, ...]:
        """Return the frames; given a source, they read their params from it."""
        if source is not None:
            return tuple(Frame(frame_id, b"", source=source) for frame_id in self.frame_ids)
        return tuple(map(Frame, self.frame_ids, self.params))

    def first_frame(self, source: LazyParams | None = None) -> Frame | None:
        """Return the movie's first frame, if it is needed; given a source, it reads from that."""
        if self.first is None or source is None:
            return self.first
        return Frame(self.first.id, b"", source=source)


class PartParams:
    """The params of a chunk that lie in other chunk files; one of these is in memory at a time.

    Parameters
    ----------
    folder : WorkFolder
        The folder of the chunk files.
    parts : sequence of str
        The names of the chunk files, START-STOP-..., in the order of their frames.
    """

    def __init__(self, folder: WorkFolder, parts: Sequence[str]) -> None:
        self._folder = folder
        self._parts = parts
        self._params: dict[int, Any] = {}

    def __len__(self) -> int:
        return len(self._parts)

    def __getitem__(self, frame_id: int) -> Any:
        if frame_id not in self._params:
            self._params = self._read(frame_id)
        return load(self._params[frame_id])

    def _read(self, frame_id: int) -> dict[int, bytes]:
        for name in self._parts:
            start, stop = map(int, name.split("-")[:2])
            if start <= frame_id < stop:
                content: ChunkFile = fetch(self._folder.chunk(name))
                return dict(zip(content.frame_ids, content.params, strict=True))
        raise FrameError(f"No chunk file holds the params of frame {frame_id}.")


@dataclass(frozen=True)
class JoinFile:
    """The content of a join file: the movie's segments, and how to join them.

    Parameters
    ----------
    settings : VideoSettings
        The movie's settings.
    encoder : Encoder
        The movie's encoder; its ffmpeg joins the segments.
    extradata : str
        The extradata that every segment must have.
    segments : tuple of (str, int)
        Name and number of frames of each segment, in playing order.
    supplements : Supplements
        What the movie gets besides its frames; chapters and poster name positions of frames.
    files : tuple of (str, str)
        The files with sound and captions: path and digest of the content.
    """

    settings: VideoSettings
    encoder: Encoder
    extradata: str
    segments: tuple[tuple[str, int], ...]
    supplements: Supplements = NO_SUPPLEMENTS
    files: tuple[tuple[str, str], ...] = ()


def store(path: Path, content: object, replace: bool = False) -> bool:
    """Write a file unless it exists and is intact; return whether it was written.

    Parameters
    ----------
    path : Path
        The file.
    content : object
        The object to pickle: `Recipe`, `ChunkFile` or `JoinFile`.
    replace : bool
        True writes the file in any case.
    """
    if not replace and is_whole(path):
        return False
    payload = dump(content)
    temporary = temporary_path(path)
    try:
        temporary.write_bytes(sealed_pickle(path, payload))
        publish(temporary, path)
    except OSError as error:
        if not is_full(error):
            raise
        raise OSError(
            error.errno,
            f"The disk with {path.parent} is full. Make room, or choose another disk (TMPDIR, or "
            "work_dir). Then run the same command again",
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
    return True


def is_whole(path: Path) -> bool:
    """Return whether a file exists, has the current form, and is intact."""
    return examine_stored(path).content is not None


def fetch(path: Path) -> Any:
    """Return the content of a file that `store` wrote; a damaged file is set aside.

    Raises
    ------
    SegmentError
        If the file is missing or damaged.
    """
    found = examine_stored(path)
    if found.fault:
        set_aside({path: found.fault})
    if found.content is None:
        raise SegmentError(
            f"{path} {found.fault or 'is missing'}. Run or plan the movie again; planning makes "
            "the file again.",
            path=str(path),
            expected="a file that the plan wrote",
            found=found.fault or "no file",
        )
    return load(found.content)
