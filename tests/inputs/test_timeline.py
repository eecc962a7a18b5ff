"""A timeline gives every frame the params that it promises, and holds are one picture."""

import datetime
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from parallel_animate import FrameError, SettingsError, Timeline
from parallel_animate.inputs.frames import HeldFrame, IndexedFrameParams
from parallel_animate.inputs.timeline import EASES


def shown(timeline: Timeline, fps: Any) -> list[Any]:
    """Return the params of every frame."""
    params = timeline.frames(Fraction(fps))
    items = [item.params if isinstance(item, HeldFrame) else item for item in params]
    assert len(params) == len(items)
    return items


def drawn(timeline: Timeline, fps: Any) -> list[int]:
    """Return the frame id that update() gets for every frame."""
    params = enumerate(timeline.frames(Fraction(fps)))
    return [item.frame_idx if isinstance(item, HeldFrame) else i for i, item in params]


def test_a_hold_lasts_as_long_as_it_should_and_is_drawn_once() -> None:
    timeline = Timeline().hold("a", 0.5).play("bc").hold("d", 0.3)
    assert "".join(shown(timeline, 10)) == "aaaaabcddd"
    assert drawn(timeline, 10) == [0, 0, 0, 0, 0, 5, 6, 7, 7, 7]


def test_items_last_equally_long_at_a_speed_below_the_frame_rate() -> None:
    timeline = Timeline().play(range(10), per_second=10)
    assert shown(timeline, 30) == [i for i in range(10) for _ in range(3)]
    assert drawn(timeline, 30) == [3 * i for i in range(10) for _ in range(3)]


def test_one_item_a_frame_is_what_it_is_without_a_timeline() -> None:
    items = ["a", "a", None, 3]
    assert list(Timeline().play(items).frames(30)) == items
    assert list(Timeline().play(items, per_second=30).frames(30)) == items


def test_equal_items_beside_each_other_are_drawn_apart() -> None:
    timeline = Timeline().hold("a", 0.2).play(["a", "a"]).hold("a", 0.2)
    assert drawn(timeline, 10) == [0, 0, 2, 3, 4, 4]


@pytest.mark.parametrize("ease", list(EASES))
@pytest.mark.parametrize("n_items", [1, 2, 7, 33, 100])
def test_the_first_and_the_last_item_are_shown_in_order_at_any_speed(
    n_items: int, ease: str
) -> None:
    for seconds in (0.5, 1, 3):
        items = shown(Timeline().play(range(n_items), seconds=seconds, ease=ease), 12)
        assert len(items) == 12 * seconds
        assert (items[0], items[-1]) == (0, n_items - 1)
        assert items == sorted(items)


def test_a_pair_of_speeds_changes_the_speed_evenly() -> None:
    items = np.array(shown(Timeline().play(range(300), per_second=(10, 50)), 100))
    assert len(items) == 1000
    for second in range(10):
        # The speed in the middle of each second.
        expected = 10 + 40 * (second + 0.5) / 10
        assert items[100 * second + 99] - items[100 * second] == pytest.approx(expected, abs=1.5)


def test_an_eased_start_is_slower_than_the_rest() -> None:
    items = shown(Timeline().play(range(100), seconds=1, ease="in"), 100)
    assert items[25] < 10
    items = shown(Timeline().play(range(100), seconds=1, ease="out"), 100)
    assert items[25] > 40
    backwards = Timeline().play(range(5), seconds=1, ease=lambda share: 1 - share)
    assert shown(backwards, 5) == [4, 3, 2, 1, 0]


def test_items_are_shown_when_their_times_have_come() -> None:
    timeline = Timeline().play_at("abcd", [0, 1, 1.5, 4], speed=2)
    assert "".join(shown(timeline, 4)) == "aabcccccd"
    days = np.datetime64("2026-01-01") + np.array([0, 1, 3])
    timeline = Timeline().play_at("abc", days, speed=np.timedelta64(24, "h"))
    assert "".join(shown(timeline, 3)) == "aaabbbbbbc"
    dates = [datetime.date(2026, 1, day) for day in (1, 2, 4)]
    timeline = Timeline().play_at("abc", dates, speed=datetime.timedelta(days=1))
    assert "".join(shown(timeline, 3)) == "aaabbbbbbc"


