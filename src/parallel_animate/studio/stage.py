"""The process that runs the user's code: it loads a movie and draws its frames on request.

Each load has a process of its own, so that no module and no figure of an earlier version is left.
"""

import contextlib
import importlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from parallel_animate.errors import NoFramesError, RenderError
from parallel_animate.inputs.animator import AnimatorBase
from parallel_animate.inputs.frame_stream import ordered_frames
from parallel_animate.inputs.frames import Chunk, Frame, count_frames, what_it_shows
from parallel_animate.inputs.source_modules import is_installed
from parallel_animate.inputs.targets import (
    absolute_target,
    check_animator_class,
    instantiate,
    load_object,
    load_params,
)
from parallel_animate.local.param_texts import describe
from parallel_animate.local.safe_path import undo_isolated_start
from parallel_animate.project.staleness import input_files
from parallel_animate.render.animator_copy import best_copy
from parallel_animate.render.canvas import FrameCanvas
from parallel_animate.render.isolation import isolated_drawing
from parallel_animate.render.redraw import RedrawMismatchError, canvas_class
from parallel_animate.render.scene import USER_ERRORS, Scene
from parallel_animate.studio.failure import describe_failure
from parallel_animate.studio.reads import ReadFiles
from parallel_animate.studio.source import MovieSource

# Params are read for this long before the next request is answered.
READING_SECONDS = 0.05
FRAMES_AT_ONCE = 100


class Stage:
    """A movie at work.

    Parameters
    ----------
    source : MovieSource
        The movie.
    """

    def __init__(self, source: MovieSource) -> None:
        self._source = source
        self._here = Path.cwd()
        self._reads = ReadFiles(Path("work", source.name).absolute())
        self._frames: list[Frame] = []
        self._more: Iterator[Frame] = iter(())
        self._animator: AnimatorBase | None = None
        self._scene: Scene | None = None
        # Position of the frame that the scene has drawn last.
        self._drawn = -1
        self._replays = True
        # The movie's chunks are drawn after its first frame.
        self._first: Frame | None = None
        self._n_frames: int | None = None
        self._is_complete = False

    def files(self) -> dict[str, Any]:
        """Return the files that the code has read so far, for an answer."""
        return {"stamps": self._reads.stamps(), "written": self._reads.written()}

    def watch_folder(self) -> None:
        """Count the project's folder as read: a file that is missing may come."""
        self._reads.see(str(self._here), "import")

    @contextlib.contextmanager
    def recording(self) -> Iterator[None]:
        """Record the files that are opened in the block."""
        with self._reads.recorded_as("trial"):
            yield

    def load(self) -> None:
        """Load the user's code and the first frames.

        Raises
        ------
        AnimateError
            If that fails.
        """
        source = self._source
        for file in (found for name in source.inputs for found in input_files(Path(name))):
            self._reads.see(file, "inputs")
        # The user's modules may change the working folder.
        targets = absolute_target(source.animator), absolute_target(source.params)
        animator_class = check_animator_class(load_object(targets[0]), source.animator)
        self._animator = instantiate(animator_class, source.kwargs)
        os.chdir(self._here)
        params = load_params(targets[1], source.params_fps)
        self._n_frames = count_frames(params, source.n_frames, source.every)
        self._more = ordered_frames(params, source.n_frames, source.every)
        os.chdir(self._here)
        self._frames += islice(self._more, 1)
        if not self._frames:
            raise NoFramesError(f"{source.params} gives no frames, so there is nothing to show.")
        self._first = self._frames[0]
        self.read()

    def read(self) -> None:
        """Read frames for a moment."""
        deadline = time.monotonic() + READING_SECONDS
        while time.monotonic() < deadline:
            found = list(islice(self._more, FRAMES_AT_ONCE))
            self._frames += found
            if len(found) < FRAMES_AT_ONCE:
                self._n_frames = len(self._frames)
                self._is_complete = True
                return

    def count(self) -> dict[str, Any]:
        """Return the number of frames so far, and whether all of them are read."""
        return {
            "n_frames": self._n_frames or len(self._frames),
            "is_complete": self._is_complete,
        }

    def draw(self, position: int) -> tuple[dict[str, Any], NDArray[np.uint8]]:
        """Draw a frame; return what the page shows beside it, and its pixels.

        Parameters
        ----------
        position : int
            Number of the frame in playing order, from 0. After the last frame, it is that one.

        Raises
        ------
        AnimateError
            If the user's code fails.
        """
        missing = position + 1 - len(self._frames)
        self._frames += islice(self._more, max(missing, 0))
        position = min(position, len(self._frames) - 1)
        frame = self._frames[position]
        begun = time.perf_counter()
        pixels = self._pixels(position)
        seconds = time.perf_counter() - begun
        shown = what_it_shows(frame)
        header = {
            "position": position,
            "id": frame.id,
            "params": describe(shown.params),
            "seconds": seconds,
            "width": pixels.shape[1],
            "height": pixels.shape[0],
        }
        return header, pixels

    def _pixels(self, position: int) -> NDArray[np.uint8]:
        try:
            return self._drawn_in_scene(position)
        except (RedrawMismatchError, RenderError) as error:
            # The figure may be half changed.
            self._scene = None
            if not self._can_do_without(error, position):
                raise
        # Here, where a second error does not count as caused by the first one.
        return self._pixels(position)

    def _can_do_without(self, error: Exception, position: int) -> bool:
        """Leave out what has failed; return False if it is the frame itself."""
        if isinstance(error, RedrawMismatchError):
            can_do, self._replays = self._replays, False
            return can_do
        is_first = isinstance(error, RenderError) and error.frame_idx == self._frames[0].id
        if not is_first or position == 0 or self._first is None:
            return False
        # Only the first frame fails: the others can be seen.
        self._first = None
        return True

    def _drawn_in_scene(self, position: int) -> NDArray[np.uint8]:
        is_in_order = self._source.in_order
        if self._scene is None or (is_in_order and position <= self._drawn):
            self._scene = self._new_scene()
            self._drawn = -1
        if is_in_order:
            for earlier in self._frames[self._drawn + 1 : position]:
                self._scene.draw(earlier)
        pixels = self._scene.draw(self._frames[position])
        self._drawn = position
        return pixels

    def _new_scene(self) -> Scene:
        assert self._animator is not None, "load() comes first"
        os.chdir(self._here)
        return Scene(
            best_copy(self._animator),
            Chunk((self._frames[0],)),
            self._source.settings,
            replays=self._replays,
            first=self._first,
        )


