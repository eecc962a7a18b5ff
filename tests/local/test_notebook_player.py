"""A movie plays in a page and in JupyterLab, frame by frame, under the keys of a keyboard."""

from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM, Tab, opened, served
from movies import Numbers

from parallel_animate import Movie
from parallel_animate.local import player

CELLS = [
    """
import sys
sys.modules.pop("ipywidgets", None)  # JupyterLab may load its page twice, and run all again
from ipywidgets import interact
from movies import Numbers
from parallel_animate.local import player
""",
    """
numbers = Numbers()
numbers.make_video("a.mp4", range(100, 111), 25, num_workers=1, video_mode="cpu")
""",
    """
sys.modules["ipywidgets"] = None  # as if it were not installed
player.MAX_EMBEDDED = 0
numbers.make_video("b.mp4", range(200, 211), 25, num_workers=2, chunk_size=4, video_mode="cpu")
""",
    """
numbers.make_video("b.mp4", range(300, 311), 25, num_workers=2, chunk_size=4, video_mode="cpu")
""",
    """
interact(lambda frame: numbers.preview(frame, frame + 400), frame=(0, 10));
""",
]
# The frame id and the params that the player with a number shows as stripes, and its texts.
STATE = """(async () => {
  const root = document.querySelectorAll(".parallel-animate")[%d];
  const video = root?.querySelector("video");
  if (!video || video.readyState < 2 || video.seeking) return null;
  await new Promise(done => setTimeout(done, 200));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0);
  const read = y => {
    let number = 0;
    for (let bit = 0; bit < 20; bit++) {
      const x = Math.floor((bit + 0.5) * canvas.width / 20);
      if (context.getImageData(x, y * canvas.height, 1, 1).data[1] > 127) number += 2 ** bit;
    }
    return number;
  };
  return {
    shown: [read(0.25), read(0.75)],
    place: root.querySelector("output").value,
    params: root.querySelector("p").innerText,
    button: root.querySelector("button").innerText,
    source: video.currentSrc,
    controls: video.controls,
    missing: !root.querySelector(".missing").hidden,
  };
})()"""


@pytest.fixture(scope="module")
def movie(tmp_path_factory: pytest.TempPathFactory) -> Movie:
    path = tmp_path_factory.mktemp("movie") / "a.mp4"
    return Numbers().make_video(path, range(100, 111), 25, num_workers=1, video_mode="cpu")


def state(tab: Tab, number: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = tab.wait_for(STATE % number)
    return found


def press(tab: Tab, *keys: str, number: int = 0) -> dict[str, Any]:
    for key in keys:
        tab.press(key)
    return state(tab, number)


def test_ipython_shows_the_player_and_a_line(movie: Movie) -> None:
    formatters = pytest.importorskip("IPython.core.formatters")
    data, _ = formatters.DisplayFormatter().format(movie)
    assert data["text/plain"] == repr(movie)
    assert "<video" in data["text/html"]


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_the_player_shows_the_frame_that_keys_and_slider_ask_for(
    movie: Movie, tmp_path: Path
) -> None:
    (tmp_path / "a.html").write_text(f"<!doctype html><h1>A</h1>{movie._repr_html_()}")
    with served(tmp_path) as (address, _), opened(f"{address}/a.html", tmp_path / "home") as tab:
        first = state(tab)
        assert first["shown"] == [0, 100]
        assert (first["place"], first["params"]) == ("frame 0 of 11, 0.00 s", "params: 100")
        assert not first["controls"]
        tab.click(".parallel-animate input")  # its middle
        assert state(tab)["shown"] == [5, 105]
        assert press(tab, "Home", "ArrowRight", "ArrowRight")["shown"] == [2, 102]
        assert press(tab, "ArrowLeft")["shown"] == [1, 101]
        last = press(tab, "End", "ArrowRight")
        assert last["shown"] == [10, 110]
        assert (last["place"], last["params"]) == ("frame 10 of 11, 0.40 s", "params: 110")
        # It plays in a loop, and stops at a frame.
        assert press(tab, " ")["button"] == "Pause"
        tab.wait_for("document.querySelector('output').value.startsWith('frame 4 ')")
        tab.click(".parallel-animate button")
        stopped = state(tab)
        assert stopped["button"] == "Play"
        frame = stopped["shown"][0]
        assert stopped["place"].startswith(f"frame {frame} of")
        assert stopped["params"] == f"params: {100 + frame}"


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_a_page_asks_for_the_version_of_a_linked_movie(
    movie: Movie, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(player, "MAX_EMBEDDED", 0)
    monkeypatch.chdir(movie.path.parent)
    (movie.path.parent / "a.html").write_text(f"<!doctype html>{movie._repr_html_()}")
    with (
        served(movie.path.parent) as (address, _),
        opened(f"{address}/a.html", tmp_path / "home") as tab,
    ):
        version = movie.path.stat().st_mtime_ns
        assert state(tab)["source"] == f"{address}/a.mp4?v={version}"
    (movie.path.parent / "b.html").write_text(movie._repr_html_().replace("a.mp4", "gone.mp4"))
    with (
        served(movie.path.parent) as (address, _),
        opened(f"{address}/b.html", tmp_path / "home") as tab,
    ):
        tab.wait_for("document.querySelector('.missing')?.hidden === false")


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_jupyterlab_shows_bars_players_and_the_newest_file(tmp_path: Path) -> None:
    pytest.importorskip("jupyterlab")
    from jupyter import OUTPUTS, executed

    with executed(tmp_path, CELLS) as tab:
        embedded, linked, again = (state(tab, number) for number in range(3))
        assert embedded["source"].startswith("data:video/mp4")
        assert (embedded["shown"], embedded["params"]) == ([0, 100], "params: 100")
        # The second call replaced the file that the browser had already loaded.
        assert all("/files/b.mp4?" in shown["source"] for shown in (linked, again))
        assert (linked["shown"], again["shown"]) == ([0, 200], [0, 300])
        assert not any(shown["missing"] for shown in (embedded, linked, again))
        # The keys move the slider, and no cell of the notebook.
        for _ in range(20):  # JupyterLab scrolls, and takes the focus, once its cells have run
            tab.click(".parallel-animate input")
            found = press(tab, "Home", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft")
            if found["shown"] != [0, 100]:
                break
        assert (found["shown"], found["params"]) == ([2, 102], "params: 102")
        outputs = tab.wait_for(OUTPUTS)
        # The bar: a widget, and text without ipywidgets.
        assert tab.wait_for("!!document.querySelector('.jp-OutputArea .widget-hprogress')")
        assert "11/11" in outputs[1]
        assert "rendering: 100%|" in outputs[2]
        assert not any("Warning" in output for output in outputs)
        assert tab.wait_for("!!document.querySelector('.widget-interact img')?.naturalWidth")
