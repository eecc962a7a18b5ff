"""Frames that update() returns as arrays have the promises of frames that matplotlib draws."""

import logging
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from command_line import animate
from movies import BITS, decode_numbers, read_frames, read_numbers, to_bits
from PIL import Image

from parallel_animate import PixelAnimator, RenderError, SegmentError
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.render.preview import draw
from parallel_animate.render.scene import Scene
from parallel_animate.settings import video_settings

PIXELS = """
import numpy as np
from movies import BITS, to_bits
from parallel_animate import PixelAnimator

SIZE = 8

class Stripes(PixelAnimator):
    def update(self, frame_idx, params):
        rows = np.array([to_bits(frame_idx), to_bits(params)], np.uint8) * 255
        grey = np.kron(rows, np.ones((5 * SIZE, SIZE), np.uint8))
        return np.stack([grey] * 3, axis=-1)

class Growing(Stripes):
    def update(self, frame_idx, params):
        return super().update(frame_idx, params)[:, : 160 - 2 * (frame_idx == 8)]

class Counting(Stripes):
    def setup(self):
        self.n = 0

    def update(self, frame_idx, params):
        self.n += 1
        return super().update(frame_idx, self.n)

def frames():
    return [2 * i for i in range(11)]
"""
MOVIE = {"animator": "pixels.py:Stripes", "params": "pixels.py:frames", "fps": 25, "chunk_size": 4}
SHOWN = [(i, 2 * i) for i in range(11)]


class Stripes(PixelAnimator):
    """Paints its frame id and the params, into one array that every frame uses again."""

    def setup(self) -> None:
        self.buffer = np.zeros((80, 8 * BITS, 3), np.uint8)

    def update(self, frame_idx: int, params: Any) -> Any:
        rows = np.array([to_bits(frame_idx), to_bits(params)], np.uint8) * 255
        self.buffer[...] = np.kron(rows, np.ones((40, 8), np.uint8))[..., None]
        return self.buffer


class Returned(PixelAnimator):
    """Returns its params."""

    def update(self, frame_idx: int, params: Any) -> Any:
        return params


def noise(channels: int, height: int = 40, width: int = 60) -> Any:
    return np.random.default_rng(channels).integers(0, 256, (height, width, channels), np.uint8)


def test_one_and_two_workers_write_the_same_bytes_from_a_buffer_used_again(in_tmp: Path) -> None:
    for workers in (1, 2):
        Stripes().make_video(f"{workers}.mp4", range(0, 22, 2), 25, None, workers, chunk_size=4)
    assert read_numbers(in_tmp / "1.mp4") == SHOWN
    assert (in_tmp / "1.mp4").read_bytes() == (in_tmp / "2.mp4").read_bytes()


def test_a_reused_buffer_is_copied_before_the_next_frame_is_made(in_tmp: Path) -> None:
    settings = video_settings(fps=25)
    frames = tuple(Frame.of(i, i) for i in range(2))
    animator = Stripes()
    scene = Scene(animator, Chunk(frames), settings)
    pixels = scene.draw(frames[0])
    animator.update(5, 5)
    assert decode_numbers(pixels[..., :3]) == (0, 0)


def test_a_frame_has_exactly_the_pixels_that_were_returned() -> None:
    rgb = noise(3)
    np.testing.assert_array_equal(Returned().preview(0, rgb), rgb)
    flipped = rgb[::-1, ::-1]
    assert not flipped.flags["C_CONTIGUOUS"]
    np.testing.assert_array_equal(Returned().preview(0, flipped), flipped)
    transposed = np.asfortranarray(rgb)
    np.testing.assert_array_equal(Returned().preview(0, transposed), rgb)


def test_alpha_is_blended_over_white_to_the_nearest_level() -> None:
    levels = np.arange(256, dtype=np.uint8)
    rgba = np.empty((256, 256, 4), np.uint8)
    rgba[..., :3] = levels[:, None, None]
    rgba[..., 3] = levels
    share = rgba[..., 3:] / 255
    exact = rgba[..., :3] * share + 255 * (1 - share)
    blended = np.asarray(Returned().preview(0, rgba))
    assert np.abs(blended - exact).max() <= 0.5 + 1e-9


