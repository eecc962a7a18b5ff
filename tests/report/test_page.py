"""The page of a movie and its pictures, in a browser and in Snakemake's report."""

import base64
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM, Tab, opened, posted
from movies import read_numbers
from PIL import Image
from project import BIN, MOVIE, Project, job_counts

from parallel_animate.project.job_records import JobRecord
from parallel_animate.report.pictures import Axis, draw_timeline, lanes
from parallel_animate.report.player import Players, player

# Seeks to frame 7, and posts what was loaded and what the frame shows.
LOOK = """
const video = document.querySelector("video");
// The caller looks at the state again: an event may have come before.
const next = event => new Promise(done => {
  video.addEventListener(event, done, {once: true});
  setTimeout(done, 500);
});
async function look() {
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  while (video.readyState < 2) await next("loadeddata");
  video.currentTime = 7.5 / 25;
  while (video.seeking) await next("seeked");
  await new Promise(done => setTimeout(done, 200));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0);
  let number = 0;
  for (let bit = 0; bit < 20; bit++) {
    const x = Math.floor((bit + 0.5) * canvas.width / 20);
    if (context.getImageData(x, canvas.height / 4, 1, 1).data[1] > 127) number += 2 ** bit;
  }
  return {
    number, source: video.currentSrc.slice(0, 5), duration: video.duration,
    images: [...document.images].every(image => image.complete && image.naturalWidth > 100),
    drawings: [...document.querySelectorAll("svg")].filter(svg => svg.clientHeight > 100).length,
    overflows: document.documentElement.scrollWidth > innerWidth,
  };
}
"""
PROBE = f"""<script>{LOOK}
look().catch(error => ({{error: String(error)}})).then(
  result => fetch("/result", {{method: "POST", body: JSON.stringify(result)}}));
</script>"""
# Plays the movie in the first document with one, then does the same as above.
PLAY = f"""document.querySelector("video") && (async () => {{{LOOK}
video.play();
while (video.currentTime < 0.1) await next("timeupdate");
video.pause();
const {{number, source, duration}} = await look();
return {{number, source, duration, size: [video.videoWidth, video.videoHeight]}};
}})()"""
# Clicks an icon of a movie's page in a Snakemake report: 0 is the eye, 1 the information.
CLICK = """(() => {
  const row = [...document.querySelectorAll("tr")].find(
    row => row.innerText.startsWith("%s") && row.innerText.includes("player"));
  row?.querySelectorAll("a")[%d].click();
  return row !== undefined;
})()"""
# Clicks a movie in the text with which a report begins.
ONE_CLICK = """(() => {
  const link = [...document.querySelectorAll("a")].find(link => link.innerText === "%s");
  link?.click();
  return link !== undefined;
})()"""
RESULTS = """(() => {
  const link = [...document.querySelectorAll("a")].find(a => a.innerText.trim() == "Results");
  link?.click();
  return link !== undefined;
})()"""


def job(chunk: str, node: str, started: float, seen: float) -> JobRecord:
    return JobRecord(
        chunk, 4, "vm", 1, node, "", started, seen, 4, "finished", (0.1, 0.2, 0.3, 0.4)
    )


def test_concurrent_jobs_of_a_node_get_separate_lines() -> None:
    records = [job("a", "n2", 0, 10), job("b", "n2", 5, 15), job("c", "n2", 10, 20)]
    assert lanes([*records, job("d", "n1", 30, 40)]) == {"d": 0, "a": 1, "b": 2, "c": 1}


def test_the_timeline_leaves_out_a_long_pause() -> None:
    axis = Axis.of([job("a", "n", 100, 110), job("b", "n", 111, 120), job("c", "n", 9000, 9021)])
    assert axis.spans == ((100, 120), (9000, 9021))
    gap = axis.gap
    assert 0 < gap < 5
    assert [axis.place(time) for time in (100, 110.5, 120)] == [0, 10.5, 20]
    assert axis.place(9010) == 20 + gap + 10
    assert axis.pauses() == [(20 + gap / 2, 9000 - 120)]


