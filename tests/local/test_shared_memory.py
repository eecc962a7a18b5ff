"""Workers hold no copies of large arrays, and each chunk has them as they were."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from command_line import HELPERS
from matplotlib.figure import Figure
from movies import Numbers, read_numbers

MEGABYTES = 120
SCRIPT = textwrap.dedent(
    """
    import json, multiprocessing, os, sys
    import numpy as np
    import psutil
    from movies import Numbers

    kind = sys.argv[1]
    FIELD = np.arange(125_000 * int(sys.argv[2]), dtype=float)

    def report():
        name = os.getpid() if multiprocessing.parent_process() else "caller"
        with open(f"{name}.json", "w") as file:
            used = psutil.Process().memory_full_info()
            # Pages of the file that no worker has mapped yet are no copy of the calling process's.
            own = used.rss - used.shared if name == "caller" else used.uss
            json.dump(own / 1e6, file)

    class Movie(Numbers):
        def __init__(self):
            super().__init__()
            self.field = FIELD if kind == "attribute" else None
        def update(self, frame_idx, params):
            field = {"attribute": self.field, "global": FIELD, "params": params}[kind]
            super().update(frame_idx, field[frame_idx])
            report()

    options = {"num_workers": 2, "chunk_size": 2, "video_mode": "cpu"}
    if kind == "animation":
        from matplotlib.animation import FuncAnimation
        from parallel_animate import save_animation

        numbers = Numbers()

        def draw(frame):
            numbers.update(frame, FIELD[frame])
            report()

        animation = FuncAnimation(numbers.setup(), draw, 6, init_func=lambda: [])
        save_animation(animation, "o.mp4", 25, **options)
    else:
        frames = [FIELD] * 6 if kind == "params" else range(6)
        Movie().make_video("o.mp4", frames, 25, **options)
    """
)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="private memory is measured on Linux only")
@pytest.mark.parametrize("kind", ["attribute", "global", "params", "animation"])
def test_a_worker_needs_less_memory_than_one_copy_of_the_array(tmp_path: Path, kind: str) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    subprocess.run(
        [sys.executable, "script.py", kind, str(MEGABYTES)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(HELPERS)},
        timeout=120,
        check=True,
    )
    assert read_numbers(tmp_path / "o.mp4") == [(i, i) for i in range(6)]
    used = {path.stem: json.loads(path.read_text()) for path in tmp_path.glob("*.json")}
    # It draws one frame, to compare it with a worker's, or all frames of an animation to check it.
    caller = used.pop("caller")
    assert used
    assert max(used.values()) < MEGABYTES + 60, "a worker without the array needs about 75 MB"
    assert caller < 2 * MEGABYTES, "the caller's own array is the only one in its process"


class Adding(Numbers):
    """Changes its array in setup() and in every frame, and shows what setup() has found in it."""

    def __init__(self) -> None:
        super().__init__()
        self.counts = np.zeros(300_000)

    def setup(self) -> Figure:
        self.found = int(self.counts.sum())
        self.counts[:100] += 1
        return super().setup()

    def update(self, frame_idx: int, params: object) -> None:
        self.counts[frame_idx] += 1
        super().update(frame_idx, self.found + 1)


def test_workers_may_change_their_arrays_and_each_chunk_starts_as_the_caller_has_them(
    tmp_path: Path, no_leftovers: object
) -> None:
    animator = Adding()
    # More chunks than workers: a worker draws several.
    animator.make_video(
        tmp_path / "o.mp4", range(16), 25, num_workers=2, chunk_size=4, video_mode="cpu"
    )
    assert read_numbers(tmp_path / "o.mp4") == [(i, 1) for i in range(16)]
    assert not animator.counts.any()