def test_alpha_is_kept_where_the_file_can_and_the_movie_asks_for_it(in_tmp: Path) -> None:
    pictures = [noise(4), noise(3), noise(4)[::-1]]
    Returned().make_video("kept.apng", pictures, 25, None, 1, transparent=True)
    opaque = np.full((40, 60, 1), 255, np.uint8)
    expected = [pictures[0], np.concatenate([pictures[1], opaque], axis=-1), pictures[2]]
    with Image.open("kept.apng") as image:
        for number, picture in enumerate(expected):
            image.seek(number)
            found = np.asarray(image.convert("RGBA"))
            np.testing.assert_array_equal(found[..., 3], picture[..., 3])
            seen = found[..., 3] > 0
            np.testing.assert_array_equal(found[seen], picture[seen])


def test_an_odd_size_is_padded_with_the_colours_of_the_edge() -> None:
    rgb = noise(3, 41, 61)
    padded = np.asarray(Returned().preview(0, rgb))
    np.testing.assert_array_equal(padded, np.pad(rgb, ((0, 1), (0, 1), (0, 0)), "edge"))


def test_a_draft_is_smaller() -> None:
    rgb = np.kron(noise(3, 20, 30), np.ones((20, 20, 1), np.uint8))
    settings = video_settings(fps=25, scale=0.5)
    small = draw(Returned(), Frame.of(0, rgb), 0, settings)
    assert small.size == (300, 200)
    np.testing.assert_array_equal(np.asarray(small)[5::10, 5::10], rgb[10::20, 10::20])


def test_dpi_is_ignored_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    assert Returned().preview(0, noise(3), {"dpi": 300}).size == (60, 40)
    assert "'dpi' is ignored, since a PixelAnimator" in caplog.text


GREY = np.zeros((40, 60), np.uint8)


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, "found None; end it with 'return picture'"),
        (noise(3) / 255, r"found float64 from 0.0 to 1.0; if 1.0 means white, return np.rint"),
        (noise(3).astype(np.int64), "found int64 from 0 to 255; convert it"),
        (noise(3) > 0, "found bool; convert it"),
        (GREY, r"found the shape \(40, 60\); for grey, return np.stack"),
        (np.moveaxis(noise(3), -1, 0), r"shape \(3, 40, 60\); np.moveaxis\(picture, 0, -1\)"),
        (noise(2), r"found the shape \(40, 60, 2\)"),
        (Image.fromarray(noise(3)), "found <PIL.*; np.asarray.. makes an array of a Pillow image"),
        (np.ma.masked_equal(noise(3), 0), "found a masked array; fill it"),
        (np.zeros((0, 60, 3), np.uint8), "1 to 16384 pixels on each side, found 60x0"),
        (np.zeros((1, 16_386, 3), np.uint8), "on each side, found 16386x1"),
    ],
)
def test_anything_but_a_picture_is_a_clear_error(returned: Any, message: str) -> None:
    with pytest.raises(RenderError, match=r"Returned: frame 3 failed.*must return") as caught:
        Returned().preview(3, returned)
    assert caught.match(message)
    assert caught.value.frame_idx == 3


def test_the_advice_in_the_errors_works() -> None:
    picture = noise(3) / 255
    repaired = np.rint(255 * picture).astype(np.uint8)
    np.testing.assert_array_equal(Returned().preview(0, repaired), noise(3))
    np.testing.assert_array_equal(
        Returned().preview(0, np.stack([noise(3)[..., 0]] * 3, axis=-1)),
        noise(3)[..., [0, 0, 0]],
    )


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    ("widths", "message"),
    [
        ([60] * 5 + [61] * 3, "frame 5 failed.*returned a picture of 61x40 pixels.*have 60x40"),
        ([60] * 4 + [80] * 4, "60x40.*80x40|80x40.*60x40"),
    ],
    ids=["within a chunk", "between chunks"],
)
def test_all_frames_have_the_size_of_the_first(
    in_tmp: Path, widths: list[int], message: str, workers: int
) -> None:
    params = [noise(3, 40, width) for width in widths]
    with pytest.raises(RenderError, match=message):
        Returned().make_video("movie.mp4", params, 25, None, workers, chunk_size=4)
    assert not (in_tmp / "movie.mp4").exists()


def test_the_size_is_also_checked_where_segments_are_found(in_tmp: Path) -> None:
    def render(*widths: int) -> None:
        params = [noise(3, 40, width) for width in widths for _ in range(4)]
        Returned().make_video("movie.mp4", params, 25, None, 1, chunk_size=4, work_dir="work")

    render(60, 60)
    with pytest.raises(SegmentError, match=r"(?s)frame size must be \(60, 40\), found \(80, 40\)"):
        render(60, 80)


