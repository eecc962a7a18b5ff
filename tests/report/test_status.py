"""status shows a run's progress from files alone; bars and rates count this run's frames."""

import json
import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from movies import Numbers
from project import BIN, MOVIE, Project, wait_until

from parallel_animate.atomic_files import try_lock
from parallel_animate.project.finished_movie import record_movie
from parallel_animate.project.job_records import (
    SILENT_SECONDS,
    JobRecord,
    RecordKeeper,
    read_records,
    record_text,
)
from parallel_animate.project.plan import Plan, write_plan
from parallel_animate.render.progress import FrameProgress
from parallel_animate.report.status import WorkWatcher
from parallel_animate.report.status_text import format_seconds, format_status

NOW = time.time()
CHUNKS = (("0000000-0001000-aa", 1000), ("0001000-0001100-bb", 100), ("0001100-0001200-cc", 100))


def test_frames_of_an_earlier_run_do_not_count_in_the_speed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with FrameProgress(total=2000, disable=False) as progress:
        progress.found(1000)
        started = time.monotonic()
        for _ in range(4):
            time.sleep(0.15)  # longer than the bar waits between two lines
            progress.drawn()
        seconds = time.monotonic() - started
        # A line before the last one, which is different.
        last = capsys.readouterr().err.split("\r")[-1]
    assert "1004/2000" in last
    rate = float(last.partition("frame/s")[0].rpartition(" ")[2])
    # The bar started before the first of the four frames, so its rate can only be lower.
    assert rate <= 4 / seconds * 1.01


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A planned movie of three chunks; the first one was rendered by an earlier run."""
    folder = tmp_path / "work/wave"
    for name in ("segments", "records"):
        (folder / name).mkdir(parents=True)
    size = (2, 2)
    write_plan(folder, Plan("wave", {}, "r", "j", {}, "", size, 1000, CHUNKS, {}, {}))
    (folder / "segments" / f"{CHUNKS[0][0]}.mp4").write_bytes(b"12345")
    record(folder, 0, started=NOW - 9000, seen=NOW - 8900, n_drawn=1000, state="finished")
    (tmp_path / "work/.lock").touch()
    os.utime(tmp_path / "work/.lock", (NOW - 100, NOW - 100))
    return tmp_path / "work"


def join(work: Path) -> None:
    (work / "wave/joined").write_text("j\n")
    (work.parent / "results").mkdir()
    (work.parent / "results/wave.mp4").write_text("the movie")
    record_movie(work / "wave", work.parent / "results/wave.mp4")


def record(folder: Path, chunk: int, **values: Any) -> None:
    name, n_frames = CHUNKS[chunk]
    known = {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "node": "n1",
        "slurm_job": "",
        **values,
    }
    path = folder / "records" / f"{name}.json"
    path.write_text(record_text(path, JobRecord(chunk=name, n_frames=n_frames, **known)))


def test_the_rate_and_the_time_left_are_those_of_this_run(work: Path) -> None:
    record(work / "wave", 1, started=NOW - 90, seen=NOW - 50, n_drawn=20, state="running")
    (movie,) = WorkWatcher(work).status()
    assert (movie.state, movie.n_frames_done, movie.n_frames) == ("rendering", 1020, 1200)
    assert (movie.n_done, movie.n_running, movie.n_chunks) == (1, 1, 3)
    assert movie.frames_per_second == pytest.approx(20 / 40)
    assert movie.seconds_left == pytest.approx(180 / 0.5)
    assert movie.slowest is not None
    assert movie.slowest.frame_seconds == pytest.approx(0.1)
    said = format_status([movie])
    assert "1020 of 1200 frames, 1 of 3 chunks" in said
    assert "1 running, 0.5 frames/s, 6:00 min left" in said


def test_a_live_run_counts_as_rendering_between_two_chunks(work: Path) -> None:
    with (work / ".lock").open() as lock:
        assert try_lock(lock)
        assert WorkWatcher(work).status()[0].state == "waiting", "this run has not come to it yet"
        (work / "wave/segments" / f"{CHUNKS[1][0]}.mp4").touch()
        record(work / "wave", 1, started=NOW - 60, seen=NOW - 10, n_drawn=100, state="finished")
        (movie,) = WorkWatcher(work).status()
        assert (movie.state, movie.n_running, movie.n_done) == ("rendering", 0, 2)
        assert movie.seconds_left == pytest.approx(50)
        (work / "wave/segments" / f"{CHUNKS[2][0]}.mp4").touch()
        join(work)
        (movie,) = WorkWatcher(work).status()
        assert (movie.state, movie.seconds_left) == ("done", None)
        (work.parent / "results/wave.mp4").write_text("no movie!")
        assert WorkWatcher(work).status()[0].state == "rendering", "it is joined again"
        (work.parent / "results/wave.mp4").unlink()
    (movie,) = WorkWatcher(work).status()
    assert (movie.state, movie.seconds_left) == ("waiting", None), "the run has ended"


def test_a_job_of_another_host_is_alive_while_its_record_is_fresh(work: Path) -> None:
    there = {"host": "node7", "state": "running", "n_drawn": 1, "started": NOW - 300}
    record(work / "wave", 1, seen=time.time(), **there)
    record(work / "wave", 2, seen=time.time() - SILENT_SECONDS - 1, **there)
    (movie,) = WorkWatcher(work).status()
    assert (movie.n_running, movie.n_lost, movie.n_failed) == (1, 1, 0)


def test_a_job_of_this_host_is_alive_while_its_process_is(work: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        record(work / "wave", 1, pid=process.pid, started=NOW, seen=NOW, n_drawn=1, state="running")
        assert WorkWatcher(work).status()[0].n_running == 1
        process.kill()
        process.wait()
        movie = WorkWatcher(work).status()[0]
    assert (movie.n_running, movie.n_lost, movie.state) == (0, 1, "waiting")
    assert movie.seconds_left is None


def test_a_record_is_updated_while_a_job_renders_and_when_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "records/a.json"

    def read() -> JobRecord:
        return read_records(tmp_path, ["a"])["a"]

    with RecordKeeper(path, 2) as keeper:
        assert (read().state, read().n_drawn, read().pid) == ("running", 0, os.getpid())
        keeper.drawn()
        keeper.drawn()
    assert (read().state, read().n_drawn, len(read().seconds)) == ("finished", 2, 2)
    assert list(path.parent.iterdir()) == [path]
    with pytest.raises(ZeroDivisionError), RecordKeeper(path, 2):
        1 / 0  # noqa: B018
    assert read().state == "failed"


def test_a_record_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work/records").touch()
    Numbers().make_video(
        tmp_path / "a.mp4", range(4), 25, num_workers=2, chunk_size=2, work_dir=tmp_path / "work"
    )
    assert (tmp_path / "a.mp4").is_file()


@pytest.mark.parametrize(
    ("seconds", "text"), [(5.4, "5 s"), (125, "2:05 min"), (3725, "1:02:05 h")]
)
def test_durations_are_readable(seconds: float, text: str) -> None:
    assert format_seconds(seconds) == text


def status(folder: Path, *arguments: str, expect: int = 0) -> str:
    result = subprocess.run(
        [BIN / "parallel-animate", "status", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert result.returncode == expect, result.stdout + result.stderr
    return result.stdout + result.stderr


@pytest.mark.slow
def test_status_follows_a_run_that_fails_is_killed_and_resumed(tmp_path: Path) -> None:
    project = Project(tmp_path, wave=MOVIE, bad={**MOVIE, "params": "none.py:frames"})
    project.edit(
        "animator.py",
        "super().update(",
        "import time; time.sleep(1); 1 / (frame_idx - 5); super().update(",
    )
    assert "holds no movie" in status(tmp_path, expect=2)
    project.snakemake("-n", "--cores", "1")

    # while it runs
    live = project.start("--cores", "1", "--keep-going")

    def movie() -> dict[str, Any]:
        return json.loads(status(tmp_path, "wave", "--json", expect=1 if movie_failed else 0))[0]

    movie_failed = False
    wait_until(lambda: movie()["n_running"] == 1)
    wait_until(lambda: list((tmp_path / "work/wave/failures").glob("*.json")))
    movie_failed = True
    wait_until(lambda: movie()["n_running"] == 1)
    watch = [BIN / "parallel-animate", "status", "--watch", "--interval", "0.2"]
    with subprocess.Popen(watch, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        assert watching.stdout.readline().startswith("bad: failed")
        os.killpg(live.pid, 9)
        live.wait()
        assert "1 lost with their job" in watching.stdout.read()
        assert watching.wait() == 1, "it has seen the run fail and end"

    # one job failed, one was lost; looking has changed nothing
    wait_until(lambda: movie()["n_lost"] == 1)
    files = project.files()
    said = status(tmp_path, expect=1)
    assert project.files() == files
    assert "1 failed, 1 lost with their job" in said
    assert "failed: frames 4 to 7:" in said
    assert "ZeroDivisionError" in said
    log = Path(said.partition("frames 4 to 7:")[2].partition("-> ")[2].splitlines()[0])
    assert "1 / (frame_idx - 5)" in log.read_text()
    assert "bad: failed\n  failed: plan: Movie 'bad' cannot be planned" in said

    # fixed and resumed; --watch ends by itself
    project.configure(wave=MOVIE)
    project.edit("animator.py", "1 / (frame_idx - 5); ", "")
    live = project.start("--cores", "2")
    said = status(tmp_path, "wave", "--watch", "--interval", "0.3")
    assert live.wait(timeout=60) == 0
    assert "running" in said
    assert "wave: done  [####################] 100 %  11 of 11 frames, 3 of 3 chunks" in said
    assert "\x1b" not in said


def test_watching_before_the_first_plan_waits_for_it(tmp_path: Path) -> None:
    command = [BIN / "parallel-animate", "status", "--watch", "--interval", "0.1"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        assert watching.stdout.readline() == "No movie is planned yet; waiting (^C ends this).\n"
        folder = tmp_path / "work/wave"
        (folder / "segments").mkdir(parents=True)
        (folder / "joined").write_text("j\n")
        (tmp_path / "results").mkdir()
        (tmp_path / "results/wave.mp4").touch()
        record_movie(folder, tmp_path / "results/wave.mp4")
        write_plan(folder, Plan("wave", {}, "r", "j", {}, "", (2, 2), 1000, CHUNKS, {}, {}))
        assert "wave: done" in watching.stdout.read()
        assert watching.wait() == 0


def test_a_movie_that_is_named_before_its_plan_is_waited_for(work: Path) -> None:
    watcher = WorkWatcher(work, ["wave", "pond"])
    movies = watcher.planned()
    assert [(movie.movie, movie.state) for movie in movies][1] == ("pond", "waiting")
    assert not watcher.is_over(movies)
