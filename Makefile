# make movies: set everything up and render the example movies through Snakemake.
# make test:   set everything up and run the tests.
# make bench:  measure everything in docs/benchmarks.md, and write that page (hours; see benchmarks/).
# make slurm:  run the tests that start their own SLURM (Debian: apt-get install slurm-wlm munge).
# make docs:   build the documentation into site/.
# make lock:   renew requirements-dev.lock: the newest releases that pyproject.toml allows.

PYTHON ?= python3
VENV ?= .venv
CORES ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu)
READY := $(VENV)/.ready
LOCK := requirements-dev.lock
INSTALL := $(VENV)/bin/python -m pip install --quiet
# Checked for words that are hard to read.
PROSE := *.md docs src tests workflow profiles benchmarks examples config

.PHONY: movies test lint format schema reference pictures docs slow slurm lock clean

movies: $(READY)
	$(VENV)/bin/snakemake --cores $(CORES)

test: $(READY)
	$(VENV)/bin/python -m pytest -n 2 --dist worksteal -m "not slow and not slurm"

slow: $(READY)
	$(VENV)/bin/python -m pytest -n 3 --dist worksteal --durations 40 -m "slow and not slurm"

slurm: $(READY)
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

# The pictures of the docs and the README: a frame of each example, and small movies (minutes).
pictures: $(READY)
	$(VENV)/bin/python docs/pictures.py

docs: $(READY)
	$(VENV)/bin/mkdocs build --strict

# Remove the files of renders, but not the environment.
clean:
	rm -rf work results .snakemake

# All that is installed is named in the lock, what builds packages included, so nothing is chosen
# on the day.
$(READY): pyproject.toml $(LOCK)
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --constraint $(LOCK) hatchling setuptools
	$(INSTALL) --no-deps --no-build-isolation --requirement $(LOCK)
	$(INSTALL) --no-deps --no-build-isolation --editable .
	# Not in the lock, and without its dependencies: torch is 4.9 GB and is not needed to write.
	$(INSTALL) --no-deps 'parallel-video-io==0.1.9'
	touch $@

# For every Python and system that the package may be installed on, whichever this one is, and
# without what a uv.toml of this machine says. There are no hashes: a file of hashes cannot be
# a constraint, which keeps the tools that build packages to the lock, and is six times as long; a
# release cannot be replaced by another of the same version.
lock: $(VENV)/bin/uv
	$(VENV)/bin/uv pip compile --quiet --no-config --upgrade --universal --python-version 3.11 \
		--extra test --extra lint --extra docs --extra slurm --extra notebook --extra studio --group dev \
		--custom-compile-command 'make lock' --output-file $(LOCK) pyproject.toml

$(VENV)/bin/uv:
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) uv
