"""Runs on a real SLURM cluster of two nodes on this machine, and its failures."""

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator

import pytest
from movies import read_numbers
from nvenc import write_ffmpeg
from project import BIN, MOVIE, job_counts, wait_until
from slurm.cluster import Cluster
from slurm.conftest import QUICK, SlurmProject

pytestmark = [pytest.mark.slurm, pytest.mark.slow, pytest.mark.timeout(600)]
Make = Callable[..., SlurmProject]

# 11 frames in 4 chunks, each a job.
WAVE = {**MOVIE, "chunk_size": 3}
N_CHUNKS = 4
# A job for each chunk, however short.
EACH = ("--config", "job_minutes=0.00001")


def running(cluster: Cluster) -> list[str]:
    return [job for job, state in cluster.states().items() if state == "RUNNING"]


def nodes_of(cluster: Cluster, job: str) -> str:
    return cluster.command("squeue", "-h", "-t", "all", "-j", job, "-o", "%N").strip()


def is_drawing(project: SlurmProject, n_jobs: int = 1) -> Callable[[], bool]:
    """Return a condition: this number of jobs have opened their segment and not finished it."""
    folder = project.folder / "work/wave/segments"
    return lambda: len({path.name[:16] for path in folder.glob(".*.tmp")}) >= n_jobs


def wait(condition: Callable[[], object]) -> None:
    # A busy machine takes long to start a job's three processes.
    wait_until(condition, seconds=240)


def ends_well(run: "subprocess.Popen[bytes]", project: SlurmProject) -> None:
    assert run.wait(timeout=400) == 0, project.said()
    assert read_numbers(project.folder / "results/wave.mp4") == [(i, 2 * i) for i in range(11)]


def test_a_movie_over_both_nodes_has_the_bytes_of_the_local_one(
    on_slurm: Make, cluster: Cluster
) -> None:
    project = on_slurm(wave=WAVE)
    project.hold()
    run = project.start()
    wait(is_drawing(project, N_CHUNKS))
    assert {nodes_of(cluster, job) for job in running(cluster)} == {"n0", "n1"}
    project.release()
    ends_well(run, project)
    assert (project.folder / "results/wave.mp4").read_bytes() == project.local_bytes()
    # nothing to do, neither on the cluster nor, with the same files, on this machine's cores
    assert "Nothing to be done" in project.snakemake()
    assert "Nothing to be done" in project.locally()
    assert not list((project.folder / "work/wave/batches").glob("*.done"))


def test_a_job_renders_several_chunks_on_all_its_cores(on_slurm: Make, cluster: Cluster) -> None:
    project = on_slurm(wave=WAVE)
    project.hold()
    run = project.start("--config", "cores_per_job=2")
    wait(is_drawing(project, N_CHUNKS))
    # two chunks at a time in each of two jobs, one on either node
    assert len(running(cluster)) == 2
    assert {nodes_of(cluster, job) for job in running(cluster)} == {"n0", "n1"}
    project.release()
    ends_well(run, project)
    assert (project.folder / "results/wave.mp4").read_bytes() == project.local_bytes()


def test_a_cancelled_job_is_submitted_again(on_slurm: Make, cluster: Cluster) -> None:
    project = on_slurm(wave=WAVE)
    project.hold()
    run = project.start()
    wait(is_drawing(project, N_CHUNKS))
    before = set(cluster.states())
    cancelled = running(cluster)[0]
    cluster.command("scancel", cancelled)
    wait(lambda: cluster.states()[cancelled] == "CANCELLED")
    project.release()
    ends_well(run, project)
    assert len(set(cluster.states()) - before) == 1
    assert f"SLURM-job '{cancelled}' failed, SLURM status is: 'CANCELLED'" in project.said()


@pytest.fixture
def nodes_back(cluster: Cluster) -> Iterator[None]:
    yield
    for node in cluster.nodes():
        if cluster.command("sinfo", "-h", "-N", "-n", node, "-p", "main", "-o", "%t") != "idle\n":
            cluster.command("scontrol", "update", f"nodename={node}", "state=resume")
    wait(lambda: set(cluster.command("sinfo", "-h", "-N", "-o", "%t").split()) == {"idle"})


