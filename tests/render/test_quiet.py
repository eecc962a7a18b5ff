"""A quiet block hides what the code in it prints, and not what other threads print meanwhile."""

import logging
import sys
import threading
import warnings
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


@pytest.mark.parametrize(
    ("act", "has_hidden"),
    [
        (lambda: None, False),
        (lambda: print("output"), True),
        (lambda: print("output", file=sys.stderr), True),
        (lambda: warnings.warn("a warning", stacklevel=1), True),
        (lambda: logging.getLogger("a").warning("a line"), True),
        (lambda: logging.getLogger("a").debug("below the level of every logger"), False),
    ],
)
def test_a_quiet_block_knows_whether_it_has_hidden_anything(
    act: Callable[[], None],
    has_hidden: bool,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with quiet() as silence:
        act()
    assert silence.has_hidden is has_hidden
    assert capfd.readouterr() == ("", "")
    assert not caplog.records


def test_a_line_of_a_logger_with_a_level_of_its_own_is_hidden() -> None:
    logger = logging.getLogger("told")
    logger.setLevel(logging.DEBUG)
    try:
        with quiet() as silence:
            logger.debug("a line")
    finally:
        logger.setLevel(logging.NOTSET)
    assert silence.has_hidden
