# `make help` lists what there is. Each target is one short script in scripts/.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PORT ?= 8000
export PORT

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  \033[1mmake %-12s\033[0m %s\n", $$1, $$2}' Makefile

.PHONY: run
run: ## Set everything up and serve the demo store on http://127.0.0.1:8000 (PORT=... to change)
	@bash scripts/run.sh

.PHONY: test
test: ## Set everything up and run every check and test (PostgreSQL, Redis, browser included)
	@bash scripts/test.sh

.PHONY: test-fast
test-fast: ## Unit and quick integration tests on SQLite in memory, under a minute
	@bash scripts/test-fast.sh

.PHONY: lint
lint: ## Check style, types, layers, templates and migrations
	@bash scripts/lint.sh

.PHONY: format
format: ## Format the Python files and mend what ruff can mend
	@bash scripts/setup-python.sh dev
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format .

.PHONY: bench
bench: ## Measure this store beside a plain Oscar of the same catalogue
	@bash scripts/setup-python.sh dev
	@bash scripts/setup-frontend.sh
	@bench/run

.PHONY: screenshots
screenshots: ## Make the README's screenshots anew from a demo store of their own (needs Chromium)
	@bash scripts/setup-python.sh dev
	@bash scripts/setup-frontend.sh
	@bash scripts/setup-system.sh
	@.venv/bin/python -m scripts.screenshots

.PHONY: messages
messages: ## Collect the texts to translate into locale/ and compile them (needs gettext)
	@bash scripts/messages.sh

.PHONY: lock
lock: ## Pin and hash requirements/*.txt anew from requirements/*.in
	@bash scripts/lock.sh

.PHONY: clean
clean: ## Remove what was built or installed; the demo store in var/ stays
	rm -rf .venv node_modules static/dist var/stamps var/log .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: clean-store
clean-store: ## Remove the demo store too: the next `make run` builds it anew
	rm -rf var
