# Renders every movie of config/config.yaml: snakemake --cores 4


configfile: "config/config.yaml"


# Not include: that sets no default target.
module animate:
    snakefile:
        "workflow/Snakefile"
    config:
        config


use rule * from animate