def test_frames_that_continue_from_the_frame_before_are_found(
    in_tmp: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Trail(Stripes):
        def setup(self) -> None:
            super().setup()
            self.n = 0

        def update(self, frame_idx: int, params: Any) -> Any:
            self.n += 1
            return super().update(frame_idx, self.n)

    caplog.set_level(logging.WARNING)
    Trail().make_video("movie.mp4", range(11), 25, None, 2, chunk_size=4)
    # Frames of two chunks are tried at once; either may be found first.
    assert re.search(r"frame [45] drawn after frame [34] differs from frame [45]", caplog.text)
    assert read_numbers(in_tmp / "movie.mp4") == [(i, i + 1) for i in range(11)]


def test_random_pictures_are_the_same_in_any_process(in_tmp: Path) -> None:
    class Static(PixelAnimator):
        def update(self, frame_idx: int, params: Any) -> Any:
            return np.random.randint(0, 256, (40, 60, 3), np.uint8)

    for workers in (1, 2):
        Static().make_video(f"{workers}.mp4", range(9), 25, None, workers, chunk_size=3)
    assert (in_tmp / "1.mp4").read_bytes() == (in_tmp / "2.mp4").read_bytes()
    frames = list(read_frames(in_tmp / "1.mp4"))
    assert not np.array_equal(frames[0], frames[1])


def test_setup_is_called_before_every_chunk_or_every_frame(in_tmp: Path) -> None:
    class Counted(Stripes):
        def setup(self) -> None:
            super().setup()
            with Path("setups.txt").open("a") as file:
                file.write("x")

    def count(**options: Any) -> int:
        Path("setups.txt").write_text("")
        Counted().make_video("movie.mp4", range(8), 25, None, 1, chunk_size=8, **options)
        assert read_numbers(in_tmp / "movie.mp4") == [(i, i) for i in range(8)]
        return len(Path("setups.txt").read_text())

    assert (count(), count(reuse_figure_object=False)) == (1, 8)


@pytest.mark.slow
def test_the_command_line_and_a_config_write_the_same_movie(tmp_path: Path) -> None:
    (tmp_path / "pixels.py").write_text(PIXELS)
    (tmp_path / "movies.yaml").write_text(yaml.safe_dump({"movies": {"stripes": MOVIE}}))
    ran = animate("run", "--cores", "1", folder=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    render = ["render", "pixels.py:Stripes", "--params", "pixels.py:frames", "--fps", "25"]
    options = ["-o", "stripes.mp4", "-j", "1", "--chunk-size", "4", "--work-dir", "work/stripes"]
    segments = tmp_path / "work/stripes/segments"
    before = {path.name: path.stat().st_mtime_ns for path in segments.iterdir()}
    rendered = animate(*render, *options, folder=tmp_path)
    assert rendered.returncode == 0, rendered.stderr
    assert {path.name: path.stat().st_mtime_ns for path in segments.iterdir()} == before
    movies = [tmp_path / name for name in ("results/stripes.mp4", "stripes.mp4")]
    assert movies[0].read_bytes() == movies[1].read_bytes()
    assert read_numbers(movies[0]) == SHOWN
    shown = animate("preview", "stripes", "--frame", "7", folder=tmp_path)
    assert shown.returncode == 0, shown.stderr
    with Image.open(shown.stdout.strip()) as image:
        assert decode_numbers(np.asarray(image)) == SHOWN[7]


@pytest.mark.slow
def test_a_config_refuses_other_sizes_and_frames_that_depend_on_others(tmp_path: Path) -> None:
    (tmp_path / "pixels.py").write_text(PIXELS)

    def run(animator: str, *options: str) -> str:
        movie = MOVIE | {"animator": f"pixels.py:{animator}", "chunk_size": 2}
        movies = {"movies": {"stripes": movie}}
        (tmp_path / "movies.yaml").write_text(yaml.safe_dump(movies))
        ran = animate("run", "--cores", "1", *options, folder=tmp_path)
        assert (ran.returncode == 0) is (animator == "Stripes"), ran.stdout + ran.stderr
        return ran.stdout + ran.stderr

    said = run("Growing")
    assert "The picture changed size in frame 8, from 160x80 to 158x80 pixels" in said
    assert "return arrays of one size from update()" in said
    alone = r"frame (\d+) drawn after frame \d+ differs from frame \1 drawn alone"
    assert re.search(alone, run("Counting"))
    run("Stripes", "--scale", "0.5")
    small = list(read_frames(tmp_path / "results/stripes-draft.mp4"))
    assert small[0].shape == (40, 80, 3)
    assert [decode_numbers(frame) for frame in small] == SHOWN
