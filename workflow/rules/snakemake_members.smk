# Every use of an undocumented member of Snakemake, and nothing else: for a new version of Snakemake,
# check this file. Each function names the files that it relies on, in snakemake 9.27.1,
# snakemake-interface-executor-plugins 9.4.0 and snakemake-executor-plugin-slurm 2.8.0. If a version
# lacks a member, the function falls back and prints a warning once.
# tests/pipeline/test_snakemake_members.py names the members.

import sys
from pathlib import Path

from parallel_animate.local.safe_path import installed_first

with installed_first():
    # snakemake/dag.py imports it late, when the folder of the Snakefile comes first.
    import graphlib

    from parallel_animate.pipeline.fallback import cannot_do_without, falls_back
    from parallel_animate.pipeline.slurm import JobRequest


def is_main_process():
    """Return False in the process that Snakemake starts for a job on a node, which parses this, too."""
    # snakemake/workflow.py: Workflow.is_main_process
    try:
        return workflow.is_main_process
    except AttributeError as error:
        # Nothing can replace it: a job that plans could change the movie while it is rendered.
        sys.exit(cannot_do_without(error))


@falls_back(
    "With a module prefix the folder 'work' is not found: include the module without a prefix.",
    instead=lambda path: path,
)
def with_module_prefix(path):
    """Return where Snakemake puts a rule's file, if this module has a prefix."""
    # snakemake/workflow.py: Workflow.modifier; modules.py: WorkflowModifier.path_modifier;
    # path_modifier.py: PathModifier.replace_prefix
    return workflow.modifier.path_modifier.replace_prefix(path)


@falls_back(
    "Nothing stops a second run in this folder, and SLURM is not checked before the first job is "
    "submitted.",
    instead=lambda: False,
)
def will_run_jobs():
    """Return whether this process will run jobs, which dry runs, for example, do not.

    True only while the jobs are determined: when the Snakefile is parsed, Snakemake does not show
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
    "SLURM is not checked before the first job is submitted.", instead=lambda: False
)
def uses_slurm():
    """Return whether this process will run jobs on SLURM."""
    # snakemake_interface_executor_plugins/registry/plugin.py: Plugin.name
    return will_run_jobs() and workflow.executor_plugin.name == "slurm"


@falls_back(
    "A movie may get more jobs than --jobs allows at a time; they wait for each other.",
    instead=lambda: None,
)
def most_jobs_at_a_time():
    """Return the value of the option --jobs, or None."""
    # snakemake/workflow.py: Workflow.resource_settings; settings/types.py: ResourceSettings.nodes
    return workflow.resource_settings.nodes


@falls_back(
    "Leave out --slurm-array-jobs: the workflow cannot see this option, and all tasks of an array "
    "must be alike.",
    instead=lambda: False,
)
def uses_job_arrays():
    """Return whether the option --slurm-array-jobs is set."""
    # snakemake/workflow.py: Workflow.executor_settings;
    # snakemake_executor_plugin_slurm/__init__.py: ExecutorSettings.array_jobs
    return bool(workflow.executor_settings.array_jobs)


def switch_job_arrays_off():
    """Go on as without --slurm-array-jobs; call it only if uses_job_arrays() is true."""
    workflow.executor_settings.array_jobs = None


@falls_back(
    "With --directory, a run does not wait for jobs that a killed run left in the queue.",
    instead=Path.cwd,
)
def submit_folder():
    """Return the folder from which jobs are submitted, which is where Snakemake was started."""
    # snakemake/workflow.py: Workflow.workdir_init
    return Path(workflow.workdir_init)


@falls_back(
    "The workflow does not check before the first job whether SLURM would accept the jobs.",
    instead=list,
)
def jobs_to_submit():
    """Return the jobs that will run on nodes; they are known when the first of them starts."""
    # snakemake/workflow.py: Workflow.dag; dag.py: DAG.needrun_jobs; rules.py: Rule.name;
    # jobs.py: Job.rule, Job.resources, Job.threads, Job.is_local; resources.py: ResourceList.items
    return [
        JobRequest(job.rule.name, dict(job.resources.items()), job.threads)
        for job in workflow.dag.needrun_jobs()
        if not job.is_local
    ]


@falls_back(
    "Failures are not listed at the end of the run; 'parallel-animate status' lists them.",
    instead=list,
)
def failed_jobs():
    """Return rule, message and log of each failed job of this run; one item for every log."""
    # snakemake/workflow.py: Workflow.scheduler; scheduling/job_scheduler.py: JobScheduler.failed;
    # jobs.py: Job.is_group, Job.rule, Job.message, Job.log; rules.py: Rule.name
    jobs = workflow.scheduler.failed if workflow.scheduler else ()
    return [
        (job.rule.name, job.message, Path(log))
        for job in jobs
        if not job.is_group()
        for log in job.log
    ]


@falls_back("The logs of failed jobs may be printed twice.", instead=lambda: False)
def prints_failed_logs():
    """Return whether the option --show-failed-logs is set."""
    # snakemake/workflow.py: Workflow.output_settings; settings/types.py:
    # OutputSettings.show_failed_logs
    return workflow.output_settings.show_failed_logs


@falls_back(
    "Snakemake's log is in the folder .snakemake/log; its name is not printed.",
    instead=lambda: None,
)
def snakemake_log():
    """Return the file with the log of this run, or None if there is none."""
    # snakemake/workflow.py: Workflow.logger_manager; logging.py: LoggerManager.get_logfile
    files = workflow.logger_manager.get_logfile()
    return Path(files[0]) if files else None
