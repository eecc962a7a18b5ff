"""Jobs that encode on a GPU are counted, so that a card gets no more sessions than it allows."""

from pathlib import Path

import pytest
import yaml
from movies import read_numbers
from nvenc import write_ffmpeg
from project import MOVIE, ROOT, Project

# A session is a folder; a second one at the same time leaves a line.
SESSION = """
case "$last" in
    *segments*) mkdir {folder}/session || echo beside >> {folder}/beside; sleep 1
        trap 'rmdir {folder}/session' EXIT ;;
esac
"""


@pytest.mark.slow
@pytest.mark.parametrize(("sessions", "expected"), [(1, False), (2, True)])
def test_no_more_sessions_than_the_nvenc_resource_allows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sessions: int, expected: bool
) -> None:
    program = write_ffmpeg(tmp_path, SESSION.format(folder=tmp_path))
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))
    project = Project(tmp_path, wave={**MOVIE, "video_mode": "gpu"})
    project.snakemake("--cores", "3", "--resources", f"nvenc={sessions}")
    assert read_numbers(tmp_path / "results/wave.mp4") == [(i, 2 * i) for i in range(11)]
    assert (tmp_path / "beside").exists() is expected


def test_the_default_profile_stays_within_the_limit_of_a_geforce_card() -> None:
    profile = yaml.safe_load((ROOT / "profiles/default/config.yaml").read_text())
    assert profile["resources"] == "nvenc=8"
