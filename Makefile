# Bare `make` lists what there is. Everything runs in .venv, made from the locked requirements.
PYTHON ?= $(shell for v in python3.11 python3.12 python3.13 python3; do $$v -c 'import sys; raise SystemExit(not (3,11) <= sys.version_info[:2] <= (3,13))' 2>/dev/null && { echo $$v; break; }; done)
VENV := .venv
RUN := $(VENV)/bin/
SERVE ?= 1
PICTURES ?= 1
.DEFAULT_GOAL := help
.PHONY: help setup demo test run bench lock docs clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

setup: $(VENV)/.ready ## virtual environment with the locked dependencies

$(VENV)/.ready: requirements-dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "No Python 3.11, 3.12 or 3.13 found. Install one, or say where: make setup PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(RUN)python -m pip --disable-pip-version-check install --quiet --require-hashes --requirement requirements-dev.txt
	$(RUN)python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(VENV)/.ready ## replay autumn 2025 through the whole pipeline, then show it (SERVE=0: only replay)
	$(RUN)warn replay $(if $(filter 0,$(PICTURES)),--no-pictures) $(if $(filter 0,$(SERVE)),,--serve)

test: $(VENV)/.ready ## every check that CI runs
	$(RUN)python -m tests.check

run: $(VENV)/.ready ## the live service
	$(RUN)warn run

bench: $(VENV)/.ready ## every measurement beside its peer
	$(RUN)python -m bench

bench-%: $(VENV)/.ready ## one measurement: make bench-rules
	$(RUN)python -m bench $*

docs: $(VENV)/.ready ## rewrite the generated tables and the schema
	$(RUN)python -m tests.docs --write

lock: ## resolve the dependencies anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --upgrade pyproject.toml -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt

clean: ## remove what commands wrote (the virtual environment stays)
	rm -rf var build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
