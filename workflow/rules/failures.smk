# The main process only: what has failed, in its own words, last on the console, and once.

from parallel_animate.report.failures import FailedJob, describe_failures, part_to_show


def after_failure():
    """Print every failure once."""
    failed = [
        FailedJob(message, log, part_to_show(rule, prints_failed_logs()))
        for rule, message, log in failed_jobs()
    ]
    print(describe_failures(failed), file=sys.stderr)


onerror:
    after_failure()
