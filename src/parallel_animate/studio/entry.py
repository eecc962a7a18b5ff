"""Where a process that runs the user's code begins.

Apart from `stage`, so that the process of the page does without numpy and matplotlib.
"""

from collections.abc import Sequence
from multiprocessing.connection import Connection

STAGE = "parallel_animate.studio.stage"


def run_stage(connection: Connection, modules: Sequence[str]) -> None:
    """See `parallel_animate.studio.stage.answer_requests`."""
    from parallel_animate.studio.stage import answer_requests

    answer_requests(connection, modules)
