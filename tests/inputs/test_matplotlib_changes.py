"""What drawing leaves behind in matplotlib's own modules and classes, and what workers get."""

import matplotlib as mpl
import pytest
from corpus import CASES
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline
from matplotlib.text import Text

from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.inputs.matplotlib_changes import (
    Place,
    apply_changes,
    capture_changes,
    user_additions,
)
from parallel_animate.render.isolation import isolated_drawing
from parallel_animate.render.scene import Scene
from parallel_animate.settings import video_settings

# Set when it is first asked for, to its default.
SET_LATE = {Place("matplotlib.dates", "", "_epoch")}


def draw_polar_bars() -> None:
    figure = Figure()
    figure.add_subplot(projection="polar").bar([0, 1], [1, 2])
    figure.canvas.draw()


def constants() -> dict[Place, str]:
    found = {}
    for place, value in capture_changes().values.items():
        shown = vars(value) if isinstance(value, Outline) else value
        found[place] = repr(shown)
    return {place: shown for place, shown in found.items() if place not in SET_LATE}


def test_drawing_leaves_matplotlibs_modules_and_classes_as_they_were() -> None:
    draw_polar_bars()
    settings = video_settings(fps=1, savefig_params={"dpi": 20})
    # Before the first time, a case may not have imported all modules.
    states = []
    for _ in range(3):
        for case in list(CASES.values())[::20]:
            with isolated_drawing():
                frame = Frame.of(0, case.params[0])
                Scene(case.make(), Chunk((frame,)), settings, replays=False).draw(frame)
        states.append(constants())
    assert states[1] == states[2]


def test_the_paths_that_artists_share_are_restored() -> None:
    draw_polar_bars()
    Outline.unit_rectangle()._interpolation_steps = 1
    with isolated_drawing():
        draw_polar_bars()
        assert Outline.unit_rectangle()._interpolation_steps == 100
    assert Outline.unit_rectangle()._interpolation_steps == 1


def shout(self: Text, text: object) -> None:
    self._text = str(text).upper()


def test_changes_are_captured_and_set_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert user_additions() == {}
    draw_polar_bars()
    with monkeypatch.context() as changed:
        changed.setattr(Text, "set_text", shout)
        changed.setattr(Text, "zorder", 7)
        changed.setitem(mpl.patches.BoxStyle._style_list, "mine", type("Mine", (), {}))
        changed.setattr(Outline.unit_rectangle(), "_interpolation_steps", 5)
        changes = capture_changes()
    assert (Text.zorder, Outline.unit_rectangle()._interpolation_steps) != (7, 5)
    monkeypatch.setattr(Text, "set_text", Text.set_text)
    monkeypatch.setattr(Text, "zorder", Text.zorder)
    monkeypatch.setattr(mpl.patches.BoxStyle, "_style_list", dict(mpl.patches.BoxStyle._style_list))
    steps = Outline.unit_rectangle()._interpolation_steps
    monkeypatch.setattr(Outline.unit_rectangle(), "_interpolation_steps", steps)
    apply_changes(changes)
    assert Text(0, 0, "quiet").get_text() == "QUIET"
    assert Text.zorder == 7
    assert mpl.patches.BoxStyle._style_list["mine"].__name__ == "Mine"
    assert Outline.unit_rectangle()._interpolation_steps == 5
