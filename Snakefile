# Renders every movie of config/config.yaml: snakemake --cores 4


configfile: "config/config.yaml"


include: "workflow/Snakefile"
