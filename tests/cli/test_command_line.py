"""How commands are found and called: the help, names of movies, folders below the project, keys."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from command_line import HELPERS, animate
from movies import read_numbers
from project import BIN, MOVIE, Project

# People's commands, in the order in which they need them.
PEOPLE = [
    *("init", "preview", "studio", "run", "status", "render", "page", "export", "grid", "join"),
    *("clean", "doctor", "completion"),
]
OF_WORKFLOW = ["plan", "render-chunk", "render-batch", "concat", "failure", "index"]


def command(*words: str, folder: Path, expect: int = 0, **variables: str) -> tuple[str, str]:
    result = subprocess.run(
        [str(BIN / "parallel-animate"), *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=200,
        env={**os.environ, "PYTHONPATH": str(HELPERS), **variables},
        check=False,
    )
    assert result.returncode == expect, result.stdout + result.stderr
    return result.stdout, result.stderr


def test_without_arguments_the_help_lists_peoples_commands_first(tmp_path: Path) -> None:
    result = animate(folder=tmp_path)
    assert result.returncode == 0
    assert result.stderr == ""
    listed, _, options = result.stdout.partition("\noptions:\n")
    assert re.findall(r"^    (\w\S*)", listed, flags=re.MULTILINE) == PEOPLE
    assert f"the workflow's own: {', '.join(OF_WORKFLOW)}\n" in options
    assert all(len(line) <= 80 for line in result.stdout.splitlines())
    assert animate("--help", folder=tmp_path).stdout == result.stdout


@pytest.mark.slow
def test_one_movie_of_the_config_is_rendered_from_a_folder_below_the_project(
    tmp_path: Path,
) -> None:
    Project(tmp_path, wave=MOVIE, other={**MOVIE, "params": "frames.py:missing"})
    below = tmp_path / "notes/today"
    below.mkdir(parents=True)
    _, errors = command("run", "wave", "-n", "-j", "1", folder=below)
    assert errors.splitlines() == [
        *(f"in {tmp_path}", "planning wave"),
        "wave: 11 of 11 frames to render, in 3 of 3 chunks",
    ]
    assert not (tmp_path / "results").exists()
    viewer = tmp_path / "viewer"
    viewer.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/opened\n')
    viewer.chmod(0o755)
    opening = {"BROWSER": f"{viewer} %s", "DISPLAY": ":99"}
    output, errors = command("run", "wave", "-q", "-j", "1", "--open", folder=below, **opening)
    assert re.fullmatch(r"results/wave\.mp4  11 frames, .* on 1 core\n", output)
    assert errors.splitlines() == [f"in {tmp_path}"]
    assert (tmp_path / "opened").read_text() == f"file://{tmp_path}/results/wave.mp4\n"
    assert len(read_numbers(tmp_path / "results/wave.mp4")) == 11
    assert not (tmp_path / "work/other").exists()

    output, _ = command("status", folder=below)
    assert output.startswith("wave: done")
    assert "0 files" in command("clean", "-n", folder=below)[0]
    output, errors = command("preview", "wave", "--open", folder=below, DISPLAY="")
    picture = "results/wave/frame-0000000.png"
    assert output == f"{tmp_path}/{picture}\n"
    assert "is not opened, because there is no screen here." in errors
    assert (tmp_path / picture).is_file()


def test_names_and_configs_that_do_not_exist_are_wrong_usage(tmp_path: Path) -> None:
    _, errors = command("run", folder=tmp_path, expect=2)
    assert "or above" in errors
    Project(tmp_path, wave=MOVIE)
    (tmp_path / "below").mkdir()
    _, errors = command("run", "wvae", folder=tmp_path / "below", expect=2)
    assert "The config has no movie 'wvae'. Did you mean 'wave'?" in errors
    _, errors = command("run", "missing.yaml", folder=tmp_path, expect=2)
    assert "missing.yaml" in errors
    # A folder that was named is the project: nothing above it is used.
    _, errors = command("run", "-d", "below", folder=tmp_path, expect=2)
    assert "No config in" in errors


COMPLETE = """
source <(parallel-animate completion bash)
COMP_WORDS=({words}) COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))
COMP_LINE="{words}" COMP_POINT=$(( ${{#COMP_LINE}} )) COMP_TYPE=9 COMP_KEY=9
_python_argcomplete parallel-animate
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("parallel-animate pre", ["preview"]),
        ("parallel-animate run w", ["wave", "winter"]),
        ("parallel-animate run --dry", ["--dry-run"]),
        ("parallel-animate status wi", ["winter"]),
    ],
)
def test_bash_completes_commands_options_and_movies(
    tmp_path: Path, words: str, completed: list[str]
) -> None:
    Project(tmp_path, wave=MOVIE, winter=MOVIE)
    result = subprocess.run(
        ["bash", "--norc", "-c", COMPLETE.format(words=words)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]])},
        check=True,
    )
    assert sorted(result.stdout.split()) == completed, result.stderr


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_have_a_script_too(tmp_path: Path, shell: str) -> None:
    output, _ = command("completion", shell, folder=tmp_path)
    assert "parallel-animate" in output
