"""Files on shared disks: unique temporary names, and synced before they appear."""

import errno
import fcntl
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from parallel_animate.atomic_files import is_locked, publish, temporary_path, try_lock


def test_a_temporary_name_has_host_and_process_and_is_unique(tmp_path: Path) -> None:
    final = tmp_path / "a.mp4"
    names = {temporary_path(final).name for _ in range(1000)}
    assert len(names) == 1000
    assert all(f"{os.uname().nodename}-{os.getpid()}-" in name for name in names)
    # a rename across folders could be a copy
    assert temporary_path(final).parent == tmp_path


@pytest.mark.parametrize("name", ["a" * 251 + ".mp4", "é" * 125 + ".mp4", "a" + "電" * 80 + ".mp4"])
def test_the_longest_names_have_temporary_names(tmp_path: Path, name: str) -> None:
    temporary = temporary_path(tmp_path / name)
    temporary.touch()
    publish(temporary, tmp_path / name)
    assert os.listdir(tmp_path) == [name]


def test_one_process_number_on_two_hosts_gives_two_names(tmp_path: Path) -> None:
    """Namespaces make two hosts for the kernel, each with its own name and process numbers."""
    code = (
        "from pathlib import Path; import os; "
        "from parallel_animate.atomic_files import temporary_path; "
        f"print(os.getpid(), temporary_path(Path({str(tmp_path)!r}, 'a.mp4')).name)"
    )
    names = []
    as_host = ["unshare", "--uts", "--pid", "--fork", "sh", "-c", 'hostname "$0"; exec "$@"']
    for host in ("node1", "node2"):
        result = subprocess.run(
            [*as_host, host, sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            pytest.skip(f"no namespaces here: {result.stderr.strip()}")
        number, name = result.stdout.split()
        assert f"{host}-{number}-" in name
        names.append(name)
    assert names[0] != names[1]


def test_a_file_is_synced_before_the_rename_and_its_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test records the calls; it does not replace them."""
    calls = []
    fsync, replace = os.fsync, os.replace

    def watched_fsync(descriptor: int) -> None:
        calls.append(("fsync", os.readlink(f"/proc/self/fd/{descriptor}")))
        fsync(descriptor)

    def watched_replace(source: Path, target: Path) -> None:
        calls.append(("replace", str(target)))
        replace(source, target)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(os, "replace", watched_replace)
    temporary, final = tmp_path / ".a.tmp", tmp_path / "a"
    temporary.write_text("whole")
    publish(temporary, final)
    assert calls == [("fsync", str(temporary)), ("replace", str(final)), ("fsync", str(tmp_path))]
    assert final.read_text() == "whole"


@pytest.mark.parametrize(("number", "passes"), [(errno.EINVAL, True), (errno.EIO, False)])
def test_an_unsyncable_folder_is_no_error_but_a_broken_disk_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, passes: bool
) -> None:
    fsync = os.fsync

    def on_this_disk(descriptor: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{descriptor}"):
            raise OSError(number, os.strerror(number))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", on_this_disk)
    (tmp_path / ".a.tmp").touch()
    if passes:
        publish(tmp_path / ".a.tmp", tmp_path / "a")
    else:
        with pytest.raises(OSError, match="Input/output error"):
            publish(tmp_path / ".a.tmp", tmp_path / "a")


def test_a_lock_excludes_others_until_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_locked(path)
    with path.open("a+") as first:
        assert try_lock(first)
        assert is_locked(path)
        with path.open("a+") as second:
            assert not try_lock(second)
    assert not is_locked(path)


def test_looking_at_a_lock_does_not_keep_a_run_from_starting(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.touch()
    looker = path.open("rb")
    fcntl.flock(looker, fcntl.LOCK_SH)
    threading.Timer(0.03, looker.close).start()
    with path.open("rb") as file:
        assert try_lock(file)
        assert is_locked(path)


def test_a_disk_without_locks_is_a_warning_and_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Lustre without the mount option flock fails like this."""

    def no_locks(file: object, how: int) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with (tmp_path / "lock").open("a+") as file, caplog.at_level(logging.WARNING):
        assert try_lock(file)
    assert "Do not start a second run in this folder: nothing stops it." in caplog.text


def test_a_small_file_that_may_not_be_read_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text("before")
    path.chmod(0)
    code = f"from parallel_animate.atomic_files import *; replace_text(Path({str(path)!r}), 'now')"
    # Without them, root reads every file.
    drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    command = [*(drop if os.geteuid() == 0 else ()), sys.executable, "-c", code]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    assert path.read_text() == "now"
