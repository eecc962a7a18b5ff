"""Batches: which chunks a job renders, what it requests, and that it renders no others."""

from dataclasses import replace
from pathlib import Path

import pytest
from movies import read_numbers
from project import MOVIE, Project, job_counts

from parallel_animate.pipeline.batches import (
    MIN_JOBS,
    Batch,
    Missing,
    make_batches,
    memory_mb,
    minutes,
    read_batch,
    write_batch,
)
from parallel_animate.project.failures import Failure, write_failure
from parallel_animate.project.plan import (
    Cost,
    Plan,
    missing_chunks,
    read_plan,
    read_valid_plan,
    write_plan,
)
from parallel_animate.project.work_files import parse_sealed_json, sealed_json
from parallel_animate.project.work_folder import WorkFolder

# 20 s a chunk
COST = Cost(setup_seconds=1, frame_seconds=0.1, memory_mb=300)


def chunks(count: int) -> list[str]:
    return [f"{i * 190:07d}-{(i + 1) * 190:07d}-{i:016x}" for i in range(count)]


def sizes(missing: Missing, cores: int = 1, max_jobs: int = 1000, minutes: float = 5) -> list[int]:
    batches = make_batches({"wave": missing}, minutes, cores, max_jobs, alike=False)["wave"]
    rendered = [name for batch in batches for name in batch.chunks]
    assert rendered == list(missing.chunks), "every chunk once, in order"
    return [len(batch.chunks) for batch in batches]


@pytest.mark.parametrize(
    ("n_chunks", "cores", "max_jobs", "expected"),
    [
        (0, 1, 1000, []),
        (1, 1, 1000, [1]),
        # a movie of a few short chunks is still spread over the cores
        (8, 1, 1000, [2] * MIN_JOBS),
        # 15 chunks of 20 s fill 5 minutes
        (150, 1, 1000, [15] * 10),
        (151, 1, 1000, [13, 14, 14, 14, 13, 14, 14, 14, 13, 14, 14]),
        # on 8 cores, 8 times as many; never fewer chunks than cores
        (1200, 8, 1000, [120] * 10),
        (20, 8, 1000, [6, 7, 7]),
        # no more jobs than the queue may hold; longer ones instead
        (150, 1, 5, [30] * 5),
    ],
)
def test_a_job_lasts_about_as_long_as_asked(
    n_chunks: int, cores: int, max_jobs: int, expected: list[int]
) -> None:
    found = sizes(Missing(chunks(n_chunks), 190, COST), cores, max_jobs)
    assert sorted(found) == sorted(expected)
    assert len(found) <= max_jobs


def test_a_long_chunk_or_one_of_unknown_cost_gets_its_own_job() -> None:
    assert sizes(Missing(chunks(9), 190, Cost(1, 10.0, 300))) == [1] * 9
    assert sizes(Missing(chunks(9), 190, Cost())) == [1] * 9


def test_all_movies_together_stay_below_the_limit() -> None:
    movies = {name: Missing(chunks(1000), 190, COST) for name in "abc"}
    batches = make_batches(movies, 0.1, 1, 100, alike=False)
    assert 80 <= sum(map(len, batches.values())) <= 100
    # each movie needs at least one job
    assert [len(group) for group in make_batches(movies, 5, 1, 1, alike=False).values()] == [1] * 3


def test_memory_and_time_grow_with_cost_and_cores() -> None:
    assert memory_mb(COST) == 1100
    assert memory_mb(COST, cores=8) == 4200
    assert memory_mb(Cost()) == 2100
    assert minutes(190, COST) == 10, "the least"
    assert minutes(190, Cost(1, 10.0, 300)) == 96
    assert minutes(190, Cost(1, 10.0, 300), rounds=2) == 191
    assert minutes(190, Cost()) == 60


def test_the_tasks_of_an_array_request_the_same() -> None:
    movies = {
        "small": Missing(chunks(4), 190, COST),
        "large": Missing(chunks(4), 190, Cost(1, 60.0, 4000)),
        "gpu": Missing(chunks(4), 190, COST, uses_gpu=True),
    }
    apart = make_batches(movies, 5, 1, 1000, alike=False)
    assert {(batch.mem_mb, batch.minutes) for batch in apart["small"]} == {(1100, 10)}
    alike = make_batches(movies, 5, 1, 1000, alike=True)
    large = {(batch.mem_mb, batch.minutes) for batch in alike["large"]}
    assert len(large) == 1
    assert {(batch.mem_mb, batch.minutes) for batch in alike["small"]} == large
    # another rule, another array
    assert {(batch.mem_mb, batch.minutes) for batch in alike["gpu"]} == {(1100, 10)}


def test_a_gpu_job_opens_no_more_sessions_than_a_card_allows() -> None:
    missing = Missing(chunks(100), 190, COST, uses_gpu=True)
    assert {batch.cores for batch in make_batches({"m": missing}, 5, 32, 99, False)["m"]} == {8}


