# The join: exactly the segments in the plan, without changing a frame. Main process only.
#
# Times of files decide nothing. Planning compares the movie with the record of the join, and the
# request is newer than the movie only if the movie must be joined.


# A rule for every kind of file, since the suffix in the output of a rule is fixed.
for OUTPUT in sorted({"mp4"} | {PLANS[movie].output for movie in FIRST_FILES}):

    rule:
        name:
            "concat_segments" + ("" if OUTPUT == "mp4" else f"_{OUTPUT}")
        input:
            segments_or_batches,
            join=join_file,
            request=f"{RULE_WORK}/{{movie}}/join-request",
        output:
            # update(): an older movie stays until the new one is complete.
            # Of numbered pictures, their index.
            update(f"results/{result_name('{movie}', OUTPUT)}"),
        log:
            f"{RULE_WORK}/{{movie}}/logs/concat.log",
        benchmark:
            f"{RULE_WORK}/{{movie}}/benchmarks/concat.tsv"
        wildcard_constraints:
            movie=one_of(
                movie for movie in FIRST_FILES if PLANS[movie].output == OUTPUT
            ),
        # Not "localrules", which does not find rules that a module has renamed.
        localrule: True
        message:
            "{wildcards.movie}: join"
        shell:
            # It may render damaged segments again, as render_chunk does.
            "PYTHONHASHSEED=0 parallel-animate concat {input.join} {output} > {log} 2>&1"


# The same for the other files of a movie: the rule's {movie} is the name of the first file.
for OUTPUT in sorted({PLANS[movie].output for movie in OTHER_FILES}):

    rule:
        name:
            "other_concat_segments" + ("" if OUTPUT == "mp4" else f"_{OUTPUT}")
        input:
            in_other_file(parts_of, OUTPUT),
            join=in_other_file(join_of, OUTPUT),
            request=f"{RULE_WORK}/{other_file_name('{movie}', OUTPUT)}/join-request",
        output:
            update(f"results/{result_name('{movie}', OUTPUT)}"),
        log:
            f"{RULE_WORK}/{other_file_name('{movie}', OUTPUT)}/logs/concat.log",
        benchmark:
            f"{RULE_WORK}/{other_file_name('{movie}', OUTPUT)}/benchmarks/concat.tsv"
        wildcard_constraints:
            movie=one_of(
                first_of(movie)
                for movie in OTHER_FILES
                if PLANS[movie].output == OUTPUT
            ),
        localrule: True
        message:
            f"{other_file_name('{wildcards.movie}', OUTPUT)}: join"
        shell:
            "PYTHONHASHSEED=0 parallel-animate concat {input.join} {output} > {log} 2>&1"


rule report_plan_failure:
    input:
        failure=lambda wildcards: ancient(FAILURES[wildcards.movie]),
        request=f"{RULE_WORK}/{{movie}}/join-request",
    output:
        update("results/{movie}.mp4"),
    log:
        f"{RULE_WORK}/{{movie}}/logs/plan.log",
    wildcard_constraints:
        movie=one_of(FAILURES),
    # The last job, on all cores: until it fails, the other movies are rendered and joined.
    priority: -(LARGEST_FRAME**2)
    retries: 0
    localrule: True
    threads: 10**6
    message:
        "{wildcards.movie}: planning failed"
    shell:
        "parallel-animate failure {input.failure} > {log} 2>&1"
