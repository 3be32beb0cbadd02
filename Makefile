# One command each; see README.md. Every target installs what it needs and asks nothing.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.weakspot-installed
DEV_STAMP := $(VENV)/.weakspot-dev-installed
CLUSTER_STAMP := $(VENV)/.weakspot-cluster-installed
MIRROR ?=
DATA ?= ../shared/data
JOBS ?= 2
DEVICES ?= 500
DATA_DEMO ?= build/demo
# Tests start some hundred processes; where nothing compiled may be kept, each compiles the whole source anew.
export PYTHONDONTWRITEBYTECODE :=
# A file's tests stay together, for they share a server; the files are given out in the order of tests/conftest.py.
PYTEST = $(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

.PHONY: help setup up demo console console-dev check test test-full story soak chaos bench bench-full quality mirror lock openapi sensor format clean

help: ## What there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(STAMP): requirements.lock pyproject.toml
	@echo "==> Python environment in $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: apt install python3 python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "The venv module is missing: apt install python3-venv"; exit 1; }
	@echo "==> installing the locked packages (about a minute the first time)"
	@$(BIN)/python -m pip install --disable-pip-version-check --no-input --progress-bar on --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --disable-pip-version-check --no-input -q --no-build-isolation --no-deps -e .
	@touch $@

$(DEV_STAMP): $(STAMP) requirements-dev.lock
	@echo "==> installing the locked developer tools"
	@$(BIN)/python -m pip install --disable-pip-version-check --no-input --progress-bar on --require-hashes -r requirements-dev.lock
	@touch $@

$(CLUSTER_STAMP): $(DEV_STAMP) requirements-cluster.lock
	@echo "==> installing the locked packages of the cluster (Ray, 70 MB)"
	@$(BIN)/python -m pip install --disable-pip-version-check --no-input --progress-bar on --require-hashes -r requirements-cluster.lock
	@touch $@

setup: $(STAMP) ## Install everything into .venv (command: .venv/bin/weakspot)
	@echo "==> ready: $(BIN)/weakspot"

console: $(STAMP) ## Build the console (only when its sources changed)
	@$(BIN)/python tools/console_build.py

console-dev: $(STAMP)
	@$(BIN)/python tools/console_build.py --dev

up: setup console ## Start Weakspot here, with this device as the first; MIRROR=DIR takes intelligence from a folder
	@exec $(BIN)/weakspot up $(if $(MIRROR),--mirror "$(MIRROR)")

check: $(DEV_STAMP) ## Format, lint, types, borders, docs
	@$(BIN)/ruff format --check src tests bench tools
	@$(BIN)/ruff check src tests bench tools
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python tools/check_tree.py

format: $(DEV_STAMP) ## Format and mend what can be mended
	@$(BIN)/ruff format src tests bench tools
	@$(BIN)/ruff check --fix -q src tests bench tools

test: $(DEV_STAMP) ## Every test (under 12 minutes on 2 cores)
	@tools/install_test_packages.sh
	@$(MAKE) --no-print-directory -j2 -Oline console-dev check
	@$(PYTEST) -m "not full"

test-full: $(CLUSTER_STAMP) console-dev ## Also the long tests
	@tools/install_test_packages.sh
	@$(PYTEST)

bench: $(DEV_STAMP) ## Figures as JSON lines (under 5 minutes, and 6 more where there is a mirror to load)
	@$(BIN)/python -m bench

bench-full: $(CLUSTER_STAMP) ## Also fleets of 100,000 and 1,000,000 devices; writes docs/performance.md
	@$(BIN)/python -m bench --full --write

story: $(DEV_STAMP) ## From a detection to a closed ticket, step by step, on a running server
	@$(BIN)/python -m tests.story

soak: $(DEV_STAMP) ## Reports, readers and feed changes for SOAK_SECONDS (1800)
	@$(BIN)/python -m tests.soak

chaos: $(CLUSTER_STAMP) ## kill -9 of server, PostgreSQL and shards CHAOS_KILLS (50), CHAOS_DATABASE_KILLS (20), CHAOS_SHARD_KILLS (20) times
	@$(BIN)/python -m tests.chaos

demo: setup console ## A simulated fleet of DEVICES (500) in DATA_DEMO, and the server that shows it
	@test -e "$(DATA_DEMO)/simulation.json" || { \
	    $(BIN)/weakspot --data "$(DATA_DEMO)" feeds sync $(if $(MIRROR),--mirror "$(MIRROR)") || true; \
	    $(BIN)/weakspot --data "$(DATA_DEMO)" simulate --load --devices $(DEVICES); }
	@exec $(BIN)/weakspot --data "$(DATA_DEMO)" up --no-sensor $(if $(MIRROR),--mirror "$(MIRROR)")

mirror: $(DEV_STAMP) ## Lay out build/mirror from the data in DATA
	@$(BIN)/python -m tests.tools.mirror "$(DATA)" build/mirror

quality: $(DEV_STAMP) ## Precision, recall and F1 of the matching
	@$(BIN)/python -m tests.quality

openapi: $(DEV_STAMP) ## Write docs/openapi.json anew
	@$(BIN)/python -m weakspot.api.openapi > docs/openapi.json

sensor: $(STAMP) ## Build the sensor alone: dist/weakspot-sensor.pyz
	@$(BIN)/python tools/build_sensor.py

COMPILE = $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url \
	--no-emit-find-links --no-emit-trusted-host --no-header

lock: $(DEV_STAMP) ## Resolve the dependencies anew into the lock files
	@$(COMPILE) --extra postgresql --extra build --output-file requirements.lock pyproject.toml
	@$(COMPILE) --extra postgresql --extra build --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml
	@$(COMPILE) --extra node --constraint requirements-dev.lock --output-file requirements-node.lock pyproject.toml
	@$(COMPILE) --extra cluster --constraint requirements-dev.lock --output-file requirements-cluster.lock pyproject.toml

clean: ## Remove what was built (keeps data)
	@rm -rf build dist src/weakspot/console_dist .mypy_cache .ruff_cache
