# Hank's Tank: `make help` lists the targets.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell test -x $(BIN)/python && echo $(BIN)/python || echo python3)
INSTALL := $(PYTHON) -m hankstank.dev.install

.DEFAULT_GOAL := help

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{printf "  %-12s %s\n", $$1, $$2}'

local:
	@$(INSTALL) local

dev:
	@$(INSTALL) dev

install: dev ## Make .venv from the locked requirements, with those of the tests

emulators: ## Make .venv-emulators: emulators of Cloud Storage and BigQuery
	@$(INSTALL) emulators

run: local ## Run the whole pipeline on a simulated league, to two forecasts over HTTP
	$(BIN)/hankstank run

test: dev emulators ## Run every test that needs no more than a few minutes
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -rs -m "not real"

test-real: dev ## Test the pipeline on all real seasons in HANKSTANK_DATA (long)
	$(BIN)/python -m pytest -m real -rs --durations=10 --timeout=7200

check: dev ## Lint, strict types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: dev ## Measure speed side by side; writes build/bench.json
	$(BIN)/python -m tests.bench

fuzz: dev ## Fuzz the API from its description: SECONDS=600
	$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),600)

serve: local ## Serve forecasts from the stores of `make run`
	$(BIN)/hankstank serve

up: dev emulators ## Start the six services as processes, connected by the Pub/Sub emulator
	$(BIN)/hankstank cluster start

tick: dev ## Publish the scheduler's message and follow it to a forecast: DATE=2026-05-26 FORCE_TRAIN=1
	$(BIN)/hankstank cluster trigger $(DATE) $(if $(FORCE_TRAIN),--train)

down: dev ## Stop what `make up` started
	$(BIN)/hankstank cluster stop

bundle: dev ## Pack the bundles of the Cloud Functions into dist/
	$(BIN)/python -m hankstank.dev.release.function_bundles --out dist

tf-check: dev ## Check Terraform: format, schema, properties, and that planted errors are found
	$(BIN)/python -m pytest -rs tests/architecture/test_terraform.py

actions-check: dev ## Check the GitHub workflows, and that planted errors are found
	$(BIN)/python -m pytest -rs tests/architecture/test_workflows.py

cost: local ## Show what a month on Google Cloud costs, line by line
	$(BIN)/hankstank cost

dictionary: dev ## Regenerate the data dictionary in docs/ from the tables
	$(BIN)/python -m hankstank.dev.docs.data_dictionary

lock: ## Resolve the dependencies into requirements/*.txt (needs uv)
	$(PYTHON) -m hankstank.dev.release.lock

clean: ## Remove build output, not the stores in var/
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info

.PHONY: help local dev install emulators run test test-real check bench fuzz serve up tick down bundle tf-check actions-check cost dictionary lock clean