@pytest.mark.usefixtures("nodes_back")
@pytest.mark.parametrize("requeue", ["--slurm-requeue", "--slurm-no-requeue"])
def test_finished_segments_survive_a_node_that_goes_down(
    on_slurm: Make, cluster: Cluster, requeue: str
) -> None:
    project = on_slurm(wave=WAVE)
    project.hold("frame_idx > 5")
    run = project.start(requeue)
    wait(lambda: len(project.segments()) == 2 and is_drawing(project, 2)())
    finished = project.segments()
    hit = running(cluster)[0]
    node = nodes_of(cluster, hit)
    cluster.command("scontrol", "update", f"nodename={node}", "state=down", "reason=test")
    project.release()
    ends_well(run, project)
    if requeue == "--slurm-no-requeue":
        assert f"SLURM-job '{hit}' failed due to a node failure" in project.said()
    now = project.segments()
    assert all(now[name] == identity for name, identity in finished.items())
    assert (project.folder / "results/wave.mp4").read_bytes() == project.local_bytes()


def kill(run: "subprocess.Popen[bytes]") -> None:
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()


def test_after_kill_9_the_same_command_waits_for_queued_jobs(
    on_slurm: Make, cluster: Cluster
) -> None:
    """Finished segments are not rendered again, nor those of running or waiting jobs."""
    project = on_slurm(wave={**MOVIE, "chunk_size": 2})
    project.hold()
    run = project.start(*EACH)
    # 6 jobs, and 4 cores
    wait(is_drawing(project, 4))
    kill(run)
    orphans = set(cluster.states())
    assert len(orphans) >= 6
    interrupted = project.start(*EACH)
    wait(lambda: "Waiting for jobs of an earlier run" in project.said())
    os.killpg(interrupted.pid, signal.SIGINT)
    assert interrupted.wait(timeout=60) == 1
    assert project.said().endswith("Interrupted.\n")
    again = project.start(*EACH)
    wait(lambda: project.said().count("Waiting for jobs of an earlier run") == 2)
    project.release()
    ends_well(again, project)
    # the jobs of the dead run have rendered everything; only the join was left
    assert job_counts(project.said_last()) == {"concat_segments": 1}
    assert not set(cluster.states()) - orphans
    assert (project.folder / "results/wave.mp4").read_bytes() == project.local_bytes()


def test_after_kill_9_only_segments_lost_with_the_queue_are_rendered(
    on_slurm: Make, cluster: Cluster
) -> None:
    project = on_slurm(wave={**MOVIE, "chunk_size": 2})
    # Two chunks are held; the last one has a single frame, which cannot be. Both must draw: a job
    # that is being submitted when the run is killed would escape scancel.
    project.hold("frame_idx > 5")
    run = project.start(*EACH)
    wait(lambda: len(project.segments()) == 4 and is_drawing(project, 2)())
    kill(run)
    cluster.command("scancel", "--user", str(os.getuid()))
    wait(lambda: not cluster.command("squeue", "-h"))
    finished = project.segments()
    project.release()
    counts = job_counts(project.snakemake(*EACH))
    assert counts == {"render_chunks": 2, "concat_segments": 1}
    now = project.segments()
    assert all(now[name] == identity for name, identity in finished.items())
    assert (project.folder / "results/wave.mp4").read_bytes() == project.local_bytes()


