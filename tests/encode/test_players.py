"""A movie plays in a browser: it loads, its size and duration are right, seeking is exact."""

from pathlib import Path

import pytest
from browser import CHROMIUM, posted
from movies import BITS, Numbers

FPS, COUNT, CHUNK = 25, 130, 25
SOUGHT = (0, 24, 25, 26, 77, 101, 129)

PAGE = """<!doctype html><video id="v" muted></video><script>
const sought = %s, fps = %d, bits = %d;
const video = document.getElementById("v");
function next(event) { return new Promise(r => video.addEventListener(event, r, {once: true})); }
function read() {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth; canvas.height = video.videoHeight;
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0);
  const y = Math.floor(canvas.height / 4);
  let number = 0;
  for (let bit = 0; bit < bits; bit++) {
    const x = Math.floor((bit + 0.5) * canvas.width / bits);
    if (context.getImageData(x, y, 1, 1).data[1] > 127) number += 2 ** bit;
  }
  return number;
}
async function run() {
  const loaded = next("loadeddata");
  video.src = URL.createObjectURL(await (await fetch("movie.mp4")).blob());
  await loaded;
  const seen = [];
  for (const frame of sought) {
    const done = next("seeked");
    video.currentTime = (frame + 0.5) / fps;
    await done;
    await new Promise(r => video.requestVideoFrameCallback ? setTimeout(r, 100) : r());
    seen.push(read());
  }
  return {seen, duration: video.duration, size: [video.videoWidth, video.videoHeight]};
}
run().catch(e => ({error: String(e)})).then(
  result => fetch("result", {method: "POST", body: JSON.stringify(result)}));
</script>"""


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_chromium_plays_and_seeks_exactly(tmp_path: Path) -> None:
    Numbers((3.2, 1.6)).make_video(
        tmp_path / "movie.mp4",
        range(COUNT),
        FPS,
        num_workers=1,
        video_mode="cpu",
        chunk_size=CHUNK,
    )
    (tmp_path / "page.html").write_text(PAGE % (list(SOUGHT), FPS, BITS))
    result = posted(tmp_path, "page.html", tmp_path / "profile")
    assert result == {
        "seen": list(SOUGHT),
        "duration": pytest.approx(COUNT / FPS, abs=1e-3),
        "size": [320, 160],
    }
