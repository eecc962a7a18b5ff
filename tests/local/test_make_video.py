"""Promises of make_video: every frame once, in order, at its time and size, the same bytes."""

import itertools
import os
import random
import subprocess
import sys
import threading
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import HELPERS
from movies import Numbers, Recorder, read_frames, read_numbers, read_times

from parallel_animate import IndexedFrameParams, NoFramesError, SettingsError
from parallel_animate.frame_rate import parse_fps

CHUNK = 5
COUNTS = (1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 1)


def render(output: Path, params: Any, **options: Any) -> Path:
    options = {"fps": 30, "num_workers": 1, "video_mode": "cpu", "chunk_size": CHUNK, **options}
    Numbers().make_video(output, params, **options)
    return output


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("order", ["in order", "reversed", "shuffled", "generator"])
def test_every_frame_appears_once_and_in_order(tmp_path: Path, count: int, order: str) -> None:
    params: Any = [IndexedFrameParams(i, 7 * i) for i in range(count)]
    if order == "reversed":
        params.reverse()
    elif order == "shuffled":
        random.Random(count).shuffle(params)
    elif order == "generator":
        params = (7 * i for i in range(count))
    movie = render(tmp_path / "movie.mp4", params)
    assert read_numbers(movie) == [(i, 7 * i) for i in range(count)]


@pytest.mark.parametrize("count", COUNTS)
def test_three_workers_give_the_bytes_of_one(tmp_path: Path, count: int) -> None:
    one = render(tmp_path / "one.mp4", range(count))
    three = render(tmp_path / "three.mp4", (i for i in range(count)), num_workers=3)
    assert read_numbers(three) == [(i, i) for i in range(count)]
    assert three.read_bytes() == one.read_bytes()


def test_out_of_order_frames_give_the_same_bytes_in_workers(tmp_path: Path) -> None:
    count = 3 * CHUNK + 1
    indexed = [IndexedFrameParams(i, i) for i in range(count)]
    random.Random(1).shuffle(indexed)
    one = render(tmp_path / "one.mp4", range(count))
    three = render(tmp_path / "three.mp4", iter(indexed), num_workers=3)
    assert three.read_bytes() == one.read_bytes()


@pytest.mark.parametrize("count", [0])
def test_no_frames_is_an_error(tmp_path: Path, count: int) -> None:
    for params in ([], iter(())):
        with pytest.raises(NoFramesError, match="no frame"):
            render(tmp_path / "movie.mp4", params)
        with pytest.raises(RuntimeError):
            render(tmp_path / "movie.mp4", params, num_workers=2)
    assert list(tmp_path.iterdir()) == []


def test_sparse_ids_play_in_ascending_order_with_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ids = [40, 3, 100, 7, 0, 1, 2]
    movie = render(tmp_path / "movie.mp4", [IndexedFrameParams(i, i) for i in ids])
    assert read_numbers(movie) == [(i, i) for i in sorted(ids)]
    warnings = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
    assert len(warnings) == 1
    assert "94 of the frame ids 0 to 100 are missing" in warnings[0]


def test_n_frames_renders_only_that_many(tmp_path: Path) -> None:
    endless = itertools.count()
    assert len(read_numbers(render(tmp_path / "a.mp4", endless, n_frames=7))) == 7
    assert next(endless) == 7, "nothing beyond the last frame is taken from the iterator"


def test_fewer_items_than_n_frames_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    movie = render(tmp_path / "movie.mp4", iter(range(4)), n_frames=9)
    assert len(read_numbers(movie)) == 4
    assert "n_frames is 9, but param_by_frame has only 4 items" in caplog.text


@pytest.mark.parametrize(
    ("fps", "rate"),
    [
        (24, Fraction(24)),
        (25, Fraction(25)),
        (30, Fraction(30)),
        (60, Fraction(60)),
        (Fraction(30000, 1001), Fraction(30000, 1001)),
        ("30000/1001", Fraction(30000, 1001)),
        (29.97, Fraction(30000, 1001)),
        (12.5, Fraction(25, 2)),
        (7, Fraction(7)),
    ],
)
def test_every_pts_is_exact(tmp_path: Path, fps: Any, rate: Fraction) -> None:
    count = 3 * CHUNK + 1
    movie = render(tmp_path / "movie.mp4", range(count), fps=fps)
    times, average_rate, duration = read_times(movie)
    assert times == [i / rate for i in range(count)]
    assert average_rate == rate
    assert duration == count / rate


