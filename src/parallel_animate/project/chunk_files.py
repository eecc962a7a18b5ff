"""The files of one movie: the recipe, the chunk files in, the segments out.

A file here is right or it is not there: it is written under a temporary name, carries a checksum,
and is never changed. The files hold pickles: they are as trusted as the user's own scripts.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parallel_animate.atomic_files import publish, temporary_path
from parallel_animate.encode.encoders import Encoder
from parallel_animate.errors import SegmentError
from parallel_animate.inputs.frames import Chunk, Frame, LazyParams
from parallel_animate.inputs.matplotlib_state import Environment
from parallel_animate.inputs.pickling import dump, load
from parallel_animate.inputs.portable import PickledAnimator, SourceAnimator, SourceParams
from parallel_animate.settings import VideoSettings

# Raised when the way from params to bytes changes; it is part of every digest. It is not our
# version: a patch release must not redo a render of 20 hours.
BYTE_FORMAT = 1
# First line of a file of ours; raised when what is pickled changes its form.
MAGIC = b"parallel-animate file 1\n"
CHECKSUM_SIZE = 32


@dataclass(frozen=True)
class Recipe:
    """What all chunks of a movie have in common.

    Parameters
    ----------
    animator : PickledAnimator or SourceAnimator
        How to get the animator.
    settings : VideoSettings
        Of the movie.
    encoder : Encoder
        Of the movie.
    environment : bytes
        A pickled `Environment`, to be loaded after the user's modules.
    path : tuple of str
        ``sys.path`` for the user's modules.
    folder : str or None
        The working folder; None: wherever the process is.
    versions : tuple of (str, str)
        Versions of the packages that draw.
    font : str
        Digest of the font file that rcParams resolve to; empty where it needs no check.
    extradata : str or None
        The extradata that all segments have; None where it is not known.
    params : SourceParams or None
        Where the params of the frames are read; None: the chunk files hold them.
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


def make_recipe(
    animator: PickledAnimator | SourceAnimator,
    settings: VideoSettings,
    encoder: Encoder,
    environment: Environment,
    versions: dict[str, str],
    font: str = "",
    extradata: str | None = None,
    params: SourceParams | None = None,
) -> Recipe:
    """Return a recipe for an animator in an environment."""
    return Recipe(
        animator,
        settings,
        encoder,
        dump(environment),
        environment.path,
        environment.folder,
        tuple(sorted(versions.items())),
        font,
        extradata,
        params,
    )


@dataclass(frozen=True)
class ChunkFile:
    """The content of a chunk file.

    Parameters
    ----------
    recipe : str
        Name of the recipe.
    frame_ids : tuple of int
        In ascending order.
    params : tuple of bytes
        Pickled params, one per frame; empty where they are read in the job.
    tries_order : bool
        Its second frame is also drawn alone, and a warning says if it looks different.
    """

    recipe: str
    frame_ids: tuple[int, ...]
    params: tuple[bytes, ...]
    tries_order: bool = False

    @classmethod
    def of(cls, chunk: Chunk, recipe: str, tries_order: bool = False) -> "ChunkFile":
        """Return the content for a chunk."""
        return cls(
            recipe,
            tuple(frame.id for frame in chunk.frames),
            tuple(frame.data for frame in chunk.frames if frame.source is None),
            tries_order,
        )

    def frames(self, source: LazyParams | None = None) -> tuple[Frame, ...]:
        """Return the frames, which read their params from a source if there is one."""
        if source is not None:
            return tuple(Frame(frame_id, b"", source=source) for frame_id in self.frame_ids)
        return tuple(map(Frame, self.frame_ids, self.params))


@dataclass(frozen=True)
class JoinFile:
    """The content of a join file: what the movie consists of.

    Parameters
    ----------
    settings : VideoSettings
        Of the movie.
    encoder : Encoder
        Of the movie; its ffmpeg joins.
    extradata : str
        What every segment must have.
    segments : tuple of (str, int)
        Name and number of frames of each segment, in the order in which they play.
    """

    settings: VideoSettings
    encoder: Encoder
    extradata: str
    segments: tuple[tuple[str, int], ...]


def chunk_name(chunk: Chunk, digest: str) -> str:
    """Return the name of a chunk's files: START-STOP-DIGEST, a half-open range of frame ids."""
    return f"{chunk.start:07d}-{chunk.stop:07d}-{digest}"


def store(path: Path, content: object, replace: bool = False) -> bool:
    """Write a file of ours unless it is there and whole; return whether it was written.

    With ``replace`` it is written in any case.
    """
    if not replace and is_whole(path):
        return False
    payload = dump(content)
    temporary = temporary_path(path)
    try:
        temporary.write_bytes(MAGIC + hashlib.sha256(payload).digest() + payload)
        publish(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return True


def is_whole(path: Path) -> bool:
    """Tell whether a file of ours is there, in the present form, and as it was written."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return False
    return _payload(data) is not None


def fetch(path: Path) -> Any:
    """Return the content of a file of ours.

    Raises
    ------
    SegmentError
        If it is missing or damaged.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SegmentError(
            f"{path} cannot be read: {error.strerror}. Plan the movie again.",
            path=str(path),
            expected="a file that the plan wrote",
            found=os.strerror(error.errno or 0),
        ) from error
    payload = _payload(data)
    if payload is None:
        raise SegmentError(
            f"{path} is damaged, or from another version of this package. Plan the movie again.",
            path=str(path),
            expected="a whole file",
            found=f"{len(data)} bytes that do not match their checksum",
        )
    return load(payload)


def _payload(data: bytes) -> bytes | None:
    start = len(MAGIC) + CHECKSUM_SIZE
    if not data.startswith(MAGIC):
        return None
    payload = data[start:]
    return payload if hashlib.sha256(payload).digest() == data[len(MAGIC) : start] else None
