"""A hold repeats one picture, whatever cuts the movie into chunks."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from command_line import animate
from movies import Numbers, decode_numbers, read_frames, read_numbers, read_times
from PIL import Image

from parallel_animate import Timeline
from parallel_animate.inputs.frame_stream import number_frames
from parallel_animate.inputs.frames import Chunk
from parallel_animate.pipeline.tried_pairs import pairs_to_try
from parallel_animate.project.chunk_files import ChunkFile, store
from parallel_animate.project.work_folder import WorkFolder

ITEMS = [11, 22, 33, 44, 55]
MOVIE = {"animator": "held.py:Held", "params": "held.py:frames", "fps": 10, "chunk_size": 4}
HELD = """
from movies import Numbers
from parallel_animate import Timeline

class Held(Numbers):
    def update(self, frame_idx, params):
        super().update(frame_idx, int(open(f"items/{params}.txt").read()))

def frames():
    return Timeline().hold(11, 1).play([11, 22, 33, 44, 55], per_second=5).hold(55, 0.7)
"""
# Frame id and params, as the movie shows them.
SHOWN = [(0, 11)] * 10 + [(10 + i // 2 * 2, ITEMS[i // 2]) for i in range(10)] + [(20, 55)] * 7


def held() -> Timeline:
    return Timeline().hold(11, 1).play(ITEMS, per_second=5).hold(55, 0.7)


class Counted(Numbers):
    """Notes each frame that is drawn in a file."""

    def update(self, frame_idx: int, params: Any) -> None:
        super().update(frame_idx, params)
        with Path("drawn.txt").open("a") as file:
            file.write(f"{frame_idx}\n")


@pytest.mark.slow
def test_held_frames_are_equal_and_at_their_times(in_tmp: Path) -> None:
    for workers in (1, 2):
        for size in (4, 50):
            name = f"{workers}-{size}.mp4"
            Numbers().make_video(name, held(), 10, None, workers, chunk_size=size)
            assert read_numbers(in_tmp / name) == SHOWN
            times, _, _ = read_times(in_tmp / name)
            assert [10 * time for time in times] == list(range(27))
    assert (in_tmp / "1-4.mp4").read_bytes() == (in_tmp / "2-4.mp4").read_bytes()
    assert (in_tmp / "1-50.mp4").read_bytes() == (in_tmp / "2-50.mp4").read_bytes()


def test_a_picture_is_drawn_once_in_a_chunk(in_tmp: Path) -> None:
    Counted().make_video("movie.mp4", held(), 10, None, 1, chunk_size=50)
    assert list(map(int, Path("drawn.txt").read_text().split())) == [0, 10, 12, 14, 16, 18, 20]


def test_repeats_do_not_change_the_bytes_of_the_movie(in_tmp: Path) -> None:
    class Same(Numbers):
        def update(self, frame_idx: int, params: Any) -> None:
            super().update(0, params)

    Same().make_video("held.mp4", held(), 10, None, 1, chunk_size=9)
    drawn = [params for _, params in SHOWN]
    Same().make_video("drawn.mp4", drawn, 10, None, 1, chunk_size=9)
    assert (in_tmp / "held.mp4").read_bytes() == (in_tmp / "drawn.mp4").read_bytes()


@pytest.mark.parametrize("reuse", [True, False])
def test_random_numbers_and_frame_ids_stay_while_a_picture_is_held(
    in_tmp: Path, reuse: bool
) -> None:
    class Dice(Numbers):
        def update(self, frame_idx: int, params: Any) -> None:
            super().update(frame_idx, np.random.randint(2**20))

    options: dict[str, Any] = {"chunk_size": 4, "reuse_figure_object": reuse}
    Dice().make_video("movie.mp4", held(), 10, None, 1, **options)
    shown = read_numbers(in_tmp / "movie.mp4")
    assert [number for number, _ in shown] == [number for number, _ in SHOWN]
    assert len(set(shown)) == len(set(SHOWN))


@pytest.mark.parametrize("redraw", ["auto", "full"])
def test_a_frame_after_a_hold_is_drawn(in_tmp: Path, redraw: str) -> None:
    params = Timeline().hold(1, 0.5).hold(2, 0.5).hold(1, 0.5)
    Numbers().make_video("movie.mp4", params, 10, None, 1, redraw=redraw)
    assert read_numbers(in_tmp / "movie.mp4") == [(0, 1)] * 5 + [(5, 2)] * 5 + [(10, 1)] * 5


class Counting(Numbers):
    """Counts its frames, so that they depend on each other."""

    def setup(self) -> Any:
        self.n = 0
        return super().setup()

    def update(self, frame_idx: int, params: Any) -> None:
        self.n += 1
        super().update(frame_idx, self.n)


@pytest.mark.parametrize("workers", [1, 2])
def test_holds_at_both_ends_do_not_hide_that_frames_depend_on_each_other(
    in_tmp: Path, workers: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    Counting().make_video("movie.mp4", held(), 10, None, workers, chunk_size=4)
    assert "drawn alone" in caplog.text
    counts = dict.fromkeys(number for number, _ in SHOWN)
    expected = {number: count for count, number in enumerate(counts, 1)}
    assert read_numbers(in_tmp / "movie.mp4") == [(n, expected[n]) for n, _ in SHOWN]


@pytest.mark.parametrize("chunk_size", [1, 2, 4, 7, 13])
def test_a_config_tries_pairs_of_different_pictures(tmp_path: Path, chunk_size: int) -> None:
    folder = WorkFolder(tmp_path)
    folder.make()
    folder.make_for_jobs()
    frames = list(number_frames(held().frames(10)))
    chunks = []
    for start in range(0, len(frames), chunk_size):
        chunk = Chunk(tuple(frames[start : start + chunk_size]))
        chunks.append((f"{chunk.start:07d}-{chunk.stop:07d}-x", len(chunk.frames)))
        store(folder.chunk(chunks[-1][0]), ChunkFile.of(chunk, "recipe"))
    found = pairs_to_try(folder, chunks, None)
    # No chunk of 13 frames begins where the picture changes.
    useless = {found.border[1].id} if chunk_size == 13 else set()
    for before, frame in found.pairs:
        assert frame.id == before.id + 1
        assert (SHOWN[before.id] == SHOWN[frame.id]) is (frame.id in useless)
    assert found.pairs[0][1].id == 10
    assert found.pairs[-1][1].id == 20
    assert found.border[1].id % chunk_size == 0


def test_held_params_are_stored_once_in_a_chunk_file(tmp_path: Path) -> None:
    array = np.random.default_rng(0).bytes(100_000)
    frames = tuple(number_frames(Timeline().hold(array, 5).frames(10)))
    path = tmp_path / "held.chunk"
    store(path, ChunkFile.of(Chunk(frames), "recipe"))
    assert len(frames) == 50
    assert path.stat().st_size < 110_000


def test_a_first_frame_of_a_chunk_within_a_hold_is_the_same_picture(in_tmp: Path) -> None:
    Numbers().make_video("whole.mp4", held(), 10, None, 1, chunk_size=50, video_quality=0)
    Numbers().make_video("cut.mp4", held(), 10, None, 1, chunk_size=1, video_quality=0)
    for whole, cut in zip(read_frames("whole.mp4"), read_frames("cut.mp4"), strict=True):
        np.testing.assert_array_equal(whole, cut)


def write_project(folder: Path, **changes: Any) -> None:
    (folder / "held.py").write_text(HELD)
    (folder / "items").mkdir()
    for item in ITEMS:
        (folder / f"items/{item}.txt").write_text(str(item))
    movies = {"movies": {"held": MOVIE | changes}}
    (folder / "movies.yaml").write_text(yaml.safe_dump(movies))


@pytest.mark.slow
def test_a_config_the_command_line_and_a_preview_show_the_holds(tmp_path: Path) -> None:
    write_project(tmp_path)
    before = animate("preview", "held", "--frame", "7", folder=tmp_path)
    assert before.returncode == 0, before.stderr
    ran = animate("run", "--cores", "1", folder=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    render = ["render", "held.py:Held", "--params", "held.py:frames", "--fps", "10", "-j", "1"]
    segments = {path: path.stat().st_mtime_ns for path in tmp_path.glob("work/held/segments/*")}
    options = ["-o", "held.mp4", "--chunk-size", "4", "--work-dir", "work/held"]
    rendered = animate(*render, *options, folder=tmp_path)
    assert rendered.returncode == 0, rendered.stderr
    assert segments == {path: path.stat().st_mtime_ns for path in segments}
    assert len(list(tmp_path.glob("work/held/segments/*"))) == len(segments) == 7
    movies = [tmp_path / name for name in ("results/held.mp4", "held.mp4")]
    assert read_numbers(movies[0]) == SHOWN
    assert movies[0].read_bytes() == movies[1].read_bytes()
    with Image.open(before.stdout.strip()) as image:
        assert decode_numbers(np.asarray(image)) == (0, 11)


@pytest.mark.slow
def test_a_draft_keeps_the_holds_and_lasts_as_long(tmp_path: Path) -> None:
    write_project(tmp_path)
    ran = animate("run", "--cores", "1", "--every", "3", folder=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert read_numbers(tmp_path / "results/held-draft.mp4") == SHOWN[::3]


@pytest.mark.slow
def test_a_config_that_is_rendered_in_order_shows_the_holds(tmp_path: Path) -> None:
    write_project(tmp_path, order="in_order")
    ran = animate("run", "--cores", "1", folder=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert read_numbers(tmp_path / "results/held.mp4") == SHOWN
