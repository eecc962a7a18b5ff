"""Workers are forked from a process that has only imported, and start on their own otherwise."""

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import loky
import psutil
import pytest
from command_line import HELPERS
from loky.backend import spawn
from loky.backend.popen_loky_posix import Popen as FreshPopen
from loky.backend.process import LokyProcess
from matplotlib.figure import Figure
from movies import Numbers, read_numbers

from parallel_animate import Animator
from parallel_animate.errors import RenderError
from parallel_animate.local.fork_server import (
    KNOWN_LOKY,
    MOST_DESCRIPTORS,
    ForkServerError,
    fork_server,
)
from parallel_animate.local.forked_worker import TRACKERS
from parallel_animate.render.redraw import proof

Leftovers = Callable[[], list[str]]

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not loky.__version__.startswith(KNOWN_LOKY),
    reason="workers are forked on Linux only, with a known release of loky",
)

SERVING = "PARALLEL_ANIMATE_TEST"
# Modules that nothing else imports.
RARE = ("colorsys", "this")


class Recorded(Numbers):
    """Records for each frame which process draws it, and what that knows."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def update(self, frame_idx: int, params: Any) -> None:
        super().update(frame_idx, params)
        # So that each worker draws a chunk.
        time.sleep(0.05)
        facts = {
            "worker": os.getpid(),
            "parent": os.getppid(),
            "variable": os.environ.get(SERVING),
            "started": psutil.Process(os.getppid()).create_time(),
            "modules": sorted(sys.modules.keys() & set(RARE)),
        }
        (self.folder / f"{frame_idx}.json").write_text(json.dumps(facts))


def facts_in(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


def record(folder: Path) -> list[dict[str, Any]]:
    Recorded(folder).make_video(folder / "a.mp4", range(16), 30, num_workers=2, chunk_size=2)
    assert read_numbers(folder / "a.mp4") == [(i, i) for i in range(16)]
    return facts_in(folder)


class Proven(Animator):
    """Records in setup() what its process knows of drawing less, before a figure asks for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def setup(self) -> Figure:
        (self.folder / f"{os.getpid()}-{proof.was_proven()}").touch()
        return Figure(figsize=(1, 1), dpi=32)

    def update(self, frame_idx: int, params: Any) -> None:
        # So that each worker draws a chunk.
        time.sleep(0.05)


def test_workers_need_not_prove_again_that_drawing_less_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "_found", [])
    Proven(tmp_path).make_video(tmp_path / "a.mp4", range(16), 30, num_workers=2, chunk_size=2)
    told = dict(path.name.split("-") for path in tmp_path.glob("*-*"))
    assert len(told) >= 3
    assert set(told.values()) == {"True"}


def test_loky_has_what_the_forked_processes_need() -> None:
    preparation = spawn.get_preparation_data("a worker", init_main_module=False)
    assert set(TRACKERS) <= set(preparation)
    assert callable(LokyProcess._bootstrap)
    for name in ("_launch", "duplicate_for_child", "poll", "wait"):
        assert callable(getattr(FreshPopen, name))
    # It sets what `_launch` fills.
    assert {"_fds", "returncode"} <= set(FreshPopen.__init__.__code__.co_names)


def test_all_workers_are_forks_of_one_process_that_ends_with_the_movie(tmp_path: Path) -> None:
    facts = record(tmp_path)
    assert len(Counter(fact["worker"] for fact in facts)) == 2
    (server,) = {fact["parent"] for fact in facts}
    assert server != os.getpid()
    assert not psutil.pid_exists(server)


def test_workers_have_the_environment_of_the_moment_they_start_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fork_server() as server:
        server.start()
        monkeypatch.setenv(SERVING, "set after the server had started")
        facts = record(tmp_path)
    assert {fact["variable"] for fact in facts} == {"set after the server had started"}


def test_the_server_imports_what_workers_will_need(tmp_path: Path) -> None:
    with fork_server() as server:
        server.import_early(["this"])
        server.start()
        server.import_early(["colorsys", "no_such_module", "matplotlib.no_such_module"])
        facts = record(tmp_path)
    assert {tuple(fact["modules"]) for fact in facts} == {("colorsys",)}
    assert len({fact["parent"] for fact in facts}) == 1


def test_movies_within_a_block_take_their_workers_from_one_server(tmp_path: Path) -> None:
    parents = set()
    with fork_server():
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            parents |= {fact["parent"] for fact in record(tmp_path / name)}
    assert len(parents) == 1


