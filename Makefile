# Moyai: the commands a developer needs. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test test-long check bench fmt lock clean

BIN := .venv/bin
RUNTIME := .venv/runtime.stamp
DEV := .venv/dev.stamp
# Two workers: the tests share two cores with the Chromium and PostgreSQL they start.
# A file stays with one worker: what it builds for itself (a crawl, a server) is built once.
# The order is that of tests/harness/order.py: the longest first.
WORKERS ?= 2
SPREAD := --dist loadfile --no-loadscope-reorder
PYTEST_ARGS ?=
# Documents written by a program: these tests compare them with what it would write now.
GENERATED := tests/unit/test_lifecycle.py::test_the_diagram_in_the_documentation_is_fresh

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(RUNTIME)  ## start everything on http://127.0.0.1:8000 (HOST=, PORT=), with example data
	@$(BIN)/python scripts/serve.py

test: $(DEV)  ## all tests, PostgreSQL and Chromium included; installs what they need if it may
	@scripts/test_tools.sh
	@$(BIN)/python -m pytest -n $(WORKERS) $(SPREAD) -m 'not long' $(PYTEST_ARGS)

test-long: $(DEV)  ## the tests that take minutes as well
	@scripts/test_tools.sh
	@MOYAI_TESTS_ON_DISK=1 $(BIN)/python -m pytest -n $(WORKERS) $(SPREAD) $(PYTEST_ARGS)

check: $(DEV)  ## lint, types, import contracts, generated documents fresh
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m pytest -q tests/checks $(GENERATED)

bench: $(DEV)  ## how fast pages and search answer, beside a bare page
	@$(BIN)/python -m bench

fmt: $(DEV)  ## write the code the way `make check` wants it
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock:  ## pin the newest versions with their hashes (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  --no-emit-index-url --no-emit-find-links -o requirements.lock pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  --no-emit-index-url --no-emit-find-links --extra dev -o requirements-dev.lock pyproject.toml

clean:  ## forget the environment, database and index
	rm -rf .venv build instance/moyai.db* instance/search

$(RUNTIME): requirements.lock
	@scripts/make_env.sh $< $@

$(DEV): requirements-dev.lock
	@scripts/make_env.sh $< $@
	@touch $(RUNTIME)