def test_a_batch_is_named_by_its_content_and_survives_a_round_trip(tmp_path: Path) -> None:
    names = tuple(chunks(3))
    batch = Batch(names, 2, 1100, 10)
    write_batch(tmp_path, batch, unmark=False)
    (path,) = (tmp_path / "batches").iterdir()
    assert path.name.startswith("0000000-0000570-")
    assert read_batch(path) == batch
    assert Batch(names, 2, 1100, 11).name != batch.name
    # the mark of a batch whose segments were deleted
    path.with_suffix(".done").touch()
    write_batch(tmp_path, batch, unmark=False)
    assert path.with_suffix(".done").exists()
    write_batch(tmp_path, batch, unmark=True)
    assert not path.with_suffix(".done").exists()


def test_chunks_without_a_segment_are_missing(tmp_path: Path) -> None:
    planned = [(name, 190) for name in chunks(3)]
    assert missing_chunks(tmp_path, planned) == planned
    (tmp_path / "segments").mkdir()
    (tmp_path / "segments" / f"{chunks(3)[1]}.mp4").touch()
    (tmp_path / "segments" / f".{chunks(3)[0]}.mp4.host-1-aa.tmp").touch()
    assert missing_chunks(tmp_path, planned) == [planned[0], planned[2]]


@pytest.mark.slow
def test_batches_on_this_machine_render_only_missing_chunks(tmp_path: Path) -> None:
    """The bytes are those of a job per chunk; a failing chunk does not stop the others."""
    project = Project(tmp_path, wave={**MOVIE, "chunk_size": 2})
    project.render()
    movie = tmp_path / "results/wave.mp4"
    original = movie.read_bytes()
    segments = tmp_path / "work/wave/segments"
    identities = {path.name: path.stat().st_ino for path in segments.iterdir()}
    batched = ("--config", "cores_per_job=2", "job_minutes=0.00001")

    # rendering in another way is no change
    assert "Nothing to be done" in project.snakemake("--cores", "2", *batched)
    movie.unlink()
    in_order = sorted(segments.iterdir())
    for number in (0, 1, 4):
        in_order[number].unlink()
    assert project.render(*batched) == {"render_chunks": 2, "concat_segments": 1}
    assert movie.read_bytes() == original
    kept = {path.name for path in segments.iterdir() if path.stat().st_ino == identities[path.name]}
    assert len(kept) >= 3
    assert "Nothing to be done" in project.snakemake("--cores", "2", *batched)

    # one bad frame: the other chunks of its job are rendered, and it is not tried again
    project.edit("animator.py", "super().update(", "1 / (frame_idx - 3); super().update(")
    said = project.snakemake("--cores", "2", "--config", "cores_per_job=6", expect=1)
    assert "frame 3 failed" in said
    assert said.count("frame 3 failed") == 1
    present = [path.name[:15] for path in segments.glob("*.mp4") if path.name not in identities]
    assert sorted(present) == [
        f"{start:07d}-{min(start + 2, 11):07d}" for start in (0, 4, 6, 8, 10)
    ]
    project.edit("animator.py", "1 / (frame_idx - 3); ", "")
    assert "render_chunk" not in job_counts(project.snakemake("--cores", "2"))
    assert read_numbers(movie) == [(i, 2 * i) for i in range(11)]
    assert not list((tmp_path / "work/wave/batches").glob("*.done"))


def test_a_plan_from_before_costs_were_measured_is_still_read(tmp_path: Path) -> None:
    """Otherwise it would be planned again, with a new chunk size."""
    plan = Plan(
        movie="wave",
        config={"fps": 25},
        recipe="aa",
        join="bb",
        encoder={"name": "libx264"},
        extradata="cc",
        size=(160, 80),
        chunk_size=190,
        chunks=((chunks(1)[0], 190),),
        files={},
        versions={},
        cost=COST,
    )
    folder = tmp_path / "wave"
    folder.mkdir()
    write_plan(folder, plan)
    assert read_plan(folder) == plan
    path = folder / "plan.json"
    content = parse_sealed_json(path, path.read_bytes())
    del content["cost"]
    path.write_text(sealed_json(path, content))
    assert read_plan(folder) == replace(plan, cost=Cost())
    assert not plan.uses_gpu
    assert replace(plan, encoder={"name": "h264_nvenc"}).uses_gpu


def test_after_a_failed_plan_the_old_one_does_not_count(tmp_path: Path) -> None:
    folder = tmp_path / "wave"
    folder.mkdir()
    assert read_valid_plan(folder) is None
    plan = Plan("wave", {}, "aa", "bb", {"name": "libx264"}, "cc", (2, 2), 1, (), {}, {})
    write_plan(folder, plan)
    assert read_valid_plan(folder) == plan
    write_failure(WorkFolder(folder).plan_failure, Failure("no data"))
    assert read_valid_plan(folder) is None
    write_plan(folder, plan)
    assert read_valid_plan(folder) == plan
