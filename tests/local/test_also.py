"""Several files of one movie, whose frames are drawn once (the argument also)."""

from pathlib import Path
from typing import Any

import pytest
from animations import sine_wave
from matplotlib.figure import Figure
from movies import Numbers, read_numbers

from parallel_animate import Animator, SettingsError, save_animation
from parallel_animate.formats import shown_file

N_FRAMES = 8
SETTINGS: dict[str, Any] = {"video_mode": "cpu", "disable_progress_bar": True, "chunk_size": 3}


class Counted(Numbers):
    """Numbers that adds a line to a file for each update()."""

    def __init__(self, log: Path) -> None:
        super().__init__((0.8, 0.4))
        self.log = log

    def update(self, frame_idx: int, params: Any) -> None:
        with self.log.open("a") as log:
            log.write(f"{frame_idx}\n")
        super().update(frame_idx, params)


class Dependent(Animator):
    """Draws how often update() was called since setup()."""

    def setup(self) -> Figure:
        figure = Figure(figsize=(0.8, 0.4))
        self.text, self.count = figure.text(0.1, 0.3, ""), 0
        return figure

    def update(self, frame_idx: int, params: Any) -> None:
        self.count += 1
        self.text.set_text(f"{self.count}")


class Unpicklable(Dependent):
    """Cannot be pickled, so it is drawn in order from the start."""

    def __init__(self) -> None:
        self.lines = (line for line in "ab")


def n_updates(log: Path) -> int:
    count = len(log.read_text().splitlines())
    log.unlink()
    return count


def made(animator: Animator, path: Path, **options: Any) -> Any:
    return animator.make_video(path, range(N_FRAMES), 25, **{**SETTINGS, **options})


def test_each_file_is_the_one_made_alone_and_frames_are_drawn_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log, work = tmp_path / "log", tmp_path / "work"
    alone, together = tmp_path / "alone", tmp_path / "together"
    here = {"num_workers": 1, "work_dir": work}
    of_first = {"title": "A", "video_quality": 30}
    made(Counted(log), alone / "a.gif", num_workers=1)
    log.unlink()
    made(Counted(log), alone / "a.mp4", **{**here, "work_dir": tmp_path / "single"}, **of_first)
    single = n_updates(log)

    options = {**here, **of_first, "poster": together / "a.png", "also": together / "a.gif"}
    movie = made(Counted(log), together / "a.mp4", **options)
    assert n_updates(log) == single
    assert [file.path.name for file in (movie, *movie.also)] == ["a.mp4", "a.gif"]
    for file in (movie, *movie.also):
        assert file.path.read_bytes() == (alone / file.path.name).read_bytes()
    left_out = [line for line in caplog.messages if "left out" in line]
    assert left_out == ["title: left out in a.gif, which can hold pictures only."]
    assert (together / "a.png").is_file()
    assert read_numbers(movie.path) == [(number, number) for number in range(N_FRAMES)]

    # Only the frames of what is lost are drawn, and only the lost segment is encoded.
    before = {path: path.stat().st_mtime_ns for path in work.glob("segments/*.mp4")}
    pair = work.glob("segments/0000003*.mp4")
    lost = next(path for path in pair if not (tmp_path / "single/segments" / path.name).exists())
    lost.write_bytes(lost.read_bytes()[:-1])
    again = made(Counted(log), together / "a.mp4", **options)
    assert 3 <= n_updates(log) <= single - 5
    assert [path for path, time in before.items() if path.stat().st_mtime_ns != time] == [lost]
    assert again.also[0].path.read_bytes() == (alone / "a.gif").read_bytes()


@pytest.mark.slow
def test_workers_draw_frames_once_for_several_files(tmp_path: Path) -> None:
    log, names = tmp_path / "log", ("a.mov", "a.gif", "p/%03d.png")
    options = {"num_workers": 2, "transparent": True}
    alone = [made(Counted(log), tmp_path / "alone" / name, **options) for name in names]
    log.unlink()
    made(Counted(log), alone[0].path, **options)
    single = n_updates(log)
    first, *others = [tmp_path / "together" / name for name in names]
    movie = made(Counted(log), first, also=others, **options)
    assert n_updates(log) == single
    for wanted, found in zip(alone, (movie, *movie.also), strict=True):
        folder = [shown_file(file.path) for file in (wanted, found)]
        assert folder[0].read_bytes() == folder[1].read_bytes(), wanted


