"""Segments of several files that are encoded at once."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from parallel_animate import FFmpegError
from parallel_animate.encode.encoders import choose_encoder
from parallel_animate.encode.mp4 import read_sample_tables
from parallel_animate.encode.segments import SegmentTarget, SegmentWriters
from parallel_animate.settings import video_settings


@pytest.mark.parametrize("dies_late", [False, True])
def test_an_optional_segment_that_fails_leaves_the_others_whole(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, dies_late: bool
) -> None:
    # It dies at its first frame, or takes all of them and then fails.
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/sh\n{'cat > /dev/null' if dies_late else ''}\nexit 1\n")
    program.chmod(0o755)
    settings = video_settings(fps=25, video_mode="cpu")
    encoder = choose_encoder(settings)
    broken = SegmentTarget(tmp_path / "b.mp4", settings, replace(encoder, ffmpeg=str(program)))
    whole = SegmentTarget(tmp_path / "a.mp4", settings, encoder)

    def write(*targets: SegmentTarget) -> list[Path]:
        with SegmentWriters(targets) as writers:
            for number in range(60):
                writers.write(np.full((200, 300, 4), 4 * number, np.uint8))
            return [segment.path for segment in writers.finish()]

    assert write(whole, replace(broken, is_optional=True)) == [whole.path]
    assert len(read_sample_tables(whole.path).sizes) == 60
    (said,) = caplog.messages
    assert f"{broken.path} could not be encoded while its frames were drawn" in said
    whole.path.unlink()
    with pytest.raises(FFmpegError):
        write(broken, whole)
    # The first one is finished last, so the other one may be there, and is whole.
    left = {path.name for path in tmp_path.iterdir()} - {"ffmpeg"}
    assert left <= {whole.path.name}
    assert not left or len(read_sample_tables(whole.path).sizes) == 60