@pytest.mark.parametrize(
    ("pixels", "frame"),
    [((1920, 1080), (1920, 1080)), ((1000, 600), (1000, 600)), ((641, 481), (642, 482))],
)
def test_the_size_is_exact(tmp_path: Path, pixels: tuple[int, int], frame: tuple[int, int]) -> None:
    movie = tmp_path / "movie.mp4"
    # At 64 dots per inch the size in inches is exact; matplotlib 3.10 truncates 4.81 * 100.
    figsize = (pixels[0] / 64, pixels[1] / 64)
    Numbers(figsize, dpi=64).make_video(movie, range(3), 30, num_workers=1, video_mode="cpu")
    decoded = next(read_frames(movie))
    assert decoded.shape == (frame[1], frame[0], 3)
    assert read_numbers(movie) == [(i, i) for i in range(3)]


def test_savefig_dpi_scales_the_frame(tmp_path: Path) -> None:
    movie = render(tmp_path / "movie.mp4", range(2), savefig_params={"dpi": 150})
    assert next(read_frames(movie)).shape == (120, 240, 3)


@pytest.mark.parametrize(
    "video_options",
    [{}, pytest.param({"reuse_figure_object": False}, marks=pytest.mark.slow)],
)
def test_bytes_do_not_depend_on_workers_for_random_and_constrained_figures(
    tmp_path: Path, video_options: dict[str, Any]
) -> None:
    for name, workers in (("one", 1), ("three", 3)):
        np.random.seed(len(name))
        Recorder().make_video(
            tmp_path / f"{name}.mp4",
            range(11),
            30,
            num_workers=workers,
            video_mode="cpu",
            chunk_size=4,
            **video_options,
        )
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "three.mp4").read_bytes()


def test_the_callers_random_state_is_untouched(tmp_path: Path) -> None:
    random.seed(3)
    np.random.seed(3)
    expected = random.random(), np.random.rand()
    random.seed(3)
    np.random.seed(3)
    Recorder().make_video(tmp_path / "a.mp4", range(2), 30, num_workers=1, video_mode="cpu")
    assert (random.random(), np.random.rand()) == expected


def test_one_worker_renders_with_the_given_animator_itself(tmp_path: Path) -> None:
    animator = Numbers()
    animator.make_video(tmp_path / "a.mp4", range(2), 30, num_workers=1, video_mode="cpu")
    assert animator.image is not None
    other = Numbers()
    other.make_video(tmp_path / "b.mp4", range(2), 30, num_workers=2, video_mode="cpu")
    assert not hasattr(other, "image")


def test_a_generator_is_consumed_only_as_far_as_needed(tmp_path: Path) -> None:
    taken_at_first_frame: list[int] = []
    taken: list[int] = []

    class Watching(Numbers):
        def update(self, frame_idx: int, params: Any) -> None:
            if not taken_at_first_frame:
                taken_at_first_frame.append(len(taken))
                raise KeyboardInterrupt
            super().update(frame_idx, params)

    def many() -> Any:
        for i in range(100_000):
            taken.append(i)
            yield i

    with pytest.raises(KeyboardInterrupt):
        Watching().make_video(tmp_path / "a.mp4", many(), 30, num_workers=1, video_mode="cpu")
    assert 1 <= taken_at_first_frame[0] <= 51


