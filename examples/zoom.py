"""A camera moves over a photograph: Pillow makes the frames, matplotlib draws nothing.

The photograph is `grace_hopper.jpg`, which ships with matplotlib.
"""

from functools import cache
from typing import Any

import numpy as np
from matplotlib.cbook import get_sample_data
from PIL import Image, ImageDraw, ImageFont

from parallel_animate import PixelAnimator, Timeline

SIZE = (640, 480)
TITLE = "Rear Admiral Grace M. Hopper"
# The left edge, the upper edge and the width of the view, in pixels of the photograph.
FROM, TO = np.array([0, 0, 512]), np.array([140, 75, 240])


@cache
def photograph() -> Image.Image:
    return Image.open(get_sample_data("grace_hopper.jpg", asfileobj=False)).convert("RGB")


class Zoom(PixelAnimator):
    def setup(self) -> None:
        self.font = ImageFont.load_default(24)

    def update(self, frame_idx: int, params: float) -> Any:
        left, top, width = FROM + (TO - FROM) * params
        box = (left, top, left + width, top + width * SIZE[1] / SIZE[0])
        frame = photograph().resize(SIZE, Image.Resampling.BICUBIC, box)
        card = Image.new("RGBA", SIZE)
        bar = (0, SIZE[1] - 50, SIZE[0], SIZE[1])
        ImageDraw.Draw(card).rectangle(bar, fill=(0, 0, 0, round(160 * params)))
        words = (255, 255, 255, round(255 * params))
        ImageDraw.Draw(card).text((16, SIZE[1] - 40), TITLE, words, self.font)
        frame.paste(card, mask=card)
        return np.asarray(frame)


def frames() -> Timeline:
    """How far the camera has moved; it starts and stops smoothly, and then it rests."""
    return Timeline().sweep(0, 1, seconds=4).hold(1.0, seconds=0.8)


if __name__ == "__main__":
    Zoom().make_video("zoom.mp4", frames(), fps=25)
