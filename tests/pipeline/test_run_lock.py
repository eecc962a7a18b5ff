"""Only one run at a time uses a work folder, as long as its process lives."""

import os
from pathlib import Path

import pytest

from parallel_animate.errors import AnimateError
from parallel_animate.pipeline.run_lock import hold_run_lock


def test_a_second_run_is_refused_and_the_holder_named_until_it_ends(
    tmp_path: Path,
) -> None:
    work = tmp_path / "film/work"
    first = hold_run_lock(work)
    for _ in range(2):
        # The refused run has not overwritten the holder's name.
        with pytest.raises(AnimateError, match=rf"in this folder \(process {os.getpid()} on \S+ s"):
            hold_run_lock(work)
    first.close()
    # As after a kill: the file still exists, but the kernel has released the lock.
    assert (work / ".lock").read_text().startswith(f"process {os.getpid()} on ")
    with hold_run_lock(work):
        assert (work / ".lock").read_text().count("\n") == 1
