"""What people see of a run: its movies, each error once, and what ^C keeps."""

import io
import logging
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import HELPERS
from movies import read_numbers
from project import BIN, MOVIE, Project, wait_until
from rich.console import Console
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.tests import MockOutputSettings

import snakemake_logger_plugin_parallel_animate as plugin
from parallel_animate.pipeline.encoder_advice import encoder_advice
from parallel_animate.pipeline.new_project import make_project
from parallel_animate.project.failures import Failure, write_failure
from parallel_animate.project.plan import Plan
from parallel_animate.report.failures import FailedJob, describe_failures
from parallel_animate.report.run_text import interruption, progress_line
from parallel_animate.report.run_view import bars
from parallel_animate.report.status import MovieStatus
from parallel_animate.report.this_run import ThisRun

RESULT = r"results/wave\.mp4  11 frames, 0\.4 s, 160x80, \d+ kB"
# On a busy machine a run takes minutes, and then it prints a line now and then.
TIME = r"(\d+ s|\d+:\d\d min)"
NOW_AND_THEN = re.compile(r"wave: \d+ of 11 frames, ")
# Words in the log of Snakemake that mean nothing to the author of a movie.
JARGON = ("rule", "jobid", "Job stats", "DAG", "Select jobs", "profile", "steps", "RuleException")
# In update(): not while the movie is planned.
IN_A_JOB = "'render-chunk' in __import__('sys').argv and {}; super().update("
HAS_TMUX = shutil.which("tmux") is not None


def run(*words: str, folder: Path, expect: int = 0) -> tuple[str, str]:
    """Return what 'parallel-animate run' prints to stdout and to stderr."""
    result = subprocess.run(
        [str(BIN / "parallel-animate"), "run", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=200,
        env={**os.environ, "PYTHONPATH": str(HELPERS)},
        check=False,
    )
    assert result.returncode == expect, result.stdout + result.stderr
    return result.stdout, result.stderr


def lines_of(errors: str) -> list[str]:
    return [line for line in errors.splitlines() if not NOW_AND_THEN.match(line)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["mp4", "gif"])
def test_a_run_prints_what_it_renders_and_the_movie_and_the_rest_goes_to_a_file(
    tmp_path: Path, kind: str
) -> None:
    Project(tmp_path, wave={**MOVIE, "output": kind})
    output, errors = run("--cores", "2", folder=tmp_path)
    result = RESULT.replace("mp4", kind)
    assert re.fullmatch(f"{result}, in {TIME} on 2 cores\n", output)
    planning, frames, log = lines_of(errors)
    assert planning == "planning wave"
    assert frames == "wave: 11 of 11 frames to render, in 3 of 3 chunks"
    assert not any(word in errors for word in JARGON)
    name = log.removeprefix("Snakemake's log: ")
    assert "Job stats" in (tmp_path / name).read_text()

    output, errors = run(folder=tmp_path)
    assert re.fullmatch(result + ", unchanged\n", output)
    assert errors == ""


@pytest.mark.slow
def test_a_run_that_resumes_counts_what_it_rendered_itself(tmp_path: Path) -> None:
    project = Project(tmp_path, wave=MOVIE)
    run("-q", folder=tmp_path)
    (segment, *_) = sorted((tmp_path / "work/wave/segments").iterdir())
    segment.unlink()
    (tmp_path / "results/wave.mp4").unlink()
    output, errors = run("--cores", "1", folder=tmp_path)
    assert re.fullmatch(f"{RESULT}, 4 of them in {TIME} on 1 core\n", output)
    assert "wave: 4 of 11 frames to render, in 1 of 3 chunks" in errors
    (tmp_path / "results/wave.mp4").unlink()
    output, _ = run("--cores", "1", folder=tmp_path)
    assert re.fullmatch(f"{RESULT}, joined in {TIME} on 1 core\n", output)
    assert len(read_numbers(project.folder / "results/wave.mp4")) == 11


@pytest.mark.slow
def test_an_error_in_update_is_printed_once_with_the_users_lines(tmp_path: Path) -> None:
    project = Project(tmp_path, wave=MOVIE)
    project.edit("animator.py", "super().update(", IN_A_JOB.format("1 / (frame_idx % 4 - 2)"))
    output, errors = run("--cores", "2", "--", "--keep-going", folder=tmp_path, expect=1)
    assert output == ""
    assert len(lines_of(errors)) < 20
    assert errors.count("Traceback") == errors.count("ZeroDivisionError: ") / 2 == 1
    assert "frame 2 failed (chunk of frames 0 to 3)" in errors
    assert "The same error stopped wave: frames 4 to 7, wave: frames 8 to 10." in errors
    assert f'File "{tmp_path}/animator.py"' in errors
    assert "(log: work/wave/logs/0000000-" in errors
    assert not any(word in errors for word in JARGON)


@pytest.mark.slow
def test_a_movie_that_cannot_be_planned_is_reported_once_and_others_are_rendered(
    tmp_path: Path,
) -> None:
    Project(tmp_path, wave=MOVIE, gone={**MOVIE, "params": "frames.py:missing"})
    output, errors = run("--cores", "2", folder=tmp_path, expect=1)
    assert re.match(RESULT, output)
    assert errors.count("FAILED  gone: planning failed") == 1
    assert errors.count("Movie 'gone' cannot be planned: ") == 1
    assert not any(word in errors for word in JARGON)
    # A dry run starts no job that could report it.
    _, errors = run("--", "-n", folder=tmp_path)
    assert errors.count("Movie 'gone' cannot be planned: ") == 1


@pytest.mark.slow
def test_an_interrupted_run_prints_what_is_kept_and_returns_130(tmp_path: Path) -> None:
    project = Project(tmp_path, wave=MOVIE)
    slow = "__import__('time').sleep(60 * (frame_idx > 4))"
    project.edit("animator.py", "super().update(", IN_A_JOB.format(slow))
    process = subprocess.Popen(
        [str(BIN / "parallel-animate"), "run", "--cores", "1"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HELPERS)},
        start_new_session=True,
        # A shell that runs the tests in the background has switched ^C off.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    segments = tmp_path / "work/wave/segments"
    wait_until(lambda: list(segments.glob("0000000-*.mp4")))
    wait_until(lambda: len(list((tmp_path / "work/wave/records").glob("*.json"))) == 2)
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=100)
    assert process.returncode == 130, said
    *before, last = said.splitlines()
    assert last == "Interrupted. 4 of 11 frames of wave are kept: run the same command again."
    assert len(lines_of("\n".join(before))) == 2, said


