# The rendering: chunk files in, verified segments out.

import shlex

from parallel_animate.local.safe_path import installed_first

with installed_first():
    from parallel_animate.pipeline.launch import workflow_folder

START_AGAIN = shlex.quote(str(workflow_folder() / "scripts/start_again.sh"))


rule render_chunk:
    input:
        # A segment with its final name is right, whatever its time is.
        ancient(f"{RULE_WORK}/{{movie}}/chunks/{{chunk}}.chunk"),
    output:
        # update(): if an orphaned job has finished a segment, it is kept and not deleted first.
        update(f"{RULE_WORK}/{{movie}}/segments/{{chunk}}.mp4"),
    log:
        f"{RULE_WORK}/{{movie}}/logs/{{chunk}}.log",
    benchmark:
        f"{RULE_WORK}/{{movie}}/benchmarks/{{chunk}}.tsv"
    # Otherwise the chunk with the largest file would come first.
    priority: in_order_of_the_movie
    threads: 1
    resources:
        attempt=lambda wildcards, attempt: attempt,
        mem_mb=more_each_time(of_plan(lambda plan: memory_mb(plan.cost))),
        runtime=more_each_time(
            of_plan(lambda plan: minutes(plan.chunk_size, plan.cost))
        ),
        gpu=of_plan(lambda plan: int(plan.uses_gpu)),
        # Limits the jobs that encode on a GPU at a time: --resources nvenc=N.
        nvenc=of_plan(lambda plan: int(plan.uses_gpu)),
    message:
        "{wildcards.movie}: frames {wildcards.chunk}"
    shell:
        # With a fixed hash seed every job iterates over a set of strings in the same order.
        f"PYTHONHASHSEED=0 sh {START_AGAIN} parallel-animate render-chunk {{input}} {{output}} "
        "--attempt {resources.attempt} > {log} 2>&1"


# Several chunks in one job, on all its cores; the segments are the same as those of render_chunk.
rule render_chunks:
    input:
        f"{RULE_WORK}/{{movie}}/batches/{{batch}}.batch",
    output:
        temp(touch(f"{RULE_WORK}/{{movie}}/batches/{{batch}}.done")),
    log:
        f"{RULE_WORK}/{{movie}}/logs/{{batch}}.log",
    benchmark:
        f"{RULE_WORK}/{{movie}}/benchmarks/{{batch}}.tsv"
    wildcard_constraints:
        movie=CPU_MOVIES,
    priority: in_order_of_the_movie
    threads: batch_entry("cores")
    resources:
        attempt=lambda wildcards, attempt: attempt,
        mem_mb=batch_entry("mem_mb"),
        runtime=batch_entry("minutes"),
    message:
        "{wildcards.movie}: chunks {wildcards.batch}"
    shell:
        "PYTHONHASHSEED=0 parallel-animate render-batch {input} --workers {threads} "
        "--attempt {resources.attempt} > {log} 2>&1"


# A separate rule, because in a job array every task gets the resources of the first.
use rule render_chunks as render_chunks_gpu with:
    wildcard_constraints:
        movie=GPU_MOVIES,
    resources:
        attempt=lambda wildcards, attempt: attempt,
        mem_mb=batch_entry("mem_mb"),
        runtime=batch_entry("minutes"),
        gpu=1,
        nvenc=batch_entry("cores"),
