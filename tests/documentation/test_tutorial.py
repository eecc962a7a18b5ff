"""The tutorial's blocks, run one after another as a reader runs them."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from extract_example import titled_blocks
from movies import read_frames
from project import ROOT

DOCS = ROOT / "docs"


def script_of(page: Path) -> str:
    """Return a shell script: commands as written, blocks with a title as files."""
    lines = ["set -euo pipefail"]
    for language, title, text in titled_blocks(page):
        if title:
            lines.append(f"cat > {shlex.quote(title)} <<'END OF FILE'\n{text}END OF FILE")
        else:
            assert language == "sh", f"{page}: a block that is neither a file nor commands"
            lines.append(text)
    return "\n".join(lines)


@pytest.mark.slow
@pytest.mark.timeout(900)  # pip installs the package with all its dependencies
def test_the_tutorial_runs_from_start_to_end(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    page = (DOCS / "tutorial.md").read_text()
    # The interpreter of the tests is the reader's python3.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    result = subprocess.run(
        ["bash", "-c", script_of(DOCS / "tutorial.md")],
        cwd=clone,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=850,
        check=False,
    )
    said = result.stdout + result.stderr
    assert result.returncode == 0, said
    sun = clone / "sun"
    assert (sun / "morning.png").is_file()
    for name, n_frames in {"day": 100, "results/summer": 100, "results/winter": 100}.items():
        assert sum(1 for _ in read_frames(sun / f"{name}.mp4")) == n_frames
    assert sum(1 for _ in read_frames(sun / "results/summer-draft.mp4")) == 10
    assert (sun / "results/summer/index.html").is_file()
    for words in ("unchanged", "5 of 105 frames to render, in 1 of 5 chunks"):
        assert words in page
        assert words in said
