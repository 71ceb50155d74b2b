# Every target sets up all that it needs in .venv; the second call finds it ready.
#   make run ARGS="run=smoke levers.port_staffing.size=500"

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
READY  := $(VENV)/.ready
DEV    := $(VENV)/.ready-dev
FAST   := tests/architecture tests/unit tests/conf
ARGS   ?=

.DEFAULT_GOAL := help
.PHONY: help run test check static fast slow bench format lock clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

run: $(READY) ## Simulate fiscal year 2022 (ARGS="..." changes it) and say where the page is
	@$(BIN)/sim run $(ARGS)

test: static ## Everything that CI runs: static checks and all tests but the slow campaigns
	@$(BIN)/pytest -n 2 $(ARGS)

check: static fast ## Format, lint, types, import contracts, fast tests: before every commit

static: $(DEV)
	@$(BIN)/ruff format --check --output-format concise . || { echo "run 'make format'"; exit 1; }
	@$(BIN)/ruff check --quiet --output-format concise .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

fast: $(DEV)
	@$(BIN)/pytest -n 2 -q $(wildcard $(FAST))

slow: $(DEV) ## The campaigns that take minutes
	@$(BIN)/pytest -n 2 -m slow $(ARGS)

bench: $(DEV) ## Speed ratios, all in one run
	@set -e; for script in $(wildcard benchmarks/[a-z]*.py); do echo "== $$script"; $(BIN)/python $$script $(ARGS); done

format: $(DEV) ## Format the sources and mend what the linter can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: $(DEV) ## Resolve the pinned packages again after a change in pyproject.toml
	@$(BIN)/uv $(LOCK) --extra build --extra images -o requirements.lock pyproject.toml
	@$(BIN)/uv $(LOCK) --extra build --extra images --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

LOCK := pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--no-emit-index-url --no-header --no-annotate --no-emit-package chokepoint-sim --upgrade

clean: ## Remove the environment and every cache; results stay
	rm -rf $(VENV) .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' || \
	  { echo "Chokepoint needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) --version). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "First call: making $(VENV) and installing the pinned packages (a minute or so)"
	@$(PYTHON) -m venv $(VENV)

$(READY): requirements.lock pyproject.toml | $(VENV)/bin/python
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements-dev.lock $(READY)
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
