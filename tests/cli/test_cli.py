"""The command: what it does, and its exit status."""

from pathlib import Path

import pytest
from command_line import animate
from movies import read_numbers


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "wave.py").write_text(
        "from movies import Numbers\n"
        "class Wave(Numbers):\n"
        "    def __init__(self, bad=-1):\n"
        "        super().__init__()\n"
        "        self.bad = bad\n"
        "    def update(self, frame_idx, params):\n"
        "        assert frame_idx != self.bad, 'bad frame'\n"
        "        super().update(frame_idx, params)\n"
        "def frames():\n"
        "    return range(7)\n"
    )
    return tmp_path


RENDER = ("render", "wave.py:Wave", "--params", "wave.py:frames", "-o", "out/wave.mp4")


def test_render_makes_a_movie(project: Path) -> None:
    result = animate(*RENDER, "--fps", "30000/1001", "-j", "2", "--chunk-size", "3", folder=project)
    assert result.returncode == 0, result.stderr
    assert read_numbers(project / "out/wave.mp4") == [(i, i) for i in range(7)]


def test_a_failed_render_exits_with_1_and_the_users_traceback(project: Path) -> None:
    result = animate(*RENDER, "--fps", "30", "-j", "1", "--kwargs", '{"bad": 4}', folder=project)
    assert result.returncode == 1
    assert "assert frame_idx != self.bad" in result.stderr
    assert result.stderr.splitlines()[-1].startswith("error: Wave: frame 4 failed")
    assert not (project / "out/wave.mp4").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["render"],
        ["paint"],
        [],
        [*RENDER, "--fps", "fast"],
        [*RENDER, "--fps", "30", "--quality", "99"],
        ["plan", "missing.yaml"],
    ],
)
def test_wrong_usage_exits_with_2_and_without_a_traceback(
    project: Path, arguments: list[str]
) -> None:
    result = animate(*arguments, folder=project)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert not (project / "out").exists()


@pytest.mark.parametrize(
    "command",
    [
        "",
        "init",
        "preview",
        "run",
        "status",
        "page",
        "doctor",
        "render",
        "plan",
        "render-chunk",
        "clean",
    ],
)
def test_help_has_an_example(project: Path, command: str) -> None:
    result = animate(*command.split(), "--help", folder=project)
    assert result.returncode == 0
    assert "example:\n  parallel-animate " in result.stdout
