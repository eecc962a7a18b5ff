"""Changes that a user may make to a movie, and what each one costs; not a test file.

Both drivers share one table: Snakemake and make_video render the same chunks again.
"""

from collections.abc import Callable
from pathlib import Path

from project import MOVIE, Project

ALL = {"render_chunk": 3, "concat_segments": 1}
JOIN = {"concat_segments": 1}
NOTHING: dict[str, int] = {}
HELPER = """
FACTOR = 1
OFFSETS = [0]
"""
# Snakemake renders again when this file changes; make_video reads the values it has given.
READING_HELPER = """
FACTOR = 1
with open("offsets.txt") as file:
    OFFSETS = [int(file.read())]
"""
# The file has its own params: in a config, the provider may be in any file.
ANIMATOR = """
import functools
import helper
import numpy as np
from movies import Numbers

def shift():
    return int(np.loadtxt("data.txt"))

@functools.cache
def cached_shift():
    return int(np.loadtxt("cached.txt"))

def unused():
    return 1

class Movie(Numbers):
    def __init__(self, offset=0):
        super().__init__()
        self.offset = offset

    def setup(self):
        self.shift = shift() + cached_shift()
        return super().setup()

    def update(self, frame_idx, params):
        shift = self.shift + helper.OFFSETS[0]
        super().update(frame_idx, params * helper.FACTOR + self.offset + shift)
"""

Change = Callable[[Project], None]


def make_project(folder: Path, reads_at_import: bool = False) -> Project:
    """Return a project whose animator imports a module and reads a file, not rendered yet."""
    project = Project(folder, wave=MOVIE)
    (folder / "helper.py").write_text(READING_HELPER if reads_at_import else HELPER)
    (folder / "stranger.py").write_text("x = 1\n")
    (folder / "data.txt").write_text("0")
    (folder / "cached.txt").write_text("0")
    (folder / "offsets.txt").write_text("0")
    (folder / "animator.py").write_text(ANIMATOR)
    return project


def sources(folder: Path) -> dict[Path, bytes]:
    """Return what `take_back` needs, before a change."""
    files = [*folder.glob("*.py"), *folder.glob("*.txt"), folder / "config/config.yaml"]
    return {path: path.read_bytes() for path in files}


def take_back(folder: Path, before: dict[Path, bytes]) -> None:
    """Take a change back."""
    for path, content in before.items():
        path.write_bytes(content)
    (folder / "matplotlibrc").unlink(missing_ok=True)


def edit(name: str, old: str, new: str) -> Change:
    return lambda project: project.edit(name, old, new)


def configure(**change: object) -> Change:
    return lambda project: project.configure(wave={**MOVIE, **change})


def write(name: str, text: str) -> Change:
    return lambda project: (project.folder / name).write_text(text) and None


CHANGES: dict[str, tuple[Change, dict[str, int]]] = {
    "a param of one frame": (
        edit("frames.py", "for i in range(11)]", "for i in range(11)][:-1] + [99]"),
        {"render_chunk": 1, "concat_segments": 1},
    ),
    "frames appended": (
        edit("frames.py", "range(11)", "range(13)"),
        {"render_chunk": 2, "concat_segments": 1},
    ),
    "the animator's code": (edit("animator.py", "+ shift)", "+ shift + 1)"), ALL),
    "a module it imports": (edit("helper.py", "FACTOR = 1", "FACTOR = 3"), ALL),
    "kwargs": (configure(kwargs={"offset": 3}), ALL),
    "quality": (configure(video_quality=30), ALL),
    "dpi": (configure(savefig_params={"dpi": 50}), ALL),
    "fps": (configure(fps=24), ALL),
    "rcParams": (write("matplotlibrc", "lines.linewidth: 7\n"), ALL),
    "a comment and a docstring": (
        edit("animator.py", "    def update", '    """Moves."""\n    # fast\n    def update'),
        NOTHING,
    ),
    "a module it does not import": (write("stranger.py", "x = 2\n"), NOTHING),
    "a file that setup() reads": (write("data.txt", "1"), ALL),
    "a file that a cached function reads": (write("cached.txt", "1"), ALL),
    "a file that a module reads when it is imported": (write("offsets.txt", "1"), ALL),
    "a function that nobody calls": (edit("animator.py", "return 1", "return 2"), NOTHING),
    "a line that acts when it is imported": (
        edit("animator.py", "def unused", "np.set_printoptions(precision=3)\n\ndef unused"),
        ALL,
    ),
    "the title": (configure(video_extra_ffmpeg_params=["-metadata", "title=x"]), JOIN),
    "the check of order": (configure(order_check=False), NOTHING),
}
