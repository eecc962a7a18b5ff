"""Shared fixtures: the repository's folder, and a check for leftovers of tests."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

SMALL_DISK_KIB = 4000
ROOT = Path(__file__).resolve().parent.parent


def pytest_configure() -> None:
    # A shell without job control starts its background jobs with SIGINT ignored, and every
    # child inherits that: tests that send it would wait forever.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # nohup does the same with SIGHUP.
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture
def root() -> Path:
    return ROOT


@pytest.fixture
def in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Change to a fresh working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def own_tempdir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use a fresh temporary folder, so that leftovers in it can be found."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


# What the command lines of workers have: fresh ones of loky, and those of the fork server.
WORKERS = ("LokyProcess", "forked_worker")


@pytest.fixture
def no_leftovers(own_tempdir: Path) -> Iterator[Callable[[], list[str]]]:
    """Check that the test leaves no ffmpeg, no worker and no temporary folder."""

    def leftovers() -> list[str]:
        names = [path.name for path in own_tempdir.glob("parallel-animate*")]
        for process in psutil.process_iter(["pid", "cmdline", "status"]):
            words = " ".join(process.info["cmdline"] or [])
            is_ours = str(own_tempdir) in words or (
                any(name in words for name in WORKERS) and _is_descendant(process)
            )
            if is_ours and process.info["status"] != psutil.STATUS_ZOMBIE:
                names.append(f"{process.info['pid']}: {words[:120]}")
        return names

    yield leftovers
    deadline = time.monotonic() + 20
    while (left := leftovers()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def _is_descendant(process: psutil.Process) -> bool:
    try:
        return os.getpid() in [parent.pid for parent in process.parents()]
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_KIB}k", "tmpfs", str(folder)]
    if (
        sys.platform != "linux"
        or os.geteuid() != 0
        or subprocess.run(mount, check=False).returncode
    ):
        pytest.skip("a small disk can be mounted only as root on Linux")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
