"""A preview has the pixels of the movie's frame, and leaves no trace."""

import base64
import os
import random
import subprocess
import sys
import threading
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import yaml
from command_line import HELPERS, animate
from matplotlib.figure import Figure
from movies import Numbers, Recorder, decode_numbers, read_numbers
from PIL import Image
from project import MOVIE

from parallel_animate import Animator, FrameError, RenderError

SEEDED = """
import random
from movies import Numbers

class Seeded(Numbers):
    def setup(self):
        self.number = random.randrange(2**20)
        return super().setup()

    def update(self, frame_idx, params):
        super().update(frame_idx, (self.number + params) % 2**20)

def frames():
    return range(11)
"""


def drawn_by_hand(animator: Animator, frame_idx: int, params: Any, start: int, dpi: float) -> Any:
    """Draw a frame as the docs describe, without the package."""
    np.random.seed(start)
    figure = animator.setup()
    np.random.seed(frame_idx)
    animator.update(frame_idx, params)
    with BytesIO() as file:
        figure.savefig(file, dpi=dpi, format="png")
        return np.asarray(Image.open(file).convert("RGB"))


@pytest.mark.parametrize(("dpi", "start"), [(100, 7), (150, 7), (100, 4)])
def test_it_has_the_pixels_of_a_frame_seeded_and_drawn_by_hand(dpi: float, start: int) -> None:
    chunk_start = None if start == 7 else start
    image = Recorder().preview(7, "words", {"dpi": dpi}, chunk_start=chunk_start)
    assert image.size == (3 * dpi, 2 * dpi)
    np.testing.assert_array_equal(image, drawn_by_hand(Recorder(), 7, "words", start, dpi))


def test_a_notebook_shows_the_preview() -> None:
    shown = Numbers().preview(3, 5)._repr_png_()
    assert decode_numbers(np.asarray(Image.open(BytesIO(shown)))) == (3, 5)


@pytest.mark.slow
def test_a_notebook_shows_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    monkeypatch.setenv("PYTHONPATH", str(HELPERS))
    cells = ["%matplotlib inline\nfrom movies import Numbers", "Numbers().preview(3, 5)"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "", "language": "python"}
    nbclient.NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    (output,) = (output for cell in notebook.cells for output in cell.outputs)
    assert output.output_type == "execute_result"
    shown = base64.b64decode(output.data["image/png"])
    assert decode_numbers(np.asarray(Image.open(BytesIO(shown)))) == (3, 5)


class Odd(Animator):
    """Has an odd size and a transparent pyplot figure, and cannot be copied."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.seen: list[int] = []

    def setup(self) -> Figure:
        figure = plt.figure(figsize=(1.01, 0.51), dpi=100, facecolor=(1, 0, 0, 0.5))
        self.seen.append(random.randrange(100))
        return figure

    def update(self, frame_idx: int, params: Any) -> None:
        self.seen.append(frame_idx)


def test_it_is_padded_and_opaque_like_the_movie_and_leaves_no_trace() -> None:
    animator, state = Odd(), random.getstate()
    before = dict(vars(animator))
    pixels = np.asarray(animator.preview(3, None))
    assert pixels.shape == (52, 102, 3)
    assert {tuple(pixel) for pixel in pixels.reshape(-1, 3)} <= {(255, 127, 127), (255, 128, 128)}
    assert vars(animator) == before
    assert animator.seen == []
    assert random.getstate() == state
    assert plt.get_fignums() == []


def test_errors_name_the_frame() -> None:
    with pytest.raises(RenderError, match="frame 4 failed"):
        Numbers().preview(4, "text")
    with pytest.raises(FrameError, match="must be 0 or more"):
        Numbers().preview(-1, 0)


@pytest.mark.slow
def test_the_command_draws_the_frame_of_the_movie_planned_or_not(tmp_path: Path) -> None:
    (tmp_path / "seeded.py").write_text(SEEDED)
    movie = {**MOVIE, "animator": "seeded.py:Seeded", "params": "seeded.py:frames"}
    (tmp_path / "movies.yaml").write_text(yaml.safe_dump({"movies": {"wave": movie}}))
    (tmp_path / "script.py").write_text(
        "from seeded import *\nSeeded().make_video('wave.mp4', frames(), 25, 11, 1, chunk_size=4)\n"
    )

    def preview(*frames: str) -> list[tuple[int, int]]:
        result = animate("preview", "wave", "--frame", *frames, folder=tmp_path)
        assert result.returncode == 0, result.stderr
        paths = result.stdout.splitlines()
        assert all(Path(path).parent == tmp_path / "results/wave" for path in paths)
        return [decode_numbers(np.asarray(Image.open(path))) for path in paths]

    subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(HELPERS)},
        check=True,
    )
    shown = read_numbers(tmp_path / "wave.mp4")
    wanted = [shown[0], shown[6], shown[10]]
    assert preview("0", "6", "10") == wanted
    assert animate("plan", "movies.yaml", folder=tmp_path).returncode == 0
    assert preview("10", "6", "0") == wanted
    missing = animate("preview", "wave", "--frame", "11", folder=tmp_path)
    assert missing.returncode == 2
    assert "no frame 11; the last one is 10" in missing.stderr

    # an edit is seen before it is planned
    (tmp_path / "seeded.py").write_text(SEEDED.replace("number + params", "number + 1 + params"))
    assert preview("6") == [(6, shown[6][1] + 1)]


NAMES = """
from movies import Numbers

class Names(Numbers):
    def update(self, frame_idx, params):
        super().update(frame_idx, sum(map(ord, next(iter({"oak", "ash", "elm", "fir", "yew"})))))

def frames():
    return range(6)
"""


@pytest.mark.slow
def test_a_preview_iterates_sets_in_the_order_of_the_jobs(tmp_path: Path) -> None:
    (tmp_path / "names.py").write_text(NAMES)
    movie = {"animator": "names.py:Names", "params": "names.py:frames", "fps": 10}
    (tmp_path / "movies.yaml").write_text(yaml.safe_dump({"movies": {"names": movie}}))
    shown = set()
    for seed in ("1", "2", "3", "random"):
        said = animate("preview", "names", "--frame", "3", folder=tmp_path, seed=seed)
        assert said.returncode == 0, said.stderr
        with Image.open(tmp_path / "results/names/frame-0000003.png") as image:
            shown.add(decode_numbers(np.asarray(image)))
    assert animate("run", "--cores", "1", folder=tmp_path, seed="random").returncode == 0
    assert shown == {read_numbers(tmp_path / "results/names.mp4")[3]}
