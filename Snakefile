# Renders every movie of config/config.yaml: snakemake --cores 4
# chunk files -> segments (rule render_chunk) -> movie (rule concat_segments)


include: "workflow/rules/common.smk"


# A job on a node reads neither the config nor a plan: an edit while it runs cannot change it.
if workflow.is_main_process:

    configfile: "config/config.yaml"

    include: "workflow/rules/plans.smk"
    include: "workflow/rules/slurm.smk"


include: "workflow/rules/render.smk"


if workflow.is_main_process:

    include: "workflow/rules/concat.smk"

    rule all:
        default_target: True
        input:
            movie_files,
