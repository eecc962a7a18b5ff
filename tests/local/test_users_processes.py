"""Processes that the user's code forks while frames are encoded do not hold up a render."""

import signal
from pathlib import Path

import pytest
from command_line import run_script
from movies import read_numbers

FORKS = """
import multiprocessing, os, signal
from parallel_animate.local.termination import cleanup_on_signals

lock = multiprocessing.Lock()
lock.acquire()
ends = set()
with cleanup_on_signals():
    for _ in range(500):
        child = os.fork()
        if not child:
            lock.acquire()
            os._exit(1)
        os.kill(child, signal.SIGTERM)
        ends.add(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    # Nor may a later one, which comes just before a wait, be left to Python.
    child = os.fork()
    if not child:
        os._exit(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    print(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)
    print(signal.pthread_sigmask(signal.SIG_BLOCK, []))
print(ends)
"""


def test_a_process_that_the_user_forks_ends_by_a_signal_at_any_moment(tmp_path: Path) -> None:
    """A pool of multiprocessing sends SIGTERM to its processes, and waits until they end."""
    result = run_script(FORKS, folder=tmp_path)
    assert result.stdout.splitlines() == ["1", "False", "set()", "{-15}"], result.stderr


SIGNALS_IN_A_FORK = """
import os, signal, time, warnings

# From 3.12 Python counts the thread that sends the signal again, and warns of it.
warnings.simplefilter("ignore", DeprecationWarning)
armed = False

def send():
    global armed
    if armed:
        armed = False
        os.kill(os.getpid(), signal.SIGTERM)
        print("held", signal.SIGTERM in signal.sigpending())

# The first to be registered runs last before a fork: signals are held by then.
os.register_at_fork(before=send)
from parallel_animate.local.termination import cleanup_on_signals

def fork():
    if not (child := os.fork()):
        os._exit(0)
    os.waitpid(child, 0)

with cleanup_on_signals():
    try:
        armed = True
        fork()
        time.sleep(20)  # as a render that goes on
        print("not ended")
    finally:
        print("cleaned up", signal.pthread_sigmask(signal.SIG_BLOCK, []), flush=True)
"""


def test_a_signal_that_comes_while_the_user_forks_ends_this_process(tmp_path: Path) -> None:
    result = run_script(SIGNALS_IN_A_FORK, folder=tmp_path)
    assert result.returncode == -signal.SIGTERM
    assert result.stdout.splitlines() == ["held True", "cleaned up set()"]
    assert not result.stderr


POOL = """
import multiprocessing, sys
from matplotlib.animation import FuncAnimation
from movies import Numbers
from parallel_animate import save_animation

pools = []

class Pools(Numbers):
    def update(self, frame_idx, params):
        if frame_idx == 1 and not pools:
            pools.append(multiprocessing.get_context("fork").Pool(1))
        super().update(frame_idx, params)

if sys.argv[1] == "make_video":
    Pools().make_video("a.mp4", range(6), 30, num_workers=int(sys.argv[2]), chunk_size=3)
else:
    pooling = Pools()
    figure = pooling.setup()

    def update(i):
        pooling.update(i, i)

    save_animation(FuncAnimation(figure, update, frames=6), "a.mp4", 30, num_workers=1)
"""


@pytest.mark.parametrize("how", [["make_video", "1"], ["make_video", "2"], ["save_animation"]])
def test_a_pool_that_update_keeps_does_not_keep_the_encoder_waiting(
    tmp_path: Path, how: list[str]
) -> None:
    """An encoder ends when its pipe is closed in all processes, and a fork has a copy of it."""
    result = run_script(POOL, *how, folder=tmp_path)
    assert result.returncode == 0, result.stderr
    assert read_numbers(tmp_path / "a.mp4") == [(i, i) for i in range(6)]
