# Hank's Tank: `make help` lists what can be made.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
EMULATORS := .venv-emulators
EMULATED := $(EMULATORS)/.installed
# A lock is complete, so nothing is resolved: pip before 23.3 resolves extras past the pins.
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --no-deps

.DEFAULT_GOAL := help

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{printf "  %-12s %s\n", $$1, $$2}'

$(INSTALLED): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v < (3, 13) else f"expected Python 3.11 or 3.12, got {v[0]}.{v[1]}: set PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python $(PIP_INSTALL) --require-hashes -r requirements/dev.txt
	$(BIN)/python $(PIP_INSTALL) --no-build-isolation -e .
	$(BIN)/python -m pip check
	@touch $@

$(EMULATED): requirements/emulators.txt
	$(PYTHON) -m venv $(EMULATORS)
	$(EMULATORS)/bin/python $(PIP_INSTALL) --require-hashes -r requirements/emulators.txt
	$(EMULATORS)/bin/python -m pip check
	@touch $@

install: $(INSTALLED) ## Make .venv from the locked requirements

run: $(INSTALLED) ## Play the main job: a simulated league from the wire to two forecasts over HTTP
	$(BIN)/hankstank run

emulators: $(EMULATED) ## Make .venv-emulators: stand-ins for Cloud Storage and BigQuery

test: $(INSTALLED) $(EMULATED) ## Run every test that needs no more than a few minutes
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -rs -m "not real"

test-real: $(INSTALLED) ## Prove the chain on all real seasons in HANKSTANK_DATA (long)
	$(BIN)/python -m pytest -m real -rs --durations=10 --timeout=7200

check: $(INSTALLED) ## Lint, strict types, import laws
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: $(INSTALLED) ## Measure speed side by side; writes build/bench.json
	$(BIN)/python -m tests.bench

fuzz: $(INSTALLED) ## Ask the API everything its description allows, and more: SECONDS=600
	$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),600)

serve: $(INSTALLED) ## Serve forecasts from the stores that `make run` left
	$(BIN)/hankstank serve

up: $(INSTALLED) $(EMULATED) ## Start the six rooms as processes, joined by the Pub/Sub emulator
	$(BIN)/hankstank up

tick: $(INSTALLED) ## Publish the scheduler's message and follow it to a forecast: DATE=2026-05-26 FORCE_TRAIN=1
	$(BIN)/hankstank tick $(DATE) $(if $(FORCE_TRAIN),--train)

down: $(INSTALLED) ## End what `make up` started, and nothing else
	$(BIN)/hankstank down

bundle: $(INSTALLED) ## Pack the bundles of the Cloud Functions into dist/
	$(BIN)/python -m hankstank.bundles --out dist

tf-check: $(INSTALLED) ## Check Terraform: format, schema, properties, and that planted errors are found
	$(BIN)/python -m pytest -rs tests/architecture/test_terraform.py

actions-check: $(INSTALLED) ## Check the GitHub workflows, and that planted errors are found
	$(BIN)/python -m pytest -rs tests/architecture/test_workflows.py

cost: $(INSTALLED) ## Show what a month on Google Cloud costs, line by line
	$(BIN)/hankstank cost

dictionary: $(INSTALLED) ## Make the data dictionary in docs/ anew from shared/tables
	$(BIN)/python -m hankstank.dictionary

lock: ## Resolve the dependencies anew into requirements/*.txt (needs uv)
	$(PYTHON) -m hankstank.lock

clean: ## Remove what was built, not the stores in var/
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info

.PHONY: help install emulators run test test-real check bench fuzz serve up tick down bundle tf-check actions-check cost dictionary lock clean
