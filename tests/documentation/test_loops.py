"""The small movies of the docs play while they are seen, and not for readers who want no motion."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM, Tab, opened, served
from project import ROOT

# As MkDocs writes it: one loop that can be seen at once, and one far below.
LOOP = """<p style="width: 300px"><a class="loop" href="wave.mp4"><img alt="A wave" src="wave.png"
  width="600" height="450"></a></p>"""
PAGE = f"<!doctype html>{LOOP}<div style='height: 5000px'></div>{LOOP}"
STATE = """(() => {
  const videos = [...document.querySelectorAll("video")];
  return document.readyState == "complete" && videos.length == 2 && videos.map(video => ({
    plays: !video.paused && video.currentTime > 0,
    loaded: video.readyState > 0,
    controls: video.controls,
    words: video.ariaLabel,
    size: [video.offsetWidth, video.offsetHeight],
    focus: video.tabIndex == 0 && video.muted && video.loop,
  }));
})()"""
UNSEEN = {
    "plays": False,
    "loaded": False,
    "controls": False,
    "words": "A wave",
    "size": [300, 225],
    "focus": True,
}
PLAYING = {**UNSEEN, "plays": True, "loaded": True}


def state(tab: Tab, plays: list[bool]) -> Any:
    """Return what the two loops are like when they play as expected."""
    is_so = f"s.every((loop, i) => loop.plays == {json.dumps(plays)}[i])"
    return tab.wait_for(f"(s => s && {is_so} && s)({STATE})")


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_a_loop_plays_while_it_is_seen_unless_less_motion_is_wanted(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    for name in ("wave.mp4", "wave.png"):
        shutil.copy(ROOT / "docs/images" / name, site)
    (site / "page.html").write_text(PAGE + (ROOT / "docs/loops.html").read_text())
    with served(site) as (address, _), opened(f"{address}/page.html", tmp_path / "profile") as tab:
        assert state(tab, [True, False]) == [PLAYING, UNSEEN]
        tab.wait_for("scrollTo(0, 99999) || true")
        first, second = state(tab, [False, True])
        assert (first, second) == ({**PLAYING, "plays": False}, PLAYING)
        # The keyboard's focus brings the controls.
        tab.wait_for("document.querySelectorAll('video')[1].focus() || true")
        assert state(tab, [False, True])[1]["controls"]
        tab.prefer(prefers_reduced_motion="reduce")
        tab.wait_for("location.reload() || true")
        tab.wait_for(f"(s => s && s[1].controls && s)({STATE})")
        tab.wait_for("new Promise(done => setTimeout(() => done(true), 1500))")
        assert state(tab, [False, False]) == 2 * [{**UNSEEN, "controls": True}]
