"""The workloads as animators.

This package and its peer have the same import name and this interface, so one module serves both:
the interpreter that runs it decides which one is imported.  The classes are at the top level of an
importable module because worker processes look them up by name.
"""

from __future__ import annotations

from more_workloads import (
    AutoscalingScene,
    BarRaceScene,
    MovingTitleScene,
    ScatterScene,
    SixteenPanelScene,
    SurfaceScene,
    VideoScene,
)
from workloads import FivePanelScene, FourteenPanelScene, WaveScene

from parallel_animate import Animator


class WaveAnimator(WaveScene, Animator):
    """The workload ``wave``."""


class FivePanelAnimator(FivePanelScene, Animator):
    """The workload ``five``."""


class FourteenPanelAnimator(FourteenPanelScene, Animator):
    """The workload ``14``."""


class MovingTitleAnimator(MovingTitleScene, Animator):
    """The workload ``title``."""


class BarRaceAnimator(BarRaceScene, Animator):
    """The workload ``bars``."""


class AutoscalingAnimator(AutoscalingScene, Animator):
    """The workload ``growing``."""


class SurfaceAnimator(SurfaceScene, Animator):
    """The workload ``surface``."""


class VideoAnimator(VideoScene, Animator):
    """The workload ``video``."""


class ScatterAnimator(ScatterScene, Animator):
    """The workload ``scatter``."""


class SixteenPanelAnimator(SixteenPanelScene, Animator):
    """The workload ``sixteen``."""


ANIMATORS: dict[str, type[Animator]] = {
    "wave": WaveAnimator,
    "five": FivePanelAnimator,
    "14": FourteenPanelAnimator,
    "title": MovingTitleAnimator,
    "bars": BarRaceAnimator,
    "growing": AutoscalingAnimator,
    "surface": SurfaceAnimator,
    "video": VideoAnimator,
    "scatter": ScatterAnimator,
    "sixteen": SixteenPanelAnimator,
}
