# A page for each movie: snakemake pages, and then snakemake pages --report report.html.

from parallel_animate.local.safe_path import installed_first

with installed_first():
    from parallel_animate.report.player import Players

# A copy, so that the user's config does not change.
config = {**config, "players": Players()}


# A report begins with a link to each movie. A Snakefile with its own text keeps that.
report: "../report/movies.rst"


rule make_page:
    input:
        movie=movie_file,
        join=join_file,
    output:
        page=report(
            # update(): a link stays.
            update("results/{movie}/index.html"),
            # In a report, browsers open no page above 1.5 MB, but they show a larger player in a
            # caption.
            caption="../report/player.rst",
            category="movies",
            labels={"movie": "{movie}", "shows": "player, settings, verification"},
        ),
        sheet=report(
            update("results/{movie}/contact-sheet.png"),
            category="movies",
            labels={"movie": "{movie}", "shows": "evenly spaced frames"},
        ),
        poster=update("results/{movie}/poster.jpg"),
        timeline=report(
            update("results/{movie}/timeline.svg"),
            category="movies",
            labels={"movie": "{movie}", "shows": "when each chunk was rendered"},
        ),
        costs=report(
            update("results/{movie}/costs.svg"),
            category="movies",
            labels={"movie": "{movie}", "shows": "time per frame"},
        ),
    log:
        f"{RULE_WORK}/{{movie}}/logs/page.log",
    benchmark:
        f"{RULE_WORK}/{{movie}}/benchmarks/page.tsv"
    wildcard_constraints:
        movie=one_of(PLANS),
    localrule: True
    message:
        "{wildcards.movie}: page"
    shell:
        "parallel-animate page {input.join} {input.movie} {output.page} > {log} 2>&1"


rule make_index:
    input:
        pages_of_movies,
    output:
        update("results/index.html"),
    log:
        f"{RULE_WORK}/.index.log",
    localrule: True
    message:
        "page of all movies"
    shell:
        "parallel-animate index {output} > {log} 2>&1"


rule pages:
    input:
        page_files,
