# The same targets for people and CI. Each prepares what it needs; a second run skips what has not changed.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
BIN := .venv/bin
# Where the system's Node is too old, `scripts/prepare` has put one there.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Workers for the tests: both cores of a small machine, no more than four on a large one.
TEST_WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$(( n > 4 ? 4 : n )))

.PHONY: help run test lint lint-types lint-rest format bench screenshots lock

help: ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: ## start everything with the demo group at http://127.0.0.1:8000
	@scripts/prepare run
	@# LibreOffice is optional: it comes while the first page is already being looked at.
	@command -v soffice >/dev/null || (sleep 60; scripts/prepare later) </dev/null & exec $(BIN)/eoffice up --demo

test: ## every test: front end, units, properties, concurrency, browser journeys
	@scripts/prepare test
	@npm test --silent </dev/null
	@$(BIN)/eoffice scratch-database $(BIN)/pytest -n $(TEST_WORKERS) --dist loadfile -q

lint: ## types, style, map of rooms, templates
	@scripts/prepare test
	@# The types take as long as all the rest: one core each.
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=line lint-types lint-rest

lint-types:
	$(BIN)/mypy eoffice tests conftest.py

lint-rest:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet eoffice
	npm run --silent types </dev/null

format: ## put the code into the house's form
	@scripts/prepare test
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: ## the figures of docs/performance.md, in one run
	@scripts/prepare run
	@$(BIN)/eoffice scratch-database bash -c '$(BIN)/eoffice migrate && $(BIN)/eoffice bench numbers && $(BIN)/eoffice bench letters'

screenshots: ## the pictures of docs/images
	@scripts/prepare test
	@$(BIN)/eoffice scratch-database $(BIN)/python scripts/screenshots.py

lock: ## resolve the Python dependencies anew (needs uv)
	uv pip compile -q pyproject.toml --generate-hashes --no-header --no-annotate --no-emit-index-url -o requirements.txt
	uv pip compile -q pyproject.toml --extra dev -c requirements.txt --generate-hashes --no-header --no-annotate --no-emit-index-url -o requirements-dev.txt
