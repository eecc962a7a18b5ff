"""Rates are exact fractions, however they are written."""

import logging
from fractions import Fraction

import pytest

from parallel_animate import SettingsError
from parallel_animate.frame_rate import TimeGrid, format_fps, parse_fps


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        (30, Fraction(30)),
        ("25", Fraction(25)),
        ("30000/1001", Fraction(30000, 1001)),
        (Fraction(24000, 1001), Fraction(24000, 1001)),
        (29.97, Fraction(30000, 1001)),
        ("29.97", Fraction(30000, 1001)),
        (23.976, Fraction(24000, 1001)),
        (59.94, Fraction(60000, 1001)),
        (12.5, Fraction(25, 2)),
        (0.1, Fraction(1, 10)),
        (30.0, Fraction(30)),
    ],
)
def test_every_spelling_of_a_rate_is_exact(written: object, rate: Fraction) -> None:
    assert parse_fps(written) == rate
    assert parse_fps(format_fps(rate)) == rate


def test_an_odd_float_is_rounded_to_a_fraction_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    rate = parse_fps(12.3456789)
    assert rate.denominator <= 1001
    assert abs(float(rate) - 12.3456789) < 1e-6
    assert str(rate) in caplog.text
    caplog.clear()
    parse_fps(12.5)
    assert caplog.text == "", "an exact float needs no line"


@pytest.mark.parametrize("written", [0, -1, float("inf"), "x", "1/0", None, True, [], "1_/2"])
def test_an_invalid_rate_is_an_error(written: object) -> None:
    with pytest.raises(SettingsError):
        parse_fps(written)


@pytest.mark.parametrize("rate", [Fraction(30), Fraction(30000, 1001), Fraction(7), Fraction(1, 3)])
def test_frame_times_are_exact(rate: Fraction) -> None:
    grid = TimeGrid(rate)
    assert Fraction(grid.tick, grid.timescale) == 1 / rate
    assert grid.timescale >= 10_000
    for n_frames in (0, 1, 10**6):
        assert abs(Fraction(grid.microseconds(n_frames), 10**6) - n_frames / rate) <= Fraction(
            1, 2 * 10**6
        )
