"""A config's key ``outputs``: several files of one movie, whose frames are drawn once."""

import os
import signal
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from movies import Numbers
from project import BIN, MOVIE, Project, wait_until
from shapes import read_starts

from parallel_animate import SettingsError
from parallel_animate.formats import result_name
from parallel_animate.pipeline.config import draft_movies, read_movies
from parallel_animate.pipeline.outputs import cost_of_all_files, expand_outputs, where_drawn
from parallel_animate.project.plan import Cost, Plan

ANIMATOR = """
import time
from movies import Numbers

class Movie(Numbers):
    def __init__(self, log):
        super().__init__()
        self.log = log

    def update(self, frame_idx, params):
        with open(self.log, "a") as log:
            log.write(f"{frame_idx}\\n")
        time.sleep(0.2)
        super().update(frame_idx, params)
"""


def drawn(log: Path) -> Counter[int]:
    """Return how often each frame was drawn since the last call."""
    frames = Counter(map(int, log.read_text().split()))
    log.write_text("")
    return frames


def segments(project: Path, movie: str) -> dict[Path, int]:
    return {path: path.stat().st_ino for path in project.glob(f"work/{movie}/segments/*.mp4")}


def plan(project: Project) -> None:
    """Plan the movies, so that planning draws nothing later."""
    command = [str(BIN / "parallel-animate"), "plan", "config/config.yaml"]
    subprocess.run(command, cwd=project.folder, env=project.environment(), check=True)


@pytest.mark.slow
def test_frames_are_drawn_once_for_all_files_also_after_a_kill(tmp_path: Path) -> None:
    log, folder = tmp_path / "log", tmp_path / "project"
    folder.mkdir()
    wave = {**MOVIE, "kwargs": {"log": str(log)}, "title": "A", "outputs": ["mp4", "gif", "webm"]}
    project = Project(folder, wave=wave)
    (folder / "animator.py").write_text(ANIMATOR)
    plan(project)
    drawn(log)

    run = project.start("--cores", "1")
    wait_until(lambda: len(segments(folder, "wave")) == 1 and log.stat().st_size > 12)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    before = [segments(folder, movie) for movie in ("wave", "wave+gif", "wave+webm")]
    assert drawn(log)[0] == 1
    assert project.render()["render_chunk"] == 2
    assert set(drawn(log).items()) == {(number, 1) for number in range(4, 11)}
    after = [segments(folder, movie) for movie in ("wave", "wave+gif", "wave+webm")]
    assert all(old.items() <= new.items() for old, new in zip(before, after, strict=True))

    alone = {"fps": 25, "num_workers": 1, "chunk_size": 4, "disable_progress_bar": True}
    for kind in ("mp4", "gif", "webm"):
        title = {} if kind == "gif" else {"title": "A"}
        frames = [2 * number for number in range(11)]
        movie = Numbers().make_video(tmp_path / f"alone.{kind}", frames, **alone, **title)
        assert (folder / f"results/wave.{kind}").read_bytes() == movie.path.read_bytes()

    # A damaged segment and a file that is added later; the chunks of a job are those of a cluster.
    (damaged,) = folder.glob("work/wave+gif/segments/0000000*.mp4")
    damaged.write_bytes(damaged.read_bytes()[:-1])
    (folder / "results/wave.gif").unlink()
    movie = folder / "results/wave.mp4"
    state = movie.stat().st_mtime_ns, movie.stat().st_ino
    config = {"movies": {"wave": {**wave, "outputs": ["mp4", "gif", "apng"]}}, "cores_per_job": 2}
    (folder / "config/config.yaml").write_text(yaml.safe_dump(config))
    plan(project)
    drawn(log)
    jobs = project.render()
    assert drawn(log) == dict.fromkeys(range(11), 1)
    assert jobs == {
        "render_chunks": 2,
        "other_concat_segments_gif": 1,
        "other_concat_segments_apng": 1,
    }
    assert (movie.stat().st_mtime_ns, movie.stat().st_ino) == state
    assert (folder / "results/wave.gif").read_bytes() == (tmp_path / "alone.gif").read_bytes()
    assert len(read_starts(folder / "results/wave.apng")) == 12


WAVE = {
    **MOVIE,
    "video_quality": 30,
    "codec": "hevc",
    "video_mode": "cpu",
    "title": "A",
    "poster": "png",
}


def test_each_file_is_a_movie_with_the_keys_that_it_can_have(tmp_path: Path) -> None:
    config = tmp_path / "movies.yaml"
    movies: dict[str, Any] = {
        "wave": {**WAVE, "outputs": ["mov", "gif", "mkv", "png"]},
        "calm": {**MOVIE, "outputs": ["mp4"]},
    }
    config.write_text(yaml.safe_dump({"movies": movies}, sort_keys=False))
    found = read_movies(str(config))
    assert found == {
        "wave": {**WAVE, "output": "mov"},
        "wave+gif": {**MOVIE, "output": "gif"},
        "wave+mkv": {**MOVIE, "video_mode": "cpu", "title": "A", "output": "mkv"},
        "wave+png": {**MOVIE, "output": "png"},
        "calm": MOVIE,
    }
    assert list(found) == ["wave", "wave+gif", "wave+mkv", "wave+png", "calm"]
    names = [result_name(name, movie.get("output", "mp4")) for name, movie in found.items()]
    files = ["wave.mov", "wave.gif", "wave.mkv", "wave/frames/frames.json", "calm.mp4"]
    assert names == files
    assert set(read_movies(str(config), ["calm"])) == {"calm"}
    assert len(read_movies(str(config), ["wave"])) == 4

    assert expand_outputs(found) == found
    drafts = draft_movies(found, every=2, scale=None)
    assert set(drafts) >= {"wave-draft", "wave-draft+gif", "calm-draft"}
    for expanded in (found, drafts):
        config.write_text(yaml.safe_dump({"movies": expanded}))
        assert read_movies(str(config)) == expanded