class Lazy:
    """Has a length and items but no iteration; records which items were read."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __len__(self) -> int:
        return 40

    def __getitem__(self, position: int) -> int:
        self.asked.append(position)
        return 2 * position


def test_params_with_only_a_length_and_items_are_read_as_needed(tmp_path: Path) -> None:
    lazy, movie = Lazy(), tmp_path / "movie.mp4"
    asked_at_first = []

    class Watching(Numbers):
        def update(self, frame_idx: int, params: Any) -> None:
            asked_at_first.append(len(lazy.asked))
            super().update(frame_idx, params)

    Watching().make_video(movie, lazy, 10, num_workers=1, chunk_size=5)
    assert read_numbers(movie) == [(i, 2 * i) for i in range(40)]
    assert asked_at_first[0] <= 6
    assert lazy.asked == list(range(40))
    Numbers().make_video(movie, Lazy(), 10, n_frames=7, num_workers=2, chunk_size=3)
    assert read_numbers(movie) == [(i, 2 * i) for i in range(7)]


def test_work_dir_keeps_segments_and_a_rerun_renders_only_what_changed(tmp_path: Path) -> None:
    work = tmp_path / "work"
    params = list(range(12))
    first = render(tmp_path / "a.mp4", params, work_dir=work).read_bytes()
    before = {path: path.stat().st_mtime_ns for path in (work / "segments").iterdir()}
    assert len(before) == 3
    assert render(tmp_path / "b.mp4", iter(params), work_dir=work).read_bytes() == first
    assert {path: path.stat().st_mtime_ns for path in (work / "segments").iterdir()} == before
    params[7] = 99
    changed = render(tmp_path / "c.mp4", params, work_dir=work, num_workers=2)
    assert read_numbers(changed)[7] == (7, 99)
    after = {path: path.stat().st_mtime_ns for path in (work / "segments").iterdir()}
    assert len(after) == 4
    assert before.items() <= after.items()


def test_a_damaged_segment_in_work_dir_is_named_and_rendered_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    work = tmp_path / "work"
    first = render(tmp_path / "a.mp4", range(12), work_dir=work).read_bytes()
    damaged = sorted((work / "segments").iterdir())[1]
    damaged.write_bytes(damaged.read_bytes()[:-100])
    assert render(tmp_path / "b.mp4", range(12), work_dir=work).read_bytes() == first
    assert f"{damaged} has changed since it was written" in caplog.text


@pytest.mark.parametrize("chunk_size", [1, 2, 7])
@pytest.mark.parametrize("fps", ["1/3", "24000/1001", "1000000/999", "999/7", 240, 12.3456789])
def test_time_is_exact_for_odd_rates_and_any_chunk_size(
    tmp_path: Path, fps: Any, chunk_size: int
) -> None:
    movie = render(tmp_path / "movie.mp4", range(9), fps=fps, chunk_size=chunk_size)
    rate = parse_fps(fps)
    times, average_rate, duration = read_times(movie)
    assert times == [i / rate for i in range(9)]
    assert duration == 9 / rate
    assert average_rate == rate
    assert read_numbers(movie) == [(i, i) for i in range(9)]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_generator_may_reuse_what_it_yields(tmp_path: Path, workers: int) -> None:
    def simulation() -> Any:
        state = np.zeros(1, int)
        for _ in range(9):
            state += 1
            yield state

    class Sum(Numbers):
        def update(self, frame_idx: int, params: Any) -> None:
            super().update(frame_idx, params[0])
            params += 1000  # changes that update() makes to its params do not affect other frames

    movie = tmp_path / "movie.mp4"
    Sum().make_video(movie, simulation(), 30, num_workers=workers, chunk_size=4)
    assert read_numbers(movie) == [(i, i + 1) for i in range(9)]


@pytest.mark.parametrize("workers", [1, 2])
def test_every_chunk_starts_from_the_animator_as_passed(tmp_path: Path, workers: int) -> None:
    class Counts(Numbers):
        def __init__(self) -> None:
            super().__init__()
            self.setups: list[int] = []

        def setup(self) -> Any:
            self.setups.append(1)
            return super().setup()

        def update(self, frame_idx: int, params: Any) -> None:
            super().update(frame_idx, len(self.setups))

    movie = tmp_path / "movie.mp4"
    Counts().make_video(movie, range(7), 30, num_workers=workers, chunk_size=3)
    assert read_numbers(movie) == [(i, 1) for i in range(7)]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_animator_may_refer_to_itself(tmp_path: Path, workers: int) -> None:
    class Itself(Numbers):
        def __init__(self) -> None:
            super().__init__()
            self.me = self
            self.show = super().update

        def update(self, frame_idx: int, params: Any) -> None:
            assert self.me is self
            self.show(frame_idx, params)

    movie = tmp_path / "movie.mp4"
    Itself().make_video(movie, range(7), 30, num_workers=workers, chunk_size=3)
    assert read_numbers(movie) == [(i, i) for i in range(7)]


def test_what_a_script_sets_on_its_modules_reaches_the_workers(tmp_path: Path) -> None:
    (tmp_path / "shades.py").write_text(
        "from movies import Numbers\nLEVEL = 1\n"
        "class Point:\n    pass\n"
        "class Shade(Numbers):\n"
        "    extra = 0\n"
        "    def update(self, frame_idx, params):\n"
        "        assert isinstance(params, Point)\n"
        "        super().update(frame_idx, LEVEL + self.extra)\n"
    )
    (tmp_path / "script.py").write_text(
        "import shades\nfrom shades import Shade, Point\n"
        "shades.LEVEL = 5\nShade.extra = 20\n"
        "for workers in (1, 2):\n"
        "    Shade().make_video(f'{workers}.mp4', [Point()] * 4, 30, num_workers=workers)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(HELPERS)}
    subprocess.run([sys.executable, "script.py"], cwd=tmp_path, env=environment, check=True)
    for name in ("1.mp4", "2.mp4"):
        assert read_numbers(tmp_path / name) == [(i, 25) for i in range(4)]


@pytest.mark.slow
def test_a_moved_work_dir_still_works(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    script = (
        "import sys\nfrom movies import Numbers\n"
        "Numbers().make_video('a.mp4', range(int(sys.argv[1])), 30, num_workers=2, chunk_size=3,"
        " work_dir='work', video_mode='cpu')\n"
    )
    before.mkdir()
    (before / "script.py").write_text(script)
    environment = {**os.environ, "PYTHONPATH": str(HELPERS)}
    for folder, count in ((before, "6"), (after, "9")):
        if folder is after:
            before.rename(after)
        subprocess.run(
            [sys.executable, "script.py", count], cwd=folder, env=environment, check=True
        )
    assert read_numbers(after / "a.mp4") == [(i, i) for i in range(9)]


def test_relative_paths_survive_a_script_that_changes_folder(in_tmp: Path) -> None:
    class Wandering(Numbers):
        def setup(self) -> Any:
            os.chdir("/")
            return super().setup()

    Wandering().make_video("deep/er/a.mp4", range(2), 30, num_workers=1, video_mode="cpu")
    assert (in_tmp / "deep/er/a.mp4").is_file()
    os.chdir(in_tmp)


def test_quality_and_extra_parameters_reach_the_encoder(tmp_path: Path) -> None:
    def size(name: str, **options: Any) -> int:
        movie = tmp_path / f"{name}.mp4"
        Recorder().make_video(movie, range(10), 30, num_workers=1, video_mode="cpu", **options)
        return movie.stat().st_size

    assert size("good", video_quality=5) > 1.5 * size("bad", video_quality=45)
    assert size("slow", video_preset="ultrafast") != size("fast", video_preset="medium")
    assert size("tuned", video_extra_ffmpeg_params=["-tune", "animation"]) != size("plain")


@pytest.mark.parametrize("fps", [30, "30000/1001"])
@pytest.mark.parametrize("b_frames", ["1", "2", "3"])
def test_b_frames_keep_every_frame_and_pts(tmp_path: Path, fps: Any, b_frames: str) -> None:
    count = 4 * CHUNK + 1
    movie = render(
        tmp_path / "movie.mp4", range(count), fps=fps, video_extra_ffmpeg_params=["-bf", b_frames]
    )
    assert read_numbers(movie) == [(i, i) for i in range(count)]
    assert read_times(movie)[0] == [i / Fraction(fps) for i in range(count)]


def test_444_and_a_title_have_an_effect(tmp_path: Path) -> None:
    import av

    movie = render(
        tmp_path / "movie.mp4",
        range(CHUNK + 1),
        video_extra_ffmpeg_params=["-pix_fmt", "yuv444p", "-metadata", "title=Waves at noon"],
    )
    with av.open(str(movie)) as container:
        assert container.streams.video[0].codec_context.pix_fmt == "yuv444p"
        assert container.metadata["title"] == "Waves at noon"
    assert len(read_numbers(movie)) == CHUNK + 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fps": 0}, "fps must be positive"),
        ({"fps": -5}, "fps must be positive"),
        ({"fps": "fast"}, "fps must be an int"),
        ({"fps": float("nan")}, "finite"),
        ({"fps": Fraction(2500000, 83333)}, "time scale"),
        ({"video_quality": 52}, "0 to 51"),
        ({"video_quality": -1}, "0 or more"),
        ({"video_mode": "cuda"}, "auto, gpu, cpu"),
        ({"video_preset": "verifast"}, "Did you mean 'veryfast'"),
        ({"video_preset": "p4"}, "video_preset"),
        ({"video_backend": "imageio"}, "ffmpeg, pvio"),
        (
            {"video_backend": "pvio", "video_extra_ffmpeg_params": ["-pix_fmt", "yuv444p"]},
            "yuv420p",
        ),
        ({"redraw": "some"}, "auto, full"),
        ({"num_workers": 0}, "num_workers must not be 0"),
        ({"num_workers": 1.5}, "integer"),
        ({"chunk_size": 0}, "1 or more"),
        ({"n_frames": -1}, "1 or more"),
        ({"preload_factor": 0}, "1 or more"),
        ({"plotting_log_interval": 0}, "1 or more"),
        ({"savefig_params": {"dpi": "high"}}, "positive number"),
        ({"video_extra_ffmpeg_params": ["-r", "25"]}, "set fps instead"),
        ({"video_extra_ffmpeg_params": ["-vf", "scale=10:10"]}, "canvas"),
        ({"video_extra_ffmpeg_params": ["other.mp4"]}, "second output"),
        ({"video_extra_ffmpeg_params": ["-x264-params", "bframes=3"]}, "refused"),
    ],
)
def test_a_bad_option_is_a_clear_error_before_any_work(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        render(tmp_path / "movie.mp4", range(3), **options)
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_cannot_be_written_is_an_error_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        render(tmp_path / "file" / "movie.mp4", range(3))
    with pytest.raises(SettingsError, match=r"\.mp4"):
        render(tmp_path / "movie.avi", range(3))
    (tmp_path / "folder.mp4").mkdir()
    for wrong in (None, 5):
        with pytest.raises(SettingsError, match=f"must be a path, found {wrong}"):
            Numbers().make_video(wrong, range(3), 25)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="null character"):
        Numbers().make_video(tmp_path / "a\0.mp4", range(3), 25)
    with pytest.raises(OSError, match="too long"):
        Numbers().make_video(tmp_path / ("a" * 300 + ".mp4"), range(3), 25)
    with pytest.raises(SettingsError, match="folder"):
        render(tmp_path / "folder.mp4", range(3))


def test_the_longest_name_and_bytes_are_outputs(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path / ("a" * 251 + ".mp4"))
    Numbers().make_video(name, range(3), 25, num_workers=1)  # type: ignore[arg-type]
    assert read_numbers(tmp_path / os.fsdecode(name)) == [(i, i) for i in range(3)]
    assert len(os.listdir(tmp_path)) == 1


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ([0, 1, 1], "is used twice"),
        ([2, 5, 5, 0], "is used twice"),
        ([0, -1], "0 or more"),
        ([0, "x"], "integer"),
    ],
)
def test_bad_frame_ids_are_value_errors(tmp_path: Path, ids: list[Any], message: str) -> None:
    for workers in (1, 2):
        with pytest.raises(ValueError, match=message):
            render(
                tmp_path / "a.mp4",
                [IndexedFrameParams(i, 0) for i in ids],
                num_workers=workers,
            )
    assert not (tmp_path / "a.mp4").exists()


def test_an_id_that_collides_with_a_position_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Frame id 1 is used twice"):
        render(tmp_path / "a.mp4", [IndexedFrameParams(1, 0), 5])


CACHED = """
import functools, sys
from pathlib import Path
from movies import Numbers