def test_an_orphan_beside_its_twin_does_no_harm(on_slurm: Make, cluster: Cluster) -> None:
    """If SLURM cannot report that a job still runs, its chunk is rendered twice at once."""
    project = on_slurm(wave={**MOVIE, "chunk_size": 6})
    project.hold()
    run = project.start()
    wait(is_drawing(project, 2))
    kill(run)
    # the workflow's query fails, the plugin's own queries work
    blind = project.folder / "blind"
    blind.mkdir()
    squeue = blind / "squeue"
    real = cluster.folder / "bin/squeue"
    squeue.write_text(f'#!/bin/sh\ncase "$*" in *%Z*) exit 1 ;; esac\nexec {real} "$@"\n')
    squeue.chmod(0o755)
    project.path = f"{blind}{os.pathsep}"
    again = project.start()
    segments = project.folder / "work/wave/segments"
    wait(lambda: len(list(segments.glob(".*.tmp"))) == 4)
    project.release()
    ends_well(again, project)
    assert "Waiting for jobs" not in project.said()
    wait(lambda: not cluster.command("squeue", "-h"))
    assert "Nothing to be done" in project.snakemake()
    assert (project.folder / "results/wave.mp4").read_bytes() == project.local_bytes()
    assert not project.temporary_files()


def test_interrupting_the_driver_cancels_its_jobs_and_a_rerun_resumes(
    on_slurm: Make, cluster: Cluster
) -> None:
    project = on_slurm(wave=WAVE)
    project.hold("frame_idx > 5")
    run = project.start()
    wait(lambda: len(project.segments()) == 2 and is_drawing(project, 2)())
    os.killpg(run.pid, signal.SIGINT)
    run.wait(timeout=120)
    wait(lambda: not cluster.command("squeue", "-h"))
    finished = project.segments()
    assert not project.temporary_files()
    project.release()
    assert job_counts(project.snakemake()) == {"render_chunks": 2, "concat_segments": 1}
    assert finished.items() <= project.segments().items()


@pytest.mark.parametrize("moment", ["before the jobs start", "while they draw"])
@pytest.mark.usefixtures("nodes_back")
def test_the_next_run_uses_an_edit_made_while_jobs_run(
    on_slurm: Make, cluster: Cluster, moment: str
) -> None:
    """This includes an edit that cannot be planned, and an edit of the config."""
    project = on_slurm(wave=WAVE)
    project.hold()
    nodes = f"nodename={','.join(cluster.nodes())}"
    if moment == "before the jobs start":
        cluster.command("scontrol", "update", nodes, "state=drain", "reason=test")
    run = project.start()
    if moment == "before the jobs start":
        wait(lambda: list(cluster.states().values()).count("PENDING") == N_CHUNKS)
    else:
        wait(is_drawing(project, N_CHUNKS))
    config = (project.folder / "config/config.yaml").read_text()
    (project.folder / "config/config.yaml").write_text("movies: [not a mapping\n")
    animator = (project.folder / "animator.py").read_text()
    project.edit("animator.py", "class Movie", "broken(")
    if moment == "before the jobs start":
        cluster.command("scontrol", "update", nodes, "state=resume")
    project.release()
    ends_well(run, project)
    (project.folder / "config/config.yaml").write_text(config)
    (project.folder / "animator.py").write_text(animator.replace("params +", "params + 1 +"))
    assert job_counts(project.snakemake())["render_chunks"] == N_CHUNKS
    movie = project.folder / "results/wave.mp4"
    assert read_numbers(movie) == [(i, 2 * i + 1) for i in range(11)]


def test_a_new_plan_does_not_affect_running_jobs(on_slurm: Make, cluster: Cluster) -> None:
    project = on_slurm(wave=WAVE)
    project.hold()
    run = project.start()
    wait(is_drawing(project, 2))
    project.edit("animator.py", "params +", "params + 1 +")
    assert job_counts(project.snakemake("-n"))["render_chunks"] == N_CHUNKS
    project.release()
    ends_well(run, project)
    assert job_counts(project.snakemake())["render_chunks"] == N_CHUNKS
    movie = project.folder / "results/wave.mp4"
    assert read_numbers(movie) == [(i, 2 * i + 1) for i in range(11)]


