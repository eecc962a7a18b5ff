"""A quiet block hides what the code in it prints, and not what other threads print meanwhile."""

import threading
from collections.abc import Callable

import pytest

from parallel_animate.render.quiet import quiet


def in_thread(function: Callable[[], None]) -> None:
    thread = threading.Thread(target=function)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()


def test_other_threads_print_while_this_one_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    is_quiet, has_printed = threading.Event(), threading.Event()

    def other() -> None:
        assert is_quiet.wait(20)
        print("of another thread")
        has_printed.set()

    thread = threading.Thread(target=other)
    thread.start()
    with quiet():
        print("of this thread")
        in_thread(lambda: print("of a thread that this one has started"))
        is_quiet.set()
        assert has_printed.wait(20)
    thread.join(20)
    print("afterwards")
    assert capsys.readouterr().out == "of another thread\nafterwards\n"
