# Main process only: print each failure once, at the end of the console output.

from parallel_animate.local.safe_path import installed_first

with installed_first():
    from parallel_animate.report.failures import describe_failures, failed_job
    from parallel_animate.report.this_run import THIS_RUN


def after_failure():
    """Print every failure once, or leave that to the logger plugin."""
    has_view = THIS_RUN.has_view
    failed = [
        failed_job(WORK.absolute(), rule, message, log, prints_failed_logs(), has_view)
        for rule, message, log in failed_jobs()
    ]
    if has_view:
        THIS_RUN.failed = failed
    else:
        print(describe_failures(failed), file=sys.stderr)


onerror:
    after_failure()
