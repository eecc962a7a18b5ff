"""An animation's frames as matplotlib saves them, and as this package draws them; not a test file.

matplotlib's frames come from its own save(), through a writer that keeps all pixels.
"""

import io
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.animation import AbstractMovieWriter, Animation

from parallel_animate.errors import FrameOrderError
from parallel_animate.funcanimation.animators import SavedAnimation, SavedAnimationInOrder
from parallel_animate.funcanimation.frame_source import frame_source
from parallel_animate.funcanimation.order import draw_first_frames
from parallel_animate.funcanimation.parts import divide
from parallel_animate.funcanimation.pickled import dump_animation, dump_frame
from parallel_animate.funcanimation.playback import Player
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.render.animator_copy import fresh_copy
from parallel_animate.render.isolation import RandomState, isolated_drawing, pyplot_of
from parallel_animate.render.scene import Scene
from parallel_animate.settings import VideoSettings, video_settings


class Recorder(AbstractMovieWriter):
    """Keeps the pixels of every frame, (height, width, 3) uint8."""

    def __init__(self) -> None:
        super().__init__(fps=10)
        self.frames: list[np.ndarray] = []

    def setup(self, fig: Any, outfile: Any, dpi: float | None = None) -> None:
        super().setup(fig, outfile, dpi)
        self.size = fig.get_size_inches()

    def grab_frame(self, **savefig_params: Any) -> None:
        # As matplotlib's writers of movies do.
        self.fig.set_size_inches(*self.size)
        with io.BytesIO() as buffer:
            self.fig.savefig(buffer, format="rgba", dpi=self.dpi, **savefig_params)
            pixels = np.frombuffer(buffer.getvalue(), np.uint8)
        width, height = self.frame_size
        self.frames.append(pixels.reshape(height, width, 4)[..., :3])

    def finish(self) -> None:
        pass


def saved_frames(animation: Animation, **options: Any) -> list[np.ndarray]:
    """Return the frames as matplotlib saves them."""
    recorder = Recorder()
    animation.save(Path("unused"), writer=recorder, **options)
    return recorder.frames


def drawn_frames(
    animation: Animation, chunk_size: int, dpi: float | None = None
) -> tuple[list[np.ndarray], str]:
    """Return the frames as this package draws them, and why they are drawn in order, if so."""
    animation._draw_was_started = True
    settings = video_settings(fps=10, savefig_params={"dpi": dpi})
    state = RandomState.capture()
    with pyplot_of({}), isolated_drawing():
        source = frame_source(animation, state)
        data = dump_animation(animation, source.first, random_state=state)
        copied = divide(animation, data, source.total, chunk_size, state) or data
        first = draw_first_frames(
            data, lambda: copied, source, None, settings, is_short=lambda frame_seconds: False
        )
        reason = first.why_in_order
        if not reason:
            frames = [Frame.of(i, dump_frame(item)) for i, item in enumerate(source.read())]
            animator = SavedAnimation(copied, layout=first.layout, starts_settled=first.settles)
            try:
                return _in_chunks(animator, frames, chunk_size, settings), ""
            except FrameOrderError as error:
                reason = str(error)
        player = Player.of_copy(source.own_code or data)
        in_order = SavedAnimationInOrder(player, is_pickled=not source.own_code)
        scene = Scene(in_order, Chunk((Frame(0, b""),)), settings)
        scene.set_up()
        items = player.frames() if source.own_code else map(dump_frame, source.read())
        return [
            scene.draw(Frame(i, b"", item))[..., :3].copy() for i, item in enumerate(items)
        ], reason


def _in_chunks(
    animation: SavedAnimation, frames: list[Frame], chunk_size: int, settings: VideoSettings
) -> list[np.ndarray]:
    pixels = []
    first = frames[0] if animation.starts_settled else None
    # The last chunk first: no chunk may depend on another.
    for start in reversed(range(0, len(frames), chunk_size)):
        chunk = Chunk(tuple(frames[start : start + chunk_size]))
        animator = fresh_copy(animation)
        scene = Scene(animator, chunk, settings, first=first)
        drawn = [scene.draw(frame).copy() for frame in chunk.frames]
        animator.check_chunk(chunk, drawn[-1], settings, first)
        pixels = drawn + pixels
    return [image[..., :3] for image in pixels]
