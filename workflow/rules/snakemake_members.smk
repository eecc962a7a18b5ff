# Every use of a member of Snakemake that its documentation does not describe, and nothing else: a
# new version of Snakemake is looked at here. Each function names the files that it follows, in
# snakemake 9.27.1, snakemake-interface-executor-plugins 9.4.0 and
# snakemake-executor-plugin-slurm 2.8.0. Where a version lacks a member, the function falls back and
# says so once. tests/pipeline/test_snakemake_members.py names the members.

import sys
from pathlib import Path

from parallel_animate.pipeline.fallback import cannot_do_without, falls_back
from parallel_animate.pipeline.slurm import JobRequest


def is_main_process():
    """False in the process that Snakemake starts for a job on a node; it parses this again."""
    # snakemake/workflow.py: Workflow.is_main_process
    try:
        return workflow.is_main_process
    except AttributeError as error:
        # Nothing stands in for it: a job that plans could change the movie while it is rendered.
        sys.exit(cannot_do_without(error))


@falls_back(
    "The folder 'work' is not found where a module has a prefix: include it without one.",
    instead=lambda path: path,
)
def with_module_prefix(path):
    """Where Snakemake has a file of a rule, if this is a module that was given a prefix."""
    # snakemake/workflow.py: Workflow.modifier; modules.py: WorkflowModifier.path_modifier;
    # path_modifier.py: PathModifier.replace_prefix
    return workflow.modifier.path_modifier.replace_prefix(path)


@falls_back(
    "Nothing keeps a second run of this folder from starting, and SLURM is not asked before the "
    "first job is submitted.",
    instead=lambda: False,
)
def will_run_jobs():
    """Whether this process will run jobs: not for dry runs and the like.

    True only while the jobs are determined: when the Snakefile is parsed, Snakemake does not say
    yet what it will do (snakemake issue 2948).
    """
    # snakemake/workflow.py: Workflow.executor_plugin, Workflow.dryrun, Workflow.touch
    return (
        is_main_process()
        and workflow.executor_plugin is not None
        and not workflow.dryrun
        and not workflow.touch
    )


@falls_back(
    "SLURM is not asked before the first job is submitted.", instead=lambda: False
)
def uses_slurm():
    """Whether this process will run jobs on SLURM."""
    # snakemake_interface_executor_plugins/registry/plugin.py: Plugin.name
    return will_run_jobs() and workflow.executor_plugin.name == "slurm"


@falls_back(
    "A movie may get more jobs than --jobs allows at a time; they wait for each other.",
    instead=lambda: None,
)
def most_jobs_at_a_time():
    """The option --jobs, or None."""
    # snakemake/workflow.py: Workflow.resource_settings; settings/types.py: ResourceSettings.nodes
    return workflow.resource_settings.nodes


@falls_back(
    "Leave out --slurm-array-jobs: it is not known here, and the tasks of an array must be alike.",
    instead=lambda: False,
)
def uses_job_arrays():
    """Whether the option --slurm-array-jobs is given."""
    # snakemake/workflow.py: Workflow.executor_settings;
    # snakemake_executor_plugin_slurm/__init__.py: ExecutorSettings.array_jobs
    return bool(workflow.executor_settings.array_jobs)


def switch_job_arrays_off():
    """As without --slurm-array-jobs; only where uses_job_arrays() is true."""
    workflow.executor_settings.array_jobs = None


@falls_back(
    "With --directory, jobs that a killed run has left in the queue are not waited for.",
    instead=Path.cwd,
)
def submit_folder():
    """The folder that jobs are submitted from: where Snakemake was started."""
    # snakemake/workflow.py: Workflow.workdir_init
    return Path(workflow.workdir_init)


@falls_back(
    "SLURM is not asked before the first job whether it would take the jobs.",
    instead=list,
)
def jobs_to_submit():
    """The jobs that are to run elsewhere; known when the first of them starts."""
    # snakemake/workflow.py: Workflow.dag; dag.py: DAG.needrun_jobs; rules.py: Rule.name;
    # jobs.py: Job.rule, Job.resources, Job.threads, Job.is_local; resources.py: ResourceList.items
    return [
        JobRequest(job.rule.name, dict(job.resources.items()), job.threads)
        for job in workflow.dag.needrun_jobs()
        if not job.is_local
    ]


@falls_back(
    "What failed is not repeated at the end of the run; 'parallel-animate status' lists it.",
    instead=list,
)
def failed_jobs():
    """Rule, message and log of the jobs of this run that failed; one for every log."""
    # snakemake/workflow.py: Workflow.scheduler; scheduling/job_scheduler.py: JobScheduler.failed;
    # jobs.py: Job.is_group, Job.rule, Job.message, Job.log; rules.py: Rule.name
    jobs = workflow.scheduler.failed if workflow.scheduler else ()
    return [
        (job.rule.name, job.message, Path(log))
        for job in jobs
        if not job.is_group()
        for log in job.log
    ]


@falls_back("The logs of failed jobs may be repeated.", instead=lambda: False)
def prints_failed_logs():
    """The option --show-failed-logs."""
    # snakemake/workflow.py: Workflow.output_settings; settings/types.py:
    # OutputSettings.show_failed_logs
    return workflow.output_settings.show_failed_logs