def test_a_job_out_of_memory_is_reported_and_gets_twice_as_much(
    on_slurm: Make, cluster: Cluster
) -> None:
    project = on_slurm(wave=WAVE)
    project.edit(
        "animator.py",
        "super().update(",
        "self.much = self.eat(frame_idx); super().update(",
    )
    project.edit(
        "animator.py",
        "    def update",
        "    def eat(self, frame_idx):\n"
        "        import os, time\n"
        "        if frame_idx == 7 and 'SLURM_JOB_ID' in os.environ:\n"
        "            much = b'x' * 1_000_000_000\n"
        "            time.sleep(5)\n"
        "            return len(much)\n\n"
        "    def update",
    )
    said = project.snakemake()
    assert re.search(r"SLURM status is: 'OUT_OF_MEMORY'|memory", said), said
    assert read_numbers(project.folder / "results/wave.mp4") == [(i, 2 * i) for i in range(11)]


def test_a_job_that_takes_too_long_is_reported(on_slurm: Make, cluster: Cluster) -> None:
    project = on_slurm(wave=WAVE)
    project.edit(
        "animator.py",
        "super().update(",
        "import os, time; frame_idx == 7 and 'SLURM_JOB_ID' in os.environ and time.sleep(300); "
        "super().update(",
    )
    said = project.snakemake(
        "--retries", "0", "--set-resources", "render_chunks:runtime=1", expect=1
    )
    assert re.search(r"SLURM status is: 'TIMEOUT'", said), said
    assert "ended by SIGTERM (cancelled, out of time" in said
    assert len(project.segments()) == N_CHUNKS - 1
    assert not project.temporary_files()


def test_a_missing_partition_is_an_error_before_the_first_job(
    on_slurm: Make, cluster: Cluster
) -> None:
    project = on_slurm(wave=WAVE)
    cluster.command("scontrol", "update", "partitionname=main", "default=no")
    jobs = set(cluster.states())
    try:
        said = project.snakemake(expect=1)
        assert "No job was submitted, because SLURM would refuse the jobs" in said
        assert "slurm_partition=PARTITION" in said
        assert "Partitions here: main, short." in said
        assert "Traceback" not in said
        # SLURM forgets jobs that ended five minutes ago; only new ones matter here.
        assert not set(cluster.states()) - jobs
        command = [BIN / "parallel-animate", "run", "--profile", "slurm", "--", *QUICK]
        result = subprocess.run(
            [*command, "--default-resources", "slurm_partition=short"],
            cwd=project.folder,
            env=project.environment(),
            capture_output=True,
            text=True,
            check=True,
            timeout=400,
        )
        # The console shows the movie, as on one machine, and not the jobs.
        assert result.stdout.startswith("results/wave.mp4  11 frames, "), result.stderr
        assert "Job stats" not in result.stderr
        assert read_numbers(project.folder / "results/wave.mp4")[10] == (10, 20)
    finally:
        cluster.command("scontrol", "update", "partitionname=main", "default=yes")


def test_a_job_larger_than_any_node_is_reported_before_it_waits(on_slurm: Make) -> None:
    project = on_slurm(wave=WAVE)
    project.start("--config", "cores_per_job=64")
    wait(lambda: "at the moment no node can run them" in project.said())
    assert "--cpus-per-task=64" in project.said()
    assert "request less" in project.said()


def test_the_driver_can_be_a_job_itself(on_slurm: Make, cluster: Cluster) -> None:
    project = on_slurm(wave=WAVE)
    environment = " ".join(
        f"{k}='{v}'" for k, v in project.environment().items() if k == "PYTHONPATH"
    )
    job = cluster.command(
        "sbatch",
        *("--parsable", "--cpus-per-task=1", "--mem=1000", "--time=10"),
        *("--chdir", str(project.folder), "--output", str(project.folder / "driver.log")),
        f"--wrap=export {environment} PATH={cluster.folder}/bin:$PATH; "
        + " ".join(project.command()),
    ).strip()
    wait(lambda: cluster.states()[job] not in ("PENDING", "RUNNING", "COMPLETING"))
    assert cluster.states()[job] == "COMPLETED", (project.folder / "driver.log").read_text()
    assert read_numbers(project.folder / "results/wave.mp4") == [(i, 2 * i) for i in range(11)]


ARRAYS = ("--slurm-array-jobs", "render_chunks")


