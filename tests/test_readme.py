"""The README's code runs as it is pasted."""

import subprocess
import sys
from pathlib import Path

from extract_example import python_blocks
from movies import read_frames

ROOT = Path(__file__).resolve().parent.parent


def test_the_example_runs_as_a_plain_script(tmp_path: Path) -> None:
    blocks = python_blocks(ROOT / "README.md")
    # The second block goes on after the first, and resumes.
    (tmp_path / "wave.py").write_text("\n".join(blocks))
    subprocess.run([sys.executable, "wave.py"], cwd=tmp_path, check=True, timeout=120)
    frames = list(read_frames(tmp_path / "wave.mp4"))
    assert len(frames) == 120
    assert frames[0].shape == (480, 640, 3)
    assert len(list((tmp_path / "work/wave/segments").iterdir())) == 5


def test_the_shell_commands_exist() -> None:
    text = (ROOT / "README.md").read_text()
    makefile = (ROOT / "Makefile").read_text()
    for target in ("movies", "test"):
        assert f"make {target} " in text
        assert f"\n{target}: " in makefile
