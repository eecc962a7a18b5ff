"""What the process of the studio draws and which files it watches, without a page."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from movies import decode_numbers

from parallel_animate.errors import RenderError
from parallel_animate.frame_rate import parse_fps
from parallel_animate.settings import video_settings
from parallel_animate.studio import stage as stage_module
from parallel_animate.studio.failure import describe_failure
from parallel_animate.studio.session import Session
from parallel_animate.studio.source import MovieSource
from parallel_animate.studio.stage import Stage
from parallel_animate.studio.stamps import has_changed

CODE = """
import os
from pathlib import Path
from movies import Numbers

class Steps(Numbers):
    count = 0

    def update(self, frame_idx, params):
        self.count += 1
        os.path.exists("unread.txt")
        for name in ("read.txt", "missing.txt"):
            if Path(name).exists():
                Path(name).read_text()
        try:
            open("late.txt")
        except FileNotFoundError:
            pass
        Path("written.txt").write_text(str(frame_idx))
        super().update(frame_idx, self.count if params is None else params)

class ThirdFails(Steps):
    def update(self, frame_idx, params):
        if frame_idx == 3:
            raise ValueError("third")
        super().update(frame_idx, params)

class FirstFails(Numbers):
    def update(self, frame_idx, params):
        super().update(frame_idx, 10 // frame_idx)

def stream():
    return (number + 500 for number in range(250))

def nothing():
    return [None] * 8
"""


def loaded(folder: Path, name: str, animator: str, params: str, **values: Any) -> Stage:
    # A name of its own: this process keeps modules.
    (folder / f"{name}.py").write_text(CODE)
    settings = video_settings(fps=25)
    targets = (f"{name}.py:{animator}", f"{name}.py:{params}")
    stage = Stage(MovieSource(name, *targets, settings, parse_fps(25), **values))
    with stage.recording():
        stage.load()
    return stage


def numbers(stage: Stage, position: int) -> tuple[int, int]:
    with stage.recording():
        header, pixels = stage.draw(position)
    assert header["position"] == header["id"]
    return decode_numbers(pixels)


def test_a_stream_of_params_is_read_little_by_little(
    in_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage_module, "READING_SECONDS", 0)
    stage = loaded(in_tmp, "studio_stream", "Steps", "stream")
    assert stage.count() == {"n_frames": 1, "is_complete": False}
    assert numbers(stage, 7) == (7, 507)
    assert stage.count() == {"n_frames": 8, "is_complete": False}
    # After the last frame, it is that one.
    assert numbers(stage, 1_000_000) == (249, 749)
    monkeypatch.setattr(stage_module, "READING_SECONDS", 1)
    stage.read()
    assert stage.count() == {"n_frames": 250, "is_complete": True}
    assert numbers(stage, 3) == (3, 503)


def test_frames_in_order_are_drawn_from_the_first_one(in_tmp: Path) -> None:
    stage = loaded(in_tmp, "studio_order", "Steps", "nothing", in_order=True)
    assert [numbers(stage, position) for position in (4, 5, 2, 7)] == [
        *((4, 5), (5, 6), (2, 3), (7, 8)),
    ]


def test_a_first_frame_that_fails_hides_no_other(in_tmp: Path) -> None:
    stage = loaded(in_tmp, "studio_first", "FirstFails", "nothing")
    assert numbers(stage, 5) == (5, 2)
    with pytest.raises(RenderError) as caught:
        stage.draw(0)
    failure = describe_failure(caught.value)
    assert failure.heading == "Frame 0 failed"
    assert failure.place == "studio_first.py, line 30"
    assert failure.line == "super().update(frame_idx, 10 // frame_idx)"
    assert numbers(stage, 2) == (2, 5)


def test_after_a_frame_that_fails_others_are_as_before(in_tmp: Path) -> None:
    stage = loaded(in_tmp, "studio_third", "ThirdFails", "nothing")
    # The second call of update(): the movie's first frame settles the figure.
    assert numbers(stage, 2) == (2, 2)
    for _ in range(2):
        with pytest.raises(RenderError, match="third"):
            stage.draw(3)
        assert numbers(stage, 2) == (2, 2)


def test_files_that_are_read_or_missing_count_and_written_ones_do_not(in_tmp: Path) -> None:
    (in_tmp / "read.txt").write_text("1")
    stage = loaded(in_tmp, "studio_reads", "Steps", "stream")
    assert numbers(stage, 0) == (0, 500)
    stamps = stage.files()["stamps"]
    names = {os.path.relpath(path, in_tmp) for path in stamps}
    assert {"studio_reads.py", "read.txt", "late.txt"} <= names
    assert not {"written.txt", "unread.txt", "."} & names
    assert stage.files()["written"] == []
    assert not has_changed(stamps)
    (in_tmp / "late.txt").write_text("")
    assert has_changed(stamps)


@pytest.mark.slow
def test_an_error_that_nothing_expects_is_shown_by_the_page() -> None:
    def read_source() -> MovieSource:
        raise ZeroDivisionError("by nobody's fault")

    async def load() -> dict[str, Any]:
        session = Session(read_source)
        try:
            with session.page() as page:
                session.load()
                while True:
                    await asyncio.wait_for(page.wake.wait(), 60)
                    page.wake.clear()
                    for message in page.take_messages():
                        if message["kind"] == "failure":
                            return message
        finally:
            session.end()

    assert "by nobody's fault" in asyncio.run(load())["message"]
