"""Data that another program changes while make_video draws."""

import subprocess
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from movies import Numbers, read_numbers

from parallel_animate.errors import InputsChangedError


class Reader(Numbers):
    """Reads a file in setup(), and changes files at frame 6 as another program would."""

    def setup(self) -> Figure:
        self.shift = int(Path("data.txt").read_text())
        return super().setup()

    def update(self, frame_idx: int, params: int) -> None:
        if frame_idx == 6 and Path("edit").exists():
            subprocess.run(["mv", "edit", "data.txt"], check=True)
        super().update(frame_idx, params + self.shift)


@pytest.mark.parametrize("num_workers", [1, 2])
def test_data_that_change_while_frames_are_drawn_leave_no_wrong_segment(
    in_tmp: Path, num_workers: int
) -> None:
    def movie() -> list[tuple[int, int]]:
        Reader().make_video(
            "a.mp4", range(12), 30, num_workers=num_workers, chunk_size=4, work_dir="work"
        )
        return read_numbers(Path("a.mp4"))

    Path("data.txt").write_text("0")
    Path("edit").write_text("7")
    with pytest.raises(InputsChangedError, match=r"data\.txt is not what .* Run the same command"):
        movie()
    assert movie() == [(i, i + 7) for i in range(12)]
    Path("data.txt").write_text("0")
    assert movie() == [(i, i) for i in range(12)]
