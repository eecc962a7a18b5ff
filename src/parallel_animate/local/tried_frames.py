"""Choose the frames that show whether the chunks of a movie depend on each other."""

from parallel_animate.inputs.frames import Chunk, Frame, first_change
from parallel_animate.local.request import Request
from parallel_animate.render.chunk import CheckedAnimator


class TriedFrames:
    """Chooses frames, chunk by chunk, which are also drawn alone.

    The second frame of the second chunk shows most dependences at once. The frame after the first
    chunk shows what all frames of that chunk have left behind, and the last frame of the movie
    shows what comes late. Frames that repeat the picture before show nothing, so others are chosen
    for them. While some workers run the tests, the others render.

    Parameters
    ----------
    movie : Request
        The movie.
    """

    def __init__(self, movie: Request) -> None:
        self._is_needed = not isinstance(movie.animator, CheckedAnimator)
        self._n_chunks = 0
        self._has_following = False
        self._has_second = False

    @property
    def are_at_the_end_only(self) -> bool:
        """Whether no more frames will be tried, except the movie's last."""
        return self._has_following and self._has_second

    def of(self, chunk: Chunk, following: Frame | None) -> tuple[Frame, ...]:
        """Return the frames to try in the next chunk; call it for every chunk.

        Parameters
        ----------
        chunk : Chunk
            The chunk.
        following : Frame or None
            The frame after the chunk; None if there is none.
        """
        self._n_chunks += 1
        if not self._is_needed or (self._n_chunks == 1 and following is None):
            # A movie of one chunk is drawn in order anyway.
            return ()
        tried: list[Frame] = []
        if not self._has_following:
            if following is not None and first_change((*chunk.frames, following)):
                tried.append(following)
                self._has_following = True
        elif not self._has_second:
            second = first_change(chunk.frames)
            tried += second[1:] if second else ()
            # A chunk of one frame has none, and neither have those after it.
            self._has_second = second is not None or len(chunk.frames) == 1
        if following is None and (last := first_change(chunk.frames[::-1])):
            tried.append(last[0])
        return tuple({frame.id: frame for frame in tried}.values())