def test_a_timeline_of_one_record_or_none_has_an_axis() -> None:
    assert Axis.of([]).pauses() == []
    assert Axis.of([job("a", "n", 5, 6)]).place(5.5) == 0.5


def test_the_timeline_names_nodes_pauses_and_chunks(tmp_path: Path) -> None:
    chunks = ("0-4-a", "4-8-b", "8-12-c")
    records = [job(c, n, t, t + 10) for c, n, t in zip(chunks, "NMN", (0, 1, 99), strict=True)]
    for name in ("one.svg", "two.svg"):
        draw_timeline(records, tmp_path / name)
    texts = re.findall(r">([^<]+)</text>", (tmp_path / "one.svg").read_text())
    assert {"N ", "M ", "0-3", "4-7", "8-11", "1:28 min later"} <= set(texts)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_a_player_embeds_the_movie_in_lines_short_enough_for_a_caption(tmp_path: Path) -> None:
    movie = tmp_path / "a.mp4"
    movie.write_bytes(bytes(range(256)) * 100)
    text = Players()[str(movie)]
    assert max(map(len, text.splitlines())) < 10_000
    data = text.partition("base64,")[2].partition('"')[0]
    assert base64.b64decode(data) == movie.read_bytes()


def test_a_movie_too_large_for_a_report_is_named_there(tmp_path: Path) -> None:
    movie = tmp_path / "<a>.mp4"
    with movie.open("wb") as file:
        file.truncate(123_000_000)
    assert "&lt;a&gt;.mp4: too large for a report, 123 MB" in player(movie)


def looked_at(folder: Path, page: str, profile: Path) -> Any:
    path = folder / page
    path.write_text(path.read_text().replace("</body>", f"{PROBE}</body>"))
    return posted(folder, page, profile)


def rows(page: str) -> dict[str, str]:
    """Return the verification table: promise -> whether it holds."""
    table = page.partition('id="checks"')[2].partition("</table>")[0]
    cells = re.findall(r"<tr class=.*?><td>(.*?)</td>.*<td>(.*?)</td></tr>", table)
    return dict(cells)