@pytest.mark.slow
def test_movies_that_are_drawn_in_order_have_several_files(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    names = ("a.mp4", "a.mkv", "a.gif")
    first, *others = [tmp_path / "together" / name for name in names]
    wanted = [made(Dependent(), tmp_path / name, num_workers=1) for name in names]
    for animator, options in (
        (Dependent(), {"num_workers": 2, "work_dir": tmp_path / "work"}),
        (Unpicklable(), {"num_workers": 1}),
    ):
        movie = made(animator, first, also=others, **options)
        for alone, file in zip(wanted, (movie, *movie.also), strict=True):
            assert file.path.read_bytes() == alone.path.read_bytes(), (animator, alone)
            file.path.unlink()
    assert caplog.text.count("is rendered in order") == len(names) + 1
    # Files of one codec share segments, here .mp4 and .mkv.
    shared = list(tmp_path.glob("work/segments/0000000-0000008-*.mp4"))
    assert len(shared) == 2


@pytest.mark.slow
def test_save_animation_writes_several_files(tmp_path: Path) -> None:
    paths = [tmp_path / f"a.{kind}" for kind in ("mp4", "gif")]
    alone = [
        save_animation(sine_wave(), tmp_path / f"alone.{kind}", num_workers=1, **SETTINGS, **title)
        for kind, title in (("mp4", {"title": "A"}), ("gif", {}))
    ]
    for workers in (1, 2):
        options = {**SETTINGS, "num_workers": workers, "title": "A"}
        movie = save_animation(sine_wave(), paths[0], also=paths[1:], **options)
        assert [file.path for file in movie.also] == paths[1:]
        for path, wanted in zip(paths, alone, strict=True):
            assert path.read_bytes() == wanted.path.read_bytes(), (path, workers)
            path.unlink()


@pytest.mark.parametrize(
    ("first", "also", "options", "message"),
    [
        ("a.mp4", 3, {}, "also must be a file or a list of files"),
        ("a.mp4", ["a.gif", 3], {}, "also must be a path, found 3"),
        ("a.mp4", ["a.gig"], {}, r"also must end in .*'a\.gig'.* Did you mean '\.gif'"),
        ("a.mp4", ["a.gif", "b/../a.gif"], {}, "is given twice"),
        ("a.mp4", "a.mp4", {}, "is given twice"),
        ("a/%06d.png", "a/%04d.png", {}, "is given twice"),
        ("a/%06d.png", "a/b.mp4", {}, "lies in the folder of the numbered pictures"),
        ("a.mp4", "a.gif", {"fps": 60}, "at most 50 frames per second, found 60"),
        ("a.mp4", "a.gif", {"transparent": True}, r"\.gif with transparency keeps .* a \.mp4"),
        ("a.gif", "a.mp4", {"title": "A"}, r"title cannot be added to a \.gif"),
        ("a.mp4", "there.gif", {}, "'.*there.gif' is a folder"),
    ],
)
def test_wrong_files_are_refused_before_a_frame_is_drawn(
    in_tmp: Path, first: str, also: Any, options: dict[str, Any], message: str
) -> None:
    Path("there.gif").mkdir()
    before = set(in_tmp.rglob("*.*"))
    given = {"fps": 25, "num_workers": 1, **SETTINGS, **options}
    with pytest.raises(SettingsError, match=message):
        Counted(Path("log")).make_video(first, range(N_FRAMES), also=also, **given)
    assert set(in_tmp.rglob("*.*")) == before
    assert not Path("log").exists()
    if not isinstance(also, int) and "transparent" not in options:
        with pytest.raises(SettingsError, match=message):
            save_animation(sine_wave(), first, also=also, **given)
