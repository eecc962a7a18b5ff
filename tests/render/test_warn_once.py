"""A warning of user code is shown once, also if movies are rendered in several threads."""

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from parallel_animate.render.warn_once import each_warning_once


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    texts: list[str] = []

    def show(message: Any, *place: Any, **more: Any) -> None:
        texts.append(str(message))

    with warnings.catch_warnings(action="always"):
        monkeypatch.setattr(warnings, "showwarning", show)
        yield texts
        assert warnings.showwarning is show


def warn(*texts: str) -> None:
    for text in texts:
        warnings.warn(text, stacklevel=1)


def test_blocks_of_several_threads_end_in_any_order(shown: list[str]) -> None:
    one, other = contextlib.ExitStack(), contextlib.ExitStack()
    one.enter_context(each_warning_once())
    other.enter_context(each_warning_once())
    warn("early", "early")
    one.close()
    warn("early", "late", "late")
    other.close()
    assert shown == ["early", "late"]
    with each_warning_once():
        warn("early")
    assert shown == ["early", "late", "early"], "another movie shows it again"


def test_a_block_of_the_user_that_ends_after_the_movie_loses_no_warning(shown: list[str]) -> None:
    movie, users = contextlib.ExitStack(), contextlib.ExitStack()
    real = warnings.showwarning
    movie.enter_context(each_warning_once())
    users.enter_context(warnings.catch_warnings())
    movie.close()
    users.close()
    with each_warning_once():
        warn("of the next movie")
    assert shown == ["of the next movie"]
    warnings.showwarning = real
