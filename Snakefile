# Renders every movie of config/config.yaml: snakemake --cores 4


include: "workflow/rules/snakemake_members.smk"


# A job on a node reads no config: an edit while it runs cannot change it.
if is_main_process():

    configfile: "config/config.yaml"


# Not include: that sets no default target.
module animate:
    snakefile:
        "workflow/Snakefile"
    config:
        config


use rule * from animate


# Snakemake runs only the handlers of the main Snakefile.
onstart:
    animate.before_first_job()


onerror:
    animate.after_failure()
