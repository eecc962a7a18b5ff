"""Drawing less is trusted only after a check; a failed check is a warning."""

import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest

from parallel_animate.inputs.matplotlib_private import (
    FOLLOWED_VERSIONS,
    REDRAW,
    TABLE,
    find_owner,
    matplotlib_version,
)
from parallel_animate.render.canvas import OpaqueCanvas
from parallel_animate.render.redraw import canvas_class, memo, proof
from parallel_animate.render.redraw.canvas import ReplayCanvas
from parallel_animate.render.redraw.painter import Painter
from parallel_animate.render.redraw.raster import Raster
from parallel_animate.render.redraw.specimens import FullFigure
from parallel_animate.render.redraw.state import Watch
from parallel_animate.render.warn_once import VARIABLE

# Names that can be removed, because matplotlib defines their classes in Python.
REMOVABLE = [
    entry
    for entry in TABLE
    if entry.user == REDRAW
    and entry.kind == "static"
    and entry.is_of(matplotlib_version())
    and "_backend_agg" not in f"{entry.owner} {entry.name}"
    and "ft2font" not in entry.owner
]
# An older matplotlib lacks names of a later one, whatever its version string is.
newest = pytest.mark.skipif(
    matplotlib_version() != FOLLOWED_VERSIONS[-1], reason="a new version adds to the last one"
)
# A made-up matplotlib, in which a method and its callers use another name. Python runs this when it
# starts, in workers too.
FUTURE = """
import inspect
import os

import matplotlib as mpl
from matplotlib.axes._base import _AxesBase

mpl.__version__ = "3.12.0"
OLD, NEW = "_update_title_position", "_place_titles"

if os.environ["RENAMED"] == "True":
    setattr(_AxesBase, NEW, getattr(_AxesBase, OLD))
    delattr(_AxesBase, OLD)
    for function in vars(_AxesBase).values():
        if inspect.isfunction(function):
            function = inspect.unwrap(function)
            names = (NEW if name == OLD else name for name in function.__code__.co_names)
            function.__code__ = function.__code__.replace(co_names=tuple(names))
"""
MAKE = """
import logging

import numpy as np
from matplotlib.figure import Figure

from parallel_animate import Animator


class Wave(Animator):
    def setup(self):
        figure = Figure(figsize=(2, 2), dpi=50)
        axes = figure.add_subplot(title="wave")
        axes.xaxis.tick_top()
        (self.line,) = axes.plot([0, 1, 2], [0, 1, 0])
        return figure

    def update(self, frame_idx, params):
        self.line.set_ydata([0, np.sin(params), 1])


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    Wave().make_video("auto.mp4", range(24), 10, num_workers=2, chunk_size=6)
    Wave().make_video("again.mp4", range(24), 10, num_workers=2, chunk_size=6)
    Wave().make_video("full.mp4", range(24), 10, num_workers=1, chunk_size=6, redraw="full")
"""


@pytest.fixture(autouse=True)
def no_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    # Restore what the code sets, too.
    monkeypatch.setenv(VARIABLE, "")
    monkeypatch.setattr(proof, "prove", proof.checked)


def test_this_matplotlib_passes_the_check(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert canvas_class("auto", persists=True) is ReplayCanvas
    assert not caplog.records


def test_a_worker_relies_on_the_figures_of_its_parent_but_not_on_its_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(proof, "_found", [])
    monkeypatch.setattr(proof, "SmallFigure", lambda: pytest.fail("compared"))
    assert not proof.was_proven()
    proof.rely_on_proof()
    assert proof.was_proven()
    monkeypatch.delattr(mpl.axis.Axis, "_copy_tick_props")
    proof.rely_on_proof()
    assert not proof.was_proven()


def test_full_redraw_needs_no_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "prove", lambda: pytest.fail("tried"))
    assert canvas_class("full", persists=True) is OpaqueCanvas


