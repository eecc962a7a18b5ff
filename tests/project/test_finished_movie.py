"""A movie is done if its content is right; requests to Snakemake obey the clock of the disk."""

import os
import time
from pathlib import Path

import pytest

from parallel_animate.project.finished_movie import is_finished, record_movie, request_join
from parallel_animate.project.plan import Plan
from parallel_animate.project.work_folder import WorkFolder


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    folder = WorkFolder(tmp_path / "work/wave")
    folder.make()
    folder.make_for_jobs()
    folder.movie("mp4").parent.mkdir()
    folder.movie("mp4").write_text("the movie")
    folder.joined.write_text("j\n")
    folder.join("j").touch()
    record_movie(folder.root, folder.movie("mp4"))
    return Plan("wave", {}, "r", "j", {"name": "libx264"}, "", (1, 1), 1, (("c", 1),), {}, {})


def test_only_the_file_that_was_joined_is_the_movie(tmp_path: Path, plan: Plan) -> None:
    folder = WorkFolder(tmp_path / "work/wave")
    assert is_finished(folder.root, plan)
    os.utime(folder.movie("mp4"), (1, 1))
    assert is_finished(folder.root, plan), "only its time is another one"
    before = folder.movie("mp4").stat()
    folder.movie("mp4").write_text("The movie")
    os.utime(folder.movie("mp4"), ns=(before.st_atime_ns, before.st_mtime_ns))
    assert not is_finished(folder.root, plan)
    assert "other content" in request_join(folder.root, plan)
    folder.movie("mp4").write_text("the")
    assert "3 bytes instead of 9" in request_join(folder.root, plan)
    folder.movie("mp4").unlink()
    assert not is_finished(folder.root, plan)
    assert request_join(folder.root, plan) == "", "a missing movie needs no message"
    folder.movie("mp4").write_text("the movie")
    folder.joined.write_text("another\n")
    assert not is_finished(folder.root, plan)
    folder.joined.write_text("j\n")
    folder.movie_state.unlink()
    assert not is_finished(folder.root, plan)


def test_a_request_is_newer_than_the_movie_and_not_from_the_future(
    tmp_path: Path, plan: Plan
) -> None:
    folder = WorkFolder(tmp_path / "work/wave")
    ahead = time.time() + 1e6
    for wrong in (False, True, False):
        if wrong:
            folder.movie("mp4").write_text("other movie")
        else:
            folder.movie("mp4").write_text("the movie")
        os.utime(folder.movie("mp4"), (ahead, ahead))
        os.utime(folder.join("j"), (ahead, ahead))
        request_join(folder.root, plan)
        request, movie = folder.join_request.stat().st_mtime, folder.movie("mp4").stat().st_mtime
        assert (request > movie) == wrong
        assert max(request, movie, folder.join("j").stat().st_mtime) <= time.time() + 1