@pytest.mark.slow
def test_chunks_are_rendered_in_the_order_of_the_movie(tmp_path: Path) -> None:
    # The scheduler would begin with the largest chunk file.
    project = Project(tmp_path, wave={**MOVIE, "chunk_size": 2}, xylo=MOVIE)
    project.edit("animator.py", "params + self.offset", "len(params) + self.offset")
    project.edit(
        "frames.py", "[i * 2 for i in range(11)]", "[bytes(i % 5 * 1000 + i) for i in range(11)]"
    )
    said = project.snakemake("--cores", "1")
    rendered = re.findall(r"Job \d+: (\w+): (?:frames (\d+)-|join)", said)
    wave = [("wave", f"{start:07d}") for start in range(0, 11, 2)]
    xylo = [("xylo", f"{start:07d}") for start in (0, 4, 8)]
    assert rendered == [*wave, ("wave", ""), *xylo, ("xylo", "")]


@pytest.mark.slow
def test_plain_snakemake_in_a_new_project_shows_movies_too(tmp_path: Path) -> None:
    make_project(tmp_path / "film")
    film = tmp_path / "film"
    (film / "movies.yaml").write_text(
        (film / "movies.yaml").read_text().replace("fps: 20", "fps: 20\n    n_frames: 8")
    )

    def snakemake(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(BIN / "snakemake"), *words],
            cwd=film,
            capture_output=True,
            text=True,
            timeout=200,
            check=True,
        )

    result = snakemake("--cores", "2")
    assert result.stdout.startswith("results/pond.mp4  8 frames, 0.4 s, 960x540, ")
    assert "Job stats" not in result.stderr
    for words, said in (
        (["-n", "--forceall"], "Job stats"),
        (["--unlock", "--cores", "1"], "Unlocked working directory."),
        (["--cores", "1", "--verbose"], "Nothing to be done"),
        (["--cores", "1", "--logger-parallel-animate-show", "log"], "Nothing to be done"),
    ):
        result = snakemake(*words)
        assert said in result.stdout + result.stderr, words


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[list[str]]:
    """A terminal of 80 columns."""
    # A server of its own: that of the test before may not have ended yet.
    command = ["tmux", "-L", f"{tmp_path.name}-{os.getpid()}", "-f", "/dev/null"]
    yield command
    subprocess.run([*command, "kill-server"], check=False, capture_output=True)


