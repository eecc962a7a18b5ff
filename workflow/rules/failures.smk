# Main process only: print each failure once, at the end of the console output.

from parallel_animate.local.safe_path import installed_first

with installed_first():
    from parallel_animate.report.failures import describe_failures, failed_job


def after_failure():
    """Print every failure once."""
    failed = [
        failed_job(Path(WORK), rule, message, log, prints_failed_logs())
        for rule, message, log in failed_jobs()
    ]
    print(describe_failures(failed), file=sys.stderr)


onerror:
    after_failure()
