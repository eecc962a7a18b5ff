"""A notebook in a real JupyterLab in Chromium; not a test file."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
from browser import Tab, opened
from command_line import HELPERS

# Run all cells where none runs, and say whether all have run. The command may be lost while
# JupyterLab loads its page twice, or never end, so it is not waited for and may be given again.
# Without a kernel it would open a dialog, which covers the cells.
RUN = """(() => {
  if (!window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel) return false;
  const status = document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status;
  const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')];
  if (prompts.length != %d || status != 'idle') return false;
  if (prompts.every(prompt => /\\d/.test(prompt.innerText))) return true;
  if (performance.now() > (window.nextRun ?? 0)) {
    window.nextRun = performance.now() + 10000;
    jupyterapp.commands.execute('notebook:run-all-cells');
  }
})()"""
OUTPUTS = "[...document.querySelectorAll('.jp-OutputArea')].map(output => output.innerText)"


def notebook(cells: Sequence[str]) -> nbformat.NotebookNode:
    """Return a notebook for the kernel of this environment."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "", "language": "python"}
    return made


@contextlib.contextmanager
def executed(folder: Path, cells: Sequence[str]) -> Iterator[Tab]:
    """Write a notebook, run all of its cells in JupyterLab, and yield the browser's tab."""
    nbformat.write(notebook(cells), folder / "a.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.root_dir": folder,
        "IdentityProvider.token": "t",
        "LabApp.expose_app_in_browser": True,
    }
    home = folder / "home"
    folders = {f"JUPYTER_{name}_DIR": str(home / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            *(f"--{name}={value}" for name, value in options.items()),
        ],
        env={**os.environ, **folders, "HOME": str(home), "PYTHONPATH": str(HELPERS)},
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for_server(port)
        address = f"http://127.0.0.1:{port}/lab/tree/a.ipynb?token=t"
        with opened(address, folder / "profile") as tab:
            tab.wait_for(RUN % len(cells))
            try:
                yield tab
            except Exception as error:
                error.add_note(f"The notebook shows {tab.wait_for(OUTPUTS)}")
                raise
    finally:
        # Its kernels end with it.
        server.terminate()
        server.wait(timeout=30)


def _wait_for_server(port: int, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        time.sleep(0.2)
    raise TimeoutError("JupyterLab does not answer.")
