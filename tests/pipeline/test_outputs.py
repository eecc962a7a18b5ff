"""A config's key ``output`` makes other files, from the same chunks, with the same promises."""

import os
import signal
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from movies import decode_numbers
from PIL import Image
from project import MOVIE, Project, wait_until
from shapes import read_rgba, read_starts

from parallel_animate import SettingsError
from parallel_animate.pipeline.config import read_movies

EXPECTED = [(number, 2 * number) for number in range(11)]


def inodes(project: Path) -> dict[Path, int]:
    """Return the segments; one that is written again is another file, under the same name."""
    return {path: path.stat().st_ino for path in project.glob("work/wave/segments/*.mp4")}


def numbers_in(path: Path) -> list[tuple[int, int]]:
    return [decode_numbers(frame) for frame in read_rgba(path)]


@pytest.mark.slow
def test_a_change_of_the_output_makes_the_new_file_from_the_same_segments(tmp_path: Path) -> None:
    project = Project(tmp_path, wave={**MOVIE, "output": "gif"})
    assert project.render() == {"render_chunk": 3, "concat_segments_gif": 1}
    assert numbers_in(tmp_path / "results/wave.gif") == EXPECTED
    assert read_starts(tmp_path / "results/wave.gif")[:3] == [0, Fraction(1, 25), Fraction(2, 25)]
    project.configure(wave={**MOVIE, "output": "apng"})
    assert project.render() == {"concat_segments_apng": 1}
    assert numbers_in(tmp_path / "results/wave.apng") == EXPECTED


@pytest.mark.slow
def test_movies_of_all_kinds_are_rendered_side_by_side_and_have_pages(tmp_path: Path) -> None:
    kinds = ("mp4", "mkv", "webm", "webp")
    clear = {**MOVIE, "output": "webm", "transparent": True}
    project = Project(tmp_path, clear=clear, **{kind: {**MOVIE, "output": kind} for kind in kinds})
    jobs = project.render("all", "pages")
    assert jobs["render_chunk"] == 15
    assert jobs["concat_segments"] == 1
    assert jobs["concat_segments_webm"] == 2
    assert jobs["make_page"] == 5
    for kind in kinds:
        assert numbers_in(tmp_path / f"results/{kind}.{kind}") == EXPECTED
        page = (tmp_path / f"results/{kind}/index.html").read_text()
        assert 'class="no"' not in page
        assert f"{'image' if kind == 'webp' else 'video'}/" in page
    assert numbers_in(tmp_path / "results/clear.webm") == EXPECTED
    assert "Nothing to be done" in project.snakemake("--cores", "2", "all", "pages")
    # A damaged file is made again.
    good = (tmp_path / "results/webp.webp").read_bytes()
    (tmp_path / "results/webp.webp").write_bytes(good[:-10])
    jobs = project.render("all", "pages")
    assert jobs["concat_segments_webp"] == 1
    assert "render_chunk" not in jobs
    assert (tmp_path / "results/webp.webp").read_bytes() == good


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gif", "webm"])
def test_a_killed_run_goes_on_and_ends_in_the_same_bytes(tmp_path: Path, kind: str) -> None:
    folders = [tmp_path / "whole", tmp_path / "killed"]
    projects = []
    for folder in folders:
        folder.mkdir()
        projects.append(Project(folder, wave={**MOVIE, "output": kind}))
        projects[-1].edit("animator.py", "super().update(", "time.sleep(0.3); super().update(")
        projects[-1].edit("animator.py", "\nfrom movies", "import time\nfrom movies")
    projects[0].render()
    run = projects[1].start("--cores", "1")
    try:
        wait_until(lambda: inodes(folders[1]) and projects[1].unfinished_segments())
    finally:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
    # Jobs whose workflow was killed end on their own.
    time.sleep(1)
    found = inodes(folders[1])
    projects[1].render()
    assert found.items() <= inodes(folders[1]).items(), "these were not rendered again"
    whole, killed = (folder / f"results/wave.{kind}" for folder in folders)
    assert whole.read_bytes() == killed.read_bytes()
    assert np.array_equal(read_rgba(whole), read_rgba(killed))


def test_an_unknown_output_is_a_clear_error(tmp_path: Path) -> None:
    project = Project(tmp_path, wave={**MOVIE, "output": "wemb"})
    said = project.snakemake("--cores", "1", expect=1)
    assert "movie 'wave': output must be one of mp4, m4v" in said
    assert "found 'wemb'. Did you mean 'webm'?" in said
    assert "Traceback" not in said


@pytest.mark.slow
def test_a_config_chooses_a_codec_or_a_folder_of_numbered_pictures(tmp_path: Path) -> None:
    coded = {**MOVIE, "codec": "vp9", "chunk_size": 11}
    project = Project(tmp_path, wave={**MOVIE, "output": "png"}, coded=coded)
    jobs = project.render("all", "pages")
    assert (jobs["render_chunk"], jobs["concat_segments_png"], jobs["make_page"]) == (4, 1, 2)
    with av.open(str(tmp_path / "results/coded.mp4")) as container:
        assert container.streams.video[0].codec.canonical_name == "vp9"
    assert numbers_in(tmp_path / "results/coded.mp4") == EXPECTED
    assert 'class="no"' not in (tmp_path / "results/coded/index.html").read_text()
    folder = tmp_path / "results/wave/frames"
    pictures = sorted(folder.glob("*.png"))
    assert [path.name for path in pictures] == [f"{number:06d}.png" for number in range(11)]
    frames = [np.asarray(Image.open(path).convert("RGB")) for path in pictures]
    assert [decode_numbers(frame) for frame in frames] == EXPECTED
    page = (tmp_path / "results/wave/index.html").read_text()
    assert 'class="no"' not in page
    assert 'alt="000000.png"' in page
    good = [path.read_bytes() for path in pictures]
    # A picture that was cut off, and the index that Snakemake removes if a job fails. No picture of
    # the longer movie stays.
    pictures[3].write_bytes(good[3][:-10])
    (folder / "frames.json").unlink()
    project.configure(wave={**MOVIE, "output": "png", "n_frames": 8})
    assert project.render("results/wave/frames/frames.json") == {"concat_segments_png": 1}
    assert sorted(folder.glob("*.png")) == pictures[:8]
    assert [path.read_bytes() for path in pictures[:8]] == good[:8]
    project.configure(wave={**MOVIE, "codec": "prores"})
    with pytest.raises(SettingsError, match=r"movie 'wave': codec='prores' does not fit a \.mp4"):
        read_movies(str(tmp_path / "config/config.yaml"))
