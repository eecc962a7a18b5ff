"""What all chunks of a movie share: its recipe, its encoder, and the names of the chunks."""

import contextlib
import functools
import logging
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from parallel_animate.encode.encoders import Encoder
from parallel_animate.errors import AnimatorLoadError
from parallel_animate.inputs.frame_stream import FrameTape, group_chunks
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.inputs.matplotlib_state import Environment, capture_environment
from parallel_animate.inputs.pickling import local_modules_by_value
from parallel_animate.inputs.portable import PickledAnimator
from parallel_animate.inputs.value_digest import ObjectDigest, digest_object
from parallel_animate.local.request import Folders, Request, no_frames
from parallel_animate.project.chunk_files import make_recipe, store
from parallel_animate.project.content_name import chunk_name, recipe_name
from parallel_animate.render.animator_copy import AttributeState
from parallel_animate.render.data_files import N_FRAMES, DataFiles
from parallel_animate.render.preflight import choose_encoder_for

logger = logging.getLogger(__name__)

# Threads share random numbers, rcParams and the figures of pyplot, so one of them draws at a time.
drawing_lock = threading.RLock()
# Name of the recipe that workers read; it is deleted together with the chunk files.
RECIPE = "movie"


ReadFiles = Callable[[Sequence[Frame], ObjectDigest], DataFiles]


class MovieInputs:
    """What all chunks of a movie share, each part made when it is needed, and only once.

    Parameters
    ----------
    movie, folders : Request, Folders
        The movie, and its folders.
    frames : FrameTape
        Its frames, of which none was read yet.
    """

    def __init__(self, movie: Request, folders: Folders, frames: FrameTape) -> None:
        self._movie = movie
        self._frames = frames
        self._folders = folders
        self._recipe_name = ""
        self._is_by_value = True
        # Copied before the first frame is drawn.
        self.state = AttributeState(movie.animator) if movie.n_workers == 1 else None
        self.is_drawn = False
        # The files that must not change while chunks are drawn, with their digests.
        self.files: Mapping[str, str] = {}
        # The segments of the chunks so far, in playing order.
        self.segments: list[Path] = []

    @functools.cached_property
    def environment(self) -> Environment:
        """The state of matplotlib before the first frame is drawn."""
        return capture_environment()

    @functools.cached_property
    def encoder(self) -> Encoder:
        """The movie's encoder."""
        return choose_encoder_for(self._movie.animator, self._movie.settings, self._first_frame)

    def _first_frame(self) -> Frame:
        first = self._frames.next_frame()
        if first is None:
            raise no_frames()
        return first

    @functools.cached_property
    def recipe(self) -> Path:
        """The path of the recipe for other processes.

        Raises
        ------
        AnimatorLoadError
            If the animator cannot be sent to another process.
        OSError
            If the disk is full; the next use tries again.
        """
        if self.is_drawn and self.state is not None:
            self.state.restore()
        pickled = self._pickle_animator()
        with drawing_lock:
            environment = self.environment
            content = make_recipe(pickled, self._movie.settings, self.encoder, environment)
        path = self._folders.jobs.recipe(RECIPE)
        store(path, content)
        return path

    def params_like_animator(self) -> contextlib.AbstractContextManager[None]:
        """Pickle params by value in the block if the animator is: they share classes."""
        return local_modules_by_value() if self._is_by_value else contextlib.nullcontext()

    def named(
        self, frames: FrameTape, first: Frame | None, read_files: ReadFiles | None = None
    ) -> Iterator[tuple[str, Chunk]]:
        """Yield the chunks, each with the name that its files get.

        Parameters
        ----------
        frames : FrameTape
            The movie's frames.
        first : Frame or None
            The movie's first frame, if all chunks are drawn after it.
        read_files : callable, optional
            Returns the data files that the animator reads for the first frames; needed at the first
            call.
        """
        movie = self._movie
        if movie.is_kept and read_files and not self._recipe_name:
            self._recipe_name = self._name_recipe(frames.peek_pictures(N_FRAMES), read_files)
        for chunk in group_chunks(frames, movie.chunk_size):
            if movie.is_kept:
                yield chunk_name(self._recipe_name, chunk, first), chunk
            else:
                yield f"{chunk.start}-{chunk.stop}{'-settled' if first else ''}", chunk

    def _name_recipe(self, few: Sequence[Frame], read_files: ReadFiles) -> str:
        movie = self._movie
        digest = digest_object(movie.animator)
        files = read_files(few, digest)
        if not digest.is_complete:
            logger.warning(
                "The segments of %s cannot be used again: the animator holds something that cannot "
                "be compared with that of a later run, such as an iterator or an open connection, "
                "or a module was edited after its import. Make such things in setup(), and start "
                "the script again after an edit.",
                movie.output,
            )
            files.named["unknown"] = uuid.uuid4().hex
        self.files = files.kept
        return recipe_name(
            digest.digest, files.named, movie.settings, self.encoder, self.environment.drawing
        )

    def _pickle_animator(self) -> PickledAnimator:
        """Pickle the animator with the user's modules by value, or by reference where that fails.

        A module may hold an object that cannot be pickled, such as a lock; workers then import the
        module themselves.
        """
        try:
            with local_modules_by_value():
                return PickledAnimator.of(self._movie.animator)
        except AnimatorLoadError:
            self._is_by_value = False
            return PickledAnimator.of(self._movie.animator)