def at_start(folder: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Run code in each Python that starts from now on."""
    (folder / "sitecustomize.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(folder))


def test_a_server_with_threads_is_not_forked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = "threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()"
    at_start(tmp_path, monkeypatch, f"import threading, time\n{thread}\n")
    assert {fact["parent"] for fact in record(tmp_path)} == {os.getpid()}


def test_a_worker_starts_on_its_own_if_the_server_cannot_fork_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second_fails = (
        "import errno, os\nfork, forks = os.fork, []\n"
        "def limited():\n"
        "    forks.append(1)\n"
        "    if len(forks) == 2:\n"
        "        raise BlockingIOError(errno.EAGAIN, 'no more processes')\n"
        "    return fork()\n"
        "os.fork = limited\n"
    )
    at_start(tmp_path, monkeypatch, second_fails)
    parents = {fact["parent"] for fact in record(tmp_path)}
    assert len(parents) == 2
    assert os.getpid() in parents


def test_workers_start_on_their_own_with_an_unknown_loky(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loky.__version__", "4.0.0")
    assert {fact["parent"] for fact in record(tmp_path)} == {os.getpid()}


def test_a_program_that_a_library_has_started_does_not_end_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_start(tmp_path, monkeypatch, "import subprocess\nsubprocess.Popen(['sleep', '0.5'])\n")
    (server,) = {fact["parent"] for fact in record(tmp_path)}
    assert server != os.getpid()


def test_a_blocked_signal_does_not_keep_workers_from_ending(tmp_path: Path) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    try:
        (server,) = {fact["parent"] for fact in record(tmp_path)}
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    assert server != os.getpid()


def test_a_process_with_many_open_files_has_a_server(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limits[1] < 2000:
        pytest.skip("the limit of open files is too low here")
    with contextlib.ExitStack() as files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (2000, limits[1]))
        files.callback(resource.setrlimit, resource.RLIMIT_NOFILE, limits)
        for _ in range(1100):
            files.enter_context(open(os.devnull))
        (server,) = {fact["parent"] for fact in record(tmp_path)}
    assert server != os.getpid()


KILLED = """
import os, signal
from command_line import HELPERS
from movies import Numbers
from parallel_animate.local.pool import ChunkPool

enter = ChunkPool.__enter__

def enter_and_die(pool):
    enter(pool)
    os.kill(os.getpid(), signal.SIGKILL)

ChunkPool.__enter__ = enter_and_die
Numbers().make_video("a.mp4", range(4), 30, num_workers=2, chunk_size=2)
"""


def test_a_process_killed_before_it_has_workers_leaves_nothing(
    tmp_path: Path, no_leftovers: Leftovers
) -> None:
    result = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(HELPERS)}
    )
    assert result.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 20
    while no_leftovers() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert no_leftovers() == []


def test_workers_start_on_their_own_if_the_server_was_killed(tmp_path: Path) -> None:
    with fork_server() as server:
        server.start()
        (child,) = (
            child
            for child in psutil.Process().children()
            if any("forked_worker" in argument for argument in child.cmdline())
        )
        child.kill()
        child.wait()
        assert {fact["parent"] for fact in record(tmp_path)} == {os.getpid()}


def test_more_descriptors_than_the_kernel_passes_are_refused() -> None:
    with fork_server() as server, pytest.raises(ForkServerError):
        server.fork(range(MOST_DESCRIPTORS))


def test_workers_start_on_their_own_if_no_server_can_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Longer than one argument of a command may be (128 KiB, MAX_ARG_STRLEN in linux/binfmts.h).
    monkeypatch.setattr(sys, "path", [*sys.path, "x" * 200_000])
    assert {fact["parent"] for fact in record(tmp_path)} == {os.getpid()}


def test_the_caller_draws_its_frame_while_the_server_still_imports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_server = "any('forked_worker' in argument for argument in sys.orig_argv)"
    at_start(tmp_path, monkeypatch, f"import sys, time\nif {is_server}:\n    time.sleep(3)\n")

    class Timed(Recorded):
        def update(self, frame_idx: int, params: Any) -> None:
            super().update(frame_idx, params)
            facts = json.loads((self.folder / f"{frame_idx}.json").read_text())
            (self.folder / f"{frame_idx}-{os.getpid()}.time").write_text(
                json.dumps([facts["worker"], time.time()])
            )

    Timed(tmp_path).make_video(tmp_path / "a.mp4", range(4), 30, num_workers=2, chunk_size=2)
    times = [json.loads(path.read_text()) for path in tmp_path.glob("*.time")]
    here = [when for process, when in times if process == os.getpid()]
    workers = [when for process, when in times if process != os.getpid()]
    assert len(here) == 1
    assert len(workers) >= 4
    assert here[0] < min(workers) - 1


class EndsServer(Numbers):
    """The first frame in a worker ends the process that has forked the worker."""

    def __init__(self) -> None:
        super().__init__()
        self.caller = os.getpid()

    def update(self, frame_idx: int, params: Any) -> None:
        super().update(frame_idx, params)
        if os.getpid() == self.caller:
            return
        if frame_idx == 0:
            os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(30)


def test_the_end_of_the_server_ends_the_movie_and_leaves_nothing(
    tmp_path: Path, no_leftovers: Leftovers
) -> None:
    with pytest.raises(RenderError, match="A worker process died"):
        EndsServer().make_video(tmp_path / "a.mp4", range(4), 30, num_workers=2, chunk_size=2)
    assert no_leftovers() == []
    assert list(tmp_path.glob("*.mp4")) == []
