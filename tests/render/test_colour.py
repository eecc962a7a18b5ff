"""Colours, transparency and padding, decoded from planes and tags by independent arithmetic."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from parallel_animate import Animator
from parallel_animate.render.canvas import FrameCanvas

# ITU-R BT.709: weights of red and blue in luma. In H.264's tags, 1 is BT.709 for each of the three.
KR, KB = 0.2126, 0.0722
BT709, LIMITED_RANGE = 1, 1
PATCH = 40


def decode_bt709(path: Path) -> np.ndarray:
    """Return the first frame as (height, width, 3) float RGB in levels, after checking its tags."""
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        context = container.streams.video[0].codec_context
        tags = context.colorspace, context.color_primaries, context.color_trc
        assert tags == (BT709, BT709, BT709)
        assert context.color_range == LIMITED_RANGE
        planes = [
            np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:, : plane.width]
            for plane in frame.planes
        ]
    luma = planes[0].astype(float)
    factor = luma.shape[1] // planes[1].shape[1]
    blue, red = (np.kron(p, np.ones((factor, factor))).astype(float) - 128 for p in planes[1:])
    y = (luma - 16) * 255 / 219
    r = y + red * 255 / 224 * 2 * (1 - KR)
    b = y + blue * 255 / 224 * 2 * (1 - KB)
    g = (y - KR * r - KB * b) / (1 - KR - KB)
    return np.clip(np.stack([r, g, b], axis=-1), 0, 255)


class Picture(Animator):
    """Shows an RGB array pixel by pixel."""

    def __init__(self, rgb: np.ndarray) -> None:
        self.rgb = rgb

    def setup(self) -> Figure:
        height, width = self.rgb.shape[:2]
        figure = Figure(figsize=(width / 100, height / 100), dpi=100)
        figure.figimage(self.rgb)
        return figure

    def update(self, frame_idx: int, params: Any) -> None:
        pass


def patches(colours: Any) -> np.ndarray:
    rgb = (np.asarray(colours)[:, :3] * 255).round().astype(np.uint8)
    return np.repeat(np.repeat(rgb[None], 2 * PATCH, axis=0), PATCH, axis=1)


PICTURES: dict[str, Callable[[], np.ndarray]] = {
    "tab10": lambda: patches(mpl.colormaps["tab10"](np.arange(10))),
    "pure RGB": lambda: patches([(1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0)]),
    "viridis": lambda: np.repeat(
        (mpl.colormaps["viridis"](np.linspace(0, 1, 512))[None, :, :3] * 255).astype(np.uint8),
        64,
        axis=0,
    ),
}


def interior(rgb: np.ndarray, name: str) -> np.ndarray:
    """Mask of the pixels away from the edges of patches, which 4:2:0 blurs by definition."""
    columns = np.arange(rgb.shape[1]) % PATCH
    inside = (columns >= 8) & (columns < PATCH - 8) if name != "viridis" else columns >= 0
    return np.broadcast_to(inside, rgb.shape[:2])


@pytest.mark.parametrize("name", PICTURES)
def test_colours_survive_the_movie(tmp_path: Path, name: str) -> None:
    rgb = PICTURES[name]()
    movie = tmp_path / "movie.mp4"
    Picture(rgb).make_video(movie, range(2), 30, num_workers=1, video_mode="cpu")
    error = np.abs(decode_bt709(movie) - rgb)[interior(rgb, name)]
    assert error.mean() <= 1.0
    assert error.max() <= 10


def test_white_is_exact(tmp_path: Path) -> None:
    movie = tmp_path / "movie.mp4"
    white = np.full((64, 64, 3), 255, np.uint8)
    Picture(white).make_video(movie, range(2), 30, num_workers=1, video_mode="cpu")
    assert (np.rint(decode_bt709(movie)) == 255).all()


def test_444_keeps_thin_red_lines(tmp_path: Path) -> None:
    rgb = np.full((64, 96, 3), 255, np.uint8)
    rgb[:, 31::16] = (255, 0, 0)
    errors = {}
    for name in ("yuv420p", "yuv444p"):
        movie = tmp_path / f"{name}.mp4"
        Picture(rgb).make_video(
            movie,
            range(2),
            30,
            num_workers=1,
            video_mode="cpu",
            video_extra_ffmpeg_params=["-pix_fmt", name],
        )
        errors[name] = np.abs(decode_bt709(movie) - rgb)[:, 31::16].mean()
    assert errors["yuv420p"] > 3 * errors["yuv444p"], errors


@pytest.mark.parametrize("name", ["yuv420p", "yuv422p", "yuv444p"])
def test_quality_0_only_loses_in_the_conversion_to_yuv(name: str, tmp_path: Path) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)
    if name != "yuv444p":  # colour has half the resolution, so this picture is grey
        rgb[...] = rgb[..., :1]
    movie = tmp_path / "movie.mp4"
    Picture(rgb).make_video(
        movie,
        range(2),
        30,
        num_workers=1,
        video_mode="cpu",
        video_quality=0,
        video_extra_ffmpeg_params=["-pix_fmt", name],
    )
    with av.open(str(movie)) as container:
        luma = np.frombuffer(next(container.decode(video=0)).planes[0], np.uint8)
    assert len(np.unique(luma)) > 150
    if name != "yuv422p":  # the decoder here halves both directions or none
        # 8 bits of limited range: half a level of luma is 0.6 of RGB, chroma adds to that.
        assert np.abs(decode_bt709(movie) - rgb).max() < 3


def transparent_figure(figure_face: Any, axes_face: Any) -> Figure:
    figure = Figure(figsize=(2, 1.5), facecolor=figure_face)
    axes = figure.subplots()
    axes.set_facecolor(axes_face)
    axes.bar([1, 2, 3], [3, 1, 2], color=(0.9, 0.1, 0.2, 0.4))
    axes.plot([1, 2, 3], [1, 2, 3], color=(0, 0, 1, 0.5), lw=9)
    axes.set_title("alpha", alpha=0.6)
    return figure


@pytest.mark.parametrize(
    ("figure_face", "axes_face"),
    [("none", "none"), ((0, 0.5, 0, 0.3), (1, 1, 0, 0.5)), ("white", (0, 0, 0, 0.1))],
)
def test_transparency_looks_like_a_png_over_white(
    tmp_path: Path, figure_face: Any, axes_face: Any
) -> None:
    png = tmp_path / "figure.png"
    transparent_figure(figure_face, axes_face).savefig(png, dpi="figure")
    picture = Image.open(png).convert("RGBA")
    over_white = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    pixels = FrameCanvas(transparent_figure(figure_face, axes_face)).draw()
    difference = np.abs(pixels.astype(int) - np.asarray(over_white))
    # Agg rounds each layer to 8 bits, over white here and over nothing there: one level per layer.
    assert difference[..., :3].mean() < 1
    assert difference.max() <= 4
    assert (pixels[..., 3] == 255).all()


@pytest.mark.parametrize("size", [(101, 80), (100, 81), (101, 81)])
def test_an_odd_size_is_padded_with_the_background(size: tuple[int, int]) -> None:
    figure = Figure(figsize=(size[0] / 100, size[1] / 100), dpi=100, facecolor="#336699")
    figure.text(0.5, 0.5, "x", color="w")
    pixels = FrameCanvas(figure).draw().copy()
    assert pixels.shape == (size[1] + size[1] % 2, size[0] + size[0] % 2, 4)
    even = Figure(figsize=(2, 2), dpi=100, facecolor="#336699")
    background = FrameCanvas(even).draw()[0, 0]
    assert (pixels[size[1] :] == background).all()
    assert (pixels[:, size[0] :] == background).all()
    inside = pixels[: size[1], : size[0]]
    png = np.asarray(figure.canvas.buffer_rgba())  # type: ignore[attr-defined]
    assert np.array_equal(inside, png)


def test_bbox_inches_is_a_warning_with_an_alternative(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Picture(np.zeros((20, 30, 3), np.uint8)).make_video(
        tmp_path / "a.mp4",
        range(2),
        30,
        num_workers=1,
        savefig_params={"bbox_inches": "tight", "pad_inches": 0.1},
    )
    warnings = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
    assert len(warnings) == 2
    assert "layout='constrained'" in warnings[0]
    assert "ignored: pad_inches" in warnings[1]
