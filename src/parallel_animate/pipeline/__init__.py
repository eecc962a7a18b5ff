"""Driver 2: from a config to the jobs that Snakemake runs."""
