"""The scripts and commands of the how-tos that run on their own."""

import subprocess
import sys
import wave
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from command_line import HELPERS
from extract_example import blocks, python_blocks, titled_blocks
from movies import read_frames
from project import BIN, ROOT

HOW_TO = ROOT / "docs/how-to"
N_FRAMES = 90

pytestmark = pytest.mark.slow


def write_scripts(page: str, folder: Path) -> None:
    for _, title, text in titled_blocks(HOW_TO / page):
        if title:
            (folder / title).write_text(text)


def run_commands(commands: list[str], folder: Path) -> None:
    for command in commands:
        words = ["bash", "-ec", f'export PATH="{BIN}:$PATH"; {command}']
        subprocess.run(words, cwd=folder, check=True, timeout=200)


def record(path: Path) -> None:
    """Write a video whose frames get brighter, with some keyframes."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"g": "25"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for number in range(N_FRAMES):
            image = np.full((240, 320, 3), 2 * number + 20, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode())


def test_a_background_video_is_read_forwards_and_by_seeking(in_tmp: Path) -> None:
    write_scripts("video-as-background.md", in_tmp)
    record(in_tmp / "recording.mp4")
    np.save(in_tmp / "tracks.npy", np.random.default_rng(1).uniform(0, 200, (N_FRAMES, 3, 2)))
    run_commands(blocks(HOW_TO / "video-as-background.md", "sh"), in_tmp)
    movies = [list(read_frames(in_tmp / name)) for name in ("overlay.mp4", "seek.mp4")]
    for frames in movies:
        assert len(frames) == N_FRAMES
        corner = [int(frame[230, 310].mean()) for frame in frames]
        np.testing.assert_allclose(corner, 2 * np.arange(N_FRAMES) + 20, atol=3)
        assert (frames[40] != frames[40][0, 0]).any(), "tracks are drawn on it"


def test_frames_without_matplotlib_are_made_with_pillow_and_from_a_stack(in_tmp: Path) -> None:
    write_scripts("pixels.md", in_tmp)
    stack = np.linspace(100, 900, 30)[:, None, None] + np.zeros((48, 64))
    np.save(in_tmp / "stack.npy", stack.astype(np.uint16))
    run_commands([f"{sys.executable} ball.py", *blocks(HOW_TO / "pixels.md", "sh")], in_tmp)
    ball = list(read_frames(in_tmp / "ball.mp4"))
    assert len(ball) == 90
    for number in (0, 40, 80):
        red, _, blue = ball[number].astype(int).transpose(2, 0, 1)
        columns = np.nonzero(red - blue > 100)[1]
        assert columns.mean() == pytest.approx(3 * number + 20, abs=1)
    levels = [frame.mean() for frame in read_frames(in_tmp / "stack.mp4")]
    assert len(levels) == 30
    assert levels[0] < 3
    assert levels[-1] > 250
    assert (np.diff(levels) >= 0).all()


def test_the_timeline_of_the_how_to_lasts_as_long_as_it_says(in_tmp: Path) -> None:
    write_scripts("holds-and-speed.md", in_tmp)
    run_commands([f"{sys.executable} pond.py"], in_tmp)
    frames = list(read_frames(in_tmp / "pond.mp4"))
    assert len(frames) == 30 * (1 + 100 / 20 + 2)
    # Encoding changes a picture that is held by less.
    changes = [np.abs(a.astype(int) - b).mean() > 3 for a, b in pairwise(frames)]
    assert not any(changes[:29])
    assert not any(changes[180:])
    assert sum(changes) == 99


def test_the_storm_has_sound_captions_chapters_and_a_poster(in_tmp: Path) -> None:
    write_scripts("sound-and-captions.md", in_tmp)
    (in_tmp / "storm.srt").write_text("1\n00:00:01,000 --> 00:00:03,000\nWind\n")
    with wave.open(str(in_tmp / "storm.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * 8000 * 2))
    run_commands([f"{sys.executable} storm.py"], in_tmp)
    with av.open(str(in_tmp / "storm.mp4")) as container:
        kinds = [stream.type for stream in container.streams]
        assert kinds[:3] == ["video", "subtitle", "audio"]
        assert container.duration == 3_000_000
        starts = [chapter["start"] * chapter["time_base"] for chapter in container.chapters()]
        assert starts == [0, 2]
        assert container.metadata["title"] == "A storm"
    assert (in_tmp / "storm.jpg").read_bytes()[:3] == b"\xff\xd8\xff"


def test_the_animator_shows_what_the_funcanimation_did(in_tmp: Path) -> None:
    write_scripts("from-funcanimation.md", in_tmp)
    before = in_tmp / "before.py"
    # The animation's own save() needs an ffmpeg on PATH; only its frames matter here.
    code = before.read_text().replace("animation.save(", "save_animation(animation, ")
    before.write_text("from parallel_animate import save_animation\n" + code)
    for name in ("before", "after", "walk"):
        subprocess.run([sys.executable, f"{name}.py"], cwd=in_tmp, check=True, timeout=200)
    pairs = zip(read_frames(in_tmp / "before.mp4"), read_frames(in_tmp / "after.mp4"), strict=True)
    assert all((a == b).all() for a, b in pairs)
    assert sum(1 for _ in read_frames(in_tmp / "walk.mp4")) == 100


def test_a_custom_recording_class_works_as_params(in_tmp: Path) -> None:
    write_scripts("big-data.md", in_tmp)
    np.save(in_tmp / "times.npy", np.arange(40.0))
    (in_tmp / "use.py").write_text(
        "from movies import Numbers\n"
        "from recording import Recording\n"
        'Numbers().make_video("movie.mp4", Recording("times.npy", step=2), fps=20)\n'
    )
    environment = {"PYTHONPATH": str(HELPERS)}
    subprocess.run([sys.executable, "use.py"], cwd=in_tmp, check=True, env=environment, timeout=200)
    assert sum(1 for _ in read_frames(in_tmp / "movie.mp4")) == 20


def test_the_commands_of_resuming_exist(in_tmp: Path) -> None:
    (command,) = [b for b in commands_of_resuming() if b.startswith("parallel-animate render")]
    text = (ROOT / "README.md").read_text().partition("```python\n")[2].partition("```")[0]
    (in_tmp / "wave.py").write_text(text)
    run_commands([command, command], in_tmp)
    assert len(list((in_tmp / "work/wave/segments").iterdir())) == 5


def commands_of_resuming() -> list[str]:
    lines = (HOW_TO / "resume.md").read_text().splitlines()
    return [line.strip() for line in lines if line.strip().startswith("parallel-animate")]


def test_the_cells_of_the_notebook_how_to_run(in_tmp: Path) -> None:
    pytest.importorskip("ipywidgets")
    wave_cell = python_blocks(ROOT / "README.md")[0].partition("\nif __name__")[0]
    cells = [wave_cell, *python_blocks(HOW_TO / "notebooks.md")]
    assert len(cells) == 5
    (in_tmp / "run.py").write_text(
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        + "".join(f"shell.run_cell({cell!r}, True).raise_error()\n" for cell in cells)
    )
    subprocess.run([sys.executable, "run.py"], cwd=in_tmp, check=True, timeout=200)
    assert sum(1 for _ in read_frames(in_tmp / "draft.mp4")) == 12
    assert sum(1 for _ in read_frames(in_tmp / "wave.mp4")) == 120
