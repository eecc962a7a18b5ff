"""A movie plays in a browser: it loads, its size and duration are right, seeking is exact."""

from pathlib import Path

import pytest
from browser import CHROMIUM, SEEK_PAGE, posted
from movies import BITS, Numbers

FPS, COUNT, CHUNK = 25, 130, 25
SOUGHT = (0, 24, 25, 26, 77, 101, 129)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_chromium_plays_and_seeks_exactly(tmp_path: Path) -> None:
    Numbers((3.2, 1.6)).make_video(
        tmp_path / "movie.mp4",
        range(COUNT),
        FPS,
        num_workers=1,
        video_mode="cpu",
        chunk_size=CHUNK,
    )
    (tmp_path / "page.html").write_text(SEEK_PAGE % (list(SOUGHT), FPS, BITS))
    result = posted(tmp_path, "page.html", tmp_path / "profile")
    assert result == {
        "seen": list(SOUGHT),
        "duration": pytest.approx(COUNT / FPS, abs=1e-3),
        "size": [320, 160],
    }
