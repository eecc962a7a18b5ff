# make movies: set everything up and render the example movies through Snakemake.
# make test:   set everything up and run the tests.
# make bench:  measure everything in docs/benchmarks.md, and write that page (hours; see benchmarks/).
# make slurm:  run the tests that start their own SLURM (Debian: apt-get install slurm-wlm munge).
# make docs:   build the documentation into site/.

PYTHON ?= python3
VENV ?= .venv
CORES ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu)
READY := $(VENV)/.ready
# Checked for words that are hard to read.
PROSE := *.md docs benchmarks/README.md examples/README.md tests/render/redraw/corpus/README.md \
	src/parallel_animate/pipeline/template/README.md

.PHONY: movies test lint format schema reference pictures docs slow slurm clean

movies: $(READY)
	$(VENV)/bin/snakemake --cores $(CORES)

test: $(READY)
	$(VENV)/bin/python -m pytest -n 2 --dist worksteal -m "not slow and not slurm"

slow: $(READY)
	$(VENV)/bin/python -m pytest -m "slow and not slurm"

slurm: $(READY)
	$(VENV)/bin/python -m pip install --quiet --editable '.[slurm]'
	$(VENV)/bin/python -m pytest -m slurm

.PHONY: bench
bench: $(READY)
	PYTHON=$(VENV)/bin/python benchmarks/run_all.sh

lint: $(READY)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/snakefmt --check Snakefile workflow
	$(VENV)/bin/codespell
	$(VENV)/bin/codespell --config .ci/prose.cfg $(PROSE)

format: $(READY)
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .
	$(VENV)/bin/snakefmt Snakefile workflow

schema: $(READY)
	$(VENV)/bin/python -c "from parallel_animate.pipeline.schema import format_schema; print(format_schema(), end='')" \
		> workflow/schemas/config.schema.yaml

# The pages about the command line and the config, made from the code.
reference: $(READY)
	$(VENV)/bin/python docs/generate.py

# The pictures of the gallery: a frame of each example.
pictures: $(READY)
	$(VENV)/bin/python docs/pictures.py

docs: $(READY)
	$(VENV)/bin/python -m pip install --quiet --editable '.[docs]'
	$(VENV)/bin/mkdocs build --strict

# Remove the files of renders, but not the environment.
clean:
	rm -rf work results logs benchmarks/jobs .snakemake

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --upgrade pip
	$(VENV)/bin/python -m pip install --quiet --editable '.[test]'
	# Without its dependencies: torch is 4.9 GB and is not needed to write.
	$(VENV)/bin/python -m pip install --quiet --no-deps 'parallel-video-io==0.1.9' imageio
	touch $@
