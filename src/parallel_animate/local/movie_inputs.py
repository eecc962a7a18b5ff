"""What all chunks of a movie share: its recipe, its encoders, and the names of the chunks."""

import contextlib
import functools
import logging
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from parallel_animate.encode.encoders import Encoder
from parallel_animate.encode.segments import SegmentTarget
from parallel_animate.errors import AnimatorLoadError
from parallel_animate.inputs.frame_stream import FrameTape, group_chunks
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.inputs.matplotlib_state import (
    Environment,
    capture_environment,
    warn_of_what_is_left_out,
)
from parallel_animate.inputs.pickling import local_modules_by_value
from parallel_animate.inputs.portable import PickledAnimator
from parallel_animate.inputs.value_digest import ObjectDigest, digest_object
from parallel_animate.local.outputs import OutputFile
from parallel_animate.local.request import Folders, Request, no_frames
from parallel_animate.project.chunk_files import make_recipe, store
from parallel_animate.project.content_name import chunk_name, describe_encoding, recipe_name
from parallel_animate.render.animator_copy import AttributeState
from parallel_animate.render.data_files import N_FRAMES, DataFiles
from parallel_animate.render.preflight import choose_encoder_for

logger = logging.getLogger(__name__)

# Threads share random numbers, rcParams and the figures of pyplot, so one of them draws at a time.
drawing_lock = threading.RLock()
# Name of the recipe that workers read; it is deleted together with the chunk files.
RECIPE = "movie"


def name_ends(outputs: Sequence[OutputFile], encoders: Sequence[Encoder]) -> list[str]:
    """Return for each file what its segments' names end in, if they do not depend on content.

    Files that are encoded alike share their segments.
    """
    encodings = [
        describe_encoding(output.settings, encoder)
        for output, encoder in zip(outputs, encoders, strict=True)
    ]
    numbers = map(encodings.index, encodings)
    return [f"-{number}" if number else "" for number in numbers]


def targets_at(
    paths: Sequence[Path], outputs: Sequence[OutputFile], encoders: Sequence[Encoder]
) -> tuple[SegmentTarget, ...]:
    """Return the segments to write for a chunk, given the path for each file."""
    triples = zip(paths, outputs, encoders, strict=True)
    targets = {
        path: SegmentTarget(path, output.settings, encoder) for path, output, encoder in triples
    }
    return tuple(targets.values())


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
        self._recipe_names: list[str] = []
        self._is_by_value = True
        # Copied before the first frame is drawn.
        self.state = AttributeState(movie.animator) if movie.n_workers == 1 else None
        self.is_drawn = False
        # The files that must not change while chunks are drawn, with their digests.
        self.files: Mapping[str, str] = {}
        # The segments of the chunks so far, one for each file, in playing order.
        self.segments: list[tuple[Path, ...]] = []

    @functools.cached_property
    def environment(self) -> Environment:
        """The state of matplotlib before the first frame is drawn."""
        environment = capture_environment()
        if self._movie.n_workers > 1:
            warn_of_what_is_left_out(environment)
        return environment

    @functools.cached_property
    def encoders(self) -> tuple[Encoder, ...]:
        """The encoder of each file."""
        movie = self._movie
        return tuple(
            choose_encoder_for(movie.animator, output.settings, self._first_frame)
            for output in movie.outputs
        )

    def targets(self, paths: Sequence[Path]) -> tuple[SegmentTarget, ...]:
        """Return the segments to write for a chunk, given the path for each file."""
        return targets_at(paths, self._movie.outputs, self.encoders)

    def forget_segments(self, start: int = 0) -> None:
        """Remove the segments of the chunks from a number on, which are wrong."""
        for paths in self.segments[start:]:
            for path in set(paths):
                path.unlink(missing_ok=True)

    @functools.cached_property
    def name_ends(self) -> list[str]:
        """What the names of each file's segments end in, if they do not depend on content."""
        return name_ends(self._movie.outputs, self.encoders)

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
            content = make_recipe(pickled, self._movie.settings, self.encoders[0], environment)
        path = self._folders.jobs.recipe(RECIPE)
        store(path, content)
        return path

    def params_like_animator(self) -> contextlib.AbstractContextManager[None]:
        """Pickle params by value in the block if the animator is: they share classes."""
        return local_modules_by_value() if self._is_by_value else contextlib.nullcontext()

    def named(
        self, frames: FrameTape, first: Frame | None, read_files: ReadFiles | None = None
    ) -> Iterator[tuple[tuple[str, ...], Chunk]]:
        """Yield the chunks, each with the names of its segments, one for each file.

        The first one is also the name of the chunk's file.

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
        if movie.is_kept and read_files and not self._recipe_names:
            self._recipe_names = self._name_recipes(frames.peek_pictures(N_FRAMES), read_files)
        for chunk in group_chunks(frames, movie.chunk_size):
            if movie.is_kept:
                names = [chunk_name(recipe, chunk, first) for recipe in self._recipe_names]
            else:
                name = f"{chunk.start}-{chunk.stop}{'-settled' if first else ''}"
                names = [name + end for end in self.name_ends]
            yield tuple(names), chunk

    def _name_recipes(self, few: Sequence[Frame], read_files: ReadFiles) -> list[str]:
        movie = self._movie
        digest = digest_object(movie.animator)
        files = read_files(few, digest)
        left_out = " and the ".join(self.environment.drawing.left_out)
        if not digest.is_complete:
            logger.warning(
                "The segments of %s cannot be used again: the animator holds something that cannot "
                "be compared with that of a later run, such as an iterator or an open connection, "
                "or a module was edited after its import. Make such things in setup(), and start "
                "the script again after an edit.",
                movie.output,
            )
        if left_out:
            logger.warning(
                "The segments of %s cannot be used again: matplotlib holds the %s, which cannot be "
                "compared with that of a later run. Register it in setup().",
                *(movie.output, left_out),
            )
        if left_out or not digest.is_complete:
            files.named["unknown"] = uuid.uuid4().hex
        self.files = files.kept
        return [
            recipe_name(
                *(digest.digest, files.named, output.settings, encoder),
                self.environment.drawing,
            )
            for output, encoder in zip(movie.outputs, self.encoders, strict=True)
        ]

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