@functools.cache
def load():
    return int(Path("data.txt").read_text())

class Shifted(Numbers):
    def update(self, frame_idx, params):
        super().update(frame_idx, params + load())

if __name__ == "__main__":
    for word in sys.argv[1:]:
        if word == "call":
            load()
        else:
            Shifted().make_video(
                "movie.mp4", range(6), 30, num_workers=int(word), chunk_size=3, work_dir="work"
            )
"""


@pytest.mark.slow
def test_a_file_behind_a_cached_function_counts_however_warm_the_cache_is(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(CACHED)

    def segments_after(*words: str) -> set[str]:
        environment = {**os.environ, "PYTHONPATH": str(HELPERS)}
        command = [sys.executable, "script.py", *words]
        subprocess.run(command, cwd=tmp_path, env=environment, check=True)
        return {path.name for path in (tmp_path / "work/segments").glob("*.mp4")}

    (tmp_path / "data.txt").write_text("1")
    first = segments_after("1", "1", "call", "1", "2")
    assert len(first) == 2, "the same segments each time"
    (tmp_path / "data.txt").write_text("5")
    assert len(segments_after("call", "1")) == 4
    assert read_numbers(tmp_path / "movie.mp4") == [(i, i + 5) for i in range(6)]


class Noise(Numbers):
    def update(self, frame_idx: int, params: Any) -> None:
        time.sleep(0.01)
        super().update(frame_idx, int(np.random.randint(16)))


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_movies_in_threads_do_not_share_random_numbers(tmp_path: Path, workers: int) -> None:
    def draw(name: str) -> None:
        Noise().make_video(tmp_path / name, range(20), 25, num_workers=workers)

    draw("alone.mp4")
    names = [f"{number}.mp4" for number in range(3)]
    threads = [threading.Thread(target=draw, args=[name]) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone = (tmp_path / "alone.mp4").read_bytes()
    assert [(tmp_path / name).read_bytes() == alone for name in names] == [True] * 3
    assert len({number for _, number in read_numbers(tmp_path / "alone.mp4")}) > 5
