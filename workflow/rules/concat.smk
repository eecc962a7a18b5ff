# The join: exactly the segments in the plan, without changing a frame. Main process only.


rule concat_segments:
    input:
        segments_or_batches,
        join=join_file,
    output:
        # update(): an older movie stays until the new one is complete.
        update("results/{movie}.mp4"),
    log:
        "logs/{movie}/concat.log",
    benchmark:
        "benchmarks/jobs/{movie}/concat.tsv"
    wildcard_constraints:
        movie=one_of(PLANS),
    # Not "localrules", which does not find rules that a module has renamed.
    localrule: True
    message:
        "{wildcards.movie}: join"
    shell:
        "parallel-animate concat {input.join} {output} > {log} 2>&1"


rule report_plan_failure:
    input:
        lambda wildcards: FAILURES[wildcards.movie],
    output:
        update("results/{movie}.mp4"),
    log:
        "logs/{movie}/plan.log",
    wildcard_constraints:
        movie=one_of(FAILURES),
    retries: 0
    localrule: True
    message:
        "{wildcards.movie}: planning failed"
    shell:
        "parallel-animate failure {input} > {log} 2>&1"
