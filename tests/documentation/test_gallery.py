"""The movies of the gallery: short files that render, as movies of a config and as scripts."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from movies import read_frames
from project import BIN, ROOT

EXAMPLES = ROOT / "examples"
MOVIES = yaml.safe_load((EXAMPLES / "gallery.yaml").read_text())["movies"]
# The draft has every Nth frame.
EVERY = 30


@pytest.mark.parametrize("movie", MOVIES)
def test_an_example_is_short(movie: str) -> None:
    assert len(MOVIES) >= 8
    assert len((EXAMPLES / f"{movie}.py").read_text().splitlines()) < 60


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_movie_of_the_gallery_renders_as_a_draft(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    command = [str(BIN / "parallel-animate"), "run", "examples/gallery.yaml", "--cores", "2"]
    result = subprocess.run(
        [*command, "--every", str(EVERY), "--scale", "0.5"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    for movie in MOVIES:
        frames = list(read_frames(tmp_path / f"results/{movie}-draft.mp4"))
        assert len(frames) >= 3
        # More than the encoder changes in a still picture.
        change = np.abs(frames[1].astype(int) - frames[0]).max()
        assert change > 50, f"{movie} does not move"


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("movie", ["mri", "shuffled"])
def test_an_example_runs_as_a_script(movie: str, tmp_path: Path) -> None:
    path = os.pathsep.join([str(BIN), os.environ["PATH"]])
    subprocess.run(
        [sys.executable, EXAMPLES / f"{movie}.py"],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        check=True,
        timeout=580,
    )
    assert sum(1 for _ in read_frames(tmp_path / f"{movie}.mp4")) > 100


def test_every_example_calls_make_video_when_run_as_a_script() -> None:
    for path in EXAMPLES.glob("*.py"):
        assert f'.make_video("{path.stem}.mp4"' in path.read_text().partition("__main__")[2]


def test_the_gallery_and_its_scripts_have_the_same_rate() -> None:
    for name, movie in MOVIES.items():
        assert f"fps={movie['fps']}" in (EXAMPLES / f"{name}.py").read_text()
