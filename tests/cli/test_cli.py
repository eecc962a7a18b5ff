"""The command: what it does, and its exit status."""

import signal
import sys
from pathlib import Path

import av
import pytest
from command_line import animate
from movies import decode_numbers, read_numbers
from shapes import read_rgba

from parallel_animate.cli.main import main


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


def test_render_makes_a_movie(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = project / "viewer"
    viewer.write_text(f'#!/bin/sh\necho "$1" >> {project}/opened\n')
    viewer.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{viewer} %s")
    monkeypatch.setenv("DISPLAY", ":99")
    options = ("--fps", "30000/1001", "-j", "2", "--chunk-size", "3", "--open")
    result = animate(*RENDER, *options, folder=project)
    assert result.returncode == 0, result.stderr
    assert (project / "opened").read_text() == f"file://{project}/out/wave.mp4\n"
    assert read_numbers(project / "out/wave.mp4") == [(i, i) for i in range(7)]


def test_render_makes_the_files_that_the_suffixes_name(project: Path) -> None:
    arguments = (*RENDER[:-1], "wave.webp", "--fps", "25", "-j", "1", "--transparent")
    result = animate(*arguments, "--also", "wave.apng", "--also", "b/wave.gif", folder=project)
    assert result.returncode == 0, result.stderr
    files = ["wave.webp", "wave.apng", "b/wave.gif"]
    for name, line in zip(files, result.stdout.splitlines(), strict=True):
        assert line.startswith(f"{name}  7 frames, 0.3 s, ")
        frames = read_rgba(project / name)
        assert [decode_numbers(frame) for frame in frames] == [(i, i) for i in range(7)]


@pytest.mark.slow
def test_render_takes_a_codec(project: Path) -> None:
    arguments = (*RENDER[:-1], "wave.mkv", "--fps", "25", "-j", "1", "--codec")
    result = animate(*arguments, "ffv1", folder=project)
    assert result.returncode == 0, result.stderr
    with av.open(str(project / "wave.mkv")) as container:
        assert container.streams.video[0].codec.canonical_name == "ffv1"
    result = animate(*arguments, "prores", folder=project)
    assert result.returncode == 2
    assert "codec='prores' does not fit a .mkv" in result.stderr


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
        ["run", "a.yaml", "b.yaml"],
        ["clean", "--work", "missing"],
        *(
            ["render", animator, "--params", params, "--fps", "30", "-o", "a.mp4"]
            for animator, params in (
                ("missing.py:Wave", "wave.py:frames"),
                ("wave.py", "wave.py:frames"),
                ("wave.py:Missing", "wave.py:frames"),
                ("wave.py:Wave", "wave.py:missing"),
            )
        ),
        [*RENDER, "--fps", "fast"],
        [*RENDER, "--fps", "30", "--quality", "99"],
        [*RENDER[:-1], "wave.wemb", "--fps", "30"],
        [*RENDER[:-1], "wave.gif", "--fps", "60"],
        ["plan", "missing.yaml"],
        *([*RENDER, "--fps", fps] for fps in ("0", "-1", "nan", "inf", "1e300", "30/0")),
        *(
            [*command, number]
            for command in (
                *((*RENDER, "--fps", "30", word) for word in ("-j", "-n", "--chunk-size", "--dpi")),
                ("preview", "m", "--frame"),
                *(("run", word) for word in ("--every", "--scale", "--cores")),
                ("status", "--interval"),
                ("plan", "c.yaml", "--job-minutes"),
                ("render-batch", "b", "--workers"),
                ("render-chunk", "c", "s", "--attempt"),
            )
            # Options that begin like a number need "=" in front of a negative one.
            for number in ("0", "nan", "inf", "x", f"1{'0' * 400}")
            if (command[-1], number) != ("--frame", "0")
        ),
        ["run", "--every=-1"],
        *([*RENDER, "--fps", "30", "--kwargs", text] for text in ("[1]", "null", "{", "3")),
        ["preview", "m", "--frame=-1"],
        # No file, no config, no movie, no page for the join file.
        ["export", "missing.mp4"],
        ["export", "wave"],
        ["export", "wave.py"],
        ["page", "wave"],
        ["page", "a.join"],
        ["page", "a.join", "a.mp4", "a.html", "--compare", "missing.mp4"],
    ],
    ids=lambda words: " ".join(words[-3:])[:40],
)
def test_wrong_usage_exits_with_2_and_without_a_traceback(
    project: Path,
    arguments: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In this process, since there are many: exit status, no traceback, one sentence, no file."""
    monkeypatch.chdir(project)
    monkeypatch.setattr(sys, "path", list(sys.path))
    handler = signal.getsignal(signal.SIGTERM)
    try:
        status = main(arguments)
    except SystemExit as end:
        status = end.code
    finally:
        signal.signal(signal.SIGTERM, handler)
    said = capsys.readouterr().err
    assert status == 2, said
    assert "Traceback" not in said
    assert "error: " in said.splitlines()[-1]
    assert len(said.splitlines()[-1]) < 500
    assert [path.name for path in project.iterdir()] == ["wave.py"]


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
