"""The scripts and commands of the how-tos that run on their own."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from wave import open as open_wave

import av
import imageio_ffmpeg
import numpy as np
import pytest
import yaml
from command_line import HELPERS
from extract_example import blocks, python_blocks, titled_blocks
from movies import read_frames, read_times
from PIL import Image
from project import BIN, ROOT

from parallel_animate.pipeline.config_check import check_movie

HOW_TO = ROOT / "docs/how-to"
N_FRAMES = 90
# Pages whose commands run in tests of another folder, or install packages.
RUN_ELSEWHERE = {"cluster.md", "from-parallel-matplotlib-animation.md", "studio.md"}


def test_every_how_to_is_run_by_a_test() -> None:
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    for page in HOW_TO.glob("*.md"):
        assert page.name in RUN_ELSEWHERE or f'"{page.name}"' in tests, f"nothing runs {page.name}"


def test_every_config_of_a_how_to_is_valid() -> None:
    for page in HOW_TO.glob("*.md"):
        for text in blocks(page, "yaml"):
            for name, movie in yaml.safe_load(text)["movies"].items():
                check_movie(name, movie)


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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_titled_movie_can_be_shown_beside_others_and_joined_to_them(in_tmp: Path) -> None:
    write_scripts("titles-and-labels.md", in_tmp)
    run_commands([f"{sys.executable} titled.py"], in_tmp)
    frames = list(read_frames(in_tmp / "titled.mp4"))
    assert len(frames) == 160
    # The card, the picture and its end.
    is_card = [np.mean(frame == 255) > 0.9 for frame in frames]
    assert is_card == [i <= 60 or i == 159 for i in range(160)]
    for name in ("north", "south", "day1", "day2", "day3"):
        (in_tmp / f"{name}.mp4").symlink_to("titled.mp4")
    run_commands(blocks(HOW_TO / "several-movies.md", "sh"), in_tmp)
    for number, frame in enumerate(read_frames(in_tmp / "both.mp4")):
        for half in (frame[:, :640], frame[:, 640:]):
            assert np.abs(half.astype(int) - frames[number]).mean() < 2
    joined = read_frames(in_tmp / "days.mp4")
    assert all((found == frames[i % 160]).all() for i, found in enumerate(joined))


@pytest.mark.slow
def test_a_movie_has_a_page_a_comparison_a_file_of_its_own_and_a_report(in_tmp: Path) -> None:
    run_commands(["parallel-animate init film"], in_tmp)
    film = in_tmp / "film"
    code = (film / "animation.py").read_text()
    (film / "animation.py").write_text(code.replace("linspace(0, 12, 240)", "linspace(0, 12, 24)"))
    run_commands(blocks(HOW_TO / "show-a-movie.md", "sh"), film)
    for page in ("results/index.html", "results/pond/compare.html", "pond.html", "report.html"):
        assert "pond" in (film / page).read_text()


@pytest.mark.slow
def test_the_storm_has_sound_captions_chapters_and_a_poster(in_tmp: Path) -> None:
    write_scripts("sound-and-captions.md", in_tmp)
    (in_tmp / "storm.srt").write_text("1\n00:00:01,000 --> 00:00:03,000\nWind\n")
    with open_wave(str(in_tmp / "storm.wav"), "wb") as file:
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_commands_of_resuming_exist(in_tmp: Path) -> None:
    (command,) = [b for b in commands_of_resuming() if b.startswith("parallel-animate render")]
    text = (ROOT / "README.md").read_text().partition("```python\n")[2].partition("```")[0]
    (in_tmp / "wave.py").write_text(text)
    run_commands([command, command], in_tmp)
    assert len(list((in_tmp / "work/wave/segments").iterdir())) == 4


def commands_of_resuming() -> list[str]:
    lines = (HOW_TO / "resume.md").read_text().splitlines()
    return [line.strip() for line in lines if line.strip().startswith("parallel-animate")]


@pytest.mark.slow
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


def run_script(code: str, folder: Path) -> None:
    (folder / "run.py").write_text(code)
    subprocess.run([sys.executable, "run.py"], cwd=folder, check=True, timeout=200)


def wave(every: int) -> str:
    """Return the README's example without its call, with fewer frames."""
    code = python_blocks(ROOT / "README.md")[0].partition("\nif __name__")[0]
    return f"{code}\nphases = phases[::{every}]\n"