@pytest.mark.slow
def test_the_page_of_a_movie_verifies_its_promises(tmp_path: Path) -> None:
    project = Project(tmp_path, wave={**MOVIE, "kwargs": {"offset": 1}})
    counts = job_counts(project.snakemake("pages", "--cores", "2"))
    made = {"make_page": 1, "make_index": 1, "pages": 1}
    assert counts == {"render_chunk": 3, "concat_segments": 1, **made}
    folder = tmp_path / "results/wave"
    page = (folder / "index.html").read_text()
    promises = rows(page)
    assert len(promises) == 7
    assert set(promises.values()) == {"yes"}
    for text in ("11 frames of 160x80 pixels", "libx264", "chunk_size", "matplotlib"):
        assert text in page
    with Image.open(folder / "contact-sheet.png") as sheet:
        assert sheet.width > 3 * 300  # three chunks, side by side
    assert "start of the job" in (folder / "timeline.svg").read_text()
    assert "mean of the chunk" in (folder / "costs.svg").read_text()
    assert "Nothing to be done" in project.snakemake("pages", "--cores", "2")

    # Snakemake's report contains the same page
    project.snakemake("pages", "--report", "report.html")
    report = (tmp_path / "report.html").read_text()
    assert base64.b64encode((folder / "index.html").read_bytes()).decode() in report
    for text in ("contact-sheet.png", "timeline.svg", "costs.svg", "time per frame"):
        assert text in report

    # a damaged segment, and another movie under the name, are reported
    join = next((tmp_path / "work/wave/joins").iterdir())
    command = [BIN / "parallel-animate", "page", join, tmp_path / "results/wave.mp4"]
    segment = next((tmp_path / "work/wave/segments").iterdir())
    data = segment.read_bytes()
    segment.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert "<details open>" not in page
    shorter = replace_movie(tmp_path)
    result = subprocess.run(
        [*command, tmp_path / "other/index.html"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "wanted 11 frames, found 4 frames" in result.stderr
    text = (tmp_path / "other/index.html").read_text()
    broken = rows(text)
    # Nobody overlooks it.
    assert "checks of this movie failed" in text.partition("<video")[0]
    assert "<details open>" in text
    assert broken["segments as they were written"] == broken["every frame once"] == "NO"
    assert len(read_numbers(shorter)) == 4


def replace_movie(folder: Path) -> Path:
    """Put a segment where the movie is."""
    movie = folder / "results/wave.mp4"
    shutil.copy(min((folder / "work/wave/segments").iterdir()), movie)
    return movie


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_chromium_shows_the_page_and_plays_the_movie(tmp_path: Path) -> None:
    project = Project(tmp_path, wave=MOVIE)
    project.snakemake("pages", "--cores", "2")
    results = tmp_path / "results"
    (tmp_path / "alone").mkdir()
    shutil.copy(results / "wave/index.html", tmp_path / "alone")
    wanted = {
        "number": 7,
        "source": "data:",
        "duration": pytest.approx(11 / 25, abs=1e-3),
        "images": True,
        "drawings": 2,
        "overflows": False,
    }
    beside = looked_at(results, "wave/index.html", tmp_path / "profile")
    # Python's own server sends whole files, so a browser cannot seek in them.
    assert beside == {**wanted, "number": 0, "source": "http:"}
    # As in a report, with no movie beside the page.
    assert looked_at(tmp_path / "alone", "index.html", tmp_path / "profile") == wanted


# One incompressible picture, too large for a page in a report.
NOISY = """
import numpy as np

class Noisy(Movie):
    def setup(self):
        figure = super().setup()
        self.image.axes.set_position((0, 0.4, 1, 0.6))
        figure.figimage(np.random.default_rng(1).random((1000, 1600, 3)), zorder=-1)
        return figure
"""


def played_in_report(tab: Tab, movie: str, icon: int) -> Any:
    tab.wait_for(CLICK % (movie, icon))
    return tab.wait_for(PLAY)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_movies_play_in_the_report_of_snakemake(tmp_path: Path) -> None:
    noisy = {**MOVIE, "animator": "animator.py:Noisy", "video_quality": 1}
    project = Project(tmp_path, wave=MOVIE, noisy=noisy)
    with (tmp_path / "animator.py").open("a") as file:
        file.write(NOISY)
    project.edit("animator.py", "super().__init__()", "super().__init__((16, 10))")
    project.snakemake("pages", "--cores", "2")
    project.snakemake("pages", "--report", "report.html")
    assert (tmp_path / "results/noisy.mp4").stat().st_size > 2_000_000
    report = (tmp_path / "report.html").as_uri()
    wanted = {"number": 7, "source": "data:", "duration": pytest.approx(11 / 25, abs=1e-3)}
    # One click on the first screen.
    with opened(report, tmp_path / "profile") as tab:
        assert tab.wait_for(ONE_CLICK % "noisy")
        assert tab.wait_for(PLAY) == {**wanted, "size": [1600, 1000]}
    for movie, icon in (("wave", 0), ("wave", 1), ("noisy", 1)):
        with opened(report, tmp_path / "profile") as tab:
            tab.wait_for(RESULTS)
            assert played_in_report(tab, movie, icon) == {**wanted, "size": [1600, 1000]}
    with opened(report, tmp_path / "profile") as tab:
        tab.wait_for(RESULTS)
        tab.wait_for(CLICK % ("noisy", 0))
        missing = "document.querySelector('.missing:not([hidden])')?.innerText"
        assert tab.wait_for(missing).startswith("The movie is not next to")
