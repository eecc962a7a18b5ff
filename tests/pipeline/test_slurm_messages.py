"""Output of SLURM commands is read, and refused jobs are explained. SLURM is not needed."""

from pathlib import Path

import pytest

from parallel_animate.pipeline.slurm import (
    JobRequest,
    can_follow_arrays,
    held_command,
    jobs_of_folder,
    largest_of_each_rule,
    no_node,
    refusal,
    trial_command,
)

QUEUE = """\
12|None|/data/a movie|rule_render_chunks_wildcards_wave_0000000-0000250-aa
13_[4-9]|Priority|/data/a movie|rule_render_chunks_wildcards_wave_0000250-0000500-bb
14|None|/data/other|rule_render_chunks_wildcards_wave_0000000-0000250-aa
15|None|/data/a movie|rule_align_wildcards_x
16|launch failed requeued held|/data/a movie|rule_render_chunk_wildcards_wave_0-1-cc
17|DependencyNeverSatisfied|/data/a movie|rule_render_chunk_wildcards_wave_0-1-cc
18|None|/data/a movie|(null)
"""


def test_the_jobs_of_a_folder_are_distinguished_from_others() -> None:
    jobs = jobs_of_folder(QUEUE, Path("/data/a movie"))
    assert [(job.job_id, job.is_held) for job in jobs] == [
        ("12", False),
        ("13_[4-9]", False),
        ("16", True),
        ("17", True),
    ]
    assert jobs_of_folder("", Path("/data")) == []
    assert jobs_of_folder("slurm_load_jobs error\n", Path("/data")) == []


@pytest.mark.parametrize(
    ("configuration", "can"),
    [
        ("MaxArraySize = 1001\nMinJobAge               = 300 sec\n", True),
        ("MinJobAge               = 60 sec\n", True),
        ("MinJobAge               = 10 sec\n", False),
        ("", False),
    ],
)
def test_arrays_are_used_only_if_squeue_remembers_finished_jobs(
    configuration: str, can: bool
) -> None:
    assert can_follow_arrays(configuration) is can


def test_the_trial_requests_what_the_job_requests() -> None:
    resources = {
        "slurm_account": "physics",
        "slurm_partition": "long",
        "runtime": 30,
        "mem_mb": 1100,
        "gpu": 1,
        "gpu_model": "a100",
        "slurm_extra": "--reservation=course --nice=5",
        "disk_mb": 50000,
    }
    assert trial_command(resources, 4) == [
        *("sbatch", "--test-only", "--cpus-per-task=4", "--account=physics", "--partition=long"),
        *("--time=30", "--mem=1100", "--gpus=a100:1", "--reservation=course", "--nice=5"),
        "--wrap=true",
    ]
    assert held_command(trial_command({"mem_mb": 100}, 1)) == [
        *("sbatch", "--hold", "--parsable", "--cpus-per-task=1", "--mem=100", "--wrap=true")
    ]
    assert trial_command({}, 1) == ["sbatch", "--test-only", "--cpus-per-task=1", "--wrap=true"]


def test_the_largest_job_of_every_rule_is_tried() -> None:
    jobs = [
        JobRequest(rule, {"mem_mb": memory} if memory else {}, 1)
        for rule, memory in [("b", 100), ("a", 300), ("b", 500), ("a", 200), ("c", 0), ("b", 500)]
    ]
    assert largest_of_each_rule(jobs) == [jobs[1], jobs[2], jobs[4]]
    assert largest_of_each_rule([]) == []


def test_jobs_no_node_can_run_are_listed_with_their_requests() -> None:
    said = no_node(["sbatch", "--mem=900000"], "Requested node configuration is not available\n")
    assert "(Requested node configuration is not available)." in said
    assert "sbatch --mem=900000" in said
    assert "--set-resources render_chunks:mem_mb=MB" in said


def test_a_refusal_has_the_request_the_answer_and_a_remedy() -> None:
    said = refusal(["sbatch", "--time=5"], "sbatch: error: Invalid account\n", "long*\nshort\n")
    assert "sbatch: error: Invalid account" in said
    assert "sbatch --time=5" in said
    assert "slurm_account=ACCOUNT slurm_partition=PARTITION" in said
    assert said.endswith("Partitions here: long, short.")
