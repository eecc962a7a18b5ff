"""Chromium for tests: it opens pages of a folder served on loopback, or is controlled on a file.

Not a test file: tests import it.
"""

import base64
import contextlib
import http.server
import json
import os
import queue
import select
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

CHROMIUM = shutil.which("chromium")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
    "--window-size=1280,1000",
    *("--disable-background-networking", "--disable-component-update", "--disable-quic"),
    "--autoplay-policy=no-user-gesture-required",
)
# Seeks to frames of movie.mp4 one after another, and posts the numbers that their stripes show.
SEEK_PAGE = """<!doctype html><video id="v" muted></video><script>
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
SECONDS_FOR_AN_ANSWER = 60
PORT = "--remote-debugging-port=0"


@contextlib.contextmanager
def served(folder: Path) -> Iterator[tuple[str, "queue.Queue[Any]"]]:
    """Serve a folder; yield its address, and a queue of the messages that pages post."""
    results: queue.Queue[Any] = queue.Queue()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(folder))

        def do_POST(self) -> None:
            results.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", results
        finally:
            server.shutdown()
            thread.join()


def posted(folder: Path, page: str, profile: Path) -> Any:
    """Open a page of a folder and return the message that it posts."""
    with served(folder) as (address, results):
        browser = subprocess.Popen(
            [str(CHROMIUM), *FLAGS, PORT, f"--user-data-dir={profile}", f"{address}/{page}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            return results.get(timeout=60)
        finally:
            browser.terminate()
            browser.wait(timeout=20)


class Tab:
    """A page in Chromium, controlled by its DevTools protocol; see `opened`."""

    def __init__(self, commands: IO[bytes], answers: IO[bytes]) -> None:
        self._commands, self._answers = commands, answers
        self._received = b""
        self._n_calls = 0
        self._session: dict[str, str] = {}
        # Sessions of the page and of its frames, which may have other origins.
        self._contexts: list[int] = []
        (target,) = self._call("Target.getTargets", filter=[{"type": "page"}])["targetInfos"]
        attached = self._call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = {"sessionId": attached["sessionId"]}
        self._call("Runtime.enable")

    def wait_for(self, expression: str, seconds: float = 200) -> Any:
        """Return the value of an expression from the first document where it has one."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for context in list(self._contexts):
                with contextlib.suppress(LookupError):
                    value = self._evaluate(expression, context)
                    if value:
                        return value
            time.sleep(0.1)
        raise TimeoutError(expression)

    def press(self, key: str, shift: bool = False) -> None:
        """Press a key, such as "ArrowRight", on the element that has the focus."""
        text = {"text": key} if len(key) == 1 else {}
        # Chromium moves a slider by the key's code.
        codes = {"ArrowLeft": 37, "ArrowRight": 39, "End": 35, "Home": 36, " ": 32}
        code = (codes | {"PageUp": 33, "PageDown": 34})[key]
        for kind in ("keyDown", "keyUp"):
            event = {"type": kind, "key": key, "windowsVirtualKeyCode": code}
            event["modifiers"] = 8 if shift else 0
            self._call("Input.dispatchKeyEvent", **event, **(text if kind == "keyDown" else {}))

    def click(self, selector: str) -> None:
        """Click the middle of the first element that a selector finds."""
        # It may move while the page is still being laid out.
        place = self.wait_for(f"""(async () => {{
            const found = document.querySelector({json.dumps(selector)});
            const middle = () => {{
                const box = found?.getBoundingClientRect();
                return box?.width ? [box.x + box.width / 2, box.y + box.height / 2] : [];
            }};
            found?.scrollIntoView({{block: "center"}});
            const place = middle();
            await new Promise(done => setTimeout(done, 100));
            if (!place.length || String(place) != String(middle())) return null;
            return found.contains(document.elementFromPoint(...place)) ? place : null;
        }})()""")
        for kind in ("mousePressed", "mouseReleased"):
            event = {"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1}
            self._call("Input.dispatchMouseEvent", **event)

    def prefer(self, **features: str) -> None:
        """Set what the reader prefers, such as prefers_reduced_motion="reduce"."""
        asked = [{"name": k.replace("_", "-"), "value": value} for k, value in features.items()]
        self._call("Emulation.setEmulatedMedia", features=asked)

    def screenshot(self, path: Path) -> None:
        """Save what the window shows as a PNG file."""
        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot")["data"]))

    def _evaluate(self, expression: str, context: int) -> Any:
        result = self._call(
            "Runtime.evaluate",
            expression=expression,
            contextId=context,
            awaitPromise=True,
            returnByValue=True,
        )
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def _call(self, method: str, **parameters: Any) -> Any:
        self._n_calls += 1
        call = {"id": self._n_calls, "method": method, "params": parameters, **self._session}
        self._commands.write(json.dumps(call).encode() + b"\0")
        while True:
            answer = json.loads(self._read())
            if answer.get("id") == self._n_calls:
                if "error" in answer:
                    raise LookupError(answer["error"])  # the document is gone
                return answer["result"]
            if "id" in answer:
                continue  # of a call that was given up
            values = answer.get("params", {})
            match answer["method"]:
                case "Runtime.executionContextCreated":
                    self._contexts.append(values["context"]["id"])
                case "Runtime.executionContextDestroyed":
                    self._contexts.remove(values["executionContextId"])
                case "Runtime.executionContextsCleared":
                    self._contexts.clear()

    def _read(self) -> bytes:
        while b"\0" not in self._received:
            if not select.select([self._answers], [], [], SECONDS_FOR_AN_ANSWER)[0]:
                raise LookupError("Chromium does not answer")  # the document may be gone
            received = self._answers.read(1 << 16)
            if not received:
                raise EOFError("Chromium has ended.")
            self._received += received
        message, _, self._received = self._received.partition(b"\0")
        return message


@contextlib.contextmanager
def opened(address: str, profile: Path) -> Iterator[Tab]:
    """Open a page in Chromium, which reads commands from file 3 and answers on file 4."""
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    command = [str(CHROMIUM), *FLAGS, "--remote-debugging-pipe", f"--user-data-dir={profile}"]
    browser = subprocess.Popen(
        ["bash", "-c", f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', "bash", *command, address],
        pass_fds=(theirs_in, theirs_out),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs_in)
    os.close(theirs_out)
    try:
        with (
            open(ours_out, "wb", buffering=0) as commands,
            open(ours_in, "rb", buffering=0) as answers,
        ):
            yield Tab(commands, answers)
    finally:
        browser.terminate()
        browser.wait(timeout=20)
