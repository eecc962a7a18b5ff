# The main process only: what has failed, in its own words, last on the console, and once.

from parallel_animate.report.failures import FailedJob, describe_failures


def failed_jobs():
    jobs = workflow.scheduler.failed if workflow.scheduler else ()
    return [
        FailedJob(job.message, Path(log), part_to_show(job))
        for job in jobs
        if not job.is_group()
        for log in job.log
    ]


def part_to_show(job):
    """What of a job's log was not on the console yet."""
    if "plan_failure" in job.rule.name:
        return "first line"
    return "last line" if workflow.output_settings.show_failed_logs else "end"


onerror:
    print(describe_failures(failed_jobs()), file=sys.stderr)