def test_a_sweep_goes_smoothly_from_its_start_to_its_end() -> None:
    angles = np.array(shown(Timeline().sweep(0, 360, 2), 25))
    assert (angles[0], angles[-1]) == (0, 360)
    assert len(angles) == 50
    steps = np.diff(angles)
    assert (steps > 0).all()
    assert steps[0] < steps[24] / 5 > steps[-1]
    even = shown(Timeline().sweep(np.array([0, 8]), np.array([4, 0]), 0.5, ease="linear"), 10)
    np.testing.assert_allclose(even, [[0, 8], [1, 6], [2, 4], [3, 2], [4, 0]])
    assert drawn(Timeline().sweep(1, 1, 1), 5) == [0, 1, 2, 3, 4]


def test_parts_do_not_drift_and_each_has_a_frame() -> None:
    timeline = Timeline()
    for number in range(1000):
        timeline = timeline.hold(number, 1 / 3)
    fps = Fraction(30000, 1001)
    items = shown(timeline, fps)
    assert len(items) == round(1000 * fps / 3)
    assert set(items) == set(range(1000))
    for number in (250, 500, 999):
        assert items.index(number) == pytest.approx(float(number * fps / 3), abs=0.51)
    assert shown(Timeline().hold("a", 1e-6).hold("b", 1e-6), 10) == ["a", "b"]


def test_a_timeline_does_not_change_and_can_be_read_again() -> None:
    start = Timeline().play("ab")
    longer = start.hold("c", 1)
    assert shown(start, 2) == ["a", "b"]
    assert shown(longer, 2) == shown(longer, 2) == ["a", "b", "c", "c"]


class Days:
    """Has only a length and items, and counts which of them are read."""

    def __init__(self) -> None:
        self.read: list[int] = []

    def __len__(self) -> int:
        return 1000

    def __getitem__(self, position: int) -> int:
        self.read.append(position)
        return position


def test_only_items_that_are_shown_are_read_and_once() -> None:
    days = Days()
    timeline = Timeline().play(days, seconds=1).hold(days[7], 1)
    assert days.read == [7]
    assert shown(timeline, 5) == [0, 250, 500, 750, 999] + [7] * 5
    assert days.read == [7, 0, 250, 500, 750, 999]


def test_iterators_and_series_are_played_by_position() -> None:
    def items() -> Iterator[str]:
        yield from "abc"

    assert shown(Timeline().play(items(), seconds=1), 3) == ["a", "b", "c"]
    assert shown(Timeline().play({"x": 1, "y": 2}), 3) == ["x", "y"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Timeline().frames(30), "has no parts"),
        (lambda: Timeline().play([]), "has no items"),
        (lambda: Timeline().play(3), "must be an iterable of params, found 3"),
        (lambda: Timeline().play(Timeline().hold(1, 1)), "must be an iterable of params"),
        (lambda: Timeline().hold(1, 0), "seconds must be a positive number, found 0"),
        (lambda: Timeline().play([1], seconds=-1), "seconds must be a positive number"),
        (lambda: Timeline().play([1], per_second="x"), "per_second must be a positive number"),
        (lambda: Timeline().play([1], per_second=1, seconds=1), "per_second or seconds"),
        (lambda: Timeline().play([1], per_second=(1, 2, 3)), "a pair of speeds without ease"),
        (lambda: Timeline().play([1], per_second=(1, 2), ease="in"), "pair of speeds without"),
        (lambda: Timeline().play([1], ease="in-outt"), "Did you mean 'in-out'"),
        (lambda: Timeline().play_at("ab", [1], speed=1), "one time for each item; found 2"),
        (lambda: Timeline().play_at("ab", [2, 1], speed=1), "in ascending order"),
        (lambda: Timeline().play_at("ab", [1, 2], speed=-1), "speed must be positive"),
        (lambda: Timeline().play_at("ab", [1, 2], speed=0), "speed must be positive"),
        (lambda: Timeline().play_at("ab", [1, 2], speed="6h"), "time difference such as"),
        (
            lambda: list(Timeline().play([1, 2], seconds=1, ease=lambda share: 2.0).frames(3)),
            "ease must return 0 to 1",
        ),
    ],
)
def test_bad_parts_are_clear_errors(make: Any, message: str) -> None:
    with pytest.raises((SettingsError, FrameError), match=message):
        make()


def test_a_timeline_of_numbered_frames_is_refused() -> None:
    with pytest.raises(SettingsError, match="IndexedFrameParams"):
        list(Timeline().play([IndexedFrameParams(3, "a")]).frames(3))
