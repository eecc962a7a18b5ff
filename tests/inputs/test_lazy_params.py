"""Params with only a length and items: planning reads a few items, each job its own."""

from pathlib import Path

import numpy as np
import pytest
from command_line import animate
from movies import decode_numbers, read_numbers
from PIL import Image
from project import MOVIE, Project

N_FRAMES = 40
RECORDING = """
import os
import numpy as np

class Recording:
    def __init__(self):
        self.values = np.load("values.npy")
        self.asked = open("asked", "a")

    def __len__(self):
        return len(self.values)

    def __getitem__(self, position):
        print(position, file=self.asked, flush=True)
        return int(self.values[position])
"""


def asked(folder: Path) -> list[int]:
    """Return which items were read, and clear the record."""
    path = folder / "asked"
    numbers = [int(line) for line in path.read_text().split()]
    path.unlink()
    return numbers


@pytest.fixture
def project(tmp_path: Path) -> Project:
    movie = {**MOVIE, "params": "recording.py:Recording", "chunk_size": 10}
    (tmp_path / "recording.py").write_text(RECORDING)
    np.save(tmp_path / "values.npy", 3 * np.arange(N_FRAMES))
    return Project(tmp_path, wave=movie)


@pytest.mark.slow
def test_planning_reads_a_few_items_and_jobs_read_their_own(project: Project) -> None:
    movie = project.folder / "results/wave.mp4"
    project.snakemake("-n", "--cores", "2")
    planned = asked(project.folder)
    assert len(planned) < 16
    assert len(list((project.folder / "work/wave/chunks").iterdir())) == 4
    assert project.render() == {"render_chunk": 4, "concat_segments": 1}
    drawn = asked(project.folder)
    assert sorted(set(drawn)) == list(range(N_FRAMES))
    assert len(drawn) == N_FRAMES, "each item is read once, in the job that draws it"
    assert read_numbers(movie) == [(i, 3 * i) for i in range(N_FRAMES)]
    assert "Nothing to be done" in project.snakemake("--cores", "2")
    assert not (project.folder / "asked").exists()


@pytest.mark.slow
def test_other_data_or_another_provider_renders_all_chunks(project: Project) -> None:
    movie = project.folder / "results/wave.mp4"
    project.render()
    np.save(project.folder / "values.npy", 2 * np.arange(N_FRAMES))
    assert project.render() == {"render_chunk": 4, "concat_segments": 1}
    assert read_numbers(movie) == [(i, 2 * i) for i in range(N_FRAMES)]
    project.edit("recording.py", "int(self.values[position])", "int(self.values[position]) + 1")
    assert project.render() == {"render_chunk": 4, "concat_segments": 1}
    assert read_numbers(movie) == [(i, 2 * i + 1) for i in range(N_FRAMES)]


@pytest.mark.slow
def test_previews_and_drafts_only_read_what_they_show(project: Project) -> None:
    for planned in (False, True):
        said = animate("preview", "wave", "--frame", "33", folder=project.folder)
        assert said.returncode == 0, said.stderr
        # A chunk may be drawn after the movie's first frame.
        numbers = set(asked(project.folder))
        assert 33 in numbers
        assert len(numbers) <= 2
        with Image.open(project.folder / "results/wave/frame-0000033.png") as image:
            assert decode_numbers(np.asarray(image)) == (33, 99)
        if not planned:
            project.snakemake("-n", "--cores", "1")
            asked(project.folder)
    draft = ("run", "--every", "4", "--cores", "1", "--", "--quiet", "all")
    assert animate(*draft, folder=project.folder).returncode == 0
    movie = project.folder / "results/wave-draft.mp4"
    assert read_numbers(movie) == [(i, 3 * i) for i in range(0, N_FRAMES, 4)]
    assert {number % 4 for number in asked(project.folder)} <= {0}


@pytest.mark.slow
def test_planning_reads_all_items_that_have_frame_ids(project: Project) -> None:
    project.edit(
        "recording.py",
        "return int(self.values[position])",
        "from parallel_animate import IndexedFrameParams\n"
        "        return IndexedFrameParams(len(self) - 1 - position, int(self.values[position]))",
    )
    project.render()
    last = N_FRAMES - 1
    shown = read_numbers(project.folder / "results/wave.mp4")
    assert shown == [(i, 3 * (last - i)) for i in range(N_FRAMES)]
