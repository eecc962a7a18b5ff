"""Workers draw as the caller would: styles, fonts, colormaps, scripts, notebooks, backends."""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from command_line import HELPERS


def run_script(folder: Path, text: str, *arguments: str, env: dict[str, str] | None = None) -> str:
    script = folder / "script.py"
    script.write_text(textwrap.dedent(text))
    result = subprocess.run(
        [sys.executable, str(script), *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(HELPERS), **(env or {})},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout + result.stderr


STYLED = """
    import datetime, functools, sys
    from pathlib import Path
    import matplotlib as mpl
    import matplotlib.pyplot as plt
    import numpy as np
    from matplotlib import font_manager
    from matplotlib.colors import ListedColormap
    from parallel_animate import Animator

    plt.style.use("dark_background")
    plt.rcParams["lines.linewidth"] = 4
    mpl.colormaps.register(ListedColormap(["#111", "#f40", "#ff8"], name="embers"))
    mpl.colors.get_named_colors_mapping()["ours"] = "#12ab34"
    font_manager.fontManager.addfont("ours.ttf")
    plt.rcParams["font.family"] = font_manager.FontProperties(fname="ours.ttf").get_name()

    # Changes to matplotlib's own tables, classes and modules.
    class Wide:
        def __init__(self, pad=0.3):
            self.pad = pad

        def __call__(self, x0, y0, width, height, mutation_size):
            return mpl.path.Path([(x0 - 9, y0), (x0 + width + 9, y0), (x0, y0 + height)])

    def spaced(self, text, original=mpl.text.Text.set_text):
        original(self, " ".join(str(text)))

    mpl.patches.BoxStyle._style_list["wide"] = Wide
    mpl.text.Text.set_text = spaced
    mpl.text.Text.zorder = 1
    mpl.axis.GRIDLINE_INTERPOLATION_STEPS = 3
    mpl.units.registry[datetime.datetime] = mpl.dates.ConciseDateConverter()
    mpl.legend.Legend.update_default_handler_map(
        {mpl.lines.Line2D: mpl.legend_handler.HandlerLine2D(numpoints=4)})
    mpl.style.library["thin"] = mpl.RcParams({"axes.linewidth": 0.2})
    plt.figure().add_subplot(projection="polar").bar([0, 1], [1, 2])
    plt.close()

    @functools.cache
    def data():
        return np.sin(np.linspace(0, 9, 200))

    class Styled(Animator):
        def setup(self):
            with plt.style.context("thin", after_reset=False):
                figure, (self.left, self.right) = plt.subplots(1, 2)
            (self.line,) = self.left.plot(data(), color="ours", marker="o", label="data")
            self.left.legend()
            self.left.text(9, 0, "box", bbox={"boxstyle": "wide"})
            self.left.twiny().plot([datetime.datetime(2020, 1, 1 + day) for day in (0, 9)], [0, 1])
            polar = figure.add_axes((0.4, 0.4, 0.2, 0.2), projection="polar")
            polar.add_patch(plt.Rectangle((0, 0.2), 3, 0.5))
            self.right.imshow(np.outer(data(), data()), cmap="embers")
            return figure

        def update(self, frame_idx, params):
            self.line.set_ydata(data() * params)
            plt.suptitle(f"Frame {frame_idx}")

    for workers in (1, 3):
        Styled().make_video(f"{workers}.mp4", np.linspace(0, 1, 12), 30, num_workers=workers,
                            chunk_size=4, video_mode="cpu")
    assert not plt.get_fignums(), "no figure stays open"
"""


def make_font(path: Path) -> None:
    """A font with a family name that no system has."""
    from fontTools.ttLib import TTFont
    from matplotlib import get_data_path

    font = TTFont(Path(get_data_path(), "fonts", "ttf", "DejaVuSerif.ttf"))
    for record in font["name"].names:
        if record.nameID in (1, 4, 16):
            record.string = "Ours Serif"
    font.save(path)


# A unit converter that cannot be pickled, as those of pint.
LENGTHS = """
import threading
import matplotlib.units
import numpy as np

class Metres:
    def __init__(self, value):
        self.value = value

class Converter(matplotlib.units.ConversionInterface):
    def __init__(self):
        self.lock = threading.Lock()

    def convert(self, value, unit, axis):
        if isinstance(value, Metres):
            return 1000 * value.value
        return [self.convert(item, unit, axis) for item in np.atleast_1d(value)]

    def default_units(self, x, axis):
        return "mm"
"""
REGISTER = "matplotlib.units.registry[Metres] = Converter()\n"
LENGTH_MOVIE = """
import sys
import matplotlib.units
from matplotlib.figure import Figure
from parallel_animate import Animator

class Point(Animator):
    def setup(self):
        {in_setup}
        figure = Figure(figsize=(2, 1))
        axes = figure.add_subplot(xlim=(0, 10), ylim=(0, 10000))
        (self.point,) = axes.plot(0, Metres(5), "o")
        return figure

    def update(self, frame_idx, params):
        self.point.set_data([frame_idx], [Metres(params)])

for n_workers in map(int, sys.argv[1:] or "12"):
    Point().make_video(f"{{n_workers}}.mp4", range(10), 10, num_workers=n_workers, chunk_size=5)
"""


def test_what_a_package_registers_may_be_impossible_to_pickle(tmp_path: Path) -> None:
    package = tmp_path / "site-packages" / "lengths"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(LENGTHS + REGISTER)
    path = f"import sys\nsys.path.insert(0, {str(package.parent)!r})\n"
    script = path + "from lengths import Metres\n" + LENGTH_MOVIE.format(in_setup="pass")
    assert "may lack the unit converter of Metres, which" in run_script(tmp_path, script)
    assert (tmp_path / "1.mp4").read_bytes() == (tmp_path / "2.mp4").read_bytes()


def test_what_workers_lack_is_named_where_frames_differ(tmp_path: Path) -> None:
    # The script registers what a package defines, and matplotlib draws something without it.
    package = tmp_path / "site-packages" / "lengths"
    package.mkdir(parents=True)
    as_number = "class Metres:\n    def __float__(self):\n        return float(self.value)\n"
    (package / "__init__.py").write_text(LENGTHS.replace("class Metres:\n", as_number))
    script = f"import sys\nsys.path.insert(0, {str(package.parent)!r})\n"
    script += "import matplotlib.units\nfrom lengths import Converter, Metres\n"
    script += REGISTER + LENGTH_MOVIE.format(in_setup="pass")
    said = run_script(tmp_path, script)
    assert "2.mp4 is rendered in this process alone" in said
    lacking = "Workers may lack the unit converter of Metres, which cannot be pickled"
    assert f"{lacking}: register it in setup()." in said


def test_a_warning_names_what_workers_lack(tmp_path: Path) -> None:
    script = LENGTHS + REGISTER + LENGTH_MOVIE
    with pytest.raises(AssertionError, match="unit converter of Metres, which cannot be pickled"):
        run_script(tmp_path, script.format(in_setup="pass"))
    assert (tmp_path / "1.mp4").is_file()
    assert not (tmp_path / "2.mp4").is_file()
    run_script(tmp_path, script.format(in_setup=REGISTER.strip()))
    assert (tmp_path / "1.mp4").read_bytes() == (tmp_path / "2.mp4").read_bytes()


UNPICKLABLE = """
import datetime, threading
import matplotlib as mpl
import matplotlib.dates, matplotlib.projections, matplotlib.units
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from parallel_animate import Animator

class Day(datetime.date):
    lock = threading.Lock()

class Odd(Axes):
    name = "odd"
    lock = threading.Lock()

numbers = (number for number in range(3))

def level(x, source=numbers):
    return x

matplotlib.units.registry[Day] = matplotlib.dates.DateConverter()
matplotlib.projections.register_projection(Odd)
channels = dict.fromkeys(("red", "green", "blue"), level)
mpl.colormaps.register(LinearSegmentedColormap("uneven", channels))

class Line(Animator):
    def setup(self):
        figure = Figure(figsize=(1, 1))
        (self.line,) = figure.add_subplot().plot([0, 1])
        return figure

    def update(self, frame_idx, params):
        self.line.set_ydata([0, params])

Line().make_video("movie.mp4", range(8), 10, num_workers=2, chunk_size=4)
"""


def test_a_movie_is_made_although_something_registered_cannot_be_pickled(tmp_path: Path) -> None:
    said = run_script(tmp_path, UNPICKLABLE)
    for what in ("unit converter of Day", "projection odd", "colormap uneven"):
        assert f"Worker processes may lack the {what}, which cannot be pickled" in said


def test_segments_drawn_with_what_cannot_be_described_are_not_used_again(tmp_path: Path) -> None:
    converter = LENGTHS.replace("Lock()\n", "Lock()\n        self.factor = FACTOR\n")
    converter = "FACTOR = {}\n" + converter.replace("1000 *", "self.factor *")
    movie = LENGTH_MOVIE.format(in_setup="pass").replace("chunk_size=5", "work_dir='work'")
    movies = []
    for factor in ("1000", "100"):
        script = converter.format(factor) + REGISTER + movie
        said = run_script(tmp_path, script, "1")
        assert "cannot be used again: matplotlib holds the unit converter of Metres" in said
        movies.append((tmp_path / "1.mp4").read_bytes())
    assert movies[0] != movies[1]


@pytest.mark.slow
def test_a_styled_script_gives_the_same_bytes_with_one_and_three_workers(tmp_path: Path) -> None:
    make_font(tmp_path / "ours.ttf")
    said = run_script(tmp_path, STYLED)
    assert "not found" not in said
    one = (tmp_path / "1.mp4").read_bytes()
    assert one == (tmp_path / "3.mp4").read_bytes()
    plain = STYLED.replace('color="ours"', 'color="w"').replace("(1, 3)", "(1,)")
    run_script(tmp_path, plain)
    assert (tmp_path / "1.mp4").read_bytes() != one, "the colour is seen in the frames"


def test_a_script_without_a_main_guard_can_be_run(tmp_path: Path) -> None:
    run_script(
        tmp_path,
        """
        from matplotlib.figure import Figure
        from parallel_animate import Animator

        OFFSET = 3

        def helper(value):
            return value + OFFSET

        class Title(Animator):
            def setup(self):
                figure = Figure(figsize=(2, 1))
                self.text = figure.text(0.5, 0.5, "")
                return figure

            def update(self, frame_idx, params):
                self.text.set_text(str(helper(params)))

        Title().make_video("a.mp4", range(30), fps=30, num_workers=2, chunk_size=10)
        """,
    )
    assert (tmp_path / "a.mp4").is_file()


def test_log_records_of_workers_reach_the_callers_handlers(tmp_path: Path) -> None:
    said = run_script(
        tmp_path,
        """
        import logging
        logging.basicConfig(level=logging.INFO, format="%(name)s|%(levelname)s|%(message)s")
        from movies import Numbers

        class Talks(Numbers):
            def update(self, frame_idx, params):
                logging.getLogger("user").info("at %d", frame_idx)
                logging.getLogger("user").debug("never %d", frame_idx)
                super().update(frame_idx, params)

        Talks().make_video("a.mp4", range(6), 30, num_workers=2, chunk_size=3,
                           plotting_log_interval=2, saving_log_interval=3)
        """,
    )
    assert sorted(line for line in said.splitlines() if line.startswith("user|")) == [
        f"user|INFO|at {i}" for i in range(6)
    ]
    assert "has drawn 2 frames" in said
    assert "The join has checked 6 frames" in said


def test_an_interactive_backend_opens_no_window_and_stays_set(tmp_path: Path) -> None:
    """Tk gets a display that does not exist, so making a window would be an error."""
    pytest.importorskip("tkinter")
    run_script(
        tmp_path,
        """
        import matplotlib
        matplotlib.use("agg")
        import matplotlib.pyplot as plt
        mine = plt.figure()
        import matplotlib.backends.backend_tkagg
        plt._backend_mod = sentinel = type("B", (), {})
        matplotlib.rcParams._set("backend", "tkagg")
        from movies import Numbers

        class Windowed(Numbers):
            def setup(self):
                figure, self.axes = plt.subplots()
                self.text = self.axes.set_title("")
                return figure

            def update(self, frame_idx, params):
                plt.gcf().suptitle(str(frame_idx))
                self.text.set_text(str(params))

        for workers in (1, 2):
            Windowed().make_video(f"{workers}.mp4", range(4), 30, num_workers=workers)
        assert plt._backend_mod is sentinel
        assert matplotlib.rcParams._get("backend") == "tkagg"
        assert plt.get_fignums() == [mine.number] and plt.gcf() is mine
        """,
        env={"DISPLAY": ":9999"},
    )
    assert (tmp_path / "1.mp4").read_bytes() == (tmp_path / "2.mp4").read_bytes()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed")
def test_no_window_opens_on_a_real_display(tmp_path: Path) -> None:
    pytest.importorskip("tkinter")
    with subprocess.Popen(["Xvfb", ":87", "-screen", "0", "800x600x24"]) as server:
        try:
            run_script(
                tmp_path,
                """
                import time, tkinter
                for _ in range(100):
                    try:
                        root = tkinter.Tk(); break
                    except tkinter.TclError:
                        time.sleep(0.1)
                root.destroy()
                import matplotlib
                matplotlib.use("tkagg")
                import matplotlib.pyplot as plt
                from movies import Numbers
                opened = []
                tkinter.Tk.__init__ = lambda *a, **k: opened.append(1)

                class Windowed(Numbers):
                    def setup(self):
                        figure, self.axes = plt.subplots()
                        return figure
                    def update(self, frame_idx, params):
                        self.axes.set_title(str(params))

                Windowed().make_video("a.mp4", range(4), 30, num_workers=1)
                assert not opened and not plt.get_fignums()
                assert matplotlib.get_backend().lower() == "tkagg"
                """,
                env={"DISPLAY": ":87"},
            )
        finally:
            server.terminate()


@pytest.mark.slow
def test_a_notebook_renders_with_workers_and_shows_no_figure(tmp_path: Path) -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    cells = [
        "%matplotlib inline\nimport matplotlib.pyplot as plt\n"
        "from parallel_animate import Animator",
        "class Note(Animator):\n"
        "    def setup(self):\n"
        "        figure, self.axes = plt.subplots()\n"
        "        return figure\n"
        "    def update(self, frame_idx, params):\n"
        "        self.axes.set_title(str(params))",
        "for workers in (1, 2):\n"
        "    Note().make_video(f'{workers}.mp4', range(6), 30, num_workers=workers, chunk_size=3,"
        " disable_progress_bar=True)",
        "print('open figures:', plt.get_fignums())",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "", "language": "python"}
    nbclient.NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    assert not [o for o in outputs if o.output_type == "display_data"], "no figure is shown"
    assert "open figures: []" in "".join(o.get("text", "") for o in outputs)
    assert (tmp_path / "1.mp4").read_bytes() == (tmp_path / "2.mp4").read_bytes()
