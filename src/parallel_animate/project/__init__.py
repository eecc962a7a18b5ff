"""The files of one movie, light enough for a Snakefile to import."""
