"""The studio in Chromium, and through its own connection: frames, saves, errors, and its end."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import psutil
import pytest
from browser import CHROMIUM, Tab, opened
from command_line import HELPERS
from movies import decode_numbers
from project import MOVIE, Project, wait_until

from parallel_animate.cli.main import main

WAVE = """
from pathlib import Path
from helper import OFFSET
from movies import Numbers

class Wave(Numbers):
    def update(self, frame_idx, params):
        offset = OFFSET + int(Path("offset.txt").read_text())
        super().update(frame_idx, params + offset)

def frames():
    return range(100, 140)
"""
TARGETS = ("wave.py:Wave", "--params", "wave.py:frames")
# The frame id and the params that the stripes in the picture show, such as "7 107".
STRIPES = """(() => {
  const canvas = document.querySelector("canvas");
  if (!canvas?.dataset.shown || canvas.classList.contains("old")) return null;
  const read = y => {
    let number = 0;
    for (let bit = 0; bit < 20; bit++) {
      const x = Math.floor((bit + 0.5) * canvas.width / 20);
      const pixel = canvas.getContext("2d").getImageData(x, y * canvas.height, 1, 1);
      if (pixel.data[1] > 127) number += 2 ** bit;
    }
    return number;
  };
  return `${read(0.25)} ${read(0.75)}`;
})()"""
FAILURE = """(() => {
  const failure = document.querySelector("#failure");
  return failure && !failure.hidden && failure.textContent.includes(%s) && failure.textContent;
})()"""


# Starts a command for which the system watches no files.
UNWATCHED = (
    *("unshare", "-Ur", "sh", "-c"),
    'echo 0 > /proc/sys/user/max_inotify_instances && exec "$@"',
    "sh",
)


@contextlib.contextmanager
def studio(
    folder: Path, *words: str, start: Sequence[str] = (), **variables: str
) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Start the studio; yield the address that it prints, and its process."""
    with (folder / "errors.txt").open("w") as errors:
        process = subprocess.Popen(
            [*start, sys.executable, "-m", "parallel_animate", "studio", *words],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, "PYTHONPATH": str(HELPERS), **variables},
        )
    assert process.stdout is not None
    with process.stdout:
        try:
            yield process.stdout.readline().strip(), process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.wait(timeout=30)


def shows(tab: Tab, position: int, params: int) -> None:
    tab.wait_for(f"{STRIPES} == '{position} {params}'")
    assert tab.wait_for("document.querySelector('#slider').value") == str(position)