@pytest.mark.slow
@pytest.mark.skipif(not HAS_TMUX, reason="tmux is not installed")
@pytest.mark.parametrize("no_color", ["", "1"])
def test_a_terminal_of_80_columns_shows_a_bar_for_each_movie(
    tmp_path: Path, tmux: list[str], no_color: str
) -> None:
    movies = dict.fromkeys(("wave", "a-movie-with-a-very-long-name-of-40-characters"), MOVIE)
    project = Project(tmp_path, **movies)
    project.edit("animator.py", "super().update(", IN_A_JOB.format("__import__('time').sleep(1)"))
    script = (
        f"export PYTHONPATH={HELPERS} NO_COLOR={no_color}; "
        f"{BIN}/parallel-animate run --cores 2; echo status $?; sleep 60"
    )
    subprocess.run([*tmux, "new-session", "-d", "-x", "80", "-y", "24", script],
                   cwd=tmp_path, check=True)  # fmt: skip

    def screen() -> str:
        return subprocess.run(
            [*tmux, "capture-pane", "-p", "-e"], capture_output=True, text=True, check=True
        ).stdout

    seen: list[str] = []

    def plain() -> str:
        seen.append(screen())
        return re.sub(r"\x1b\[[0-9;]*m", "", seen[-1])

    wait_until(lambda: "status 0" in plain(), 120)
    texts = [re.sub(r"\x1b\[[0-9;]*m", "", text) for text in seen]
    lines = {line for text in texts for line in text.splitlines()}
    assert all(len(line) <= 80 for line in lines)
    bar = re.compile(rf"wave +[━╸╺ ]+ +\d+/11  [\d.]+ frames/s, {TIME} left")
    assert any(bar.fullmatch(line) for line in lines), lines
    assert any("a-movie-with-a-very-lon…" in line for line in lines)
    # At the end, only the results are left.
    assert "━" not in texts[-1]
    assert re.search(r"results/wave\.mp4  11 frames, 0\.4 s, 160x80, \d+ kB", texts[-1])
    has_colors = any(re.search(r"\x1b\[(?:\d+;)*(?:3[0-8]|9[0-7])[;m]", text) for text in seen)
    assert has_colors is not bool(no_color)


@pytest.mark.parametrize("width", [80, 120])
def test_many_movies_fit_a_small_terminal_and_names_are_cut_before_numbers(width: int) -> None:
    waiting = [MovieStatus(f"movie-{i}", "waiting", 240, 0, n_chunks=8) for i in range(30)]
    busy = MovieStatus(
        *("a-movie-with-a-very-long-name-of-40-characters", "rendering", 1_000_000, 123_456),
        n_chunks=8, n_failed=12, frames_per_second=123.4, seconds_left=36_000,
    )  # fmt: skip
    done = MovieStatus("done", "done", 10, 10, n_chunks=1, n_done=1)
    screen = Console(width=width, height=12, force_terminal=True, no_color=True, file=io.StringIO())
    with screen.capture() as captured:
        screen.print(bars([done, *waiting, busy], width, height=12))
    lines = re.sub(r"\x1b\[[0-9;]*m", "", captured.get()).splitlines()
    assert len(lines) <= 10
    assert max(map(len, lines)) <= width
    numbers = "123456/1000000  123 frames/s, 10:00:00 h left, 12 failed"
    assert re.fullmatch(rf"a-movie-[\w-]*… +━+ +{numbers}", lines[0])
    assert lines[1].startswith("movie-0 ")
    assert lines[-1] == "and 22 more movies"


def test_a_line_of_a_log_holds_frames_speed_time_left_and_failures() -> None:
    movie = MovieStatus("wave", "rendering", 240, 150, n_chunks=8, n_done=5)
    assert progress_line(movie) == "wave: 150 of 240 frames, starting"
    movie = MovieStatus(
        *("wave", "rendering", 240, 150),
        n_chunks=8, n_done=5, n_failed=2, frames_per_second=12.34, seconds_left=75.2,
    )  # fmt: skip
    assert progress_line(movie) == (
        "wave: 150 of 240 frames, 12.3 frames/s, 1:15 min left, 2 chunks failed"
    )
    assert progress_line(MovieStatus("wave", "failed")) == "wave: cannot be planned"


