"""The workloads as animators.

This package and its peer share their import name and this interface, so the one module serves
both: which of them is imported depends on the interpreter that runs it.  The classes stand at
the top of an importable module because worker processes look them up by name.
"""

from __future__ import annotations

from workloads import FivePanelScene, FourteenPanelScene, WaveScene

from parallel_animate import Animator


class WaveAnimator(WaveScene, Animator):
    """The workload ``wave``."""


class FivePanelAnimator(FivePanelScene, Animator):
    """The workload ``five``."""


class FourteenPanelAnimator(FourteenPanelScene, Animator):
    """The workload ``14``."""


ANIMATORS: dict[str, type[Animator]] = {
    "wave": WaveAnimator,
    "five": FivePanelAnimator,
    "14": FourteenPanelAnimator,
}