def save(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium")
def test_the_page_shows_frames_and_keeps_the_frame_when_a_file_is_saved(
    tmp_path: Path, record_property: Any
) -> None:
    wave = tmp_path / "wave.py"
    wave.write_text(WAVE)
    (tmp_path / "helper.py").write_text("OFFSET = 0\n")
    (tmp_path / "offset.txt").write_text("0")
    with (
        # Without a browser on the PATH.
        studio(tmp_path, *TARGETS, DISPLAY=":99", BROWSER="", PATH=str(tmp_path)) as (address, _),
        opened(address, tmp_path / "profile") as tab,
    ):
        errors = (tmp_path / "errors.txt").read_text
        wait_until(lambda: "no program for it was found. Open the address" in errors())
        shows(tab, 0, 100)
        tab.click("#slider")
        middle = int(tab.wait_for("document.querySelector('#slider').value"))
        assert middle in (19, 20)
        shows(tab, middle, 100 + middle)
        # With the slider in focus and without.
        tab.press("ArrowRight")
        shows(tab, middle + 1, 101 + middle)
        tab.press("PageUp")
        shows(tab, middle - 9, 91 + middle)
        tab.click("h1")
        tab.press("Home")
        tab.press("ArrowLeft")
        shows(tab, 0, 100)
        tab.press("ArrowRight", shift=True)
        shows(tab, 10, 110)
        tab.press("End")
        shows(tab, 39, 139)
        assert tab.wait_for("document.querySelector('#params').innerText") == "params 139"
        assert tab.wait_for("document.querySelector('#number').value") == "frame 39 of 0–39"
        tab.press(" ")
        tab.wait_for("document.querySelector('#state').innerText.includes('of 30 frames per')")
        tab.click("#play")
        tab.wait_for("document.querySelector('#play').innerText == 'Play'")
        tab.press("Home")
        tab.press("PageDown")
        tab.press("ArrowLeft")
        shows(tab, 9, 109)

        # An import, then data, of which nothing was declared.
        begun = time.time()
        (tmp_path / "helper.py").write_text("OFFSET = 1000\n")
        shows(tab, 9, 1109)
        shown = tab.wait_for("document.querySelector('canvas').dataset.shown")
        record_property("ms from saving to the picture", float(shown) - 1000 * begun)
        (tmp_path / "offset.txt").write_text("5000")
        shows(tab, 9, 6109)

        save(wave, "params + offset", "params + missing_name")
        text = tab.wait_for(FAILURE % '"NameError"')
        assert "Frame 9 failed" in text
        assert "wave.py, line 9" in text
        assert "super().update(frame_idx, params + missing_name)" in text
        assert "parallel_animate" not in text
        tab.press("End")
        tab.wait_for(FAILURE % '"Frame 39 failed"')
        save(wave, "class Wave", "clas Wave")
        assert "wave.py, line 6" in tab.wait_for(FAILURE % '"SyntaxError"')
        save(wave, "clas Wave", "class Wave")
        tab.wait_for(FAILURE % '"NameError"')
        save(wave, "missing_name", "offset")
        shows(tab, 39, 6139)
        assert tab.wait_for("document.querySelector('#failure').hidden")


SLOW_CODE = """
import os, subprocess
from pathlib import Path
from movies import Numbers

if Path("drawn.txt").exists():
    Path("drawn.txt").read_text()

class Movie(Numbers):
    def update(self, frame_idx, params):
        with open("drawn.txt", "a") as file:
            file.write(f"{frame_idx}\\n")
        # here
        super().update(frame_idx, params)
"""
HANGS = """
        if frame_idx == 5:
            subprocess.Popen(["sleep", "1000"])
            while True:
                pass
"""


class Line:
    """The connection of a page, without a browser."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self.connection = connection

    async def show(self, position: int) -> None:
        await self.connection.send_json({"show": position})

    async def next(self, kind: str, seconds: float = 60) -> dict[str, Any]:
        """Return the next message of a kind, a picture with its numbers."""
        while True:
            message = await asyncio.wait_for(self.connection.receive_json(), seconds)
            if message["kind"] == "picture":
                shape = (message["height"], message["width"], 4)
                pixels = await self.connection.receive_bytes()
                message["numbers"] = decode_numbers(np.frombuffer(pixels, np.uint8).reshape(shape))
            if message["kind"] == kind:
                return message
            assert message["kind"] != "failure", message

    async def closed(self) -> None:
        while not self.connection.closed:
            await asyncio.wait_for(self.connection.receive(), 60)
        assert self.connection.close_code == 1003


async def refused(client: aiohttp.ClientSession, address: str) -> None:
    base, _, _ = address.partition("?")
    for path, headers in (
        (base, {}),
        (f"{base}?token=wrong", {}),
        (f"{base}live", {}),
        (f"{base}nothing", {}),
        (address, {"Host": "attacker.example"}),
        (address.replace("/?", "/live?"), {"Origin": "http://attacker.example"}),
    ):
        async with client.get(path, headers=headers) as answer:
            assert answer.status == 403, path
            assert "canvas" not in await answer.text()
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await client.ws_connect(f"{base}live")


async def talk(folder: Path, address: str) -> None:
    code, drawn = folder / "animator.py", folder / "drawn.txt"
    async with aiohttp.ClientSession() as client:
        await refused(client, address)
        assert not drawn.exists()
        async with client.ws_connect(address.replace("/?", "/live?")) as connection:
            line = Line(connection)
            await line.show(3)
            picture = await line.next("picture")
            assert (picture["numbers"], picture["params"]) == ((3, 6), "6")
            assert drawn.read_text().split() == ["0", "3"]  # the movie's first frame settles it

            # The config counts, too; then code that hangs, and code that ends its process.
            save(folder / "config/config.yaml", "fps: 25", "fps: 25\n    n_frames: 8")
            assert (await line.next("movie"))["n_frames"] == 8
            assert (await line.next("picture"))["numbers"] == (3, 6)
            # A file that the code reads, and then writes itself, loads nothing again.
            with pytest.raises(TimeoutError):
                await line.next("loading", seconds=2)
            save(code, "# here", "pass" + HANGS)
            assert (await line.next("picture"))["numbers"] == (3, 6)
            await line.show(5)
            wait_until(lambda: drawn.read_text().endswith("5\n"))
            save(code, "while True", "while False")
            assert (await line.next("picture"))["numbers"] == (5, 10)
            save(code, "while False:", "if os._exit(3):")
            assert "exit status 3" in (await line.next("failure"))["message"]
            save(code, "if os._exit(3):", "while True:")
            drawn.unlink()
            wait_until(lambda: drawn.exists() and drawn.read_text().endswith("5\n"))
            # What is no request ends the connection.
            await connection.send_json({"run": "ls"})
            await line.closed()


@pytest.mark.slow
def test_only_the_token_draws_and_the_end_leaves_nothing_even_while_code_hangs(
    tmp_path: Path, own_tempdir: Path
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    Project(project, only=MOVIE)
    (project / "animator.py").write_text(SLOW_CODE)
    refused = subprocess.run([*UNWATCHED, "true"], capture_output=True, check=False).returncode
    start = () if refused else UNWATCHED
    with studio(project, start=start, DISPLAY="", WAYLAND_DISPLAY="") as (address, process):
        errors = (project / "errors.txt").read_text
        wait_until(lambda: "no screen here. Open the address above yourself." in errors())
        asyncio.run(talk(project, address))
        assert ("Saved files are seen after up to 1 s" in errors()) is bool(start)
        children = psutil.Process(process.pid).children(recursive=True)
        # The code that hangs leads a group of its own, in which it has started a program.
        wait_until(lambda: any(child.name() == "sleep" for child in below(own_tempdir)))
        started = below(own_tempdir)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    _, alive = psutil.wait_procs([*children, *started], timeout=20)
    assert alive == []
    assert list(own_tempdir.iterdir()) == []


def below(temporary: Path) -> list[psutil.Process]:
    """Return the processes whose temporary folder this is."""
    return [process for process in psutil.process_iter() if is_below(process, temporary)]


def is_below(process: psutil.Process, temporary: Path) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.environ().get("TMPDIR") == str(temporary)
    return False


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["wave.py:Wave"], "--params is missing: name what gives the frames of wave.py:Wave"),
        (["only", "--fps", "3"], "--fps is for FILE.py:CLASS; a movie has it in its config."),
        (["missing"], "The config has no movie 'missing'. Movies: one, two."),
        ([], "Name one of the movies: one, two."),
        (["one", "two"], "Name one movie at a time; found one and two."),
        (["one", "--port", "70000"], "--port must be 1 to 65535, found 70000."),
    ],
)
def test_wrong_usage_is_a_sentence(
    in_tmp: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    Project(in_tmp, one=MOVIE, two=MOVIE)
    assert main(["studio", *words]) == 2
    assert sentence in capsys.readouterr().err


def test_a_port_in_use_and_a_missing_package_are_sentences(
    in_tmp: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert main(["studio", *TARGETS, "--port", str(port)]) == 2
    assert f"--port: {port} cannot be used (Address already in use)." in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    for name in ("server", "session"):
        monkeypatch.delitem(sys.modules, f"parallel_animate.studio.{name}")
    assert main(["studio", *TARGETS]) == 2
    assert "pip install 'parallel-animate[studio]'" in capsys.readouterr().err
