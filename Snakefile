# Renders every movie in config/config.yaml: snakemake --cores 4


include: "workflow/rules/snakemake_members.smk"


# A job on a node reads no config, so an edit while it runs cannot change it.
if is_main_process():

    configfile: "config/config.yaml"


# Not "include", which sets no default target.
module animate:
    snakefile:
        "workflow/Snakefile"
    config:
        config


use rule * from animate


# Snakemake runs handlers only if they are in the main Snakefile.
onstart:
    animate.before_first_job()


onerror:
    animate.after_failure()