@pytest.mark.slow
def test_the_animation_of_the_how_to_is_saved_and_its_layout_frozen(in_tmp: Path) -> None:
    (frozen,) = [b for b in python_blocks(HOW_TO / "save-animation.md") if b.startswith("figure.")]
    write_scripts("save-animation.md", in_tmp)
    code = (in_tmp / "sine.py").read_text()
    run_script(code.replace("\nanimation =", f"\n{frozen}\nanimation ="), in_tmp)
    times, rate, _ = read_times(in_tmp / "movie.mp4")
    assert (len(times), rate) == (60, 25)


@pytest.mark.slow
def test_big_data_is_read_by_the_processes_that_draw_it(in_tmp: Path) -> None:
    write_scripts("big-data.md", in_tmp)
    np.save(in_tmp / "field.npy", np.linspace(0, 1, 30)[:, None, None] + np.zeros((20, 30)))
    run_commands(blocks(HOW_TO / "big-data.md", "sh"), in_tmp)
    middles = [frame[240, 320].astype(int).sum() for frame in read_frames(in_tmp / "field.mp4")]
    assert len(middles) == 30
    # From the dark to the bright end of the colours.
    assert middles[-1] - middles[0] > 200


@pytest.mark.slow
def test_the_data_array_of_the_how_to_becomes_two_movies(in_tmp: Path) -> None:
    pytest.importorskip("xarray", reason="the extra 'xarray' is not installed")
    write_scripts("xarray.md", in_tmp)
    run_commands([f"{sys.executable} sst.py", f"{sys.executable} means.py"], in_tmp)
    for name in ("sst", "means"):
        frames = list(read_frames(in_tmp / f"{name}.mp4"))
        assert len(frames) == 30
        assert np.abs(frames[20].astype(int) - frames[10]).max() > 50


@pytest.mark.slow
def test_the_code_of_the_page_about_formats_runs(in_tmp: Path) -> None:
    run_script(wave(10) + "".join(python_blocks(HOW_TO / "formats.md")), in_tmp)
    assert sum(1 for _ in read_frames(in_tmp / "wave.webm")) == 12
    with Image.open(in_tmp / "poster.png") as poster:
        assert poster.size == (640, 480)


@pytest.mark.slow
def test_the_code_of_the_page_about_quality_runs(in_tmp: Path) -> None:
    code = "from matplotlib.figure import Figure\n"
    for block in python_blocks(HOW_TO / "colours-and-quality.md"):
        code += block
    run_script(code + "assert tuple(figure.bbox.size) == (1920, 1080)\n", in_tmp)
    (in_tmp / "ffmpeg").symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
    tone = "-f lavfi -i sine=frequency=440:duration=3 -c:a aac music.m4a"
    run_script(wave(10) + 'Wave().make_video("movie.mp4", phases, fps=12)\n', in_tmp)
    commands = [f"ffmpeg -v error {tone}", *blocks(HOW_TO / "colours-and-quality.md", "sh")]
    run_commands([f'PATH="$PWD:$PATH"; {command}' for command in commands], in_tmp)
    with av.open(str(in_tmp / "with-sound.mp4")) as movie:
        assert {stream.type for stream in movie.streams} == {"video", "audio"}
    before, after = (list(read_frames(in_tmp / f"{n}.mp4")) for n in ("movie", "with-sound"))
    assert all((a == b).all() for a, b in zip(before, after, strict=True))