def test_job_arrays_render_the_same_bytes(on_slurm: Make, cluster: Cluster) -> None:
    project = on_slurm(wave={**MOVIE, "chunk_size": 1})
    before = set(cluster.states())
    project.snakemake(*ARRAYS, "--slurm-array-limit", "6", *EACH)
    jobs = set(cluster.states()) - before
    # 11 jobs in two arrays
    assert len(jobs) == 11
    assert len({job.partition("_")[0] for job in jobs}) == 2
    assert all("_" in job for job in jobs)
    assert (project.folder / "results/wave.mp4").read_bytes() == project.local_bytes()


def test_arrays_are_switched_off_where_the_plugin_would_lose_jobs(
    on_slurm: Make, cluster: Cluster
) -> None:
    """More movies than --jobs: with arrays, the run would wait forever."""
    project = on_slurm(wave=WAVE, other={**WAVE, "kwargs": {"offset": 1}})
    before = set(cluster.states())
    said = project.snakemake("--jobs", "1", *ARRAYS)
    assert "Job arrays are switched off: there are 2 jobs, and --jobs is 1" in said
    new = set(cluster.states()) - before
    assert len(new) == 2
    assert not any("_" in job for job in new)
    for name in ("wave", "other"):
        assert len(read_numbers(project.folder / f"results/{name}.mp4")) == 11


# NVENC only works in a job that was given a GPU.
ON_A_GPU = '[ -n "$CUDA_VISIBLE_DEVICES" ] || { echo "Cannot load libcuda.so.1" >&2; exit 1; }'


def test_a_movie_for_the_gpu_requests_one_in_every_job(
    on_slurm: Make, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_gpu = {**WAVE, "video_mode": "gpu", "kwargs": {"offset": 1}}
    project = on_slurm(wave=on_gpu, plain={**WAVE, "video_mode": "cpu"})
    ffmpeg = write_ffmpeg(project.folder, ON_A_GPU)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(ffmpeg))
    # Only GPU jobs: held jobs of the other movie could occupy every core first.
    project.hold("self.offset == 1")
    # the login node has no GPU
    said = project.snakemake("-n")
    assert "h264_nvenc does not work here" in said
    assert "srun --gpus=1 parallel-animate plan CONFIG" in said
    planned = subprocess.run(
        [
            cluster.folder / "bin/srun",
            "--gpus=1",
            BIN / "parallel-animate",
            "plan",
            "config/config.yaml",
        ],
        cwd=project.folder,
        env={**project.environment(), "PLANNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert planned.returncode == 0, planned.stderr
    before = set(cluster.states())
    run = project.start()
    wait(is_drawing(project, 2))
    gpus = [gpus_of(cluster, job) for job in running(cluster)]
    assert gpus.count("gres:gpu:1") == 2, "as many as there are"
    project.release()
    assert run.wait(timeout=300) == 0, project.said()
    jobs = set(cluster.states()) - before
    project.edit("animator.py", "class Movie", "ONE = 1\nclass Movie")
    said = project.snakemake("-n")
    assert "encoded with NVENC, which does not work on this machine" in said
    assert "srun --gpus=1 parallel-animate plan" in said
    assert sorted(gpus_of(cluster, job) for job in jobs) == [""] * 4 + ["gres:gpu:1"] * 4
    for name, offset in (("wave", 1), ("plain", 0)):
        assert read_numbers(project.folder / f"results/{name}.mp4") == [
            (i, 2 * i + offset) for i in range(11)
        ]


def gpus_of(cluster: Cluster, job: str) -> str:
    said = cluster.command("scontrol", "show", "job", job)
    found = re.search(r"TresPerJob=(\S+)", said)
    return found[1] if found else ""


def test_auto_on_a_login_node_without_a_gpu_prints_its_choice_once(on_slurm: Make) -> None:
    said = on_slurm(wave=WAVE, again=WAVE).snakemake("-n")
    assert said.count("NVENC does not work on this machine") == 1, said
    assert "so libx264 encodes again, wave." in said
    assert "set 'video_mode: gpu' and plan on a node with a GPU: srun --gpus=1" in said
