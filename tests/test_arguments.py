"""Every wrong argument is one clear sentence before the first frame; what can be meant is taken."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.animation import FuncAnimation
from matplotlib.figure import Figure

from parallel_animate import Animator, RenderError, SettingsError, save_animation


class Drawn(Exception):
    """A frame would have been drawn."""


class Never(Animator):
    def setup(self) -> Figure:
        raise Drawn

    def update(self, frame_idx: int, params: Any) -> None:
        raise NotImplementedError


class Raising:
    """An object without a repr, a length, a truth value or an index."""

    def fail(self, *arguments: object) -> Any:
        raise RuntimeError("no")

    __repr__ = __len__ = __index__ = __eq__ = __hash__ = __bool__ = __fspath__ = fail


NAN, INF = float("nan"), float("inf")
WRONG_EVERYWHERE = [b"x\0", {"a": 1}, {1, 2}, object(), np.arange(3), np.array(["a", "b"])]
WRONG_COUNTS = [
    *(0, -1, 2.5, NAN, INF, True, False, "3", [3], 10**30, np.float64(3), Decimal(3)),
    *WRONG_EVERYWHERE,
]
WRONG_WORDS = [3, True, 2.5, b"auto", ["auto"], "other", "a\nb", *WRONG_EVERYWHERE]
WRONG: dict[str, list[Any]] = {
    "output_file": [
        *(None, 3, 2.5, True, "", b"", "a\0.mp4", ["o.mp4"], NAN, "o.avi", "o", ".", "/"),
        *("https://example.org/o.mp4", "s3://bucket/o.mp4", Raising(), *WRONG_EVERYWHERE),
    ],
    "param_by_frame": [None, 3, 2.5, True, object(), NAN, Raising],
    "fps": [
        *(None, 0, -1, NAN, INF, -INF, True, "", "fast", "30/0", "1/2/3", b"30", [30], 1e-9, 1e300),
        *(10**400, Fraction(1, 10**9), Fraction(10**9 + 7, 2), 1j, Raising(), *WRONG_EVERYWHERE),
    ],
    "n_frames": WRONG_COUNTS,
    "num_workers": [
        *(None, 0, 2.5, NAN, INF, True, "3", [3], 10**30, 10**6, np.float64(3), *WRONG_EVERYWHERE)
    ],
    "disable_progress_bar": ["yes", 2, 2.5, [True], NAN, *WRONG_EVERYWHERE],
    "plotting_log_interval": WRONG_COUNTS,
    "saving_log_interval": WRONG_COUNTS,
    "savefig_params": [
        *(3, "dpi", ["dpi"], [("dpi", 100)], True, b"dpi", NAN, object(), np.arange(3)),
        *({"dpi": dpi} for dpi in (0, -1, NAN, INF, "big", True, [100], b"100", 10**400, 1j)),
        *({"dpi": dpi} for dpi in (np.arange(3), Raising())),
    ],
    "video_mode": [None, *WRONG_WORDS],
    "video_quality": [
        *(-1, 52, 20.0, NAN, INF, True, "20", [20], 10**30, Raising(), *WRONG_EVERYWHERE)
    ],
    "video_preset": WRONG_WORDS,
    "video_extra_ffmpeg_params": [
        *(3, 2.5, True, b"-tune", NAN, "-tune 'x", "o.mp4", ["-tune", 3], ["-tune\0"], [b"-tune"]),
        *({"-tune": "animation"}, object(), ["-crf", "3"], [None], [["-tune"]]),
    ],
    "reuse_figure_object": [None, "no", 2, 2.5, [True], NAN, *WRONG_EVERYWHERE],
    "preload_factor": [None, *WRONG_COUNTS],
    "chunk_size": WRONG_COUNTS,
    "work_dir": [3, 2.5, True, "", b"", "a\0b", ["work"], NAN, "https://x.org/w", Raising()],
    "redraw": [None, *WRONG_WORDS],
    "video_backend": [None, *WRONG_WORDS],
    "title": [3, True, b"Wave", "", " ", "a\0b", "\ud800", ["Wave"], Raising(), object()],
    "chapters": [
        *(3, "Start", b"Start", {0: "Start"}, ["Start"], [0], [(0,)], [(0, "a", 1)], np.arange(3)),
        *([("0", "a")], [(-1, "a")], [(0.5, "a")], [(0, 1)], [(0, "")], [(0, None)], [(0, "a\\")]),
        *([(0, "a"), (0, "b")], [(1, "a"), (0, "b")], [Raising()], object()),
    ],
    "captions": [3, "", "a\0.srt", "a.txt", "a", ["a.srt"], "https://x.org/a.srt", Raising()],
    "audio": [3, "", "a\0.wav", ["a.wav"], "https://x.org/a.wav", "none.wav", Raising()],
    "poster": [3, "", "a.gif", "a", ["a.png"], "https://x.org/a.png", Raising()],
    "poster_frame": [None, -1, 2.5, True, "3", [3], 3, Raising()],
    "codec": WRONG_WORDS,
}
RIGHT: dict[str, list[Any]] = {
    "output_file": [b"bytes.mp4", Path("path.mp4"), np.str_("numpy.mp4"), "UPPER.MP4"],
    "param_by_frame": [[1], (1,), {1: 2}, np.arange(2), iter([1]), range(2)],
    "fps": [
        *(np.int64(30), np.float32(30), np.float64(29.97), np.array(30), "30000/1001", "29.97"),
        *(Fraction(1, 3600), 0.5),
    ],
    "n_frames": [None, np.int64(1), np.array(1)],
    "num_workers": [np.int64(1)],
    "disable_progress_bar": [None, np.True_, 0, 1],
    "savefig_params": [None, {}, {"dpi": np.float32(50)}, {"dpi": "figure"}, {"dpi": Fraction(99)}],
    "video_mode": [np.str_("cpu")],
    "video_quality": [None, 0, np.uint8(51)],
    "video_extra_ffmpeg_params": [None, "", [], ("-tune", "animation"), "-tune animation"],
    "reuse_figure_object": [np.False_, 0],
    "preload_factor": [np.int8(1)],
    "chunk_size": [None, np.uint64(3)],
    "work_dir": [None, b"work", Path("work")],
}
CASES_WRONG = [(name, value) for name, values in WRONG.items() for value in values]
CASES_RIGHT = [(name, value) for name, values in RIGHT.items() for value in values]


def name_of(value: object) -> str | None:
    """Return a name that is the same in every process; others are numbered."""
    is_plain = isinstance(value, (str, int, float)) and len(str(value)) < 25
    return str(value).encode("unicode_escape").decode() if is_plain else None


def call(name: str, value: object) -> None:
    arguments: dict[str, Any] = {"output_file": "o.mp4", "param_by_frame": [1, 2], "fps": 30}
    arguments |= {"num_workers": 1, "video_mode": "cpu", name: value}
    Never().make_video(**arguments)


@pytest.mark.parametrize(("name", "value"), CASES_WRONG, ids=name_of)
def test_a_wrong_argument_is_one_sentence_that_names_it(
    in_tmp: Path, name: str, value: object
) -> None:
    with pytest.raises(SettingsError) as caught:
        call(name, value)
    message = str(caught.value)
    assert message.startswith(name), message
    assert "\n" not in message
    assert len(message) < 400
    assert list(in_tmp.iterdir()) == []


@pytest.mark.parametrize(("name", "value"), CASES_RIGHT, ids=name_of)
def test_what_can_be_meant_is_taken(in_tmp: Path, name: str, value: object) -> None:
    with pytest.raises(RenderError, match="Drawn"):
        call(name, value)


OF_ANIMATIONS = ["output_file", "fps", "n_frames", "savefig_params", "chunk_size", "work_dir"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, value) for name, value in CASES_WRONG if name in OF_ANIMATIONS),
        *(("dpi", value) for value in (0, -1, NAN, "big", True, [100], 10**400, b"x")),
        *(("metadata", value) for value in (3, "title", ["title"])),
        *(("animation", value) for value in (3, Never(), Raising())),
    ],
    ids=name_of,
)
def test_save_animation_refuses_the_same_values(in_tmp: Path, name: str, value: object) -> None:
    if value is None:
        pytest.skip("None is a default there")
    figure = plt.figure()

    def draw(frame: int) -> None:
        raise Drawn

    animation = FuncAnimation(figure, draw, frames=2)
    arguments = {"animation": animation, "output_file": "o.mp4", "fps": 30, name: value}
    try:
        with pytest.raises(SettingsError) as caught:
            save_animation(**arguments)
    finally:
        plt.close(figure)
        animation._draw_was_started = True
    message = str(caught.value)
    assert message.startswith((name, "The positional arguments of save_animation"))
    assert "\n" not in message
    assert list(in_tmp.iterdir()) == []
