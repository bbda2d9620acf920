# Headgate. `make` alone lists what there is and changes nothing.
# Needs Python 3.11 and make; everything else is installed into .venv and .cache, once.

ifeq ($(origin PYTHON),undefined)
PYTHON := $(shell for p in python3.11 python3 python; do \
	if $$p -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' >/dev/null 2>&1; then command -v $$p; break; fi; done)
endif
WORKERS ?= 2
SOURCE ?=
PYTEST_ARGS ?=

export HEADGATE_CACHE ?= $(CURDIR)/.cache
VENV := .venv
RUN := $(VENV)/bin/python
MINISTACK := $(HEADGATE_CACHE)/ministack
AWSGLUE := $(HEADGATE_CACHE)/awsglue
ASL := $(HEADGATE_CACHE)/asl-validator
TESTS_SEE = PATH="$(ASL)/node_modules/.bin:$$PATH" HEADGATE_AWSGLUE="$(AWSGLUE)" HEADGATE_MINISTACK="$(MINISTACK)/bin/python"
JOBS_AND_LIBRARY := shared tests tools $(wildcard glue_jobs benchmarks)

.DEFAULT_GOAL := help
.PHONY: help setup demo check test test-deep test-setup ministack awsglue asl-validator lint types format written fresh pins \
	clean clean-all _python

##@ Start here

help: ## List what there is
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo

demo: setup ## Run the main job end to end on a made-up catalogue; SOURCE=folder runs it on your files
	@$(RUN) -m headgate.demo $(if $(SOURCE),--source "$(SOURCE)")

check: setup ## Report every fault of every contract
	@$(VENV)/bin/headgate check

##@ Test

test: test-setup ## Run the tests (WORKERS=2, PYTEST_ARGS="-k gate")
	@eval "$$(tools/terraform_env.sh)"; $(TESTS_SEE) $(RUN) -m pytest -n $(WORKERS) -m "not deep" $(PYTEST_ARGS)

test-deep: test-setup ## Run the long loops: kills, concurrency, many random frames
	@eval "$$(tools/terraform_env.sh)"; $(TESTS_SEE) $(RUN) -m pytest -n $(WORKERS) -m deep $(PYTEST_ARGS)

lint: setup ## Check style and formatting
	@$(RUN) -m ruff check $(JOBS_AND_LIBRARY)
	@$(RUN) -m ruff format --check $(JOBS_AND_LIBRARY)

types: setup ## Check the types of the library and the jobs
	@$(RUN) -m pyright

fresh: setup ## Fail when a file that a machine writes is not what it would write now
	@$(RUN) -m headgate.written --check

##@ Write

format: setup ## Format the code, and mend what the linter can
	@$(RUN) -m ruff check --fix $(JOBS_AND_LIBRARY)
	@$(RUN) -m ruff format $(JOBS_AND_LIBRARY)

written: setup ## Write the files that a machine writes: schema, suites, tables of the docs
	@$(RUN) -m headgate.written

pins: setup ## Pin the requirements anew, after a change of pyproject.toml or a .in file
	@tools/pins.sh $(VENV)/bin/uv

##@ Set up and clear away

setup: _python ## Install what the jobs need: .venv, Java 17, the Iceberg jar
	@$(PYTHON) tools/environment.py $(VENV) requirements-dev.txt --editable .
	@$(RUN) -m headgate.engine > /dev/null

test-setup: setup ministack awsglue asl-validator ## Install what only the tests need
	@$(RUN) -m headgate.engine iceberg-spark-runtime iceberg-aws-bundle > /dev/null

ministack: _python ## Install the AWS emulator, in an environment of its own
	@$(PYTHON) tools/environment.py "$(MINISTACK)" tools/pins/ministack.txt

awsglue: setup ## Install Glue's Python package into a folder of its own (Amazon Software License)
	@$(RUN) tools/environment.py "$(AWSGLUE)" tools/pins/awsglue.txt --folder-only

asl-validator: ## Install the validator of state machines, where npm is there
	@if [ ! -x "$(ASL)/node_modules/.bin/asl-validator" ] && command -v npm > /dev/null; then \
		npm install --silent --no-audit --no-fund --prefix "$(ASL)" asl-validator@4.0.0; fi

clean: ## Remove what runs and tests leave behind
	@rm -rf .demo .pytest_cache .ruff_cache .hypothesis build dist shared/*.egg-info \
		spark-warehouse metastore_db derby.log
	@find shared tests tools glue_jobs -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

clean-all: clean ## Remove the environment and this checkout's cache too; the next run installs again
	@rm -rf $(VENV) .cache

_python:
	@test -n "$(PYTHON)" || { \
		echo "Headgate needs Python 3.11 (the one that Glue runs), and none of python3.11, python3, python is one."; \
		echo "Install it, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v[:2] == (3, 11) else \
		"Headgate needs Python 3.11 (the one that Glue runs); %s is %d.%d." % (sys.executable, v[0], v[1]))'