def test_the_sentence_after_an_interruption_counts_the_frames_that_are_kept() -> None:
    one = MovieStatus("wave", "waiting", 240, 150)
    assert interruption([one]).startswith("Interrupted. 150 of 240 frames of wave are kept:")
    both = interruption([one, MovieStatus("pond", "waiting", 60, 30)])
    assert both.startswith("Interrupted. 180 of 300 frames of 2 movies are kept:")
    assert interruption([]) == "Interrupted before a movie was planned."


def test_one_error_in_many_chunks_is_printed_once_and_another_one_too(tmp_path: Path) -> None:
    jobs = []
    for number, (line, words) in enumerate([(4, "one"), (4, "two"), (9, "three"), (4, "four")]):
        record = tmp_path / f"{number}.json"
        trace = f'Traceback:\n  File "a.py", line {line}, in update\nValueError: {words}\n'
        write_failure(record, Failure(f"frame {number} failed", trace, number, (number, 8)))
        name = f"wave: frames {number:07d}-{number + 1:07d}-0badcafe"
        jobs.append(FailedJob(name, tmp_path / f"{number}.log", record=record))
    said = describe_failures(jobs)
    assert said.count("Traceback") == 2
    assert "ValueError: one" in said
    assert "ValueError: three" in said
    assert "The same error stopped wave: frames 1 to 1, wave: frames 3 to 3." in said
    assert "more jobs failed" not in said


def test_the_reason_of_the_executor_is_printed_if_a_job_left_no_word(tmp_path: Path) -> None:
    this_run = ThisRun(failed=[FailedJob("wave: chunks 0-9", Path("work/wave/logs/0-9.log"))])
    ended = "SLURM-job '12' failed, SLURM status is: 'OUT_OF_MEMORY'."
    this_run.note_reason(["work/wave/logs/0-9.log", "work/.slurm/12.log"], ended)
    said = describe_failures(this_run.all_failures())
    assert f"{ended}\nSee work/.slurm/12.log\n" in said
    assert "No output" not in said


def test_a_job_that_is_tried_again_is_one_line_with_the_reason(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin, "THIS_RUN", ThisRun())
    # The tests themselves keep their own reaction to ^C.
    monkeypatch.setattr(ThisRun, "note_interrupts", lambda _: None)
    settings = MockOutputSettings()
    settings.printshellcmds = False
    handler = plugin.LogHandler(settings, plugin.LogHandlerSettings())
    ended = "SLURM-job '12' failed, SLURM status is: 'OUT_OF_MEMORY'."
    facts = {"event": LogEvent.JOB_ERROR, "rule_name": "render_chunks", "rule_msg": ended}
    for message, extra in (
        ("Error in rule render_chunks", {**facts, "jobid": 7, "log": ["work/wave/logs/0-9.log"]}),
        ("Trying to restart job 7.", {}),
    ):
        level = logging.ERROR if extra else logging.INFO
        record = logging.LogRecord("snakemake", level, "", 1, message, (), None)
        vars(record).update(extra)
        handler.emit(record)
    assert capfd.readouterr().err == f"A job is tried again: {ended}\n"
    logging.Handler.close(handler)


def test_advice_on_the_encoder_is_given_once_and_only_where_a_cluster_has_gpus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def plan(name: str, mode: str, encoder: str) -> Plan:
        return Plan(
            name, {"video_mode": mode}, "", "", {"name": encoder}, "", (2, 2), 1, (), {}, {}
        )

    plans = [
        plan("a", "auto", "libx264"),
        plan("b", "auto", "libx264"),
        plan("c", "cpu", "libx264"),
    ]
    monkeypatch.setenv("PATH", str(tmp_path))
    assert encoder_advice(plans) == "", "no cluster"
    for name, text in (("sbatch", ""), ("sinfo", "(null)")):
        (tmp_path / name).write_text(f"#!/bin/sh\necho '{text}'\n")
        (tmp_path / name).chmod(0o755)
    assert encoder_advice(plans) == "", "no GPU"
    (tmp_path / "sinfo").write_text("#!/bin/sh\necho '(null)'; echo gpu:a40:4\n")
    said = encoder_advice(plans)
    assert "so libx264 encodes a, b. To use the cluster's GPUs, set 'video_mode: gpu'" in said
    assert encoder_advice([plan("d", "auto", "h264_nvenc")]) == ""
