"""A virtual environment with parallel-matplotlib-animation, for `compare.py`.

It needs a separate environment because this package has the same import name.
"""

from __future__ import annotations

import importlib.metadata
import json
import platform
import subprocess
import sys
import venv
from pathlib import Path

# The peer declares PyTorch and related packages, gigabytes in all, but needs them only to read
# videos and to encode on a GPU.  So packages that depend on PyTorch are installed without
# dependencies, and the packages that rendering needs are listed here.
WITHOUT_DEPENDENCIES = {
    "parallel-matplotlib-animation": "0.1.4",
    "parallel-video-io": "0.1.9",
}
IMAGEIO_FFMPEG = "0.6.0"

_PRINT_VERSIONS = """
import importlib.metadata, json, platform, sys
versions = {"python": platform.python_version()}
for name in sys.argv[1:]:
    try:
        versions[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pass
print(json.dumps(versions))
"""


def ensure_peer_python(folder: Path) -> Path:
    """Return the interpreter of the peer's environment; make the environment if it is missing.

    It has the same Python, matplotlib and numpy versions as the running interpreter, so the tools
    do not differ in them.

    Parameters
    ----------
    folder
        The environment's folder.

    Returns
    -------
    Path
        The interpreter.

    Raises
    ------
    SystemExit
        If ``folder`` is an environment that must not be changed: the running one, or one with
        another Python version.
    """
    if folder.resolve() == Path(sys.prefix).resolve():
        raise SystemExit(f"{folder} is the running environment; the peer needs one of its own")
    python = folder / "bin" / "python"
    if not python.exists():
        _log(f"making the peer's environment in {folder}")
        venv.create(folder, with_pip=True)
    same = {name: importlib.metadata.version(name) for name in ("matplotlib", "numpy")}
    wanted = same | WITHOUT_DEPENDENCIES | {"imageio-ffmpeg": IMAGEIO_FFMPEG}
    found = _versions(python, [*wanted, "imageio"])
    if found.pop("python") != platform.python_version():
        raise SystemExit(f"{folder} has another Python version: delete it or name another folder")
    if "imageio" not in found or not wanted.items() <= found.items():
        _install(python, same)
    return python


def _install(python: Path, same: dict[str, str]) -> None:
    _log("installing parallel-matplotlib-animation")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pins = [f"{name}=={version}" for name, version in same.items()]
    bare_pins = [f"{name}=={version}" for name, version in WITHOUT_DEPENDENCIES.items()]
    # pip's own messages go to stderr: stdout is for the report.
    subprocess.run(
        [*pip, *pins, "tqdm", f"imageio-ffmpeg=={IMAGEIO_FFMPEG}"], check=True, stdout=sys.stderr
    )
    subprocess.run([*pip, "--no-deps", *bare_pins, "imageio"], check=True, stdout=sys.stderr)


def _versions(python: Path, names: list[str]) -> dict[str, str]:
    result = subprocess.run(
        [str(python), "-c", _PRINT_VERSIONS, *names], check=True, capture_output=True, text=True
    )
    versions: dict[str, str] = json.loads(result.stdout)
    return versions


def _log(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
