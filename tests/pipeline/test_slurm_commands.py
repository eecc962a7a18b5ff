"""The questions to SLURM before the first job; fake programs answer them."""

import logging
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from parallel_animate.errors import CommandError
from parallel_animate.pipeline import slurm_commands
from parallel_animate.pipeline.slurm import JobRequest
from parallel_animate.pipeline.slurm_commands import (
    ask,
    check_that_slurm_takes,
    wait_for_jobs_of_a_dead_run,
    why_no_arrays,
)

Write = Callable[..., None]
JOB = JobRequest("render_chunks", {"mem_mb": 300}, 2)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a fake SLURM program; it appends its arguments to a file ``calls``."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    # No SLURM program installed here is used.
    for name in ("sbatch", "squeue", "scancel", "scontrol", "sinfo"):
        _write(folder, name, "exit 1")

    def write(**scripts: str) -> None:
        for name, script in scripts.items():
            _write(folder, name, script)

    return write


def _write(folder: Path, name: str, script: str) -> None:
    program = folder / name
    calls = folder.parent / "calls"
    program.write_text(f'#!/bin/sh\necho "{name} $*" >> {calls}\n{script}\n')
    program.chmod(0o755)


def calls(folder: Path) -> list[str]:
    return (folder / "calls").read_text().splitlines()


def test_without_an_answer_from_slurm_nothing_is_known(programs: Write) -> None:
    programs(squeue="echo late; exit 1", sinfo="echo main")
    assert ask("squeue") == ""
    assert ask("no-such-program-of-slurm") == ""
    assert ask("sinfo") == "main\n"


def test_accepted_jobs_are_tried_once_per_rule_and_nothing_is_submitted(
    programs: Write, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    programs(sbatch="exit 0")
    smaller = JobRequest("render_chunks", {"mem_mb": 200}, 2)
    check_that_slurm_takes([smaller, JOB, smaller])
    assert calls(tmp_path) == ["sbatch --test-only --cpus-per-task=2 --mem=300 --wrap=true"]
    assert not caplog.records


def test_a_refused_job_is_sbatchs_error_with_a_remedy(programs: Write) -> None:
    programs(sbatch="echo invalid account >&2; exit 7", sinfo="echo main\\*")
    with pytest.raises(CommandError, match=r"(?s)would refuse the jobs.*invalid acc") as caught:
        check_that_slurm_takes([JOB])
    assert caught.value.command[:2] == ("sbatch", "--hold")
    assert caught.value.returncode == 7
    assert caught.value.stderr == "invalid account"
    assert str(caught.value).endswith("Partitions here: main.")


def test_a_job_no_node_can_run_now_is_a_warning_and_its_trial_is_cancelled(
    programs: Write, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    programs(
        sbatch='case "$*" in *--test-only*) echo too large >&2; exit 1;; esac; echo "12;here"',
        scancel="exit 0",
    )
    with caplog.at_level(logging.WARNING):
        check_that_slurm_takes([JOB])
    assert "at the moment no node can run them (too large)" in caplog.text
    assert calls(tmp_path)[-1] == "scancel 12"


def test_without_sbatch_the_login_node_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandError, match="no sbatch here; run this command on a login node"):
        check_that_slurm_takes([JOB])
    check_that_slurm_takes([])


def test_arrays_are_not_used_where_jobs_would_be_lost(programs: Write) -> None:
    programs(scontrol="echo 'MinJobAge               = 300 sec'")
    assert why_no_arrays(3, 3) == ""
    assert why_no_arrays(4, 3) == "there are 4 jobs, and --jobs is 3 (issue 473 of the plugin)"
    programs(scontrol="echo 'MinJobAge               = 10 sec'")
    assert "forgets finished jobs" in why_no_arrays(3, 3)


def test_a_run_waits_for_jobs_of_a_dead_run_but_not_for_held_ones(
    programs: Write,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(slurm_commands, "POLL_SECONDS", 0.01)
    looks, comment = tmp_path / "looks", "rule_render_chunks_wildcards_wave"
    programs(
        squeue=f"""echo >> {looks}
        [ $(wc -l < {looks}) -gt 3 ] || echo "12|None|{tmp_path}|{comment}"
        [ $(wc -l < {looks}) -gt 2 ] || echo "13|None|{tmp_path}|{comment}"
        echo "14|JobHeldUser|{tmp_path}|{comment}"
        echo "15|None|{tmp_path}/other|{comment}" """
    )
    before = signal.getsignal(signal.SIGINT)
    with caplog.at_level(logging.WARNING):
        wait_for_jobs_of_a_dead_run(tmp_path)
    assert signal.getsignal(signal.SIGINT) is before
    assert [record.getMessage().splitlines()[0] for record in caplog.records] == [
        "Waiting for jobs of an earlier run: 12 13",
        "Waiting for jobs of an earlier run: 12",
    ]
    assert "scancel 12 13" in caplog.text


def test_an_interrupt_ends_the_waiting_with_a_short_message(
    programs: Write, tmp_path: Path
) -> None:
    programs(squeue=f'echo "12|None|{tmp_path}|rule_render_chunk_wildcards_wave"')
    before = signal.getsignal(signal.SIGINT)
    threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(SystemExit, match=r"^Interrupted\.$"):
        wait_for_jobs_of_a_dead_run(tmp_path)
    assert signal.getsignal(signal.SIGINT) is before
