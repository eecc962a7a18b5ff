"""Undocumented members of Snakemake that the workflow uses, and how it works without them."""

import ast
import dataclasses
import importlib
import importlib.metadata
import importlib.util
import inspect
import logging
import os
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from movies import read_numbers
from project import MOVIE, ROOT, Project, job_counts

from parallel_animate.pipeline import fallback
from parallel_animate.pipeline.slurm import JobRequest

FILE = ROOT / "workflow/rules/snakemake_members.smk"
SLURM_PLUGIN = "snakemake_executor_plugin_slurm"
# Module and class -> its members.
UNDOCUMENTED = {
    ("snakemake.workflow", "Workflow"): {
        *("dag", "dryrun", "executor_plugin", "executor_settings", "is_main_process", "modifier"),
        *("logger_manager", "output_settings", "resource_settings", "scheduler", "touch"),
        "workdir_init",
    },
    ("snakemake.logging", "LoggerManager"): {"get_logfile"},
    ("snakemake.modules", "WorkflowModifier"): {"path_modifier"},
    ("snakemake.path_modifier", "PathModifier"): {"replace_prefix"},
    ("snakemake.settings.types", "ResourceSettings"): {"nodes"},
    ("snakemake.settings.types", "OutputSettings"): {"show_failed_logs"},
    ("snakemake.scheduling.job_scheduler", "JobScheduler"): {"failed"},
    ("snakemake.dag", "DAG"): {"needrun_jobs"},
    ("snakemake.jobs", "Job"): {
        *("is_group", "is_local", "log", "message", "resources", "rule", "threads"),
    },
    ("snakemake.jobs", "GroupJob"): {"is_group"},
    ("snakemake.rules", "Rule"): {"name"},
    ("snakemake.rules", "ResourceList"): {"items"},
    ("snakemake_interface_executor_plugins.registry.plugin", "Plugin"): {"name"},
    (SLURM_PLUGIN, "ExecutorSettings"): {"array_jobs"},
}
# In Snakemake's documentation.
DOCUMENTED = {"basedir", "source_path"}


def has(owner: type, member: str) -> bool:
    if member in dir(owner):
        return True
    if dataclasses.is_dataclass(owner):
        return member in {field.name for field in dataclasses.fields(owner)}
    return re.search(rf"\bself\.{member}\b.*=", inspect.getsource(owner)) is not None


@pytest.mark.parametrize(
    ("module", "owner", "member"),
    [(*place, member) for place, members in UNDOCUMENTED.items() for member in sorted(members)],
)
def test_the_installed_snakemake_has_every_undocumented_member(
    module: str, owner: str, member: str
) -> None:
    if module == SLURM_PLUGIN and importlib.util.find_spec(module) is None:
        pytest.skip("the plugin is not installed: pip install '.[slurm]'")
    # Its modules import each other in a circle; this import must come first.
    importlib.import_module("snakemake.api")
    assert has(getattr(importlib.import_module(module), owner), member)


def test_the_file_uses_exactly_the_members_listed_here() -> None:
    used = set()
    for node in ast.walk(ast.parse(FILE.read_text())):
        root: ast.AST = node
        names = []
        while isinstance(root, ast.Attribute):
            names.append(root.attr)
            root = root.value
            if isinstance(root, ast.Call):
                root = root.func
        if isinstance(root, ast.Name) and root.id in ("workflow", "job"):
            used.update(names)
    assert used == set().union(*UNDOCUMENTED.values())


def test_no_other_file_of_the_workflow_uses_an_undocumented_member() -> None:
    template = ROOT / "src/parallel_animate/pipeline/template/Snakefile"
    files = [ROOT / "Snakefile", template, *(ROOT / "workflow").glob("**/*.smk")]
    files.append(ROOT / "workflow/Snakefile")
    assert len(files) > 8
    for path in set(files) - {FILE}:
        code = re.sub(r"#.*", "", path.read_text())
        assert set(re.findall(r"\bworkflow\.(\w+)", code)) <= DOCUMENTED, path
        # Handlers and rules must not look into jobs; only functions of the one file do.
        assert not re.search(r"\bjob\.\w+", code), path
        assert set(re.findall(r"(?:from|import) (snakemake[\w.]*)", code)) <= {"snakemake.utils"}


