"""Quick imports skip docstring tables, which only people read; matplotlib works the same."""

import os
import subprocess
import sys
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from parallel_animate import Animator

IMPORT = "import matplotlib.figure, matplotlib.backends.backend_agg"
QUICKLY = (
    "from parallel_animate.local.fast_import import quick_imports\n"
    f"with quick_imports():\n    {IMPORT}\n"
)
LOOK = """
import gc
from matplotlib.artist import kwdoc
from matplotlib.lines import Line2D
class Mine(Line2D):
    "Defined by the user, later."
print(gc.isenabled(), len(kwdoc(Line2D)), len(Line2D.set.__doc__), len(Mine.set.__doc__))
print(gc.get_freeze_count())
"""


def look_after(code: str) -> list[str]:
    result = subprocess.run(
        [sys.executable, "-c", code + LOOK], capture_output=True, text=True, check=True
    )
    return result.stdout.split()


def test_quick_imports_only_leave_out_the_tables_of_properties() -> None:
    plain, quick = look_after(IMPORT), look_after(QUICKLY)
    table = int(plain[1])
    assert table > 1000
    # The function is matplotlib's own again, and Python collects garbage as before.
    assert plain[0] == quick[0] == "True"
    assert quick[1] == plain[1]
    assert int(plain[2]) > 1000 > int(quick[2])
    assert quick[3] == plain[3]


def test_imported_objects_are_not_collected_when_the_process_ends() -> None:
    # Python 3.12 itself freezes a few hundred objects.
    assert int(look_after(IMPORT)[4]) < 1000
    assert int(look_after(QUICKLY)[4]) > 50_000


def test_later_objects_are_still_collected_and_finalized_at_the_end(tmp_path: Path) -> None:
    code = f"""
class Cycle:
    def __init__(self):
        self.me, self.file = self, open({str(tmp_path / "log")!r}, "w")
        self.file.write("not lost")
cycle = Cycle()
"""
    look_after(QUICKLY + code)
    assert (tmp_path / "log").read_text() == "not lost"


def test_a_disabled_garbage_collector_stays_off() -> None:
    assert look_after("import gc; gc.disable()\n" + QUICKLY)[0] == "False"


class Documented(Animator):
    """Writes the length of a matplotlib docstring into a file of the process that draws."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder

    def setup(self) -> Figure:
        (self.folder / str(os.getpid())).write_text(str(len(Line2D.set.__doc__ or "")))
        return Figure(figsize=(1, 1))

    def update(self, frame_idx: int, params: object) -> None:
        pass

    def lengths(self) -> dict[int, int]:
        return {int(path.name): int(path.read_text()) for path in self.folder.iterdir()}


def test_workers_import_quickly_and_the_users_process_keeps_its_help(tmp_path: Path) -> None:
    parallel, alone = Documented(tmp_path / "parallel"), Documented(tmp_path / "alone")
    parallel.make_video(tmp_path / "a.mp4", range(2), fps=10, num_workers=2)
    alone.make_video(tmp_path / "b.mp4", range(2), fps=10, num_workers=1)
    # This process may draw a frame that a worker draws, too.
    of_workers = [size for pid, size in parallel.lengths().items() if pid != os.getpid()]
    assert of_workers
    assert max(of_workers) < 1000
    assert list(alone.lengths()) == [os.getpid()]
    assert alone.lengths()[os.getpid()] > 1000
    assert "Properties" in (Line2D.set.__doc__ or "")
