# Renders every movie of config/config.yaml: snakemake --cores 4
# chunk files -> segments (rule render_chunk) -> movie (rule concat_segments)


configfile: "config/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/render.smk"
include: "workflow/rules/concat.smk"


rule all:
    default_target: True
    input:
        movie_files,
