# One job per chunk: a chunk file in, a verified segment out.


rule render_chunk:
    input:
        f"{RULE_WORK}/{{movie}}/chunks/{{chunk}}.chunk",
    output:
        # update(): a segment that an orphaned job has finished is kept, not deleted first.
        update(f"{RULE_WORK}/{{movie}}/segments/{{chunk}}.mp4"),
    log:
        "logs/{movie}/{chunk}.log",
    benchmark:
        "benchmarks/jobs/{movie}/{chunk}.tsv"
    wildcard_constraints:
        movie=one_of(PLANS),
    threads: 1
    resources:
        attempt=lambda wildcards, attempt: attempt,
    message:
        "{wildcards.movie}: frames {wildcards.chunk}"
    shell:
        # A fixed seed: sets of strings are iterated in the same order in every job.
        "PYTHONHASHSEED=0 parallel-animate render-chunk {input} {output} "
        "--attempt {resources.attempt} > {log} 2>&1"
