"""Frame rates as exact fractions, and the times of the frames at a rate.

This module knows nothing of files or ffmpeg. Every time in the package comes from here.
"""

import logging
import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from numbers import Rational, Real
from operator import index

from parallel_animate.errors import SettingsError
from parallel_animate.validation import in_words

logger = logging.getLogger(__name__)

# 1001 is the largest denominator among broadcast rates (24000/1001, 30000/1001, 60000/1001).
MAX_DENOMINATOR_OF_A_FLOAT = 1001
# What people write as 23.976, 29.97 or 59.94 are these rates divided by 1.001.
BROADCAST_RATES = (24, 30, 48, 60, 96, 120, 240)
# A track time scale of at least this many ticks a second keeps the concat demuxer's microsecond
# rounding below half a frame's tick; measured exact for every rate up to MAX_TIMESCALE.
MIN_TIMESCALE = 10_000
# Above this, a tick is shorter than the microsecond in a concat list: wrong pts were seen.
MAX_TIMESCALE = 1_000_000
# An MP4 file stores the duration of a frame in 32 bits; ffmpeg reads it with a sign.
MAX_TICKS = 2**31 - 1

TYPE_OF_FPS = "an int, a Fraction, a float or a string such as '30000/1001'"


def parse_fps(fps: object) -> Fraction:
    """Return a frame rate as an exact fraction.

    Parameters
    ----------
    fps : int, Fraction, float or str
        Frames per second. A float means the nearest fraction with a denominator of at most 1001
        (29.97 means 30000/1001); if the two differ, the fraction is logged. Strings look like
        ``"30000/1001"``, ``"25"`` or ``"29.97"``.

    Returns
    -------
    Fraction
        The rate in frames per second.

    Raises
    ------
    SettingsError
        If the rate is not a number, not positive, or needs more than 1,000,000 ticks a second.
    """
    rate = _as_fraction(fps)
    if rate == 0 and isinstance(fps, Real) and float(fps) > 0:
        raise SettingsError(
            f"fps {in_words(fps)} is too small for a float, which means the nearest fraction with "
            f"a denominator of at most {MAX_DENOMINATOR_OF_A_FLOAT}; use a Fraction."
        )
    if rate <= 0:
        raise SettingsError(
            f"fps must be positive, found {in_words(fps)}; use a number such as 30."
        )
    if TimeGrid(rate).timescale > MAX_TIMESCALE:
        raise SettingsError(
            f"fps {in_words(fps)} needs a time scale of {in_words(TimeGrid(rate).timescale)} ticks "
            f"a second, more than the {MAX_TIMESCALE} of an exact movie; choose a rate with a "
            "smaller numerator."
        )
    if TimeGrid(rate).tick > MAX_TICKS:
        raise SettingsError(
            f"fps {in_words(fps)} is too small: in an MP4 file, a frame lasts 200,000 seconds at "
            "most."
        )
    return rate


def _as_fraction(fps: object) -> Fraction:
    try:
        if isinstance(fps, bool):
            raise TypeError
        if isinstance(fps, str) and "/" not in fps and "." in fps:
            return _nearest_fraction(float(fps))
        if isinstance(fps, (Rational, str)):
            return Fraction(fps)
        # float, numpy.float32 and the like; then integers of other libraries.
        return _nearest_fraction(float(fps)) if isinstance(fps, Real) else Fraction(index(fps))  # type: ignore[arg-type]
    except SettingsError:
        raise
    except Exception as error:
        raise SettingsError(f"fps must be {TYPE_OF_FPS}, found {in_words(fps)}.") from error


def _nearest_fraction(fps: float) -> Fraction:
    if not math.isfinite(fps):
        raise SettingsError(f"fps must be a finite number, found {fps!r}.")
    broadcast = Fraction(math.ceil(fps) * 1000, 1001)
    if math.ceil(fps) in BROADCAST_RATES and abs(float(broadcast) - fps) < 0.005:
        rate = broadcast
    else:
        rate = Fraction(fps).limit_denominator(MAX_DENOMINATOR_OF_A_FLOAT)
    if rate != Fraction(fps):
        logger.info("fps %r means %s = %.9f frames per second.", fps, rate, float(rate))
    return rate


def thinned_fps(fps: Fraction, every: int) -> Fraction:
    """Return the rate of a movie of every Nth frame, which lasts as long as the whole movie."""
    return parse_fps(fps / every)


def format_fps(fps: Fraction) -> str:
    """Return the rate as ffmpeg and the config read it: ``30`` or ``30000/1001``."""
    return f"{fps.numerator}" if fps.denominator == 1 else f"{fps.numerator}/{fps.denominator}"


@dataclass(frozen=True)
class TimeGrid:
    """The times of a movie's frames: frame i has pts i * tick, in units of 1/timescale seconds.

    Parameters
    ----------
    fps : Fraction
        Frames per second.
    """

    fps: Fraction

    @cached_property
    def _factor(self) -> int:
        return math.ceil(Fraction(MIN_TIMESCALE, self.fps.numerator))

    @property
    def timescale(self) -> int:
        """Ticks per second of the track."""
        return self.fps.numerator * self._factor

    @property
    def tick(self) -> int:
        """Ticks per frame."""
        return self.fps.denominator * self._factor

    def microseconds(self, n_frames: int) -> int:
        """Return the duration of n_frames frames, rounded half up to microseconds."""
        return math.floor(Fraction(n_frames * 1_000_000) / self.fps + Fraction(1, 2))