@pytest.mark.parametrize("entry", REMOVABLE, ids=str)
def test_a_missing_name_means_full_redraw_and_one_warning(
    entry: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    owner = find_owner(entry)
    holder = next(base for base in getattr(owner, "__mro__", [owner]) if entry.name in vars(base))
    monkeypatch.delattr(holder, entry.name)
    with caplog.at_level(logging.WARNING):
        assert canvas_class("auto", persists=True) is OpaqueCanvas
        assert canvas_class("auto", persists=True) is OpaqueCanvas
    (record,) = caplog.records
    assert f"lacks {entry}" in record.message
    assert "three times as long" in record.message
    assert "What to do: report this" in record.message


def test_names_that_only_instances_have_are_checked_on_a_figure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(mpl.axes.Axes, "_stale_viewlims", raising=False)
    monkeypatch.setattr(proof, "missing_names", lambda user, objects: ["it"] if objects else [])
    assert proof.prove().fault.endswith("lacks it")


@newest
def test_an_unknown_matplotlib_with_the_same_pixels_draws_less(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(mpl, "__version__", "3.12.0")
    with caplog.at_level(logging.INFO):
        assert canvas_class("auto", persists=True) is ReplayCanvas
    (record,) = caplog.records
    assert record.levelname == "INFO"
    assert "same pixels in both ways" in record.message


def test_wrong_pixels_from_the_caches_are_found_at_start_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memo.Memo, "ticks", lambda memo, axis: [])
    assert "pixels of a test figure differ" in proof.prove().fault


def test_a_replay_that_misses_a_change_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Watch, "unchanged", lambda watch: True)
    assert "pixels of a test figure differ" in proof.prove().fault


@newest
def test_more_figures_check_an_unknown_matplotlib(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def misplaced(raster: Any, gc: Any, x: float, y: float, image: Any) -> None:
        super(Raster, raster).draw_image(gc, x + 1, y, image)

    monkeypatch.setattr(Raster, "draw_image", misplaced)
    assert proof.prove().fault == ""
    monkeypatch.setattr(mpl, "__version__", "3.12.0")
    found = proof.prove()
    assert "pixels of a test figure differ" in found.fault
    assert found.advice.startswith("pip install 'matplotlib>=3.10,<3.12'")


def test_an_unknown_drawing_method_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Raster, "draw_quad_mesh")
    assert "not recorded (draw_quad_mesh)" in proof.prove().fault


def test_most_of_the_figure_for_unknown_versions_is_replayed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    figure, drawn, draw = FullFigure(), [], Painter._draw

    def counting(painter: Painter, item: Any) -> None:
        drawn.append(item)
        draw(painter, item)

    monkeypatch.setattr(Painter, "_draw", counting)
    canvas = ReplayCanvas(figure.figure)
    counts = []
    for frame in range(figure.n_frames):
        figure.change(frame)
        before = len(drawn)
        canvas.draw_frame()
        counts.append(len(drawn) - before)
    assert counts[1] > 100
    assert max(counts[2], counts[3]) < 20


def make_in_future(folder: Path, renames: bool) -> list[str]:
    """Make three movies with a made-up matplotlib 3.12; return the lines of the log."""
    (folder / "sitecustomize.py").write_text(FUTURE)
    (folder / "make.py").write_text(MAKE)
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    result = subprocess.run(
        [sys.executable, "make.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "RENAMED": str(renames)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    movies = [folder / f"{name}.mp4" for name in ("auto", "again", "full")]
    assert len({movie.read_bytes() for movie in movies}) == 1
    return result.stderr.splitlines()


@newest
def test_two_workers_warn_once_of_a_missing_name_and_render_the_right_movie(tmp_path: Path) -> None:
    lines = make_in_future(tmp_path, renames=True)
    (warning,) = (line for line in lines if line.startswith("WARNING"))
    assert "matplotlib 3.12.0 lacks matplotlib.axes.Axes._update_title_position" in warning
    assert "pip install 'matplotlib>=3.10,<3.12'" in warning


@pytest.mark.slow
@newest
def test_two_workers_draw_less_with_an_unknown_version_without_a_warning(tmp_path: Path) -> None:
    lines = make_in_future(tmp_path, renames=False)
    assert not any(line.startswith("WARNING") for line in lines)
    assert any("same pixels in both ways" in line for line in lines)
