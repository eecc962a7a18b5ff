"""A movie plays in a browser: it loads, its size and duration are right, seeking is exact."""

import http.server
import json
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from movies import BITS, Numbers

FPS, COUNT, CHUNK = 25, 130, 25
SOUGHT = (0, 24, 25, 26, 77, 101, 129)
CHROMIUM = shutil.which("chromium")

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


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, "queue.Queue[Any]"]]:
    """Serve a folder on loopback and collect what the page posts."""
    results: queue.Queue[Any] = queue.Queue()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(tmp_path))

        def do_POST(self) -> None:
            results.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/page.html", results
        server.shutdown()
        thread.join()


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_chromium_plays_and_seeks_exactly(
    tmp_path: Path, served: tuple[str, "queue.Queue[Any]"]
) -> None:
    url, results = served
    Numbers((3.2, 1.6)).make_video(
        tmp_path / "movie.mp4",
        range(COUNT),
        FPS,
        num_workers=1,
        video_mode="cpu",
        chunk_size=CHUNK,
    )
    (tmp_path / "page.html").write_text(PAGE % (list(SOUGHT), FPS, BITS))
    flags = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking"
    browser = subprocess.Popen(
        [
            str(CHROMIUM),
            *flags.split(),
            *("--disable-component-update", "--disable-sync", "--disable-quic"),
            f"--user-data-dir={tmp_path / 'profile'}",
            "--remote-debugging-port=0",
            url,
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        result = results.get(timeout=60)
    finally:
        browser.terminate()
        browser.wait(timeout=20)
    assert result == {
        "seen": list(SOUGHT),
        "duration": pytest.approx(COUNT / FPS, abs=1e-3),
        "size": [320, 160],
    }
