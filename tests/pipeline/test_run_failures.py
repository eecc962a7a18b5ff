"""The report of failed jobs at the end of a run."""

from dataclasses import replace
from pathlib import Path

import pytest

from parallel_animate import RenderError
from parallel_animate.project.failures import Failure, read_failure, write_failure
from parallel_animate.project.work_folder import WorkFolder
from parallel_animate.report.failures import (
    PLAN_FAILURE_RULE,
    FailedJob,
    Part,
    describe_failures,
    failed_job,
    part_to_show,
)


def job(folder: Path, name: str, text: str | None, shown: Part = "end") -> FailedJob:
    log = folder / f"{name}.log"
    if text is not None:
        log.write_text(text)
    return FailedJob(f"wave: frames {name}", log, shown)


def test_every_failed_job_is_listed_in_order_with_its_error_and_log(tmp_path: Path) -> None:
    jobs = [job(tmp_path, "4-8", "ValueError: no data\n"), job(tmp_path, "0-4", "other words")]
    said = describe_failures(jobs)
    assert said.index("FAILED  wave: frames 0-4") < said.index("other words")
    assert said.index("other words") < said.index("FAILED  wave: frames 4-8")
    assert said.count("ValueError: no data") == 1
    assert f"(log: {tmp_path / '4-8.log'})" in said
    assert said.endswith("run the same command again; finished chunks are kept.")


def test_many_failures_are_counted_and_long_logs_are_shortened(tmp_path: Path) -> None:
    long = "".join(f"line {i}\n" for i in range(500)) + "ValueError: the end"
    said = describe_failures([job(tmp_path, str(i), long) for i in range(9)])
    assert said.count("ValueError: the end") == 3
    assert "line 499" in said
    assert "line 400\n" not in said
    assert "6 more jobs failed; 'parallel-animate status' lists them." in said


def test_jobs_without_output_and_those_reported_before_are_short(tmp_path: Path) -> None:
    record = tmp_path / "plan-failure.json"
    write_failure(record, Failure("cannot be planned", "Traceback"))
    planned = replace(job(tmp_path, "8-11", "Traceback\ncannot", "last line"), record=record)
    said = describe_failures(
        [
            job(tmp_path, "0-4", None),
            planned,
            job(tmp_path, "9-12", "Traceback\nerror: frame 9", "last line"),
        ]
    )
    assert "No output: the job was killed or could not start." in said
    assert "cannot be planned" in said
    assert "error: frame 9" in said
    assert "Traceback" not in said


def test_no_failure_prints_nothing() -> None:
    assert describe_failures([]) == ""


def test_a_failed_job_is_found_by_its_log_with_the_record_of_its_movie(tmp_path: Path) -> None:
    wave = WorkFolder(tmp_path / "wave")
    drawn = failed_job(tmp_path, "render_chunk", "wave: 0-4", wave.log("0-4"), is_on_console=False)
    assert drawn.record == wave.failure("0-4")
    planned = failed_job(tmp_path, PLAN_FAILURE_RULE, "wave: planning", wave.log("plan"), True)
    assert planned.record == wave.plan_failure


@pytest.mark.parametrize(
    ("rule", "is_on_console", "part"),
    [
        ("render_chunk", False, "end"),
        ("render_chunk", True, "last line"),
        ("report_plan_failure", False, "last line"),
        ("animate_report_plan_failure", True, "last line"),
    ],
)
def test_what_was_on_the_console_is_not_repeated(
    rule: str, is_on_console: bool, part: Part
) -> None:
    assert part_to_show(rule, is_on_console) == part


def test_the_workflow_has_the_rule_for_a_failed_plan(root: Path) -> None:
    assert f"rule {PLAN_FAILURE_RULE}:" in (root / "workflow/rules/concat.smk").read_text()


def test_a_failure_is_data_from_where_it_is_raised_to_where_it_is_read(tmp_path: Path) -> None:
    error = RenderError("frame 4 failed", frame_idx=4, chunk=(0, 8), traceback="Traceback\n")
    path = tmp_path / "failures/0-8.json"
    write_failure(path, Failure.of(error))
    assert read_failure(path) == Failure("frame 4 failed", "Traceback\n", 4, (0, 8))
    path.write_text("{")
    assert read_failure(path) is None