@pytest.mark.parametrize(
    ("movies", "message"),
    [
        ({"a": {"outputs": "gif"}}, "movie 'a': outputs must be a list"),
        ({"a": {"outputs": []}}, "movie 'a': outputs must be a list"),
        ({"a": {"outputs": ["mp4", "gig"]}}, "must be one of .*found 'gig'.*'gif'"),
        ({"a": {"outputs": ["mp4", "gif", "mp4"]}}, "names a kind of file twice"),
        ({"a": {"outputs": ["mp4", "gif"], "output": "gif"}}, "cannot both be given"),
        ({"a": {"outputs": ["mp4", "gif"], "fps": 60}}, "at most 50 frames per second"),
        ({"a": {"outputs": ["gif", "mp4"], "title": "A"}}, r"title cannot be added to a \.gif"),
        ({"a": {"outputs": ["mp4", "gif"], "transparent": True}}, "cannot be drawn once for both"),
        ({"a+gif": {"output": "gif"}, "a": {"n_frames": 3}}, "cannot be a movie's name"),
        ({"a+gif": {"output": "gif"}}, "cannot be a movie's name"),
    ],
)
def test_wrong_outputs_are_refused(
    tmp_path: Path, movies: dict[str, dict[str, Any]], message: str
) -> None:
    config = tmp_path / "movies.yaml"
    entries = {name: {**MOVIE, **movie} for name, movie in movies.items()}
    config.write_text(yaml.safe_dump({"movies": entries}))
    with pytest.raises(SettingsError, match=message):
        read_movies(str(config))


def test_a_file_with_other_params_than_the_first_is_refused_and_a_dropped_one_forgotten(
    tmp_path: Path,
) -> None:
    project = Project(tmp_path, wave={**MOVIE, "outputs": ["mp4", "gif"]})
    project.edit("frames.py", "range(11)", "[random.random() for _ in range(11)]")
    project.edit("frames.py", "def ", "import random\n\n\ndef ")
    command = [str(BIN / "parallel-animate"), "plan", "config/config.yaml"]
    options: dict[str, Any] = {"cwd": tmp_path, "env": project.environment(), "text": True}
    planned = subprocess.run(command, capture_output=True, check=False, **options)
    assert planned.returncode == 1
    assert "wave+gif would show other frames than wave: in frames 0 to 3" in planned.stderr
    project.edit("frames.py", "[random.random() for _ in range(11)]", "range(11)")
    subprocess.run(command, check=True, **options)
    assert (tmp_path / "work/wave+gif/plan.json").is_file()
    (tmp_path / "config/config.yaml").write_text(yaml.safe_dump({"movies": {"wave": MOVIE}}))
    subprocess.run(command, check=True, **options)
    assert not (tmp_path / "work/wave+gif/plan.json").exists()
    assert (tmp_path / "work/wave/plan.json").is_file()


def test_the_first_file_that_lacks_a_chunk_draws_it_for_all() -> None:
    def planned(drawing: str, *names: str, encoder: str = "libx264") -> Plan:
        chunks = tuple((name, 4) for name in names)
        cost, encoding = Cost(1, 0.5, 100), {"name": encoder}
        return Plan("", {}, "", "", encoding, "", (2, 2), 4, chunks, {}, {}, cost, drawing)

    plans = {
        "a": planned("x", "0-4-a", "4-8-a"),
        "a+gif": planned("x", "0-4-g", "4-8-g"),
        "a+webm": planned("x", "0-4-w", "4-8-w"),
        "b": planned("x", "0-4-b"),
        "old": planned("", "0-4-o"),
        "old+gif": planned("", "0-4-p"),
    }
    missing = {name: {chunk for chunk, _ in plan.chunks} for name, plan in plans.items()}
    missing["a"] = {"4-8-a"}
    assert where_drawn(plans, missing) == {
        ("a", "4-8-a"): ("a", "4-8-a"),
        ("a+gif", "0-4-g"): ("a+gif", "0-4-g"),
        ("a+gif", "4-8-g"): ("a", "4-8-a"),
        ("a+webm", "0-4-w"): ("a+gif", "0-4-g"),
        ("a+webm", "4-8-w"): ("a", "4-8-a"),
        ("b", "0-4-b"): ("b", "0-4-b"),
        ("old", "0-4-o"): ("old", "0-4-o"),
        ("old+gif", "0-4-p"): ("old+gif", "0-4-p"),
    }
    gpu = {
        "a": planned("x", "0-4-a"),
        "a+gif": planned("x", "0-4-g", encoder="h264_nvenc"),
        "a+webm": planned("x", "0-4-w"),
    }
    assert where_drawn(gpu, {"a": {"0-4-a"}, "a+gif": {"0-4-g"}, "a+webm": {"0-4-w"}}) == {
        ("a", "0-4-a"): ("a", "0-4-a"),
        ("a+gif", "0-4-g"): ("a+gif", "0-4-g"),
        ("a+webm", "0-4-w"): ("a+gif", "0-4-g"),
    }
    costs = {name: cost_of_all_files(name, plans) for name in plans}
    assert costs["a"] == costs["a+webm"] == Cost(1, 1.5, 300)
    assert costs["b"] == costs["old"] == costs["old+gif"] == Cost(1, 0.5, 100)
