"""Advice on the encoder, once a run and only where it helps: on a cluster with GPUs.

Planning tries NVENC on its own machine, which may be a login node without a GPU.
"""

import shutil
import socket
from collections.abc import Sequence

from parallel_animate.pipeline.slurm_commands import ask
from parallel_animate.pipeline.try_movie import ON_GPU
from parallel_animate.project.plan import Plan


def encoder_advice(plans: Sequence[Plan]) -> str:
    """Return how to use the cluster's GPUs for movies that were just planned; empty if it has none.

    Parameters
    ----------
    plans : sequence of Plan
        The new plans.
    """
    names = [
        plan.movie
        for plan in plans
        if plan.config.get("video_mode", "auto") == "auto" and not plan.uses_gpu
    ]
    # sinfo names the devices of each kind of node, such as "gpu:a40:4".
    if not names or not shutil.which("sbatch") or "gpu" not in ask("sinfo", "-h", "-o", "%G"):
        return ""
    return (
        f"NVENC does not work on this machine, {socket.gethostname()}, so libx264 encodes "
        f"{', '.join(names)}. To use the cluster's GPUs, set 'video_mode: gpu' and {ON_GPU} To "
        "choose libx264 yourself, set 'video_mode: cpu'."
    )