@pytest.fixture
def members(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Callable[[Any], dict[str, Any]]:
    """Return the file's functions, for a fake workflow."""
    monkeypatch.setattr(fallback, "_warned", set())
    caplog.set_level(logging.WARNING)

    def load(workflow: Any) -> dict[str, Any]:
        content: dict[str, Any] = {"workflow": workflow}
        exec(compile(FILE.read_text(), str(FILE), "exec"), content)
        return content

    return load


@pytest.mark.parametrize(
    ("function", "arguments", "instead", "missing"),
    [
        ("with_module_prefix", ["work"], "work", "modifier"),
        ("will_run_jobs", [], False, "executor_plugin"),
        ("most_jobs_at_a_time", [], None, "resource_settings"),
        ("uses_job_arrays", [], False, "executor_settings"),
        ("submit_folder", [], Path.cwd(), "workdir_init"),
        ("jobs_to_submit", [], [], "dag"),
        ("failed_jobs", [], [], "scheduler"),
        ("prints_failed_logs", [], False, "output_settings"),
    ],
)
def test_without_a_member_a_function_falls_back_and_warns_once(
    members: Callable[[Any], dict[str, Any]],
    caplog: pytest.LogCaptureFixture,
    function: str,
    arguments: list[str],
    instead: object,
    missing: str,
) -> None:
    class Workflow:
        is_main_process = True

    for _ in range(2):
        # Two modules may each include the file.
        content = members(Workflow())
        assert content[function](*arguments) == instead
    (record,) = caplog.records
    said = record.getMessage()
    assert f" has no Workflow.{missing}, which this workflow uses." in said
    version = importlib.metadata.version("snakemake")
    assert said.startswith(f"snakemake {version} has no")
    assert "pip install 'snakemake==" in said


def test_a_member_with_another_signature_counts_as_missing(
    members: Callable[[Any], dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    workflow = SimpleNamespace(dag=SimpleNamespace(needrun_jobs=["job"]))
    assert members(workflow)["jobs_to_submit"]() == []
    assert "does not work as this workflow expects ('list' object is not callable)" in caplog.text


def test_without_is_main_process_there_is_one_clear_sentence(
    members: Callable[[Any], dict[str, Any]],
) -> None:
    with pytest.raises(SystemExit, match=r"has no \w+\.is_main_process, .*pip install") as caught:
        members(object())["is_main_process"]()
    assert "\n" not in str(caught.value)


def plugin(name: str = "local") -> SimpleNamespace:
    return SimpleNamespace(name=name)


@pytest.mark.parametrize(
    ("change", "runs"),
    [
        ({}, True),
        ({"is_main_process": False}, False),
        ({"executor_plugin": None}, False),
        ({"dryrun": True}, False),
        ({"touch": True}, False),
    ],
)
def test_only_a_run_of_the_main_process_runs_jobs(
    members: Callable[[Any], dict[str, Any]], change: dict[str, Any], runs: bool
) -> None:
    real = {"is_main_process": True, "executor_plugin": plugin(), "dryrun": False, "touch": False}
    here = members(SimpleNamespace(**{**real, **change}))
    assert here["will_run_jobs"]() is runs
    assert here["uses_slurm"]() is False
    there = members(SimpleNamespace(**{**real, "executor_plugin": plugin("slurm"), **change}))
    assert there["uses_slurm"]() is runs


def job(rule: str, is_local: bool = False, is_group: bool = False, **rest: Any) -> SimpleNamespace:
    return SimpleNamespace(
        rule=SimpleNamespace(name=rule), is_local=is_local, is_group=lambda: is_group, **rest
    )


def test_jobs_to_submit_are_those_that_do_not_run_here(
    members: Callable[[Any], dict[str, Any]],
) -> None:
    jobs = [
        job("render_chunks", resources={"mem_mb": 300}, threads=4),
        job("concat_segments", is_local=True, resources={}, threads=1),
    ]
    workflow = SimpleNamespace(dag=SimpleNamespace(needrun_jobs=lambda: iter(jobs)))
    expected = [JobRequest("render_chunks", {"mem_mb": 300}, 4)]
    assert members(workflow)["jobs_to_submit"]() == expected


def test_failed_jobs_are_reported_with_every_log_and_groups_left_out(
    members: Callable[[Any], dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    failed = [
        job("render_chunk", message="wave: frames 0-4", log=["a.log"]),
        job("", is_group=True, message="", log=["b.log"]),
    ]
    content = members(SimpleNamespace(scheduler=SimpleNamespace(failed=failed)))
    assert content["failed_jobs"]() == [("render_chunk", "wave: frames 0-4", Path("a.log"))]
    # There is no scheduler before the first job.
    assert members(SimpleNamespace(scheduler=None))["failed_jobs"]() == []
    assert not caplog.records


def test_job_arrays_are_switched_off_as_if_not_requested(
    members: Callable[[Any], dict[str, Any]],
) -> None:
    settings = SimpleNamespace(array_jobs="render_chunks")
    content = members(SimpleNamespace(executor_settings=settings))
    assert content["uses_job_arrays"]()
    content["switch_job_arrays_off"]()
    assert not content["uses_job_arrays"]()


# Snakemake needs these members itself: they are hidden only from the workflow's file.
HIDE = """
import os
import sys

if any(os.path.basename(word) == "snakemake" for word in sys.orig_argv):
    import snakemake.api
    from snakemake.workflow import Workflow

    find = Workflow.__getattribute__

    def find_others(self, name):
        caller = sys._getframe(1).f_code.co_filename
        if name in os.environ["LACKS"].split() and caller.endswith("snakemake_members.smk"):
            raise AttributeError(f"no attribute {name!r}", name=name, obj=self)
        return find(self, name)

    Workflow.__getattribute__ = find_others
"""


class NewSnakemake(Project):
    """A project rendered by a Snakemake that lacks some members of Workflow."""

    lacks: tuple[str, ...] = ()

    def environment(self, seed: str = "0") -> dict[str, str]:
        variables = super().environment(seed)
        hiding = self.folder / "hiding"
        hiding.mkdir(exist_ok=True)
        (hiding / "sitecustomize.py").write_text(HIDE)
        path = os.pathsep.join([str(hiding), variables["PYTHONPATH"]])
        return {**variables, "PYTHONPATH": path, "LACKS": " ".join(self.lacks)}


def test_a_snakemake_without_a_member_renders_and_warns_once(
    tmp_path: Path,
) -> None:
    project = NewSnakemake(tmp_path, wave=MOVIE)
    project.lacks = ("executor_plugin",)
    said = project.snakemake("--cores", "2")
    assert said.count("has no Workflow.executor_plugin, which this workflow uses.") == 1
    assert "Nothing stops a second run in this folder" in said
    assert said.count("has no Workflow.") == 1
    assert job_counts(said) == {"render_chunk": 3, "concat_segments": 1}
    assert read_numbers(tmp_path / "results/wave.mp4") == [(i, 2 * i) for i in range(11)]
    assert not (tmp_path / "work/.lock").exists()


def test_a_snakemake_without_the_needed_member_is_an_error_in_one_line(
    tmp_path: Path,
) -> None:
    project = NewSnakemake(tmp_path, wave=MOVIE)
    project.lacks = ("is_main_process",)
    said = project.snakemake("--cores", "2", expect=1)
    assert said.count("has no Workflow.is_main_process, which this workflow uses, so") == 1
    assert "Traceback" not in said
    assert not (tmp_path / "work").exists()


@pytest.mark.slow
def test_a_snakemake_with_only_the_needed_member_renders_and_reports(
    tmp_path: Path,
) -> None:
    project = NewSnakemake(tmp_path, wave=MOVIE)
    members = UNDOCUMENTED["snakemake.workflow", "Workflow"] - {"is_main_process"}
    project.lacks = tuple(members)
    project.edit("animator.py", "super().update(", "1 / (frame_idx - 7); super().update(")
    project.configure(wave={**MOVIE, "order_check": False})
    said = project.snakemake("--cores", "1", "--keep-going", expect=1)
    assert said.count("has no Workflow.scheduler") == 1
    assert "'parallel-animate status' lists them" in said
    project.edit("animator.py", "1 / (frame_idx - 7); ", "")
    said = project.snakemake("--cores", "2", "--config", "job_minutes=5")
    for member in ("modifier", "executor_plugin", "resource_settings"):
        assert said.count(f"has no Workflow.{member}, which") == 1, said
    assert read_numbers(tmp_path / "results/wave.mp4") == [(i, 2 * i) for i in range(11)]
