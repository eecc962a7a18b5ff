"""A full disk is an error with a remedy and no partial file, and the same call resumes."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from movies import Numbers, read_numbers

from parallel_animate import Animator, FFmpegError

# Of the fixture small_disk.
SIZE_KIB = 4000


class Noise(Animator):
    """Draws noise, which hardly compresses."""

    def setup(self) -> Figure:
        figure = Figure(figsize=(3.2, 2.4), dpi=100)
        self.image = figure.figimage(np.zeros((240, 320)), vmin=0, vmax=1, resize=False)
        return figure

    def update(self, frame_idx: int, params: object) -> None:
        self.image.set_data(np.random.rand(240, 320))


def test_a_full_disk_is_an_error_with_a_remedy_and_the_same_call_resumes(small_disk: Path) -> None:
    hog = small_disk / "hog"
    hog.write_bytes(b"x" * (SIZE_KIB - 120) * 1024)
    movie, work = small_disk / "movie.mp4", small_disk / "work"

    def render() -> None:
        Noise().make_video(
            movie, range(4), 30, num_workers=1, video_mode="cpu", work_dir=work, chunk_size=2
        )

    with pytest.raises(FFmpegError, match="No space left on device") as caught:
        render()
    assert caught.value.returncode
    assert f"The disk with {work / 'segments'} is full. Make room" in str(caught.value)
    assert not movie.exists()
    left = {path.name for path in small_disk.rglob("*") if path.is_file()}
    left.discard(".lock")
    assert not [name for name in left if name.startswith(".")], "no temporary file"
    hog.unlink()
    render()
    assert movie.is_file()


class Counting(Numbers):
    """Counts its frames, so that they must be drawn in order, and makes room on the disk."""

    def __init__(self, hog: Path) -> None:
        super().__init__()
        self.hog = hog
        self.ballast = np.random.default_rng(0).bytes(500_000)
        self.counts = [0]

    def update(self, frame_idx: int, params: object) -> None:
        self.hog.unlink(missing_ok=True)
        self.counts[0] += 1
        super().update(frame_idx, self.counts[0])


def test_a_disk_that_was_full_at_first_does_not_change_frames_that_must_be_in_order(
    small_disk: Path,
) -> None:
    hog = small_disk / "hog"
    hog.write_bytes(b"x" * (SIZE_KIB - 300) * 1024)
    animator, movie = Counting(hog), small_disk / "movie.mp4"
    animator.make_video(
        movie, range(6), 30, num_workers=1, chunk_size=2, work_dir=small_disk / "work"
    )
    assert read_numbers(movie) == [(i, i + 1) for i in range(6)]
