"""Chromium on pages of a folder that is served on loopback, and what they post back.

Not a test file: it is imported by tests.
"""

import contextlib
import http.server
import json
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-quic"),
    *("--remote-debugging-port=0", "--autoplay-policy=no-user-gesture-required"),
)


@contextlib.contextmanager
def served(folder: Path) -> Iterator[tuple[str, "queue.Queue[Any]"]]:
    """Serve a folder; yield its address, and a queue of what pages post."""
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
        yield f"http://127.0.0.1:{server.server_port}", results
        server.shutdown()
        thread.join()


def posted(folder: Path, page: str, profile: Path) -> Any:
    """Open a page of a folder and return what it posts."""
    with served(folder) as (address, results):
        browser = subprocess.Popen(
            [str(CHROMIUM), *FLAGS, f"--user-data-dir={profile}", f"{address}/{page}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            return results.get(timeout=60)
        finally:
            browser.terminate()
            browser.wait(timeout=20)
