"""Digests of files follow the content, whatever the times say."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from parallel_animate.inputs.file_states import SETTLED_NS, Digests, FileState, state_of
from parallel_animate.inputs.opened_files import Changes, OpenedFiles


def keep_time(path: Path, text: str) -> None:
    """Write a file and give it its old time back."""
    before = path.stat()
    path.write_text(text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let time pass until the state of every file is settled."""
    monkeypatch.setattr(time, "time_ns", lambda: 2**62)


def test_a_file_of_the_same_size_and_time_has_another_digest(
    in_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(monkeypatch)
    path = in_tmp / "data"
    path.write_text("red")
    digests = Digests(in_tmp / "memory")
    before = digests.of(path)
    digests.remember()
    time.sleep(0.02)  # a tick of the file system's clock
    keep_time(path, "tan")
    assert digests.of(path) != before
    assert Digests(in_tmp / "memory").of(path) != before


def test_known_digests_save_reading_only_while_the_state_is_the_same(
    in_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(monkeypatch)
    path = in_tmp / "data"
    path.write_text("red")
    first = Digests(in_tmp / "memory")
    digest = first.of(path)
    first.remember()
    monkeypatch.setattr("parallel_animate.inputs.file_states.file_digest", lambda path: "read")
    assert Digests(in_tmp / "memory").of(path) == digest
    time.sleep(0.02)
    path.chmod(0o600)
    assert Digests(in_tmp / "memory").of(path) == "read", "its ctime is another one"
    other = in_tmp / "other"
    other.write_text("{")
    assert Digests(other).of(path) == "read", "a memory that is no JSON counts as empty"


def test_a_memory_with_a_wrong_digit_counts_as_empty(
    in_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(monkeypatch)
    path, memory = in_tmp / "data", in_tmp / "memory"
    path.write_text("red")
    digests = Digests(memory)
    digest = digests.of(path)
    digests.remember()
    text = memory.read_text()
    assert digest in text
    memory.write_text(text.replace(digest, digest[::-1]))
    assert Digests(memory).of(path) == digest


def test_a_file_that_was_just_written_is_read_each_time(in_tmp: Path) -> None:
    path = in_tmp / "data"
    path.write_text("red")
    digests = Digests(in_tmp / "memory")
    digests.of(path)
    digests.remember()
    assert not (in_tmp / "memory").exists()
    now = time.time_ns()
    assert not FileState(1, 0, now, 1).is_settled()
    assert not FileState(1, 0, now + 10 * SETTLED_NS, 1).is_settled(), "a clock that is ahead"
    assert FileState(1, 0, now - 2 * SETTLED_NS, 1).is_settled()


def test_only_regular_files_have_a_state(in_tmp: Path) -> None:
    os.mkfifo("pipe")
    assert state_of(in_tmp / "pipe") is None
    assert Digests().of(in_tmp / "pipe") == "missing", "and nobody waits for it"
    assert Digests().of(in_tmp) != Digests().of(in_tmp / "none") == "missing"


def shell(command: str) -> Callable[[], object]:
    return lambda: subprocess.run(["sh", "-c", command], check=True)


CHANGES: dict[str, tuple[Callable[[], object], Changes]] = {
    "nothing": (lambda: None, Changes((), ())),
    "by another process": (shell("echo lime > data"), Changes(("data",), ())),
    "by renaming": (shell("echo lime > new; mv new data"), Changes(("data",), ())),
    "appended": (shell("echo lime >> data"), Changes(("data",), ())),
    "removed": (shell("rm data"), Changes(("data",), ())),
    "and changed back": (
        shell("cp -p data old; echo lime > data; sleep 0.02; cat old > data; touch -r old data"),
        Changes((), ("data",)),
    ),
    "by this process": (lambda: Path("data").write_text("lime"), Changes((), ())),
    "a folder that was listed": (shell("touch folder/b"), Changes(("folder",), ())),
}


@pytest.mark.parametrize("name", CHANGES)
def test_changes_of_files_after_they_were_opened_are_found(in_tmp: Path, name: str) -> None:
    (in_tmp / "data").write_text("red")
    (in_tmp / "folder").mkdir()
    opened = OpenedFiles(in_tmp, own_files=(in_tmp / "work", Path("/tmp")))
    change, expected = CHANGES[name]
    with opened.recorded_as("animator"):
        (in_tmp / "data").read_text()
        os.listdir("folder")
        before = opened.files()
        time.sleep(0.02)
        change()
    assert opened.changes() == expected
    if name != "removed":
        assert opened.files() == before, "as they were when they were opened"
