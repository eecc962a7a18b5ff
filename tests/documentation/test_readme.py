"""The README's code runs as pasted."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from extract_example import blocks, python_blocks, titled_blocks
from movies import read_frames, read_times
from PIL import Image
from project import BIN, ROOT

README = ROOT / "README.md"
# How each block begins -> what runs it.
RUN_BY = {
    "pip install .": "tests/documentation/test_tutorial.py",
    "make movies": ".ci/run",
    "import numpy as np": "test_the_example_runs_as_a_plain_script",
    "parallel-animate render wave.py": "test_the_readmes_commands_run",
    "import matplotlib.pyplot": "test_the_readmes_animation_is_saved",
    "parallel-animate init pond": "test_the_readmes_commands_run",
    "movies:": "test_the_readmes_config_is_that_of_the_examples",
    "snakemake --cores 32": "test_the_readmes_commands_run",
    "from parallel_animate import packaged_snakefile": "tests/pipeline/test_run.py",
    "Wave().make_video": "test_the_example_runs_as_a_plain_script",
    "parallel-animate run --profile slurm": "tests/pipeline/slurm",
}


def run(command: list[str], folder: Path) -> str:
    path = os.pathsep.join([str(BIN), os.environ["PATH"]])
    result = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=220,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


def block(start: str) -> str:
    (found,) = (text for _, _, text in titled_blocks(README) if text.startswith(start))
    return found


def test_no_block_is_left_out() -> None:
    for _, _, text in titled_blocks(README):
        assert any(text.startswith(start) for start in RUN_BY), text


def test_the_numbers_are_those_of_the_benchmarks() -> None:
    measured = (ROOT / "docs/benchmarks.md").read_text().partition("## Machine")[0]
    text = " ".join(README.read_text().split())

    def times_as_fast(tool: str) -> list[float]:
        found = re.findall(rf"against {tool} +\| (\S+)x", measured)
        return sorted(map(float, found))

    low, _, median, _, high = times_as_fast("Animation.save")
    assert f"**{median:.1f} times as fast as matplotlib's own `save`**" in text
    assert f"in the median of five animations as people write them ({low:.1f} to {high:.1f}" in text
    low, _, high = times_as_fast("FuncAnimation.save, at defaults")
    assert f"gain more: {low:.0f} to {high:.0f} times in three of ours" in text
    assert f"Against `FuncAnimation.save` they rendered {low:.0f} to {high:.0f} times" in text
    low, _, high = times_as_fast("parallel-matplotlib-animation, at defaults")
    assert f"three larger ones rendered {low:.1f} to {high:.1f} times as fast as with" in text


def test_the_first_screen_moves_but_not_for_everyone() -> None:
    first = README.read_text().partition("\n## ")[0]
    assert (
        '<source media="(prefers-reduced-motion: reduce)" srcset="docs/images/stocks.png">' in first
    )
    (path, width, height) = re.findall(
        r'<img src="(\S+)" width="(\d+)" height="(\d+)" alt="\w', first
    )[0]
    picture = ROOT / path
    assert picture.stat().st_size < 2_000_000
    with Image.open(picture) as image:
        assert image.n_frames >= 50
        assert image.size == (int(width), int(height))
        assert image.info["loop"] == 0, "it plays once"


def test_the_four_ways_come_first_and_lead_to_their_sections() -> None:
    for page in (README, ROOT / "docs/index.md"):
        table = page.read_text().partition("| you have | use |")[2].partition("\n\n")[0]
        for way in (
            "make_video(",
            "save_animation(",
            "parallel-animate render",
            "parallel-animate run",
        ):
            assert way in table, f"{way}: {page}"
    text = README.read_text()
    headings = {
        line[3:].lower().replace(" ", "-") for line in text.splitlines() if line[:3] == "## "
    }
    assert set(re.findall(r"\(#([\w-]+)\)", text)) <= headings


def test_the_example_runs_as_a_plain_script(tmp_path: Path) -> None:
    # The second block continues after the first, and resumes.
    (tmp_path / "wave.py").write_text(python_blocks(README)[0] + block("Wave().make_video"))
    run([sys.executable, "wave.py"], tmp_path)
    frames = list(read_frames(tmp_path / "wave.mp4"))
    assert len(frames) == 120
    assert frames[0].shape == (480, 640, 3)
    assert len(list((tmp_path / "work/wave/segments").iterdir())) == 4


def test_the_readmes_animation_is_saved(tmp_path: Path) -> None:
    (tmp_path / "sine.py").write_text(block("import matplotlib.pyplot"))
    run([sys.executable, "sine.py"], tmp_path)
    times, rate, _ = read_times(tmp_path / "sine.mp4")
    assert (len(times), rate) == (60, 25)


def test_the_readmes_config_is_that_of_the_examples() -> None:
    (text,) = blocks(README, "yaml")
    shown = yaml.safe_load(text)["movies"]
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())["movies"]
    assert shown.items() <= config.items()


@pytest.mark.slow
def test_the_readmes_commands_run(tmp_path: Path) -> None:
    (tmp_path / "wave.py").write_text(python_blocks(README)[0])
    run(["bash", "-ec", block("parallel-animate render wave.py")], tmp_path)
    assert sum(1 for _ in read_frames(tmp_path / "wave.mp4")) == 120
    run(["bash", "-ec", block("parallel-animate init pond")], tmp_path)
    pond = tmp_path / "pond"
    assert sum(1 for _ in read_frames(pond / "results/pond.mp4")) == 240
    text = README.read_text()
    for command in (
        "parallel-animate preview pond --frame 100",
        "parallel-animate run --every 10 --scale 0.5",
        "parallel-animate status",
        "parallel-animate run --pages",
        "parallel-animate clean",
    ):
        assert f"`{command}" in text
        run(["bash", "-ec", command], pond)
    run(["bash", "-ec", "snakemake --cores 32 pages --report report.html"], pond)
    for name in ("results/pond-draft.mp4", "results/pond/index.html", "report.html"):
        assert (pond / name).is_file()


@pytest.mark.slow
def test_the_repository_renders_its_examples(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    for folder in ("config", "examples", "workflow"):
        shutil.copytree(ROOT / folder, clone / folder)
    shutil.copy(ROOT / "Snakefile", clone)
    command = block("snakemake --cores 32").splitlines()[1]
    said = run(["bash", "-ec", command], clone)
    for movie in ("eeg", "terrain", "stocks"):
        assert f"results/{movie}.mp4" in said


def test_the_shell_commands_exist() -> None:
    text = README.read_text()
    makefile = (ROOT / "Makefile").read_text()
    for target in ("movies", "test"):
        assert f"make {target} " in text
        assert f"\n{target}: " in makefile
        assert f"\nmake {target}" in (ROOT / ".ci/run").read_text()
