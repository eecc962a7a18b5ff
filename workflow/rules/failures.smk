# The main process only: what has failed, in its own words, once and last on the console. Snakemake's
# show-failed-logs would show it after every attempt, with more output below it.

from parallel_animate.report.failures import FailedJob, describe_failures


def failed_jobs():
    jobs = workflow.scheduler.failed if workflow.scheduler else ()
    return [
        FailedJob(job.message, Path(log), "plan_failure" in job.rule.name)
        for job in jobs
        if not job.is_group()
        for log in job.log
    ]


onerror:
    print(describe_failures(failed_jobs()), file=sys.stderr)