def answer_requests(connection: Connection, modules: Sequence[str]) -> None:
    """Answer requests until the other side closes the connection.

    Parameters
    ----------
    connection : Connection
        Gets tuples, the name of a request and its arguments; sends back a mapping, after that of a
        picture its pixels.
    modules : sequence of str
        Installed modules that the user's code has imported before; they are imported now.
    """
    _leave_terminal()
    undo_isolated_start()
    _warm_up(modules)
    known = frozenset(sys.modules)
    stage: Stage | None = None
    # Never left: it would close the user's figures.
    with contextlib.suppress(EOFError, ConnectionError), contextlib.ExitStack() as drawing:
        connection.send({"kind": "ready"})
        while True:
            name, *arguments = connection.recv()
            if name == "load":
                stage = Stage(*arguments)
                _send(connection, _loaded(stage, drawing))
            elif name == "modules":
                _send(connection, {"kind": "modules", "modules": _imported_since(known)})
            else:
                assert stage is not None, "the first request is load"
                _send(connection, *_answer(stage, name, arguments))


def _loaded(stage: Stage, drawing: contextlib.ExitStack) -> dict[str, Any]:
    try:
        with stage.recording():
            stage.load()
    except USER_ERRORS as error:
        return _failed(stage, error)
    drawing.enter_context(isolated_drawing())
    return {"kind": "loaded", **stage.count(), **stage.files()}


def _answer(
    stage: Stage, name: str, arguments: Sequence[Any]
) -> tuple[dict[str, Any], NDArray[np.uint8] | None]:
    try:
        with stage.recording():
            if name == "read":
                stage.read()
                return {"kind": "frames", **stage.count()}, None
            header, pixels = stage.draw(*arguments)
    except USER_ERRORS as error:
        return _failed(stage, error), None
    return {"kind": "picture", **header, **stage.files()}, pixels


def _failed(stage: Stage, error: BaseException) -> dict[str, Any]:
    if isinstance(error.__cause__, ModuleNotFoundError):
        stage.watch_folder()
    return {"kind": "failure", "failure": describe_failure(error), **stage.files()}


def _send(
    connection: Connection, header: dict[str, Any], pixels: NDArray[np.uint8] | None = None
) -> None:
    connection.send(header)
    if pixels is not None:
        connection.send_bytes(pixels.reshape(-1).data)


def _leave_terminal() -> None:
    """Start a group of processes that ends as a whole, and that ^C in the terminal does not reach.

    It also ends when the process that started this one has gone, even while the user's code hangs.
    """
    os.setsid()

    def end_with_parent() -> None:
        parent = parent_process()
        assert parent is not None
        parent.join()
        os.killpg(os.getpgid(0), signal.SIGKILL)

    threading.Thread(target=end_with_parent, name="parent", daemon=True).start()


def _warm_up(modules: Sequence[str]) -> None:
    """Import modules, load fonts and check drawing less, before there is anything to draw."""
    for name in modules:
        # It may be a part of a package that only the package itself can import.
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    with isolated_drawing():
        figure = Figure()
        figure.subplots().set_title("0")
        FrameCanvas(figure, canvas_class=canvas_class("auto", True)).draw()


def _imported_since(known: frozenset[str]) -> list[str]:
    """Return the installed modules that were imported since, in the order of their imports."""
    return [
        name for name in sys.modules.copy() if name not in known and is_installed(sys.modules[name])
    ]
